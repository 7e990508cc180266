"""Methodologies that projects have stored. Those that ship are the library's, and are not here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from dtindex_service.store import audit
from dtindex_service.store.base import Actor, MethodologyRow
from dtindex_service.store.database import Database
from dtindex_service.store.models import Methodology
from dtindex_service.store.projects import lock

__all__ = ["Methodologies"]


class Methodologies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, *, hash: str, id: str, text: str, now: datetime) -> tuple[MethodologyRow, bool]:  # noqa: A002
        """Keep a methodology; the row, and whether it is new (the same one may come again)."""
        with self._database.writing() as session:
            lock(session, actor.project)
            row = session.get(Methodology, (actor.project, hash))
            if row is not None:
                return _record(row), False
            row = Methodology(project=actor.project, hash=hash, id=id, text=text, created=now)
            session.add(row)
            audit.append(session, actor, "methodology.store", hash, now)
            return _record(row), True

    def get(self, project: str, reference: str) -> MethodologyRow | None:
        """By hash, or by id: then the one stored last."""
        with self._database.reading() as session:
            row = session.get(Methodology, (project, reference)) or session.scalar(
                select(Methodology)
                .where(Methodology.project == project, Methodology.id == reference)
                .order_by(Methodology.created.desc(), Methodology.hash)
                .limit(1)
            )
            return None if row is None else _record(row)

    def list(self, project: str, *, after: str = "", limit: int = 1000) -> list[MethodologyRow]:
        """By hash."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(Methodology)
                .where(Methodology.project == project, Methodology.hash > after)
                .order_by(Methodology.hash)
                .limit(limit)
            )
            return [_record(row) for row in rows]


def _record(row: Methodology) -> MethodologyRow:
    return MethodologyRow(row.hash, row.id, row.text, row.created)
