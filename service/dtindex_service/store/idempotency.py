"""Idempotency keys: the first request with a key claims it, and its answer is kept for those that follow."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from dtindex_service.store.base import Claim, Kept
from dtindex_service.store.database import Database
from dtindex_service.store.models import Idempotency

__all__ = ["ABANDONED", "IdempotencyKeys"]

ABANDONED = timedelta(minutes=15)
"""A claim without an answer after this time belongs to a process that is gone; the next request may take it over."""


class IdempotencyKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, project: str, caller: str, key: str, request: str, now: datetime, lifetime: timedelta
    ) -> tuple[Claim, str]:
        """Claim a key for a request (the hash of its method, address and body); the outcome, and the claim's token."""
        token = secrets.token_hex(16)
        row = Idempotency(project=project, caller=caller, key=key, request=request, claimed=now, token=token)
        try:
            with self._database.writing() as session:
                found = session.get(Idempotency, (project, caller, key), with_for_update=True)
                if found is not None:
                    over = now - found.claimed > (lifetime if found.status is not None else ABANDONED)
                    if not over:
                        return _outcome(found, request), found.token
                    session.delete(found)
                    session.flush()
                session.add(row)
        except IntegrityError:  # PostgreSQL: another transaction was first
            return Claim("running"), ""
        return Claim("new"), token

    def keep(self, project: str, caller: str, key: str, token: str, kept: Kept) -> None:
        """Keep the answer of a claimed request."""
        with self._database.writing() as session:
            session.execute(
                update(Idempotency)
                .where(*_is(project, caller, key), Idempotency.token == token)
                .values(status=kept.status, headers=[list(one) for one in kept.headers], body=kept.body)
            )

    def release(self, project: str, caller: str, key: str, token: str) -> None:
        """Give a claim up: nothing was changed, and the request may come again."""
        with self._database.writing() as session:
            session.execute(delete(Idempotency).where(*_is(project, caller, key), Idempotency.token == token))

    def purge(self, before: datetime) -> int:
        """Forget keys that were claimed before a time; how many."""
        with self._database.writing() as session:
            gone = session.scalars(
                delete(Idempotency).where(Idempotency.claimed < before).returning(Idempotency.key)
            ).all()
        return len(gone)

    def count(self) -> int:
        with self._database.reading() as session:
            return len(session.scalars(select(Idempotency.key)).all())


def _is(project: str, caller: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (Idempotency.project == project, Idempotency.caller == caller, Idempotency.key == key)


def _outcome(found: Idempotency, request: str) -> Claim:
    if found.request != request:
        return Claim("other")
    if found.status is None or found.body is None:
        return Claim("running")
    headers = tuple((str(name), str(value)) for name, value in found.headers or ())
    return Claim("kept", Kept(found.status, headers, found.body))
