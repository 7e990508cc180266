"""What the store hands out: plain records. No row of the database and no session leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = [
    "LOCAL",
    "Actor",
    "Audited",
    "Claim",
    "DatasetRow",
    "EditionRow",
    "JobRow",
    "Kept",
    "KeyRow",
    "Lease",
    "MethodologyRow",
    "ProjectRow",
    "Seen",
    "Taken",
]

LOCAL = "local"
"""The project of callers from this machine where no key is configured."""


class Taken(Exception):
    """A name stands for something else already."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: a project, and the key that acts for it (None: the command line, or no key)."""

    project: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    id: str
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key, without the key."""

    id: str
    project: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at this time."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class MethodologyRow:
    """A methodology that a project has stored, by the hash of its canonical form."""

    hash: str
    id: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """An upload; ``id`` is the SHA-256 of its bytes. ``blob`` and ``parsed`` name what lies in the store's files."""

    id: str
    media_type: str
    size: int
    state: str
    """``parsed`` or ``refused``."""
    created: datetime
    expires: datetime | None = None
    name: str | None = None
    """What the uploader called it: shown, and never a path."""
    findings: Sequence[Mapping[str, Any]] = ()
    rows: int | None = None
    columns: int | None = None
    parsed: str | None = None
    """Hash of the blob of its cells, as parsed."""


@dataclass(frozen=True, slots=True)
class EditionRow:
    """A frozen edition; ``blob`` is the SHA-256 of its ``.dtindex`` file."""

    hash: str
    name: str
    methodology: str
    """Hash of its methodology."""
    methodology_id: str
    blob: str
    created: datetime
    dataset: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    """Figures that lists show: units, assumptions."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job; ``id`` is the hash of what is asked of which edition by which version."""

    project: str
    id: str
    kind: str
    edition: str
    asked: Mapping[str, Any]
    created: datetime
    dataset: str | None = None
    state: str = "queued"
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``."""
    version: int = 1
    started: datetime | None = None
    ended: datetime | None = None
    created_by: str | None = None
    parts: int = 0
    """What it was parted into; none before it was planned, nor where nothing is parted."""
    parts_done: int = 0
    size: int = 0
    """The work of all parts, in runs, evaluations, programmes or replicates."""
    size_done: int = 0
    problem: Mapping[str, Any] | None = None
    """Why it failed: code, detail, kind, errors."""
    results: Mapping[str, Any] | None = None
    """By name, what it gave: blob, media type, bytes, rows."""

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def begins_anew(self) -> bool:
        """Whether an equal request begins it once more: it was cancelled, or failed of what need not happen again."""
        again = self.state == "failed" and (self.problem or {}).get("kind") not in ("input", "usage")
        return self.state == "cancelled" or again


@dataclass(frozen=True, slots=True)
class Lease:
    """A chunk that a worker holds, under a number that no other lease of it had before."""

    project: str
    job: str
    position: int
    fence: int
    stage: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A lease as somebody else sees it: whose it is, and the beat that was heard last."""

    lease: Lease
    worker: str | None
    beat: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is given again to a request with the same idempotency key."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of an attempt to claim an idempotency key.

    ``state``: ``new`` (the caller carries the request out), ``kept`` (answered before), ``running`` (not ended),
    ``other`` (used by another request).
    """

    state: str
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """One entry of the audit log: its hash covers the entry and the hash before it."""

    sequence: int
    at: datetime
    project: str
    key: str | None
    action: str
    object: str
    previous: str
    hash: str
