"""What goes wrong around a job: clocks, disks, databases, signals. Each has its stated answer, and the store is whole
after it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dtindex_service.store.database import Database

pytestmark = pytest.mark.checkout

RUNS = 32_768 * 80
_DTINDEX = (sys.executable, "-m", "dtindex")
MOUNT_LACKS = "nothing can be mounted here"
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
FAKETIME_LACKS = "no libfaketime to step a clock with"


@contextlib.contextmanager
def mounted(target: Path, *words: str) -> Iterator[Path]:
    """Something mounted for the time of a test."""
    done = subprocess.run(["mount", *words, str(target)], capture_output=True, text=True, check=False)
    if done.returncode:
        if os.environ.get("DTINDEX_REQUIRE_MOUNT"):
            pytest.fail(done.stderr)
        pytest.skip(f"{MOUNT_LACKS}: {done.stderr.strip()}")
    try:
        yield target
    finally:
        subprocess.run(["umount", "--lazy", str(target)], check=True)


def put_off(started: Any) -> bool:
    return bool(started.tells("jobs: put off"))


# --- clocks ---


def test_clocks_that_step_by_years_while_jobs_run(ground: Any, tmp_path: Path) -> None:
    """The time of day of one worker jumps, days ahead and years back, again and again: no lease is lost by it, and the
    results are those of any other day.
    """
    if FAKETIME is None:
        if os.environ.get("DTINDEX_REQUIRE_FAKETIME"):
            pytest.fail(FAKETIME_LACKS)
        pytest.skip(FAKETIME_LACKS)
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    ground.settings["LEASE_SECONDS"] = "5"
    server = ground.serve(JOB_PROCESSES="1")
    stepping = ground.work(
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    ids = [ground.ask("simulation", "2020", runs=RUNS, seed=seed) for seed in (1, 2)]
    steps = iter(["+1d", "-1y", "+30y", "-1d", "+0"] * 100)
    with ground.store() as store:
        while store.jobs.active():
            waiting = clock.with_suffix(".new")
            waiting.write_text(f"{next(steps)}\n")
            waiting.rename(clock)
            time.sleep(0.3)
        for row in ground.ended(store, ids):
            ground.check(store, row)
    years = {line["timestamp"][:4] for line in stepping.log if line["event"] == "chunk"}
    assert any(line["event"] == "chunk" for line in stepping.log)
    assert len({line["timestamp"][:10] for line in stepping.log}) > 1, years
    assert not server.tells("lease taken over")
    assert not stepping.tells("lease taken over")
    for one in (server, stepping):
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(30)
    ground.is_whole()


# --- disks ---


def test_a_full_disk(tmp_path: Path, grounds: Any) -> None:
    """A real file system without room: a request is 507, or its job waits; there is room again, and all goes on."""
    place = tmp_path / "small"
    place.mkdir()
    with mounted(place, "-t", "tmpfs", "-o", "size=96m", "tmpfs"):
        ground = grounds(place / "data", f"sqlite:///{place / 'data' / 'dtindex.sqlite'}")
        try:
            ground.stock()
            server = ground.serve(JOB_PROCESSES="1")
            id_ = ground.ask("simulation", "2020", runs=RUNS, seed=1)
            filler = place / "filler"
            _fill(filler, leave=200_000)
            ground.until(lambda: put_off(server), "a part finds no room")
            with ground.store() as store:
                assert store.jobs.get("local", id_).state == "running"
            _fill(filler, leave=0)
            with ground.http as http:
                body = {"name": "new", "methodology": "nbs-new-drivers-2014"}
                answer = http.post("/v1/editions", json=body)
                assert (answer.status_code, answer.json()["code"]) == (507, "DT718"), answer.text
                assert http.get("/v1/editions/new").status_code == 404
                assert http.get("/v1/editions/2020/rankings.csv").status_code == 200
            filler.unlink()
            with ground.store() as store:
                (row,) = ground.ended(store, [id_])
                ground.check(store, row)
            with ground.http as http:
                assert http.post("/v1/editions", json=body).status_code == 201
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)
            ground.is_whole()
        finally:
            ground.end()


def _fill(filler: Path, leave: int) -> None:
    with filler.open("ab", buffering=0) as stream:
        while (room := shutil.disk_usage(filler.parent).free - leave) > 0:
            try:
                stream.write(b"\0" * min(room, 2**20))
            except OSError:
                return


def test_a_folder_that_turns_read_only(embedded: Any) -> None:
    """Parts cannot be kept: the chunk is put off; the folder can be written to again, and the job ends."""
    server = embedded.serve(JOB_PROCESSES="1")
    jobs = embedded.folder / "jobs"
    with mounted(jobs, "--bind", str(jobs)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(jobs)], check=True)
        id_ = embedded.ask("simulation", "2020", runs=RUNS, seed=2)
        embedded.until(lambda: put_off(server), "a part cannot be kept")
    with embedded.store() as store:
        (row,) = embedded.ended(store, [id_])
        embedded.check(store, row)
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    embedded.is_whole()


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_store_that_cannot_be_written_to_is_refused_at_the_start(embedded: Any, command: str) -> None:
    words = ["serve", "--port", "0"] if command == "serve" else ["worker"]
    with mounted(embedded.folder, "--bind", str(embedded.folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(embedded.folder)], check=True)
        done = subprocess.run(
            [*_DTINDEX, *words, "--data-dir", str(embedded.folder)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert "DT717" in done.stderr
    embedded.is_whole()


# --- databases ---


def test_a_locked_database(embedded: Any) -> None:
    """Another program holds the lock for longer than anybody waits: 503 with Retry-After, and the job is put off."""
    server = embedded.serve(JOB_PROCESSES="1")
    id_ = embedded.ask("simulation", "2020", runs=RUNS, seed=3)
    with contextlib.closing(sqlite3.connect(embedded.folder / "dtindex.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with embedded.http as http:
            body = {"kind": "rank-sets", "edition": "2020"}
            answer = http.post("/v1/jobs", json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "DT717")
            assert answer.headers["retry-after"] == "5"
            assert http.get("/v1/editions/2020/rankings.csv").status_code == 200  # who reads is not held up
        embedded.until(lambda: server.tells("jobs:"), "the worker meets the lock")
        other.execute("ROLLBACK")
    with embedded.http as http:
        assert http.post("/v1/jobs", json=body).status_code == 202
    with embedded.store() as store:
        (row,) = embedded.ended(store, [id_])
        embedded.check(store, row)
        embedded.until(lambda: not store.jobs.active())
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    embedded.is_whole()


POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
POSTGRES_LACKS = "no PostgreSQL to test with"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Any]:
    """A PostgreSQL of this test's own, which it may restart."""
    if not POSTGRES or os.getuid():
        if os.environ.get("DTINDEX_REQUIRE_POSTGRES"):
            pytest.fail(POSTGRES_LACKS)
        pytest.skip(f"{POSTGRES_LACKS} that may be restarted")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="dtindex-postgres-"))  # others may look into it
    shutil.chown(folder, "postgres")

    def run(*words: str) -> None:
        command = [
            "runuser",
            "-u",
            "postgres",
            "--",
            str(POSTGRES[-1] / words[0]),
            "-D",
            str(folder / "data"),
            *words[1:],
        ]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-h 127.0.0.1 -p {port} -k '' -c fsync=off"
    start = ("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    run(*start)
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", run, start
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_a_database_that_is_restarted(cluster: Any, tmp_path: Path, grounds: Any) -> None:
    """It stops without a farewell while jobs run: 503 meanwhile, and all goes on when it is there again."""
    url, run, start = cluster
    ground = grounds(tmp_path / "data", url)
    try:
        ground.stock()
        ground.settings["LEASE_SECONDS"] = "10"
        server, worker = ground.serve(JOB_PROCESSES="1"), ground.work()
        ids = [ground.ask("simulation", "2020", runs=RUNS, seed=seed) for seed in (4, 5)]
        with ground.store() as store:
            ground.until(lambda: len({one.worker for one in store.jobs.held()}) == 2, "both work")
        run("pg_ctl", "-m", "immediate", "stop")
        with ground.http as http:
            answer = http.post("/v1/jobs", json={"kind": "rank-sets", "edition": "2020"})
            assert (answer.status_code, answer.json()["code"]) == (503, "DT717")
            assert http.get("/readyz").status_code == 503
            assert http.get("/livez").status_code == 200
        ground.until(lambda: server.tells("jobs:") and worker.tells("jobs:"), "both meet it")
        run(*start)
        with ground.store() as store:
            for row in ground.ended(store, ids):
                ground.check(store, row)
        for one in (server, worker):
            one.process.send_signal(signal.SIGTERM)
            one.process.wait(30)
        ground.is_whole()
    finally:
        ground.end()


# --- signals ---


def test_sigterm_under_load(ground: Any) -> None:
    """Requests that run are answered whole, no chunk is lost, nothing is left half; a start goes on from there."""
    server = ground.serve(JOB_PROCESSES="2", SHUTDOWN_SECONDS="20")
    ids = [ground.ask("simulation", "2020", runs=RUNS, seed=seed) for seed in (6, 7)]
    over, told_to_stop, wrong, answered = threading.Event(), threading.Event(), [], [0]

    def ask() -> None:
        while not over.is_set():
            try:
                with ground.http as http:
                    answer = http.post("/v1/score", json={"edition": "2020", "units": [{"values": {"compute": 1.0}}]})
            except httpx2.ConnectError:
                return  # it takes nothing new
            except httpx2.TransportError as error:
                # What waited to be accepted was never begun; an answer that was begun comes whole.
                if not told_to_stop.is_set() or "complete" in str(error):
                    wrong.append(repr(error))
                return
            if answer.status_code != 200:
                wrong.append(answer.text)
            answered[0] += 1

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    with ground.store() as store:
        ground.until(lambda: any(one.lease.stage == "part" for one in store.jobs.held()), "parts are worked on")
        ground.until(lambda: answered[0] > 10, "requests are answered")
        with ground.http as http, http.stream("GET", f"/v1/jobs/{ids[0]}/events") as stream:
            told = stream.iter_text()
            next(told)
            began = time.monotonic()
            told_to_stop.set()
            server.process.send_signal(signal.SIGTERM)
            assert all(told)  # the stream ends by itself
            server.process.wait(30)
        over.set()
        for thread in threads:
            thread.join()
        assert time.monotonic() - began < 20
        assert server.process.returncode in (0, -signal.SIGTERM)
        assert wrong == []
        assert answered[0] > 10
        assert store.jobs.held() == []  # given back, or brought
        before = {row.id: row.parts_done for row in store.jobs.list("local")}
        ground.serve(JOB_PROCESSES="2")
        for row in ground.ended(store, ids):
            ground.check(store, row)
            assert row.parts_done >= before[row.id]
    ground.end()
    ground.is_whole()


def test_a_worker_ends_when_nothing_waits(ground: Any) -> None:
    ground.serve(JOB_PROCESSES="0")
    ids = [ground.ask("rank-sets", "2020", draws=draws) for draws in (150, 151)]
    worker = ground.start(*_DTINDEX, "worker", "--processes", "1", "--until-idle")
    assert worker.process.wait(60) == 0
    with ground.store() as store:
        for row in ground.ended(store, ids, 1):
            ground.check(store, row)


def test_a_second_signal_gives_chunks_back_at_once(embedded: Any) -> None:
    embedded.serve(JOB_PROCESSES="0")
    embedded.ask("rank-sets", "2020", draws=1_000_000)
    worker = embedded.work(SHUTDOWN_SECONDS="600")
    with embedded.store() as store:
        embedded.until(lambda: any(one.lease.stage == "join" for one in store.jobs.held()), "it is worked on")
        worker.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert worker.process.poll() is None
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(10) == 0
        assert store.jobs.held() == []
        assert store.jobs.is_waiting()


def test_a_start_takes_back_what_a_killed_service_held(ground: Any) -> None:
    """At once, not when its lease is over: the system says that the process is gone."""
    ground.settings["LEASE_SECONDS"] = "3600"
    server = ground.serve(JOB_PROCESSES="1")
    id_ = ground.ask("simulation", "2020", runs=RUNS, seed=8)
    with ground.store() as store:
        ground.until(lambda: any(one.lease.stage == "part" for one in store.jobs.held()), "a part is worked on")
        server.kill()
        again = ground.serve(JOB_PROCESSES="1")
        (row,) = ground.ended(store, [id_])
        ground.check(store, row)
    assert again.tells("lease taken over")


def test_a_database_of_the_version_before_is_brought_up(database_url: str) -> None:
    """The tables of jobs come to a store that has none, and nothing else of it changes."""
    made = Database(database_url)
    made.upgrade()
    from alembic import command

    from dtindex_service.store.database import alembic_config

    with made._writer.begin() as connection:
        command.downgrade(alembic_config(connection), "0001")
    assert made.revision() == "0001"
    made.upgrade()
    assert made.is_at_head()
    made.close()
