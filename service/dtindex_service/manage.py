"""``dtindex keys``: keys of a store, made, listed and revoked by whoever may write to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dtindex import UsageError, finding
from dtindex_service.context import SCOPES
from dtindex_service.keys import make
from dtindex_service.schemas.common import Name
from dtindex_service.serve import is_configured, open_store, settings_of
from dtindex_service.settings import Settings
from dtindex_service.store import KeyRow, Store
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now

__all__ = ["create", "listed", "revoke"]

_NAME = TypeAdapter[str](Name)
_LIFETIME = re.compile(r"([1-9][0-9]{0,4})([dhm])", re.ASCII)
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def create(
    *, project: str, name: str, scopes: Sequence[str], expires: str | None = None, data_dir: str | None = None
) -> tuple[str, dict[str, Any]]:
    """A new key, which is shown here and never again, and what is kept of it. A project that is not there is made.

    Raises
    ------
    UsageError
        DT902 for a name, a scope or a time that is not valid, and where no store is named.
    """
    for what, given in (("--project", project), ("--name", name)):
        _check_name(what, given)
    wanted = _scopes(scopes)
    until = None if expires is None else _expiry(expires, now())
    with _store(data_dir) as (store, settings):
        owner = store.projects.ensure(project, now())
        made = make(settings.pepper())
        row = store.keys.create(
            Actor(owner.id),
            name=name,
            prefix=made.prefix,
            digest=made.digest,
            scopes=wanted,
            now=now(),
            expires=until,
        )
        return made.token, _told(row, project)


def listed(*, project: str | None = None, data_dir: str | None = None) -> list[dict[str, Any]]:
    """The keys of a project, or of all, in the order in which they were made; revoked ones too."""
    with _store(data_dir) as (store, _):
        names = {one.id: one.name for one in store.projects.list()}
        if project is not None:
            names = {id_: name for id_, name in names.items() if name == project}
            if not names:
                raise UsageError([finding("DT703", f"no project {project!r} in this store")])
        rows = [(row, name) for id_, name in names.items() for row in _keys(store, id_)]
        return [_told(row, name) for row, name in sorted(rows, key=lambda pair: (pair[0].created, pair[0].id))]


def revoke(id: str, *, data_dir: str | None = None) -> dict[str, Any]:  # noqa: A002
    """Close a key for good. A service that runs knows of it within a second.

    Raises
    ------
    UsageError
        DT703 where no project has a key with this id.
    """
    with _store(data_dir) as (store, _):
        for project in store.projects.list():
            row = store.keys.revoke(Actor(project.id), id, now())
            if row is not None:
                return _told(row, project.name)
    raise UsageError([finding("DT703", f"no key {id!r} in this store; `dtindex keys list` shows ids")])


@contextmanager
def _store(data_dir: str | None) -> Iterator[tuple[Store, Settings]]:
    settings = settings_of(data_dir=data_dir)
    if not is_configured(settings):
        hint = "name the store: --data-dir DIR, or DTINDEX_DATA_DIR or DTINDEX_DATABASE_URL in the environment"
        raise UsageError([finding("DT902", hint)])
    with open_store(settings, with_files=False) as store:
        yield store, settings


def _keys(store: Store, project: str) -> Iterator[KeyRow]:
    after = ""
    while found := store.keys.list(project, after=after):
        yield from found
        after = found[-1].id


def _check_name(what: str, given: str) -> None:
    try:
        _NAME.validate_python(given)
    except ValidationError:
        message = f"{what} {given!r}: 1 to 200 characters, none of / \\ ? # % and no space at the ends"
        raise UsageError([finding("DT902", message)]) from None


def _scopes(given: Sequence[str]) -> list[str]:
    unknown = [scope for scope in given if scope not in SCOPES]
    if unknown or not given:
        raise UsageError([finding("DT902", f"--scopes {','.join(given)!r}: expected some of {','.join(SCOPES)}")])
    return [scope for scope in SCOPES if scope in given]


def _expiry(text: str, start: datetime) -> datetime:
    """``90d``, ``12h``, ``30m``, or a time of ISO 8601 with its zone; a bare date is its first instant in UTC."""
    lifetime = _LIFETIME.fullmatch(text)
    if lifetime:
        return start + timedelta(**{_UNITS[lifetime[2]]: int(lifetime[1])})
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        until = None
    if until is not None and until.tzinfo is None and len(text) == len("2026-01-31"):
        until = until.replace(tzinfo=start.tzinfo)
    if until is None or until.tzinfo is None or until <= start:
        message = f"--expires {text!r}: expected a time to come, such as 90d, 12h, 2030-01-31 or 2030-01-31T12:00:00Z"
        raise UsageError([finding("DT902", message)])
    return until


def _told(row: KeyRow, project: str) -> dict[str, Any]:
    """What may be shown of a key."""
    times = {"created": row.created, "expires": row.expires, "revoked": row.revoked, "last_used": row.last_used}
    written = {name: None if at is None else at.isoformat(timespec="seconds") for name, at in times.items()}
    state = "revoked" if row.revoked else "valid" if row.is_valid(now()) else "expired"
    return {
        "id": row.id,
        "project": project,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": list(row.scopes),
        "state": state,
        **written,
    }
