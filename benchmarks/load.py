"""The service under load, from a second process on loopback: `python benchmarks/load.py` prints a table.

It makes a store (SQLite) with an edition of 50 indicators and 1,000 reference units, one of the MIIT questionnaire, and
a key; starts the service as an operator would; and asks it over connections that are kept open. The rate is kept
whether or not answers come (a request that has to wait for a connection is late, and counted so). Beside the time that
an answer takes stands the processor's time that the service spends on it, which other programs on the machine change
little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, sleep

DIMENSIONS, PARTS, LEAVES = 5, 2, 5
NAMES = [f"x{number}" for number in range(DIMENSIONS * PARTS * LEAVES)]
REFERENCE_UNITS = 1_000
UNITS = 5_000
SURVEY = "miit-sme-digital-2024"
PREPARE = """
import sys, tempfile
from pathlib import Path
import numpy as np
import dtindex
from dtindex_service.keys import make
from dtindex_service.settings import Settings
from dtindex_service.stock import stock
from dtindex_service.store import Store
from dtindex_service.store.base import LOCAL, Actor
from dtindex_service.store.clock import now

methodology, names, rows, survey, folder = sys.argv[1:]
names, rows = names.split(","), int(rows)
index = dtindex.load_methodology(methodology)
values = np.random.default_rng(1).uniform(0, 10, (rows, len(names)))
table = dtindex.Table.from_arrays([f"u{row}" for row in range(rows)], names, values)
first = dtindex.CompositeIndex(index).fit(table).freeze("load").save(Path(folder) / "load.dtindex")
asked = dtindex.load_methodology(survey)
answers = dtindex.sample(asked, 2_000, seed=1)
fitted = dtindex.CompositeIndex(asked).fit(dtindex.read_table(answers.table, asked))
second = fitted.freeze("survey").save(Path(folder) / "survey.dtindex")
settings = Settings()
store = Store(settings.database, settings.data_dir)
store.open()
made = make(settings.pepper())
row = store.keys.create(Actor(LOCAL), name="load", prefix=made.prefix, digest=made.digest,
                        scopes=["read", "score"], now=now(), expires=None)
stocked = stock(store, [str(first), str(second)])
store.close()
given = answers.frame.astype(object)
wanted = {question.id for question in asked.questions}
units = [{name: answer for name, answer in one.items() if name in wanted and answer == answer}
         for one in given.to_dict("records")]
import json
print(json.dumps({"token": made.token, "edition": stocked[0].hash, "survey": stocked[1].hash, "answers": units},
                 default=lambda value: value.item() if hasattr(value, "item") else list(value)))
"""


def methodology_text() -> str:
    """Fifty indicators under ten sub-dimensions under five dimensions."""
    lines = ["schema_version: 1", "id: load", "title: {en: load}", "units: {kind: respondent, key: id}", "nodes:"]
    lines.append("  - {id: index}")
    for dimension in range(DIMENSIONS):
        lines.append(f"  - {{id: d{dimension}, parent: index, weight: {dimension + 1}}}")
        lines += [f"  - {{id: p{dimension}{part}, parent: d{dimension}, weight: 1}}" for part in range(PARTS)]
    lines.append("indicators:")
    for number, name in enumerate(NAMES):
        dimension, part = divmod(number // LEAVES, PARTS)
        scaled = "normalise: {method: goalposts, worst: 0, best: 10, clip: both}"
        lines.append(f"  - {{id: {name}, parent: p{dimension}{part}, weight: 1, {scaled}}}")
    return "\n".join(lines) + "\n"


# --- the service, as a process of its own ---


@dataclass(frozen=True)
class Place:
    """A store and what is in it."""

    folder: Path
    token: str
    edition: str
    survey: str
    answers: list[dict[str, object]]


def environment(folder: Path) -> dict[str, str]:
    """Settings of the service, and nothing of what a developer's shell may hold."""
    hidden = ("PYTHONDONTWRITEBYTECODE", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    kept = {name: value for name, value in os.environ.items() if name not in hidden and not name.startswith("DTINDEX_")}
    own = {"DTINDEX_DATA_DIR": str(folder / "data"), "DTINDEX_REQUESTS_PER_MINUTE": "100000000"}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", **own}


def prepare(folder: Path) -> Place:
    """A store with editions and a key, made by another process, so that this one stays small."""
    path = folder / "load.yaml"
    path.write_text(methodology_text(), encoding="utf-8")
    arguments = [str(path), ",".join(NAMES), str(REFERENCE_UNITS), SURVEY, str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, *arguments], env=environment(folder), check=True, capture_output=True, text=True
    )
    made = json.loads(done.stdout)
    return Place(folder, made["token"], made["edition"], made["survey"], made["answers"])


