"""Every method that a methodology can name: what it is, whether it can be frozen, and where it comes from."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from dtindex.steps.aggregate import METHODS as AGGREGATIONS
from dtindex.steps.answers import METHODS as ANSWERS
from dtindex.steps.impute import METHODS as IMPUTATIONS
from dtindex.steps.normalise import METHODS as NORMALISATIONS
from dtindex.steps.transform import METHODS as TRANSFORMATIONS
from dtindex.steps.treat import METHODS as TREATMENTS
from dtindex.steps.weight import METHODS as WEIGHTINGS

__all__ = ["FAMILIES", "Method", "catalogue"]

FAMILIES: Mapping[str, Mapping[str, type[Any]]] = {
    "answers": ANSWERS,
    "impute": IMPUTATIONS,
    "treat": TREATMENTS,
    "transform": TRANSFORMATIONS,
    "normalise": NORMALISATIONS,
    "weights": WEIGHTINGS,
    "aggregate": AGGREGATIONS,
}
"""By the block of a methodology file that names them."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the block that names it, its name there, what it is in a sentence or two, ``frozen``, reference."""

    family: str
    name: str
    formula: str
    frozen: str
    reference: str


def catalogue() -> Iterator[Method]:
    """All methods, family by family, in the order in which a score is made."""
    for family, methods in FAMILIES.items():
        for name, cls in methods.items():
            said = _said(cls.__doc__, sys.modules[cls.__module__])
            yield Method(family, name, said, str(cls.frozen).replace("_", " "), cls.reference)


def _said(docstring: str | None, module: ModuleType) -> str:
    """The first paragraph of a docstring, with what it says of a function followed by that function's formula."""
    said = " ".join((docstring or "").split("\n\n")[0].split())

    def formula(match: re.Match[str]) -> str:
        told = " ".join((getattr(module, match[1]).__doc__ or "").split("\n\n")[0].split())
        formulas = [span for span in re.findall(r"``(.+?)``", told) if re.search(r" [-+*/=] ", span)]
        return f"``{formulas[0]}``" if formulas else f"the {match[1].replace('_', ' ')}"

    return re.sub(r":func:`(\w+)`", formula, said)
