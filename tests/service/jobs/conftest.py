"""Services and workers in processes of their own, which may be killed and cut off, and what they ought to give."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

import dtindex as dti
from dtindex_service.checkup import check_store
from dtindex_service.fitting import about_of
from dtindex_service.store import EditionRow, JobRow, Store
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now

PATIENCE = 120.0
SERVER = (sys.executable, "-m", "dtindex_service")
WORKER = (sys.executable, "-m", "dtindex", "worker", "--processes")


def until(what: Callable[[], Any], why: str, seconds: float = PATIENCE) -> Any:
    """What is there once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"{why}: not after {seconds:g} s")


@dataclass
class Started:
    """A process, and its log in a file."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> list[dict[str, Any]]:
        lines = self.log_file.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def tells(self, event: str) -> bool:
        return any(line["event"].startswith(event) for line in self.log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@dataclass
class Ground:
    """A store on either database, processes that use it, and the editions that it holds."""

    folder: Path
    database_url: str
    scratch: Path
    editions: dict[str, dti.Edition] = field(default_factory=dict)
    started: list[Started] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=lambda: {"LEASE_SECONDS": "2"})
    port: int = 0

    @staticmethod
    def until(what: Callable[[], Any], why: str = "as expected", seconds: float = 60.0) -> Any:
        """What is there once it is true."""
        return until(what, why, seconds)

    def environment(self, **settings: str) -> dict[str, str]:
        given = {"DATA_DIR": str(self.folder), "DATABASE_URL": self.database_url, "READ_ONLY": "false"}
        own = {name: value for name, value in os.environ.items() if not name.startswith("DTINDEX_")}
        return own | {f"DTINDEX_{name}": value for name, value in (given | self.settings | settings).items()}

    def start(self, *command: str, **settings: str) -> Started:
        log = self.scratch / f"log-{len(self.started)}"
        extra = {name: settings.pop(name) for name in list(settings) if name.startswith(("LD_", "FAKETIME"))}
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command, env=self.environment(**settings) | extra, stderr=stream, stdout=subprocess.DEVNULL
            )
        self.started.append(Started(process, log))
        return self.started[-1]

    def serve(self, **settings: str) -> Started:
        """A service on a port, when it answers."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        started = self.start(*SERVER, PORT=str(self.port), **settings)
        until(lambda: started.process.poll() is not None or self.answers(), "the service answers")
        assert started.process.poll() is None, started.log_file.read_text()
        return started

    def work(self, processes: int = 1, **settings: str) -> Started:
        """A worker."""
        return self.start(*WORKER, str(processes), **settings)

    @property
    def http(self) -> httpx2.Client:
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def answers(self) -> bool:
        with contextlib.suppress(httpx2.TransportError), self.http as http:
            return http.get("/readyz").status_code == 200
        return False

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """The store, as one more process sees it."""
        store = Store(self.database_url, self.folder)
        store.open()
        try:
            yield store
        finally:
            store.close()

    def stock(self) -> None:
        """Editions to ask of: `2020` and `survey`."""
        with self.store() as store:
            for name, edition in self.editions.items():
                blob = store.files.put_file("local", edition.save(self.scratch / f"{name}.dtindex"))
                methodology = edition.methodology
                row = EditionRow(
                    edition.hash, name, methodology.hash, methodology.id, blob, now(), about=about_of(edition)
                )
                store.editions.add(Actor("local"), row)

    def ask(self, kind: str, edition: str, **parameters: Any) -> str:
        """The id of a job."""
        with self.http as http:
            body = {"kind": kind, "edition": edition, "parameters": parameters}
            answer = http.post("/v1/jobs", json=body)
            assert answer.status_code in (200, 202), answer.text
            found: str = answer.json()["id"]
            return found

    def ended(self, store: Store, ids: list[str], seconds: float = PATIENCE) -> list[JobRow]:
        """Jobs, when they have ended."""

        def rows() -> list[JobRow]:
            found = [store.jobs.get("local", id_) for id_ in ids]
            return [row for row in found if row is not None and row.has_ended]

        return until(lambda: len(rows()) == len(ids) and rows(), "jobs end", seconds)

    def check(self, store: Store, row: JobRow) -> None:
        """A job is done, each part once, and gave to the byte what the library gives without any interruption."""
        assert row.state == "done", row
        assert (row.parts_done, row.size_done) == (row.parts, row.size)
        edition = dti.load_edition(self.scratch / f"{self._name(row)}.dtindex")
        expected = WHOLE[row.kind](edition, dict(row.asked))
        assert row.results is not None
        for name, content in expected.items():
            about = row.results[name]
            assert store.files.read("local", about["blob"]) == content, (row.kind, name)
        assert expected.keys() == row.results.keys()

    def _name(self, row: JobRow) -> str:
        return next(name for name, edition in self.editions.items() if edition.hash == row.edition)

    def is_whole(self) -> None:
        """What `dtindex doctor` says of the store: all holds, nothing is worked on, nothing unfinished lies about."""
        with self.store() as store:
            wrong = [line for line in check_store(store) if line.holds is False]
            assert wrong == []
            assert store.jobs.held() == []
            assert store.files.with_parts() - store.jobs.active() == set()
            assert list(store.files.waiting.iterdir()) == []

    def end(self) -> None:
        for one in self.started:
            if one.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    one.process.send_signal(signal.SIGCONT)
                one.kill()


