"""A worker: takes chunks on lease, has child processes work them out, and brings what they gave.

It lives in threads, of which each drives one child, and one lets leases be known and watches those of others. What goes
wrong around a chunk (a database that is away, a disk that is full) puts it back, and is tried again later; what goes
wrong in it ends its job.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from dtindex import CATALOGUE, DtindexError
from dtindex_service.jobs.kinds import Given
from dtindex_service.jobs.watch import Watch
from dtindex_service.store import Lease, Store
from dtindex_service.store.clock import now
from dtindex_service.store.jobs import MOST_DIED
from dtindex_service.work.process import Answer, Child, ChildLost, WorkFailed

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from dtindex_service.settings import Settings

__all__ = ["Runner", "problem_of"]

_POLL_SECONDS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_BEATS = 4
"""So often a lease's beat goes up in the time after which it counts as lost."""
_MOST_ERRORS = 100
_CHUNKS_OF_A_CHILD = 500
Result = TypeVar("Result")


class Runner:
    """Works on the jobs of a store, ``processes`` chunks at a time, from :meth:`start` to :meth:`stop`.

    Where ``stopping`` is set no more chunks are taken, before :meth:`stop` ends those that run.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        logger: FilteringBoundLogger,
        processes: int,
        stopping: threading.Event | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._log = logger
        self._token = store.files.processes.token
        self._watch = Watch(store, settings.lease_seconds, told=self._taken_over)
        self._stopping = stopping or threading.Event()
        self._work = threading.Event()
        self._hands = [_Hand(self) for _ in range(processes)]
        self._threads: list[threading.Thread] = []
        self._heart: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what processes that are gone held is taken over first."""
        self._stopping.clear()
        self._threads = [threading.Thread(target=hand.run, daemon=True) for hand in self._hands]
        self._heart = threading.Thread(target=self._beat, daemon=True)
        for thread in (*self._threads, self._heart):
            thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._work.set()

    def stop(self, seconds: float) -> None:
        """Take no more chunks; those that run may end within ``seconds``, and are given back after that."""
        self._stopping.set()
        self._work.set()
        until = time.monotonic() + seconds
        for hand, thread in zip(self._hands, self._threads, strict=False):  # none, where it was never started
            thread.join(max(0.0, until - time.monotonic()))
            while thread.is_alive():
                hand.give_up()
                thread.join(0.1)
        if self._heart is not None:
            self._heart.join()

    def give_up(self) -> None:
        """Give back at once what is worked on."""
        for hand in self._hands:
            hand.give_up()

    def is_idle(self) -> bool:
        """Whether nothing is worked on here, and nothing waits."""
        return not self._store.jobs.is_waiting() and all(hand.lease is None for hand in self._hands)

    # --- the heart ---

    def _taken_over(self, lease: Lease) -> None:
        self._log.warning(
            "lease taken over", job=lease.job, stage=lease.stage, position=lease.position, fence=lease.fence
        )

    def _beat(self) -> None:
        every = self._settings.lease_seconds / _BEATS
        while True:
            try:
                held = {hand.lease: hand for hand in self._hands if hand.lease is not None}
                for lease in self._store.jobs.beat(held):
                    held[lease].lose(lease)
                self._watch.look()  # own leases too: of one that could not be given back no beat is heard
            except (SQLAlchemyError, OSError) as error:
                self._log.warning("jobs: nobody can be heard", error=_word(error))
            if self._stopping.wait(every) and not any(thread.is_alive() for thread in self._threads):
                return
            if self._stopping.is_set():
                time.sleep(min(every, 0.1))


