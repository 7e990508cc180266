"""Projects: who owns what. Another project's rows do not exist for a key."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dtindex_service.store.base import ProjectRow
from dtindex_service.store.database import Database
from dtindex_service.store.models import Project

__all__ = ["Projects"]


class Projects:
    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, name: str, now: datetime, *, id: str | None = None) -> ProjectRow:  # noqa: A002
        """The project of that name, made if there is none."""
        with self._database.writing() as session:
            found = session.scalar(select(Project).where(Project.name == name))
            if found is None:
                found = Project(id=id or secrets.token_hex(8), name=name, created=now)
                session.add(found)
                session.flush()
            return _record(found)

    def get(self, project: str) -> ProjectRow | None:
        with self._database.reading() as session:
            found = session.get(Project, project)
            return None if found is None else _record(found)

    def list(self) -> list[ProjectRow]:
        """All, for the command line; no route shows this."""
        with self._database.reading() as session:
            return [_record(found) for found in session.scalars(select(Project).order_by(Project.name))]


def lock(session: Session, project: str) -> None:
    """Let one transaction at a time change a project (SQLite does so by itself)."""
    session.execute(select(Project.id).where(Project.id == project).with_for_update())


def _record(row: Project) -> ProjectRow:
    return ProjectRow(row.id, row.name, row.created)
