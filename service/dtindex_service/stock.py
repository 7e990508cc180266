"""Editions that a service has from its start: methodologies frozen on their own data, and files of editions."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dtindex import CompositeIndex, Edition, UsageError, finding, load_edition, load_methodology, shipped_methodologies
from dtindex_service.fitting import about_of
from dtindex_service.schemas.common import Name
from dtindex_service.store import Store
from dtindex_service.store.base import LOCAL, Actor, EditionRow, Taken
from dtindex_service.store.clock import now

__all__ = ["Stocked", "stock"]

_NAME = TypeAdapter[str](Name)


@dataclass(frozen=True)
class Stocked:
    """An edition that is served: under which name, by which hash."""

    name: str
    hash: str
    methodology: str


def stock(store: Store, subjects: Sequence[str]) -> tuple[Stocked, ...]:
    """Put editions into the project of callers from this machine; what is there already stays as it is.

    Raises
    ------
    UsageError
        DT902 where a name cannot stand in an address, DT706 where it stands for another edition of the store; else
        as :meth:`dtindex.CompositeIndex.fit` and :func:`dtindex.load_edition`.
    """
    return tuple(_keep(store, _edition(store, subject)) for subject in subjects)


def _edition(store: Store, subject: str) -> Edition:
    if subject.casefold().endswith(".dtindex"):
        return load_edition(subject)
    methodology = load_methodology(subject)
    if methodology.id not in shipped_methodologies() and methodology.source_text is not None:
        text = methodology.source_text
        store.methodologies.add(Actor(LOCAL), hash=methodology.hash, id=methodology.id, text=text, now=now())
    return CompositeIndex(methodology).fit().freeze(methodology.id)


def _keep(store: Store, edition: Edition) -> Stocked:
    try:
        name = _NAME.validate_python(edition.name)
    except ValidationError:
        message = f"the edition's name {edition.name!r} cannot stand in an address; freeze it under another"
        raise UsageError([finding("DT902", message)]) from None
    with tempfile.TemporaryDirectory(prefix="dtindex-freeze-") as folder:
        blob = store.files.put_file(LOCAL, edition.save(Path(folder) / "edition.dtindex"))
    row = EditionRow(
        hash=edition.hash,
        name=name,
        methodology=edition.methodology.hash,
        methodology_id=edition.methodology.id,
        blob=blob,
        about=about_of(edition),
        created=now(),
    )
    try:
        kept, _ = store.editions.add(Actor(LOCAL), row)
    except Taken:
        message = f"the name {name!r} stands for another edition in this store; freeze it under another name"
        raise UsageError([finding("DT706", message)]) from None
    return Stocked(kept.name, kept.hash, kept.methodology_id)
