"""The tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AuditEntry",
    "Base",
    "Dataset",
    "Edition",
    "Idempotency",
    "Job",
    "JobChunk",
    "Key",
    "Methodology",
    "Project",
    "UtcDateTime",
]

_HASH = String(64)
_NAME = String(200)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: with its zone in Python, in UTC in either database (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraints bear names, so that migrations of either database can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 (SQLAlchemy's)


class Project(Base):
    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    created: Mapped[datetime]


class Key(Base):
    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(_NAME)
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(_HASH, unique=True)
    scopes: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]


class Methodology(Base):
    __tablename__ = "methodologies"
    __table_args__ = (Index(None, "project", "id"),)

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    id: Mapped[str] = mapped_column(_NAME)
    text: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]


class Dataset(Base):
    __tablename__ = "datasets"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(_HASH, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(400))
    media_type: Mapped[str] = mapped_column(_NAME)
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    findings: Mapped[list[Any]]
    rows: Mapped[int | None]
    columns: Mapped[int | None]
    parsed: Mapped[str | None] = mapped_column(_HASH)
    created: Mapped[datetime]
    expires: Mapped[datetime | None] = mapped_column(index=True)


class Edition(Base):
    """A name of an edition. Two names may stand for the same hash: a hash knows no name."""

    __tablename__ = "editions"
    __table_args__ = (Index(None, "project", "hash"),)

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    hash: Mapped[str] = mapped_column(_HASH)
    methodology: Mapped[str] = mapped_column(_HASH)
    methodology_id: Mapped[str] = mapped_column(_NAME)
    dataset: Mapped[str | None] = mapped_column(_HASH)
    blob: Mapped[str] = mapped_column(_HASH)
    about: Mapped[dict[str, Any]]
    created: Mapped[datetime]


class Idempotency(Base):
    """An idempotency key of a caller; without a status while its first request runs."""

    __tablename__ = "idempotency"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    caller: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[str] = mapped_column(_HASH)
    claimed: Mapped[datetime] = mapped_column(index=True)
    token: Mapped[str] = mapped_column(String(32))
    """Whose claim it is: one that took too long and was taken over cannot be kept any more."""
    status: Mapped[int | None]
    headers: Mapped[list[Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class Job(Base):
    """A long analysis: its id is the hash of what is asked, so that the same request is the same job."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "project", "created", "id"),)

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(_HASH, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    edition: Mapped[str] = mapped_column(_HASH)
    dataset: Mapped[str | None] = mapped_column(_HASH, index=True)
    asked: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    """Goes up with each change: events bear it."""
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(String(32))
    parts: Mapped[int]
    parts_done: Mapped[int]
    size: Mapped[int]
    size_done: Mapped[int]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    results: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class JobChunk(Base):
    """A piece of a job that has not ended: what a worker takes on lease. A job that has ended has none."""

    __tablename__ = "job_chunks"
    __table_args__ = (
        ForeignKeyConstraint(["project", "job"], ["jobs.project", "jobs.id"], ondelete="CASCADE"),
        Index(None, "state"),
    )

    project: Mapped[str] = mapped_column(String(32), primary_key=True)
    job: Mapped[str] = mapped_column(_HASH, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(String(10))
    """``plan``, ``part`` or ``join``."""
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    """``pending``, ``leased`` or ``done``."""
    fence: Mapped[int] = mapped_column(BigInteger)
    """Goes up with each lease: what comes under an older one is refused."""
    beat: Mapped[int]
    """Goes up while whoever holds the lease lives; no clock of another machine is asked."""
    worker: Mapped[str | None] = mapped_column(String(32))
    lost: Mapped[int]
    """Leases that were taken away, since nobody was heard of."""
    died: Mapped[int]
    """Child processes that died of it."""
    file: Mapped[str | None] = mapped_column(String(100))


class AuditEntry(Base):
    """Append only: triggers refuse to change or delete an entry."""

    __tablename__ = "audit"

    project: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(50))
    object: Mapped[str] = mapped_column(String(300))
    previous: Mapped[str] = mapped_column(_HASH)
    hash: Mapped[str] = mapped_column(_HASH)
