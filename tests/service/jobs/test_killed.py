"""Workers and services that are killed, stopped and continued: every job ends, and gives what it would have given."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from dtindex_service.store.clock import now

WORKER_KILLS, SERVER_KILLS = 20, 5

pytestmark = pytest.mark.checkout  # what it shows does not depend on where the files lie


def mixed() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests of every kind, each another one than before."""
    for seed in count(1):
        yield "simulation", "2020", {"runs": 32_768 * 90 + seed, "seed": seed}
        yield "sensitivity", "2020", {"runs": 65_536, "scrambles": 8, "seed": seed}
        yield "estimates", "survey", {"of": ["index"], "by": ["industry"], "replicates": 2_000, "seed": seed}
        yield "rank-bounds", "2020", {"within": 0.9, "seed": seed}
        yield "simulation", "2020", {"runs": 32_768 * 60, "seed": seed, "method": "random"}
        yield "report", "2020", {"language": "en", "runs": 2_000, "seed": seed}
        yield "rank-sets", "2020", {"draws": 20_000, "seed": seed}


class Freezing(threading.Thread):
    """Editions that are frozen while the service is killed: each is there whole, or not at all."""

    def __init__(self, ground: Any) -> None:
        super().__init__(daemon=True)
        self.ground = ground
        self.over = threading.Event()
        self.kept: dict[str, str] = {}

    def run(self) -> None:
        for number in count(1):
            if self.over.wait(0.2):
                return
            body = {"name": f"frozen-{number}", "methodology": "caict-computing-power-1.0"}
            try:
                with self.ground.http as http:
                    answer = http.post("/v1/editions", json=body)
            except httpx2.TransportError:
                continue
            if answer.status_code == 201:
                self.kept[body["name"]] = answer.json()["hash"]


def test_workers_killed_twenty_times_and_the_service_five(ground: Any) -> None:
    """Mixed jobs on either database, editions frozen meanwhile; SIGKILL at random moments, whose seed is fixed."""
    chance, wanted, ids = random.Random(20), mixed(), []
    server = ground.serve(JOB_PROCESSES="1")
    workers = [ground.work(), ground.work()]
    freezing = Freezing(ground)
    freezing.start()
    with ground.store() as store:

        def feed() -> None:
            """No moment without something to do."""
            while len(store.jobs.active()) < 4:
                kind, edition, parameters = next(wanted)
                for _ in range(100):
                    try:
                        ids.append(ground.ask(kind, edition, **parameters))
                        break
                    except httpx2.TransportError:
                        time.sleep(0.1)

        kills = {"worker": 0, "server": 0}
        while kills["worker"] < WORKER_KILLS or kills["server"] < SERVER_KILLS:
            feed()
            time.sleep(chance.uniform(1.2, 2.4))
            if kills["worker"] < WORKER_KILLS:
                victim = chance.randrange(2)
                workers[victim].kill()
                workers[victim] = ground.work()
                kills["worker"] += 1
            if kills["worker"] % 4 == 0 and kills["server"] < SERVER_KILLS:
                server.kill()
                server = ground.serve(JOB_PROCESSES="1")
                kills["server"] += 1
        freezing.over.set()
        freezing.join(60)
        rows = ground.ended(store, ids, 300)
        assert kills == {"worker": WORKER_KILLS, "server": SERVER_KILLS}
        assert len({row.kind for row in rows}) == 6
        for row in rows:
            ground.check(store, row)
        # An edition that was answered for is there, and none that is there is half.
        listed = {row.name: row.hash for row in store.editions.list("local")}
        assert freezing.kept.items() <= listed.items()
        assert freezing.kept
        told = f"{len(rows)} jobs, {sum(row.parts for row in rows)} parts, {len(listed)} editions, {kills}"
        ground.scratch.joinpath("survived").write_text(told)
    for one in (server, *workers):
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(30)
    ground.is_whole()


def test_a_worker_that_stood_still_past_its_lease_is_refused(ground: Any) -> None:
    """Two workers on one job; the first is stopped by SIGSTOP while it holds a chunk, and continued after its lease was
    taken over and the job is done.
    """
    server = ground.serve(JOB_PROCESSES="0")
    id_ = ground.ask("simulation", "2020", runs=32_768 * 80, seed=3)
    first = ground.work()
    with ground.store() as store:

        def part_of_first() -> Any:
            return next((one for one in store.jobs.held() if one.lease.stage == "part"), None)

        held = ground.until(part_of_first)
        first.process.send_signal(signal.SIGSTOP)
        held = part_of_first() or held  # it may have brought the one and taken the next
        second = ground.work()
        (row,) = ground.ended(store, [id_])
        taken = [one for own in (server, second) for one in own.log if one["event"] == "lease taken over"]
        assert [(one["position"], one["fence"]) for one in taken] == [(held.lease.position, held.lease.fence)]
        before = dict(row.results)
        first.process.send_signal(signal.SIGCONT)
        ground.until(lambda: first.tells("chunk refused") or first.tells("lease lost"))
        assert not store.jobs.part_done(held.lease, f"{held.lease.position}.{held.lease.fence}")
        assert not store.jobs.finish(held.lease, {}, now())
        row = store.jobs.get("local", id_)
        assert dict(row.results) == before
        ground.check(store, row)
    for one in (first, second):
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
    ground.is_whole()


def test_children_end_with_their_worker(embedded: Any) -> None:
    """What a killed worker had started computes no further."""
    embedded.serve(JOB_PROCESSES="0")
    embedded.ask("rank-sets", "2020", draws=1_000_000)
    worker = embedded.work()
    with embedded.store() as store:
        embedded.until(lambda: any(one.lease.stage == "join" for one in store.jobs.held()))
        children = embedded.until(lambda: _children(worker.process.pid))
        worker.kill()
        embedded.until(lambda: not any(_lives(pid) for pid in children))


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as stream:
        own = [int(one) for one in stream.read().split()]
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as stream:
            own += [int(one) for one in stream.read().split()]
    return sorted(set(own))


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
