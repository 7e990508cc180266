"""Editions: names that stand for a hash once and for all."""

from __future__ import annotations

from sqlalchemy import select

from dtindex_service.store import audit
from dtindex_service.store.base import Actor, EditionRow, Taken
from dtindex_service.store.database import Database
from dtindex_service.store.models import Edition
from dtindex_service.store.projects import lock

__all__ = ["Editions"]


class Editions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, edition: EditionRow) -> tuple[EditionRow, bool]:
        """Keep an edition; the row, and whether it is new (the same one under the same name may come again).

        Raises
        ------
        Taken
            Where the name stands for another edition.
        """
        with self._database.writing() as session:
            lock(session, actor.project)
            row = session.get(Edition, (actor.project, edition.name))
            if row is not None:
                if row.hash != edition.hash:
                    raise Taken(edition.name)
                return _record(row), False
            row = Edition(
                project=actor.project,
                name=edition.name,
                hash=edition.hash,
                methodology=edition.methodology,
                methodology_id=edition.methodology_id,
                dataset=edition.dataset,
                blob=edition.blob,
                about=dict(edition.about),
                created=edition.created,
            )
            session.add(row)
            audit.append(session, actor, "edition.freeze", edition.hash, edition.created)
            return _record(row), True

    def get(self, project: str, reference: str) -> EditionRow | None:
        """By name, or by hash: then under the name it got first."""
        with self._database.reading() as session:
            row = session.get(Edition, (project, reference)) or session.scalar(
                select(Edition)
                .where(Edition.project == project, Edition.hash == reference)
                .order_by(Edition.created, Edition.name)
                .limit(1)
            )
            return None if row is None else _record(row)

    def list(self, project: str, *, after: str = "", limit: int = 1000) -> list[EditionRow]:
        """By name."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(Edition)
                .where(Edition.project == project, Edition.name > after)
                .order_by(Edition.name)
                .limit(limit)
            )
            return [_record(row) for row in rows]


def _record(row: Edition) -> EditionRow:
    return EditionRow(
        hash=row.hash,
        name=row.name,
        methodology=row.methodology,
        methodology_id=row.methodology_id,
        dataset=row.dataset,
        blob=row.blob,
        about=row.about,
        created=row.created,
    )