class _Hand:
    """One chunk at a time, with a child of its own."""

    def __init__(self, runner: Runner) -> None:
        self._of = runner
        self._child: Child | None = None
        self.lease: Lease | None = None
        self._lost = False
        """The lease was taken away, its job cancelled, or the worker is to stop."""
        self._pause = _FIRST_PAUSE

    # --- from other threads ---

    def lose(self, lease: Lease) -> None:
        """The lease is held no more: what is worked on is of no use."""
        child = self._child
        if self.lease == lease:
            if not self._lost:
                self._of._log.warning("lease lost", job=lease.job, stage=lease.stage, position=lease.position)
            self._lost = True
            if child is not None:
                child.strike()

    def give_up(self) -> None:
        """There is no more time."""
        lease = self.lease
        if lease is not None:
            self.lose(lease)

    # --- the hand's own thread ---

    def run(self) -> None:
        """Chunks until the runner stops."""
        try:
            while not self._of._stopping.is_set():
                try:
                    self._one()
                except Exception as bug:  # noqa: BLE001 (a thread's boundary: nobody would miss a hand that is gone)
                    self._of._log.error("a bug in a worker", exc_info=bug)
                    self._of._stopping.wait(_LONGEST_PAUSE)
        finally:
            self._drop_child()

    def _one(self) -> None:
        store, stopping = self._of._store, self._of._stopping
        self._of._work.clear()
        try:
            lease = store.jobs.claim(self._of._token, now()) if store.jobs.is_waiting() else None
            if lease is None:
                if not stopping.is_set():
                    self._of._work.wait(_POLL_SECONDS)
                self._pause = _FIRST_PAUSE
                return
            self._lost, self.lease = False, lease
            self._of._work.set()  # another hand may find more
            try:
                self._do(lease)
            finally:
                self.lease = None
            self._pause = _FIRST_PAUSE
        except (SQLAlchemyError, OSError) as error:
            self._of._log.warning("jobs: put off", error=_word(error), seconds=self._pause)
            stopping.wait(self._pause)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _do(self, lease: Lease) -> None:
        """Have a chunk worked out, and bring what it gave.

        Raises
        ------
        SQLAlchemyError, OSError
            Where the store cannot be used; the lease is given back if that can be told.
        """
        store, log = self._of._store, self._of._log.bind(job=lease.job, stage=lease.stage, position=lease.position)
        began = time.monotonic()
        out = store.files.waiting / f".dtindex-{secrets.token_hex(8)}"
        try:
            if (told := self._told(lease)) is None:
                return
            given, parts = told
            answer = self._answer(lease, given, parts, out)
            kept = self._bring(lease, answer, out)
            log.info("chunk" if kept else "chunk refused", seconds=round(time.monotonic() - began, 3))
        except DtindexError as error:
            self._fail(lease, problem_of(error))
        except WorkFailed as bug:
            log.error("a bug in a job", bug=str(bug))
            self._fail(lease, _problem("DT900", "bug"))
        except ChildLost as lost:
            self._after(lease, lost.why)
        except (SQLAlchemyError, OSError):
            self._put_back(lease)
            raise
        finally:
            shutil.rmtree(out, ignore_errors=True)

    def _told(self, lease: Lease) -> tuple[dict[str, Any], list[str]] | None:
        """What a child is told of the job, and where parts lie; None where there is nothing to do any more."""
        store = self._of._store
        row = store.jobs.get(lease.project, lease.job)
        if row is None:
            return None
        edition = store.editions.get(lease.project, row.edition)
        cells = None
        if row.dataset is not None:
            dataset = store.datasets.get(lease.project, row.dataset, now())
            cells = None if dataset is None else dataset.parsed
        if edition is None or (row.dataset is not None and cells is None):
            self._fail(lease, _problem("DT703", "usage", "The edition or the dataset is there no more."))
            return None
        files = store.files
        names = store.jobs.part_files(lease.project, lease.job) if lease.stage == "join" else ()
        parts = [files.part_path(lease.project, lease.job, name) for name in names]
        if not all(part.is_file() for part in parts):
            self._of._log.warning("jobs: parts are gone, the job begins again", job=lease.job)
            store.jobs.begin_again(lease)
            return None
        given = Given(
            row.kind,
            str(files.path(lease.project, edition.blob)),
            None if cells is None else str(files.path(lease.project, cells)),
            dict(row.asked),
        )
        return asdict(given), [str(part) for part in parts]

    def _answer(self, lease: Lease, job: Mapping[str, Any], parts: list[str], out: Path) -> Answer:
        arguments: dict[str, Any] = {"job": job}
        if lease.stage == "part":
            arguments["position"] = lease.position
        elif lease.stage == "join":
            out.mkdir()
            arguments |= {"parts": parts, "out": str(out)}
        child = self._child
        if child is None or not child.lives or child.done >= _CHUNKS_OF_A_CHILD:
            self._drop_child()
            child = self._child = Child(self._of._settings.job_memory_bytes)
        if self._lost:  # between the lease and the child
            raise ChildLost("died")
        return child.do(lease.stage, arguments, self._of._settings.job_seconds)

    def _bring(self, lease: Lease, answer: Answer, out: Path) -> bool:
        store = self._of._store
        if lease.stage == "plan":
            sizes = answer.head["sizes"]
            if sum(sizes) > (most := self._of._settings.max_job_size):
                self._fail(
                    lease, _problem("DT903", "limit", f"The job has a size of {sum(sizes):,}, of at most {most:,}.")
                )
                return True
            return self._surely(lambda: store.jobs.planned(lease, sizes))
        if lease.stage == "part":
            name = f"{lease.position}.{lease.fence}"
            store.files.put_part(lease.project, lease.job, name, answer.body)
            kept = self._surely(lambda: store.jobs.part_done(lease, name))
            if not kept:
                store.files.drop_part(lease.project, lease.job, name)
            return kept
        results = {
            name: {**about, "blob": store.files.take_file(lease.project, out / name)}
            for name, about in answer.head["results"].items()
        }
        kept = self._surely(lambda: store.jobs.finish(lease, results, now()))
        if kept:
            store.files.drop_parts(lease.project, lease.job)
        return kept

    def _fail(self, lease: Lease, problem: Mapping[str, Any]) -> None:
        store = self._of._store
        if self._surely(lambda: store.jobs.fail(lease, problem, now())):
            store.files.drop_parts(lease.project, lease.job)

    def _after(self, lease: Lease, why: str) -> None:
        """There is no answer: since nobody wants it any more, since a limit was met, or since the child died."""
        self._drop_child()
        if self._lost or why == "room":
            self._put_back(lease)
            if why == "room":
                raise OSError("no room left on the disk")
        elif why in ("time", "memory"):
            limit = f"{self._of._settings.job_seconds} s" if why == "time" else "the memory that it may"
            self._fail(lease, _problem("DT903", "limit", f"A chunk of the job takes more than {limit}."))
        else:
            died = _problem("DT721", "bug", f"{MOST_DIED} processes died of the same chunk.")
            self._surely(lambda: self._of._store.jobs.child_died(lease, died, now()))

    def _put_back(self, lease: Lease) -> None:
        try:
            self._of._store.jobs.release(lease)
        except (SQLAlchemyError, OSError) as error:  # it will be taken over
            self._of._log.warning("jobs: a lease could not be given back", error=_word(error))

    def _surely(self, bring: Callable[[], Result]) -> Result:
        """What is worked out is brought, even where the database is away for a while.

        Raises
        ------
        SQLAlchemyError
            Where it is away still when the worker stops, or the lease was lost.
        """
        pause = _FIRST_PAUSE
        while True:
            try:
                return bring()
            except SQLAlchemyError as error:
                if self._lost or self._of._stopping.is_set():
                    raise
                self._of._log.warning("jobs: brought later", error=_word(error), seconds=pause)
                self._of._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()


def _word(error: Exception) -> str:
    """What went wrong, without a word of what was being done."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else type(error).__name__


def problem_of(error: DtindexError) -> dict[str, Any]:
    """What the library refused, as a job tells it."""
    from dtindex_service.problems import from_finding, kind_of

    findings = error.findings
    first = (findings.errors or findings)[0]
    ordered = [*findings.errors, *(one for one in findings if one not in findings.errors)][:_MOST_ERRORS]
    errors = [from_finding(one).model_dump(exclude={"pointer", "parameter"}) for one in ordered]
    return {"code": first.code, "kind": kind_of(error), "detail": first.message, "errors": errors}


def _problem(code: str, kind: str, detail: str = "") -> dict[str, Any]:
    return {"code": code, "kind": kind, "detail": detail or CATALOGUE[code].why, "errors": []}
