"""A service for a test: an app on a folder of its own, a client, and keys of any project and scope."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dtindex_service.app", exc_type=ImportError)

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text
from starlette.testclient import TestClient

import dtindex as dti
from dtindex_service.app import create_app
from dtindex_service.fitting import about_of
from dtindex_service.keys import make
from dtindex_service.parsing import child
from dtindex_service.parsing.parent import judged
from dtindex_service.server import configuration
from dtindex_service.services import Services
from dtindex_service.settings import Settings
from dtindex_service.store import Database, EditionRow, KeyRow, Store
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now

HERE = ("127.0.0.1", 50_000)


@dataclass
class Served:
    """A running app. ``client`` calls it from this machine; ``key`` makes a key and the headers that send it."""

    app: FastAPI
    client: TestClient

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    @property
    def store(self) -> Store:
        return self.services.store

    def made_key(self, *scopes: str, project: str = "local", expires: datetime | None = None) -> tuple[str, KeyRow]:
        """A new key and its row."""
        owner = self.store.projects.ensure(project, now())
        made = make(self.services.keyring.pepper)
        row = self.store.keys.create(
            Actor(owner.id),
            name="test",
            prefix=made.prefix,
            digest=made.digest,
            scopes=scopes,
            now=now(),
            expires=expires,
        )
        self.services.keyring.forget()
        return made.token, row

    def key(self, *scopes: str, project: str = "local", expires: datetime | None = None) -> dict[str, str]:
        """Headers of a caller with a new key; all scopes if none is named."""
        token, _ = self.made_key(*(scopes or ("read", "score", "write", "admin")), project=project, expires=expires)
        return {"Authorization": f"Bearer {token}"}


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a service: ``serve(max_body_bytes=1000)``. Settings come from the call, never from the environment."""
    with contextlib.ExitStack() as stack:

        def start(
            *,
            raise_server_exceptions: bool = True,
            prepare: Callable[[FastAPI], None] | None = None,
            client: tuple[str, int] = HERE,
            base_url: str = "http://127.0.0.1",
            **settings: Any,
        ) -> Served:
            given = {"data_dir": tmp_path / "data", "log_level": "error", **settings}
            app = create_app(Settings(**given))
            if prepare is not None:
                prepare(app)
            test_client = TestClient(
                app, base_url=base_url, client=client, raise_server_exceptions=raise_server_exceptions
            )
            return Served(app, stack.enter_context(test_client))

        yield start


@pytest.fixture
def served(serve: Serve) -> Served:
    """A service with the settings as they are by default, and no key yet."""
    return serve()


# --- both databases ---

POSTGRES_LACKS = "no PostgreSQL to test with"


@contextlib.contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of its own: of SQLite in a folder, or of PostgreSQL.

    ``DTINDEX_TEST_POSTGRES`` is the address of a server where databases may be made.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.sqlite'}"
        return
    server = os.environ.get("DTINDEX_TEST_POSTGRES")
    if server is None:
        if os.environ.get("DTINDEX_REQUIRE_POSTGRES"):
            pytest.fail("DTINDEX_TEST_POSTGRES is not set")
        pytest.skip(f"{POSTGRES_LACKS}: DTINDEX_TEST_POSTGRES is not set")
    name = f"dtindex_{secrets.token_hex(8)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database of PostgreSQL of this process's own."""
    with empty_database("postgresql", tmp_path_factory.getbasetemp()) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: one of SQLite, one of PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    url: str = request.getfixturevalue("postgres")
    execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")  # faster by far than a database for each test
    return url


def execute(url: str, *statements: str) -> None:
    """Statements on a connection of their own, each at once."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database at its head."""
    made = Database(database_url)
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A store that is open, on either database."""
    made = Store(database_url, tmp_path / "data")
    made.open()
    yield made
    made.close()


# --- a service on a port ---


@dataclass
class Live:
    """A service that listens at an address, in a thread of this process, and the store that it has open."""

    address: str
    served: Served


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service on a port of this machine, on either database; one for all tests of a file."""
    folder = tmp_path_factory.mktemp("live")
    brief = {"max_job_size": 10**6, "job_seconds": 20, "stream_seconds": 2}  # whatever schemathesis makes up
    with empty_database(request.param, folder) as url, listening(folder, database_url=SecretStr(url), **brief) as found:
        yield found


@contextlib.contextmanager
def listening(folder: Path, **settings: Any) -> Iterator[Live]:
    """A service on a port of this machine."""
    made = Settings(**{"data_dir": folder / "data", "log_level": "error", "requests_per_minute": 0, **settings})
    app = create_app(made)
    server = uvicorn.Server(configuration(app, made, "127.0.0.1"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            host, port = listener.getsockname()
            yield Live(f"http://{host}:{port}", Served(app, TestClient(app, base_url="http://127.0.0.1", client=HERE)))
        finally:
            server.should_exit = True
            thread.join(timeout=30)


# --- editions that tests read ---


@dataclass(frozen=True)
class Stocked:
    """A service that nobody changes, with editions: `2020` (provinces), `drivers` (a panel), `survey` (respondents)."""

    served: Served
    editions: dict[str, dti.Edition]

    @property
    def client(self) -> TestClient:
        return self.served.client


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    folder = tmp_path_factory.mktemp("stocked")
    respondents = dti.load_methodology("accenture-reinvention-2023")
    made = dti.read_table(dti.sample(respondents, 300, seed=1).table, respondents)
    editions = {
        "2020": dti.CompositeIndex("caict-computing-power-1.0").fit().freeze("2020"),
        "drivers": dti.CompositeIndex("nbs-new-drivers-2022").fit().freeze("drivers"),
        "survey": dti.CompositeIndex(respondents, assume="instrument-v1").fit(made).freeze("survey"),
    }
    app = create_app(Settings(data_dir=folder / "data", log_level="error", read_only=False))
    with TestClient(app, base_url="http://127.0.0.1", client=HERE) as client:
        served = Served(app, client)
        for name, edition in editions.items():
            blob = served.store.files.put_file("local", edition.save(folder / f"{name}.dtindex"))
            row = EditionRow(
                edition.hash,
                name,
                edition.methodology.hash,
                edition.methodology.id,
                blob,
                now(),
                about=about_of(edition),
            )
            served.store.editions.add(Actor("local"), row)
        yield Stocked(served, editions)


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process does that parses an upload, done in this one: it takes a second to start, and other tests start
    it.
    """

    def run(self: Any, job: dict[str, Any], take: Callable[[bytes], None] | None = None) -> dict[str, Any]:
        said, content = child._answer({**self._limits(), **job})
        if take is not None:
            take(content)
        return judged(json.loads(json.dumps(said)), len(content), 0, job["path"])

    monkeypatch.setattr(child, "_limit", lambda *limits: None)
    monkeypatch.setattr("dtindex_service.parsing.parent.Parsers.run", run)
