"""Where the parameters of a methodology come from, as one list for every output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtindex.spec.base import Language, Origin, Provenance, ProvenanceNote, text
from dtindex.spec.model import Methodology

__all__ = ["Provenanced", "assumed", "is_assumed", "provenances"]


@dataclass(frozen=True, slots=True)
class Provenanced:
    """A parameter of an item, its origin, and the check or reason behind it."""

    item: str
    parameter: str
    origin: Origin
    check: str = ""


def provenances(methodology: Methodology, language: Language = "en") -> list[Provenanced]:
    """Every parameter that the methodology states an origin for, or calls unpublished, in file order."""
    return list(_stated(methodology, language))


def assumed(methodology: Methodology) -> list[Provenanced]:
    """The parameters that are assumed: ours, and to be labelled so wherever a figure rests on them."""
    return [one for one in provenances(methodology) if one.origin is Origin.ASSUMED]


def is_assumed(provenance: Provenance | None) -> bool:
    """Whether a parameter is ours."""
    return (provenance.origin if isinstance(provenance, ProvenanceNote) else provenance) is Origin.ASSUMED


def _stated(methodology: Methodology, language: Language) -> Iterator[Provenanced]:
    for item in methodology.tree.items.values():
        for parameter, provenance in item.provenance.items():
            yield _one(item.id, parameter, provenance, language)
        if item.weight == "unpublished" and "weight" not in item.provenance:
            yield Provenanced(item.id, "weight", Origin.UNPUBLISHED)
    for tier in methodology.tiers:
        if tier.provenance is not None:
            yield _one(tier.node, "tiers", tier.provenance, language)
    for rule in methodology.classes:
        if rule.provenance is not None:
            yield _one(rule.id, "class", rule.provenance, language)
    for careless in methodology.survey.careless if methodology.survey is not None else ():
        if careless.provenance is not None:
            yield _one(careless.id, "careless", careless.provenance, language)


def _one(item: str, parameter: str, provenance: Provenance, language: Language) -> Provenanced:
    if isinstance(provenance, ProvenanceNote):
        return Provenanced(item, parameter, provenance.origin, text(provenance.check, language))
    return Provenanced(item, parameter, provenance)