# --- what the library gives ---

CACHE: dict[str, dict[str, bytes]] = {}


def _tables(edition: dti.Edition, found: Any) -> dict[str, bytes]:
    from dtindex_service.rendering import render

    head = {"edition": {"name": edition.name, "hash": edition.hash}}
    files = {"result": dti.json_text(head | found.to_dict()).encode()}
    return files | {name: render(frame.rename(columns=str), "parquet") for name, frame in found.tables.items()}


def _of(analysis: Callable[..., Any]) -> Callable[[dti.Edition, dict[str, Any]], dict[str, bytes]]:
    def whole(edition: dti.Edition, asked: dict[str, Any]) -> dict[str, bytes]:
        key = json.dumps([analysis.__name__, edition.hash, asked], sort_keys=True)
        if key not in CACHE:
            CACHE[key] = _tables(edition, analysis(edition, **asked))
        return CACHE[key]

    return whole


def _report(edition: dti.Edition, asked: dict[str, Any]) -> dict[str, bytes]:
    settings = {name: value for name, value in asked.items() if name != "format"}
    return {"result": dti.explorer(edition, **settings).html.encode()}


WHOLE = {
    "simulation": _of(dti.simulate),
    "sensitivity": _of(dti.sensitivity),
    "rank-bounds": _of(dti.rank_bounds),
    "rank-sets": _of(dti.rank_sets),
    "estimates": _of(dti.estimate),
    "report": _report,
}


@pytest.fixture(scope="session")
def own_editions() -> dict[str, dti.Edition]:
    respondents = dti.load_methodology("accenture-reinvention-2023")
    made = dti.read_table(dti.sample(respondents, 300, seed=1).table, respondents)
    return {
        "2020": dti.CompositeIndex("caict-computing-power-1.0").fit().freeze("2020"),
        "survey": dti.CompositeIndex(respondents, assume="instrument-v1").fit(made).freeze("survey"),
    }


@pytest.fixture
def grounds(tmp_path: Path, own_editions: dict[str, dti.Edition]) -> Callable[[Path, str], Ground]:
    """Makes a store in a folder, on a database; its processes are the caller's to end."""
    return lambda folder, url: Ground(folder, url, tmp_path, own_editions)


@pytest.fixture
def ground(database_url: str, tmp_path: Path, grounds: Callable[[Path, str], Ground]) -> Iterator[Ground]:
    """A store with editions, on either database; its processes are ended after the test."""
    made = grounds(tmp_path / "data", database_url)
    made.stock()
    yield made
    made.end()


@pytest.fixture
def embedded(tmp_path: Path, grounds: Callable[[Path, str], Ground]) -> Iterator[Ground]:
    """The same on SQLite alone, in the folder of the store."""
    made = grounds(tmp_path / "data", f"sqlite:///{tmp_path / 'data' / 'dtindex.sqlite'}")
    made.stock()
    yield made
    made.end()