@dataclass(frozen=True)
class Running:
    """A service that runs: its port, its process, and the seconds from start to ready."""

    port: int
    process: int
    ready: float

    def busy(self) -> float:
        """Milliseconds of processor's time that it has had."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(place: Place) -> Iterator[Running]:
    """A running service."""
    port = _free_port()
    own = {**environment(place.folder), "DTINDEX_PORT": str(port)}
    with (place.folder / "log").open("ab") as log:
        start = perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "dtindex_service"], env=own, stderr=log, stdout=log)
        try:
            while not _is_ready(port):
                if process.poll() is not None:
                    raise SystemExit((place.folder / "log").read_text())
                sleep(0.002)
            yield Running(port, process.pid, perf_counter() - start)
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _is_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
            one.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return one.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


# --- the client ---

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


class Connection:
    """One connection that is kept open, and no more of HTTP than the load needs."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> Connection:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        return self

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        assert found is not None, head
        return int(head[9:12]), await self.reader.readexactly(int(found[1]))

    def close(self) -> None:
        self.writer.close()


def request_bytes(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A whole request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def at_a_rate(port: int, requests: list[bytes], rate: float, seconds: float, connections: int) -> list[float]:
    """Milliseconds that each request took from when it was due, sorted; a request is due every ``1 / rate`` seconds."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await Connection(port).open())
    taken: list[float] = []

    async def one(request: bytes, due: float) -> None:
        connection = await free.get()
        status, body = await connection.ask(request)
        taken.append((perf_counter() - due) * 1000)
        free.put_nowait(connection)
        assert status == 200, body[:500]

    start = perf_counter() + 0.05
    tasks = []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        wait = due - perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        # What the client itself is late by is not the service's.
        tasks.append(asyncio.create_task(one(requests[number % len(requests)], max(due, perf_counter()))))
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait().close()
    return sorted(taken)


async def in_turn(port: int, request: bytes, rounds: int) -> list[float]:
    """Milliseconds of each round, one request after another."""
    connection = await Connection(port).open()
    taken = []
    for _ in range(rounds):
        start = perf_counter()
        status, body = await connection.ask(request)
        taken.append((perf_counter() - start) * 1000)
        assert status == 200, body[:500]
    connection.close()
    return taken


def share(sorted_values: list[float], part: float) -> float:
    """The value that this part of all values does not exceed."""
    return sorted_values[min(len(sorted_values) - 1, math.ceil(part * len(sorted_values)) - 1)]


# --- what is measured ---


@dataclass(frozen=True)
class Figure:
    job: str
    measured: float
    goal: float | None
    unit: str
    detail: str


def one_respondent(service: Running, place: Place, seconds: float) -> Iterator[Figure]:
    draw = random.Random(1)
    bodies = [
        {
            "edition": place.edition,
            "units": [{"unit": f"r{row}", "values": {name: draw.uniform(0, 10) for name in NAMES}}],
        }
        for row in range(200)
    ]
    yield from _rated(
        service, place, "one respondent, 50 indicators", [_score(place, one) for one in bodies], seconds, True
    )
    surveyed = [{"edition": place.survey, "units": [{"values": one}]} for one in place.answers[:200]]
    yield from _rated(service, place, "one MIIT respondent", [_score(place, one) for one in surveyed], seconds, True)


def _rated(
    service: Running, place: Place, job: str, requests: list[bytes], seconds: float, has_goal: bool, rate: float = 200
) -> Iterator[Figure]:
    asyncio.run(at_a_rate(service.port, requests, rate, 1, 8))
    before = service.busy()
    found = asyncio.run(at_a_rate(service.port, requests, rate, seconds, 8))
    busy = (service.busy() - before) / len(found)
    detail = f"{rate:g}/s for {seconds:g} s, one worker; {busy:.1f} ms of processor; worst {found[-1]:.1f} ms"
    yield Figure(f"{job}, p50", share(found, 0.5), 5.0 if has_goal else None, "ms", detail)
    yield Figure(f"{job}, p99", share(found, 0.99), 20.0 if has_goal else None, "ms", detail)


def many_units(service: Running, place: Place, rounds: int) -> Iterator[Figure]:
    draw = random.Random(2)
    rows = [[draw.uniform(0, 10) for _ in NAMES] for _ in range(UNITS)]
    units = [f"r{row}" for row in range(UNITS)]
    short = [[round(value, 2) for value in row] for row in rows]
    matrix = {"edition": place.edition, "indicators": NAMES, "units": units, "values": short}
    records = [
        {"unit": unit, "values": dict(zip(NAMES, row, strict=True))} for unit, row in zip(units, short, strict=True)
    ]
    goals = (150.0, 150.0, None)
    long_digits = {**matrix, "values": rows}
    jobs = [
        (f"{UNITS:,} units x {len(NAMES)} as a matrix", matrix),
        (f"{UNITS:,} units x {len(NAMES)} as records", {"edition": place.edition, "units": records}),
        (f"{UNITS:,} units x {len(NAMES)} as a matrix, 17 digits", long_digits),
    ]
    for (job, body), goal in zip(jobs, goals, strict=True):
        request = _score(place, body)
        asyncio.run(in_turn(service.port, request, 2))
        before = service.busy()
        found = asyncio.run(in_turn(service.port, request, rounds))
        busy = (service.busy() - before) / rounds
        sent = f"{len(request) / 2**20:.1f} MiB sent"
        detail = f"median of {rounds}; best {min(found):.0f} ms; {busy:.0f} ms of processor; {sent}"
        yield Figure(job, statistics.median(found), goal, "ms", detail)
    survey = [{"values": place.answers[row % len(place.answers)]} for row in range(UNITS)]
    request = _score(place, {"edition": place.survey, "units": survey})
    found = asyncio.run(in_turn(service.port, request, rounds + 2))[2:]
    yield Figure(f"{UNITS:,} MIIT respondents", statistics.median(found), None, "ms", f"median of {rounds}, as records")


def beside_large_ones(service: Running, place: Place, seconds: float) -> Iterator[Figure]:
    """Single respondents while somebody else has thousands scored: how long the one waits for the other."""
    draw = random.Random(3)
    one = _score(
        place, {"edition": place.edition, "units": [{"values": {name: draw.uniform(0, 10) for name in NAMES}}]}
    )
    rows = [[round(draw.uniform(0, 10), 2) for _ in NAMES] for _ in range(UNITS)]
    body = {"edition": place.edition, "indicators": NAMES, "units": [f"r{row}" for row in range(UNITS)], "values": rows}
    large = _score(place, body)

    async def both() -> tuple[list[float], list[float]]:
        small, big = await asyncio.gather(
            at_a_rate(service.port, [one], 100, seconds, 8), at_a_rate(service.port, [large], 2, seconds, 2)
        )
        return small, big

    small, big = asyncio.run(both())
    detail = f"100/s beside two requests of {UNITS:,} units a second (median {share(big, 0.5):.0f} ms)"
    yield Figure("one respondent beside large requests, p50", share(small, 0.5), None, "ms", detail)
    yield Figure("one respondent beside large requests, p99", share(small, 0.99), None, "ms", detail)


def ranking(service: Running, place: Place, seconds: float) -> Iterator[Figure]:
    request = request_bytes("GET", f"/v1/editions/{place.edition}/rankings.json", place.token)
    try:
        asyncio.run(in_turn(service.port, request, 3))
    except AssertionError:
        yield Figure("cached ranking", math.nan, None, "", "there is no such address yet")
        return
    before, start = service.busy(), perf_counter()
    found = asyncio.run(at_a_rate(service.port, [request], 1000, seconds, 16))
    rate = len(found) / (perf_counter() - start - 0.05)
    busy = (service.busy() - before) / len(found)
    detail = f"at 1,000/s for {seconds:g} s; {busy:.2f} ms of processor; p50 {share(found, 0.5):.1f} ms"
    yield Figure("cached ranking, seconds for 1,000", 1000 / rate, 1.02, "s", f"{rate:.0f} a second; {detail}")
    yield Figure("cached ranking at 1,000/s, p99", share(found, 0.99), None, "ms", detail)


def start_to_ready(place: Place, rounds: int) -> Iterator[Figure]:
    starts, imports = [], []
    for number in range(rounds + 1):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", "import fastapi, pandas"], check=True, env=environment(place.folder))
        imported = perf_counter() - start
        with serving(place) as service:
            pass
        if number:  # the first finds cold files
            imports.append(imported)
            starts.append(service.ready)
    ratio = statistics.median(starts) / statistics.median(imports)
    detail = f"{statistics.median(starts):.2f} s against {statistics.median(imports):.2f} s for import fastapi, pandas"
    yield Figure("start to ready / import fastapi, pandas", ratio, 1.5, "x", f"{detail}; median of {rounds}")


def _score(place: Place, body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return request_bytes("POST", "/v1/score", place.token, text)


def figures(seconds: float, rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="dtindex-load-") as name:
        place = prepare(Path(name))
        with serving(place) as service:
            yield from one_respondent(service, place, seconds)
            yield from many_units(service, place, rounds)
            yield from beside_large_ones(service, place, seconds)
            yield from ranking(service, place, seconds)
        yield from start_to_ready(place, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long a rate is kept")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one line of JSON a figure")
    asked = parser.parse_args()
    write = sys.stdout.write
    for one in figures(asked.seconds, asked.rounds):
        if asked.json:
            write(json.dumps(asdict(one)) + "\n")
        else:
            goal = "" if one.goal is None else f"<= {one.goal:g} {one.unit}"
            verdict = "informs" if one.goal is None else "met" if one.measured <= one.goal else "MISSED"
            write(f"{one.job:<52} {f'{one.measured:.3g} {one.unit}':>10}  {goal:>10}  {verdict:<8} {one.detail}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
