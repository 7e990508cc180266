"""API keys: found by the digest of what a caller sends, otherwise within a project only."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import exists, select, update

from dtindex_service.store import audit
from dtindex_service.store.base import Actor, KeyRow
from dtindex_service.store.database import Database
from dtindex_service.store.models import Key

__all__ = ["Keys"]


class Keys:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        actor: Actor,
        *,
        name: str,
        prefix: str,
        digest: str,
        scopes: Iterable[str],
        now: datetime,
        expires: datetime | None = None,
    ) -> KeyRow:
        """Keep a new key of the actor's project."""
        row = Key(
            id=secrets.token_hex(8),
            project=actor.project,
            name=name,
            prefix=prefix,
            digest=digest,
            scopes=" ".join(scopes),
            created=now,
            expires=expires,
        )
        with self._database.writing() as session:
            session.add(row)
            audit.append(session, actor, "key.create", row.id, now)
            return _record(row)

    def any(self) -> bool:
        """Whether a key was ever made, in any project."""
        with self._database.reading() as session:
            return bool(session.scalar(select(exists().where(Key.id.is_not(None)))))

    def find(self, digest: str) -> KeyRow | None:
        """The key with this digest, valid or not."""
        with self._database.reading() as session:
            row = session.scalar(select(Key).where(Key.digest == digest))
            return None if row is None else _record(row)

    def get(self, project: str, id: str) -> KeyRow | None:  # noqa: A002
        with self._database.reading() as session:
            row = session.scalar(select(Key).where(Key.project == project, Key.id == id))
            return None if row is None else _record(row)

    def list(self, project: str, *, after: str = "", limit: int = 1000) -> list[KeyRow]:
        """Keys of a project by id, revoked ones too."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(Key).where(Key.project == project, Key.id > after).order_by(Key.id).limit(limit)
            )
            return [_record(row) for row in rows]

    def revoke(self, actor: Actor, id: str, now: datetime) -> KeyRow | None:  # noqa: A002
        """Close a key of the actor's project for good; None where there is none. To do so again changes nothing."""
        with self._database.writing() as session:
            row = session.scalar(select(Key).where(Key.project == actor.project, Key.id == id).with_for_update())
            if row is None:
                return None
            if row.revoked is None:
                row.revoked = now
                audit.append(session, actor, "key.revoke", row.id, now)
            return _record(row)

    def touch(self, used: Mapping[str, datetime]) -> None:
        """Note when keys were last used, many at a time."""
        if not used:
            return
        with self._database.writing() as session:
            for id_, at in sorted(used.items()):
                session.execute(update(Key).where(Key.id == id_).values(last_used=at))


def _record(row: Key) -> KeyRow:
    return KeyRow(
        id=row.id,
        project=row.project,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        last_used=row.last_used,
    )
