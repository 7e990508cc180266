"""The audit log: one entry for each change of state, in the transaction of the change.

The hash of an entry is the SHA-256 of the entry and of the hash before it, so that no entry can be altered, removed or
put in between without breaking the chain from there on; each project has a chain of its own.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dtindex_service.store.base import Actor, Audited
from dtindex_service.store.database import Database
from dtindex_service.store.models import AuditEntry
from dtindex_service.store.projects import lock

__all__ = ["START", "Audit", "append", "entry_hash"]

START = "0" * 64
"""What stands for the hash before the first entry."""


def entry_hash(entry: Audited) -> str:
    """The hash of an entry: SHA-256 of its canonical JSON, the hash before it included."""
    content = [
        entry.sequence,
        entry.at.isoformat(timespec="microseconds"),
        entry.project,
        entry.key,
        entry.action,
        entry.object,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def append(session: Session, actor: Actor, action: str, object_: str, now: datetime) -> None:
    """Add an entry, in the caller's transaction."""
    lock(session, actor.project)
    last = session.scalar(
        select(AuditEntry).where(AuditEntry.project == actor.project).order_by(AuditEntry.sequence.desc()).limit(1)
    )
    sequence, previous = (1, START) if last is None else (last.sequence + 1, last.hash)
    entry = Audited(sequence, now, actor.project, actor.key, action, object_, previous, "")
    session.add(
        AuditEntry(
            project=actor.project,
            sequence=sequence,
            at=now,
            key=actor.key,
            action=action,
            object=object_,
            previous=previous,
            hash=entry_hash(entry),
        )
    )
    session.flush()


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, project: str, *, after: int = 0, limit: int = 1000) -> list[Audited]:
        """Entries of a project in their order."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(AuditEntry)
                .where(AuditEntry.project == project, AuditEntry.sequence > after)
                .order_by(AuditEntry.sequence)
                .limit(limit)
            )
            return [_record(row) for row in rows]

    def broken_at(self, project: str) -> int | None:
        """The number of the first entry that does not follow from the one before it; None where the chain holds."""
        expected, previous = 1, START
        while entries := self.list(project, after=expected - 1):
            for entry in entries:
                if (entry.sequence, entry.previous, entry.hash) != (expected, previous, entry_hash(entry)):
                    return expected
                expected, previous = expected + 1, entry.hash
        return None


def _record(row: AuditEntry) -> Audited:
    return Audited(row.sequence, row.at, row.project, row.key, row.action, row.object, row.previous, row.hash)
