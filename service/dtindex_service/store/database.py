"""The database: SQLite, embedded and needing nothing, or PostgreSQL by its address.

SQLite runs in WAL mode with full synchronisation, so that what was committed survives a killed process and a lost
power supply; a transaction that writes takes the lock at its beginning (``BEGIN IMMEDIATE``), so that it never has to
be repeated half-way. The schema is brought to its newest revision when the database is opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, make_url, text
from sqlalchemy.orm import Session

from dtindex_service.store.models import Base
from dtindex_service.store.triggers import create_triggers

__all__ = ["HEAD", "Database"]

HEAD = "0002"
"""The newest revision of the schema. A test holds it and the models against the migrations."""

_BUSY_MILLISECONDS = 5_000
_WRITING = "dtindex_writing"
_MIGRATING = 0x647469  # the advisory lock under which one process brings PostgreSQL's schema up


class Database:
    """An engine, and transactions of two kinds: :meth:`reading` and :meth:`writing`."""

    def __init__(self, url: str, *, busy_milliseconds: int = _BUSY_MILLISECONDS) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if not address.database or address.database == ":memory:":
                raise ValueError("SQLite needs a file: several connections share it")
            self.engine = create_engine(
                address, connect_args={"check_same_thread": False}, pool_size=8, max_overflow=32
            )
            event.listen(self.engine, "connect", partial(_set_up, busy_milliseconds))
            event.listen(self.engine, "begin", _begin)
        else:
            self.engine = create_engine(address, pool_size=8, max_overflow=8, pool_pre_ping=True)
        self._writer = self.engine.execution_options(**{_WRITING: True})
        self.folder = Path(address.database).parent if self.is_sqlite and address.database else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database, and changes nothing."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at its end, or rolled back whole when an exception leaves it."""
        with Session(self._writer, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session

    def upgrade(self) -> None:
        """Bring the schema to :data:`HEAD`. Alembic is loaded only where an older schema is found."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        if self.revision() == HEAD:
            return
        with self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
            revision = _revision(connection)
            if revision is None:
                _create(connection)
            elif revision != HEAD:
                _migrate(connection)

    def revision(self) -> str | None:
        """The revision of the schema; None where there is none yet."""
        with self.engine.connect() as connection:
            return _revision(connection)

    def is_at_head(self) -> bool:
        """Whether the database answers and its schema is the one that this version writes."""
        return self.revision() == HEAD

    def close(self) -> None:
        self.engine.dispose()


def _set_up(busy_milliseconds: int, connection: sqlite3.Connection, record: object) -> None:
    # The driver would begin transactions on its own, and too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        f"busy_timeout = {busy_milliseconds}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _create(connection: Connection) -> None:
    """The whole schema at once, as the migrations would make it one by one."""
    Base.metadata.create_all(connection)
    create_triggers(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def _migrate(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Any:
    """Alembic's settings for a connection that is open: no file, no address of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "dtindex_service:store/migrations")
    config.attributes["connection"] = connection
    return config
