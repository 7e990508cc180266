"""Uploads, under the hash of their bytes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from dtindex_service.store import audit
from dtindex_service.store.base import Actor, DatasetRow, Taken
from dtindex_service.store.database import Database
from dtindex_service.store.models import Dataset, Edition
from dtindex_service.store.projects import lock

__all__ = ["Datasets"]


class Datasets:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, dataset: DatasetRow) -> tuple[DatasetRow, bool]:
        """Keep an upload; the row, and whether it is new. The same bytes again replace what was said of them."""
        row, before = self.put(actor, dataset)
        return row, before is None

    def put(self, actor: Actor, dataset: DatasetRow) -> tuple[DatasetRow, DatasetRow | None]:
        """As :meth:`add`; the row, and the one that it took the place of, whose blob of cells is then nobody's."""
        with self._database.writing() as session:
            lock(session, actor.project)
            found = session.get(Dataset, (actor.project, dataset.id))
            before = None if found is None else _record(found)
            row = Dataset(project=actor.project, id=dataset.id) if found is None else found
            row.name = dataset.name
            row.media_type, row.size, row.state = dataset.media_type, dataset.size, dataset.state
            row.findings = [dict(one) for one in dataset.findings]
            row.rows, row.columns, row.parsed = dataset.rows, dataset.columns, dataset.parsed
            row.created, row.expires = dataset.created if found is None else found.created, dataset.expires
            if found is None:
                session.add(row)
                audit.append(session, actor, "dataset.store", dataset.id, dataset.created)
            session.flush()
            return _record(row), before

    def get(self, project: str, id: str, now: datetime) -> DatasetRow | None:  # noqa: A002
        """An upload that has not expired."""
        with self._database.reading() as session:
            row = session.get(Dataset, (project, id))
            return None if row is None or (row.expires is not None and row.expires <= now) else _record(row)

    def expired(self, now: datetime) -> list[tuple[str, DatasetRow]]:
        """Uploads of any project whose time is over and that no edition needs, with their projects."""
        used = select(Edition.name).where(Edition.project == Dataset.project, Edition.dataset == Dataset.id).exists()
        with self._database.reading() as session:
            rows = session.scalars(select(Dataset).where(Dataset.expires <= now, ~used).order_by(Dataset.id))
            return [(row.project, _record(row)) for row in rows]

    def list(self, project: str, now: datetime, *, after: str = "", limit: int = 1000) -> list[DatasetRow]:
        """By id."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(Dataset)
                .where(
                    Dataset.project == project,
                    Dataset.id > after,
                    (Dataset.expires.is_(None)) | (Dataset.expires > now),
                )
                .order_by(Dataset.id)
                .limit(limit)
            )
            return [_record(row) for row in rows]

    def delete(self, actor: Actor, id: str, now: datetime) -> DatasetRow | None:  # noqa: A002
        """Forget an upload; what it was, so that its blobs can be removed; None where there is none.

        Raises
        ------
        Taken
            Where an edition of the project was frozen on it.
        """
        with self._database.writing() as session:
            lock(session, actor.project)
            row = session.get(Dataset, (actor.project, id))
            if row is None:
                return None
            used = select(Edition.name).where(Edition.project == actor.project, Edition.dataset == id).limit(1)
            if session.scalar(used) is not None:
                raise Taken(id)
            record = _record(row)
            session.delete(row)
            audit.append(session, actor, "dataset.delete", id, now)
            return record


def _record(row: Dataset) -> DatasetRow:
    return DatasetRow(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        state=row.state,
        findings=tuple(row.findings),
        rows=row.rows,
        columns=row.columns,
        parsed=row.parsed,
        created=row.created,
        expires=row.expires,
    )
