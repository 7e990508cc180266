"""API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from dtindex_service.context import Scope
from dtindex_service.schemas.common import Body, Instant, Name, Out
from dtindex_service.store import KeyRow

__all__ = ["KeyList", "KeyOut", "MadeKeyOut", "NewKey"]


class NewKey(Body):
    """A key to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "reports", "scopes": ["read", "score"], "expires": None}]}
    )

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]
    expires: Instant | None = None


class KeyOut(Out):
    """A key, without the key."""

    id: str
    name: str
    prefix: str = Field(description="How the key begins, to know it by.")
    scopes: list[Scope]
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None = Field(description="Written down every few seconds.")

    @classmethod
    def of(cls, row: KeyRow) -> KeyOut:
        return cls(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            scopes=[scope for scope in _SCOPES if scope in row.scopes],
            created=row.created,
            expires=row.expires,
            revoked=row.revoked,
            last_used=row.last_used,
        )


class MadeKeyOut(KeyOut):
    """A new key. ``key`` is shown here, and never again: null where the request was a repetition."""

    key: str | None


class KeyList(Out):
    items: list[KeyOut]


_SCOPES: tuple[Scope, ...] = ("read", "score", "write", "admin")
