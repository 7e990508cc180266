"""The lease table, on either database: each chunk once, whoever works on it, and whatever becomes of them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dtindex_service.jobs.watch import LOST, Watch
from dtindex_service.store import JobRow, Lease, Store
from dtindex_service.store.base import Actor
from dtindex_service.store.clock import now
from dtindex_service.store.jobs import MOST_DIED, MOST_LOST

ME = Actor("local")
PROBLEM = {"code": "DT903", "kind": "limit", "detail": "too much", "errors": []}


def job(name: str = "a", **other: object) -> JobRow:
    return JobRow("local", name * 64, "simulation", "e" * 64, {"runs": 10}, now(), **other)  # type: ignore[arg-type]


def claimed(store: Store, worker: str = "w") -> Lease:
    lease = store.jobs.claim(worker, now())
    assert lease is not None
    return lease


def planned(store: Store, sizes: list[int], name: str = "a") -> JobRow:
    row, _ = store.jobs.submit(ME, job(name))
    assert store.jobs.planned(claimed(store), sizes)
    return row


def state(store: Store, name: str = "a") -> JobRow:
    row = store.jobs.get("local", name * 64)
    assert row is not None
    return row


def test_a_job_from_request_to_result(store: Store) -> None:
    row, is_new = store.jobs.submit(ME, job())
    assert (is_new, row.state, row.version) == (True, "queued", 1)
    plan = claimed(store)
    assert plan.stage == "plan"
    assert state(store).state == "running"
    assert store.jobs.claim("other", now()) is None
    assert store.jobs.planned(plan, [5, 5, 2])
    parts = [claimed(store) for _ in range(3)]
    assert [(one.stage, one.position, one.size) for one in parts] == [("part", 0, 5), ("part", 1, 5), ("part", 2, 2)]
    for one in reversed(parts):
        assert store.jobs.claim("w", now()) is None  # what joins them waits for all of them
        assert store.jobs.part_done(one, f"{one.position}.{one.fence}")
    assert store.jobs.part_files("local", row.id) == [f"{one.position}.{one.fence}" for one in parts]
    found = state(store)
    assert (found.parts, found.parts_done, found.size, found.size_done) == (3, 3, 12, 12)
    join = claimed(store)
    assert join.stage == "join"
    assert store.jobs.finish(join, {"result": {"blob": "b" * 64}}, now())
    done = state(store)
    assert (done.state, done.has_ended, done.results) == ("done", True, {"result": {"blob": "b" * 64}})
    assert store.jobs.counts() == {"done": 1}
    assert [one.action for one in store.audit.list("local")] == ["job.submit"]


def test_the_same_request_is_the_same_job(store: Store) -> None:
    first, is_new = store.jobs.submit(ME, job())
    again, is_new_again = store.jobs.submit(ME, job())
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    assert store.jobs.planned(claimed(store), [])
    assert store.jobs.finish(claimed(store), {}, now())
    assert store.jobs.submit(ME, job()) == (state(store), False)
    assert store.jobs.claim("w", now()) is None


@pytest.mark.parametrize(("kind", "again"), [("input", False), ("usage", False), ("limit", True), ("bug", True)])
def test_what_failed_begins_anew_where_it_may_end_otherwise(store: Store, kind: str, again: bool) -> None:
    store.jobs.submit(ME, job())
    assert store.jobs.fail(claimed(store), {**PROBLEM, "kind": kind}, now())
    assert state(store).state == "failed"
    row, is_new = store.jobs.submit(ME, job())
    assert (is_new, row.state) == (again, "queued" if again else "failed")
    assert (row.problem is None) == again


def test_a_part_counts_once(store: Store) -> None:
    """Brought again since no answer came back, it is taken for what it is; brought by another, it is refused."""
    planned(store, [4, 4])
    lease = claimed(store)
    assert store.jobs.part_done(lease, "0.1")
    assert store.jobs.part_done(lease, "0.1")
    assert not store.jobs.part_done(replace(lease, fence=7), "0.7")
    assert (state(store).parts_done, state(store).size_done) == (1, 4)


def test_what_comes_under_an_older_number_is_refused(store: Store) -> None:
    planned(store, [4])
    old = claimed(store, "first")
    (seen,) = store.jobs.held()
    assert store.jobs.take_over(seen, LOST, now())
    assert not store.jobs.part_done(old, "0.1")  # nobody holds it
    new = claimed(store, "second")
    assert (new.position, new.fence) == (old.position, old.fence + 1)
    for refused in (
        store.jobs.part_done(old, "0.1"),
        store.jobs.finish(old, {}, now()),
        store.jobs.fail(old, PROBLEM, now()),
        store.jobs.release(old),
        store.jobs.child_died(old, LOST, now()),
        store.jobs.planned(old, [1]),
    ):
        assert not refused
    assert store.jobs.beat([old, new]) == [old]
    assert store.jobs.part_done(new, "0.2")
    assert store.jobs.part_files("local", "a" * 64) == ["0.2"]
    assert state(store).parts_done == 1


def test_a_lease_is_not_taken_from_who_was_heard_of(store: Store) -> None:
    planned(store, [4])
    lease = claimed(store)
    (seen,) = store.jobs.held()
    assert store.jobs.beat([lease]) == []
    assert not store.jobs.take_over(seen, LOST, now())
    assert store.jobs.part_done(lease, "0.1")


def test_workers_never_get_the_same_chunk(store: Store) -> None:
    planned(store, [1] * 40)
    found: list[Lease] = []
    lock, start = threading.Lock(), threading.Barrier(8)

    def work(name: str) -> None:
        start.wait()
        while (lease := store.jobs.claim(name, now())) is not None or store.jobs.is_waiting():
            if lease is not None:
                with lock:
                    found.append(lease)
                if lease.stage == "join":
                    assert store.jobs.finish(lease, {}, now())
                else:
                    assert store.jobs.part_done(lease, f"{lease.position}.{lease.fence}")

    threads = [threading.Thread(target=work, args=(f"w{at}",)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parts = [one.position for one in found if one.stage == "part"]
    assert sorted(parts) == list(range(40))
    assert state(store).state == "done"
    assert (state(store).parts_done, state(store).size_done) == (40, 40)


def test_one_at_a_time_gets_each_part_of_several_jobs_in_their_order(store: Store) -> None:
    early, late = now() - timedelta(seconds=5), now()
    for name, created in (("b", late), ("a", early)):
        store.jobs.submit(ME, replace(job(name), created=created))
    assert [claimed(store).job[0] for _ in range(2)] == ["a", "b"]


def test_a_chunk_that_nobody_survives_ends_its_job(store: Store) -> None:
    planned(store, [4, 4])
    for attempt in range(MOST_DIED):
        assert state(store).state == "running", attempt
        lease = next(one for one in iter(lambda: claimed(store), None) if one.position == 0)
        store.jobs.release(replace(lease, position=1))
        assert store.jobs.child_died(lease, {**PROBLEM, "code": "DT721"}, now())
        for other in store.jobs.held():
            store.jobs.release(other.lease)
    failed = state(store)
    assert (failed.state, failed.problem and failed.problem["code"]) == ("failed", "DT721")
    assert store.jobs.counts() == {"failed": 1}


def test_a_chunk_that_loses_every_worker_ends_its_job(store: Store) -> None:
    planned(store, [4])
    for attempt in range(MOST_LOST):
        assert state(store).state == "running", attempt
        claimed(store)
        (seen,) = store.jobs.held()
        assert store.jobs.take_over(seen, LOST, now())
    assert state(store).problem == LOST


def test_chunks_that_lost_somebody_come_last(store: Store) -> None:
    planned(store, [1, 1])
    first = claimed(store)
    assert store.jobs.take_over(store.jobs.held()[0], LOST, now())
    assert [claimed(store).position, claimed(store).position] == [1, first.position]


def test_cancelled_while_it_runs(store: Store) -> None:
    planned(store, [4, 4])
    lease = claimed(store)
    cancelled = store.jobs.cancel(ME, "a" * 64, now())
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    assert store.jobs.beat([lease]) == [lease]
    assert not store.jobs.part_done(lease, "0.1")
    assert store.jobs.claim("w", now()) is None
    assert store.jobs.cancel(ME, "a" * 64, now()) == cancelled
    assert store.jobs.cancel(ME, "b" * 64, now()) is None
    row, is_new = store.jobs.submit(ME, job())
    assert (is_new, row.state, row.parts) == (True, "queued", 0)
    assert [one.action for one in store.audit.list("local")] == ["job.submit", "job.cancel", "job.submit"]


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_lease_of_an_earlier_life_of_a_job_is_none_of_now(store: Store, forgotten: bool) -> None:
    """Cancelled, and asked for again: chunks have the same positions, and another worker holds them."""
    planned(store, [4])
    old = claimed(store, "first")
    store.jobs.cancel(ME, "a" * 64, now())
    if forgotten:
        store.jobs.remove(ME, "a" * 64, now())
    planned(store, [4])
    new = claimed(store, "second")
    assert (new.position, new.stage) == (old.position, old.stage)
    for refused in (
        store.jobs.part_done(old, f"0.{old.fence}"),
        store.jobs.fail(old, PROBLEM, now()),
        store.jobs.release(old),
        store.jobs.child_died(old, LOST, now()),
        store.jobs.begin_again(old),
    ):
        assert not refused
    assert store.jobs.beat([old, new]) == [old]
    assert store.jobs.part_done(new, f"0.{new.fence}")


def test_only_what_has_ended_is_forgotten(store: Store) -> None:
    planned(store, [])
    assert store.jobs.remove(ME, "a" * 64, now()) is None
    store.jobs.finish(claimed(store), {"result": {"blob": "b" * 64}}, now())
    assert store.jobs.needs_blob("local", "b" * 64)
    assert not store.jobs.needs_blob("local", "c" * 64)
    gone = store.jobs.remove(ME, "a" * 64, now())
    assert gone is not None
    assert store.jobs.get("local", "a" * 64) is None
    assert not store.jobs.needs_blob("local", "b" * 64)


def test_jobs_are_their_projects_own(store: Store) -> None:
    store.projects.ensure("other", now(), id="other")
    store.jobs.submit(ME, job())
    assert store.jobs.get("other", "a" * 64) is None
    assert store.jobs.list("other") == []
    assert store.jobs.cancel(Actor("other"), "a" * 64, now()) is None
    mine, is_new = store.jobs.submit(Actor("other"), replace(job(), project="other"))
    assert (is_new, mine.project) == (True, "other")


def test_parts_that_are_gone_are_made_again(store: Store) -> None:
    """A backup does not hold them."""
    planned(store, [4, 4])
    store.jobs.part_done(claimed(store), "0.1")
    claimed(store)
    assert store.jobs.begin_all_again() == 1
    assert (state(store).state, state(store).parts_done) == ("queued", 0)
    assert claimed(store).stage == "plan"


# --- who is heard of ---


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_a_lease_is_lost_after_its_time_by_the_watchers_own_clock(store: Store) -> None:
    planned(store, [4, 4])
    silent, heard = claimed(store, "x" * 24), claimed(store, "y" * 24)
    clock = Clock()
    watch = Watch(store, 30.0, clock)
    assert watch.look() == 0
    for clock.time in (15.0, 29.0):
        store.jobs.beat([heard])
        assert watch.look() == 0
    clock.time = 30.0
    assert watch.look() == 1
    assert [one.lease for one in store.jobs.held()] == [heard]
    assert not store.jobs.part_done(silent, "0.1")


def test_a_watcher_that_stood_still_takes_nothing_from_the_living(store: Store) -> None:
    """It slept for an hour; what it saw before is no evidence, since beats have moved meanwhile."""
    planned(store, [4])
    lease = claimed(store, "x" * 24)
    clock = Clock()
    watch = Watch(store, 30.0, clock)
    watch.look()
    store.jobs.beat([lease])
    clock.time = 3_600.0
    assert watch.look() == 0
    assert store.jobs.part_done(lease, "0.1")


def test_an_own_lease_that_no_hand_holds_is_taken_over_too(store: Store) -> None:
    """It could not be given back, as the database was away: nobody lets its beat go up, and there may be no other."""
    planned(store, [4, 4])
    left, held = (claimed(store, store.files.processes.token) for _ in range(2))
    clock = Clock()
    watch = Watch(store, 30.0, clock)
    for clock.time in (0.0, 15.0, 30.0):
        store.jobs.beat([held])
        watch.look()
    assert [one.lease for one in store.jobs.held()] == [held]
    assert claimed(store).position == left.position


@pytest.mark.parametrize("years", [-40, 40])
def test_no_step_of_the_time_of_day_moves_a_lease(store: Store, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    """The time of day is told in one place; leases do not ask for it."""
    planned(store, [4])
    lease = claimed(store, "x" * 24)
    watch = Watch(store, 30.0)
    watch.look()
    moved = datetime.now(UTC).replace(year=2026 + years)
    for place in ("dtindex_service.jobs.watch.now", "dtindex_service.jobs.runner.now"):
        monkeypatch.setattr(place, lambda: moved)
    assert watch.look() == 0
    assert store.jobs.beat([lease]) == []
    assert store.jobs.part_done(lease, "0.1")
