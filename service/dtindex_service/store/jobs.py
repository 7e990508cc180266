"""Jobs, and their chunks on lease: who works on what, and what is done of it.

A chunk is taken under a number, its fence, that goes up each time; what is brought under another number than the last
one is refused, so that each chunk counts once however many worked on it. Whoever holds a lease lets its beat go up. No
time stands in a lease: who is to take it over watches the beat by a clock of its own
(:mod:`dtindex_service.jobs.watch`).

Locks are taken in one order: the chunk, then its job.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from dtindex_service.store import audit
from dtindex_service.store.base import Actor, JobRow, Lease, Seen
from dtindex_service.store.database import Database
from dtindex_service.store.models import Job, JobChunk
from dtindex_service.store.projects import lock

__all__ = ["MOST_DIED", "MOST_LOST", "Jobs"]

MOST_LOST = 10
"""So often may a chunk lose its worker before the job is given up."""
MOST_DIED = 3
"""So many child processes may die of a chunk before the job is given up."""

_FENCES = 1 << 62
"""A chunk's fence begins anywhere below: a job that is asked for again has chunks of the same positions, and what is
brought under a lease of before must not be taken for a lease of now."""
_ACTIVE = ("queued", "running")


class Jobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- those who ask ---

    def submit(self, actor: Actor, job: JobRow) -> tuple[JobRow, bool]:
        """Keep a job; the row, and whether there is something to do that was not asked for before.

        A job that is there stays as it is. One that was cancelled, or failed of what need not happen again, begins
        anew.
        """
        with self._database.writing() as session:
            lock(session, actor.project)
            row = session.get(Job, (job.project, job.id), with_for_update=True)
            if row is not None and not _record(row).begins_anew:
                return _record(row), False
            if row is None:
                row = Job(project=job.project, id=job.id, kind=job.kind, edition=job.edition, version=0)
                row.asked, row.dataset = dict(job.asked), job.dataset
                session.add(row)
            row.created, row.created_by = job.created, actor.key
            row.ended = row.problem = row.results = None
            _restart(session, row)
            audit.append(session, actor, "job.submit", job.id, job.created)
            return _record(row), True

    def get(self, project: str, id: str) -> JobRow | None:  # noqa: A002
        with self._database.reading() as session:
            row = session.get(Job, (project, id))
            return None if row is None else _record(row)

    def list(self, project: str, *, after: str = "", limit: int = 1000) -> list[JobRow]:
        """By id."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(Job).where(Job.project == project, Job.id > after).order_by(Job.id).limit(limit)
            )
            return [_record(row) for row in rows]

    def cancel(self, actor: Actor, id: str, now: datetime) -> JobRow | None:  # noqa: A002
        """Give up what is not done of a job; None where there is none. One that has ended stays as it is."""
        with self._database.writing() as session:
            lock(session, actor.project)
            _lock_chunks(session, actor.project, id)
            row = session.get(Job, (actor.project, id), with_for_update=True)
            if row is not None and row.state in _ACTIVE:
                _end(session, row, "cancelled", now)
                audit.append(session, actor, "job.cancel", id, now)
            return None if row is None else _record(row)

    def remove(self, actor: Actor, id: str, now: datetime) -> JobRow | None:  # noqa: A002
        """Forget a job that has ended; None where there is none. The caller removes what it gave."""
        with self._database.writing() as session:
            lock(session, actor.project)
            row = session.get(Job, (actor.project, id), with_for_update=True)
            if row is None or row.state in _ACTIVE:
                return None
            session.delete(row)
            audit.append(session, actor, "job.remove", id, now)
            return _record(row)

    def resting_on(self, project: str, dataset: str) -> Sequence[str]:
        """Ids of jobs that a dataset was scored by."""
        with self._database.reading() as session:
            return list(session.scalars(select(Job.id).where(Job.project == project, Job.dataset == dataset)))

    def ended_before(self, moment: datetime) -> Sequence[tuple[str, str]]:
        """Project and id of jobs that ended before a moment."""
        with self._database.reading() as session:
            rows = session.execute(select(Job.project, Job.id).where(Job.ended.is_not(None), Job.ended < moment))
            return [(project, id_) for project, id_ in rows]

    def needs_blob(self, project: str, blob: str) -> bool:
        """Whether any job gave the contents of a blob."""
        with self._database.reading() as session:
            rows = session.scalars(select(Job.results).where(Job.project == project, Job.results.is_not(None)))
            return any(one["blob"] == blob for results in rows for one in (results or {}).values())

    # --- those who work ---

    def is_waiting(self) -> bool:
        """Whether there is a chunk that nobody holds; asked without a lock."""
        with self._database.reading() as session:
            return session.scalar(select(JobChunk.position).where(JobChunk.state == "pending").limit(1)) is not None

    def claim(self, worker: str, now: datetime) -> Lease | None:
        """Take a chunk that nobody holds on lease: of the oldest job, those first that nobody was lost with.

        Several workers never wait for each other here, nor get the same one.
        """
        with self._database.writing() as session:
            chunk = session.scalar(
                select(JobChunk)
                .join(Job, and_(Job.project == JobChunk.project, Job.id == JobChunk.job))
                .where(JobChunk.state == "pending")
                .order_by(JobChunk.lost + JobChunk.died, Job.created, Job.id, JobChunk.position)
                .limit(1)
                .with_for_update(of=JobChunk, skip_locked=True)
            )
            if chunk is None:
                return None
            chunk.state, chunk.fence, chunk.beat, chunk.worker = "leased", chunk.fence + 1, 0, worker
            session.execute(
                update(Job)
                .where(Job.project == chunk.project, Job.id == chunk.job, Job.state == "queued")
                .values(state="running", started=now, version=Job.version + 1)
            )
            return _lease(chunk)

    def beat(self, leases: Iterable[Lease]) -> Sequence[Lease]:
        """Let it be known that leases are held still; those that are not any more."""
        gone = []
        with self._database.writing() as session:
            for lease in leases:
                done = session.execute(update(JobChunk).where(*_held(lease)).values(beat=JobChunk.beat + 1))
                if not done.rowcount:  # type: ignore[attr-defined]
                    gone.append(lease)
        return gone

    def planned(self, lease: Lease, sizes: Sequence[int]) -> bool:
        """The parts of a job are known: they, or where there are none what joins them, wait to be worked out."""
        with self._database.writing() as session:
            if (row := _kept(session, lease, None)) is None:
                return False
            row.parts, row.size, row.version = len(sizes), sum(sizes), row.version + 1
            session.add_all(
                _chunk(lease.project, lease.job, position, "part", size) for position, size in enumerate(sizes)
            )
            if not sizes:
                session.add(_chunk(lease.project, lease.job, 0, "join", 0))
            return True

    def part_done(self, lease: Lease, file: str) -> bool:
        """A part is worked out, and lies in a file; after the last one what joins them waits. False: refused, since
        the lease is held no more.
        """
        with self._database.writing() as session:
            if (row := _kept(session, lease, file)) is None:
                return _is_kept(session, lease, file)
            row.parts_done, row.size_done, row.version = row.parts_done + 1, row.size_done + lease.size, row.version + 1
            if row.parts_done == row.parts:
                session.add(_chunk(lease.project, lease.job, row.parts, "join", 0))
            return True

    def part_files(self, project: str, job: str) -> Sequence[str]:
        """Files of the parts that are done, in their order."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(JobChunk.file)
                .where(JobChunk.project == project, JobChunk.job == job, JobChunk.stage == "part")
                .where(JobChunk.state == "done")
                .order_by(JobChunk.position)
            )
            return [file for file in rows if file is not None]

    def finish(self, lease: Lease, results: Mapping[str, Any], now: datetime) -> bool:
        """The whole is there. False: refused, since the lease is held no more."""
        with self._database.writing() as session:
            if (row := _kept(session, lease, None)) is None:
                return False
            row.results = dict(results)
            _end(session, row, "done", now)
            return True

    def fail(self, lease: Lease, problem: Mapping[str, Any], now: datetime) -> bool:
        """The job cannot be done. False: refused, since the lease is held no more."""
        with self._database.writing() as session:
            if (row := _kept(session, lease, None)) is None:
                return False
            row.problem = dict(problem)
            _end(session, row, "failed", now)
            return True

    def release(self, lease: Lease) -> bool:
        """Give a lease back, with the chunk as it was; whether it was held still."""
        with self._database.writing() as session:
            done = session.execute(update(JobChunk).where(*_held(lease)).values(state="pending", worker=None))
            return bool(done.rowcount)  # type: ignore[attr-defined]

    def child_died(self, lease: Lease, problem: Mapping[str, Any], now: datetime) -> bool:
        """Give a lease back since a child process died of its chunk; whether it was held still.

        A job of which a chunk has killed too many fails with the problem.
        """
        with self._database.writing() as session:
            chunk = session.scalar(select(JobChunk).where(*_held(lease)).with_for_update())
            if chunk is None:
                return False
            chunk.state, chunk.worker, chunk.died = "pending", None, chunk.died + 1
            if chunk.died >= MOST_DIED:
                _give_up(session, chunk, problem, now)
            return True

    def begin_again(self, lease: Lease) -> bool:
        """Forget the parts of a job, whose files are gone. False: refused, since the lease is held no more."""
        with self._database.writing() as session:
            if (row := _kept(session, lease, None)) is None:
                return False
            _restart(session, row)
            return True

    def begin_all_again(self) -> int:
        """Forget the parts of every job that has not ended, since a backup does not hold them; how many jobs."""
        with self._database.writing() as session:
            rows = session.scalars(select(Job).where(Job.state.in_(_ACTIVE)).with_for_update()).all()
            for row in rows:
                _restart(session, row)
            return len(rows)

    # --- those who watch ---

    def held(self) -> Sequence[Seen]:
        """All leases."""
        with self._database.reading() as session:
            rows = session.scalars(select(JobChunk).where(JobChunk.state == "leased"))
            return [Seen(_lease(row), row.worker, row.beat) for row in rows]

    def take_over(self, seen: Seen, problem: Mapping[str, Any], now: datetime) -> bool:
        """Take a lease away from who was not heard of since it was seen; whether it was.

        A job of which a chunk was lost too often fails with the problem.
        """
        with self._database.writing() as session:
            held = and_(*_held(seen.lease), JobChunk.beat == seen.beat)
            chunk = session.scalar(select(JobChunk).where(held).with_for_update())
            if chunk is None:
                return False
            chunk.state, chunk.worker, chunk.lost = "pending", None, chunk.lost + 1
            if chunk.lost >= MOST_LOST:
                _give_up(session, chunk, problem, now)
            return True

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state, and chunks, which stand under ``chunks pending`` and so on."""
        with self._database.reading() as session:
            jobs = session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
            chunks = session.execute(select(JobChunk.state, func.count()).group_by(JobChunk.state)).all()
            own = {state: count for state, count in jobs}  # noqa: C416 (rows are no pairs to the type checker)
            return own | {f"chunks {state}": count for state, count in chunks}

    def active(self) -> set[tuple[str, str]]:
        """Project and id of the jobs that have not ended."""
        with self._database.reading() as session:
            rows = session.execute(select(Job.project, Job.id).where(Job.state.in_(_ACTIVE)))
            return {(project, id_) for project, id_ in rows}


def _chunk(project: str, job: str, position: int, stage: str, size: int) -> JobChunk:
    return JobChunk(
        project=project,
        job=job,
        position=position,
        stage=stage,
        size=size,
        state="pending",
        fence=secrets.randbelow(_FENCES),
        beat=0,
        lost=0,
        died=0,
    )


def _restart(session: Session, row: Job) -> None:
    """All of a job is to be done, from its plan on."""
    session.execute(delete(JobChunk).where(JobChunk.project == row.project, JobChunk.job == row.id))
    row.state, row.version, row.started = "queued", row.version + 1, None
    row.parts = row.parts_done = row.size = row.size_done = 0
    session.flush()
    session.add(_chunk(row.project, row.id, -1, "plan", 0))


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        JobChunk.project == lease.project,
        JobChunk.job == lease.job,
        JobChunk.position == lease.position,
        JobChunk.fence == lease.fence,
        JobChunk.state == "leased",
    )


def _lease(chunk: JobChunk) -> Lease:
    return Lease(chunk.project, chunk.job, chunk.position, chunk.fence, chunk.stage, chunk.size)


def _kept(session: Session, lease: Lease, file: str | None) -> Job | None:
    """The job, its chunk done; None where the lease is held no more."""
    done = session.execute(update(JobChunk).where(*_held(lease)).values(state="done", worker=None, file=file))
    if not done.rowcount:  # type: ignore[attr-defined]
        return None
    return session.get(Job, (lease.project, lease.job), with_for_update=True)


def _is_kept(session: Session, lease: Lease, file: str) -> bool:
    """Whether it was brought before, by an attempt of which no answer came back."""
    chunk = session.get(JobChunk, (lease.project, lease.job, lease.position))
    return chunk is not None and (chunk.state, chunk.file) == ("done", file)


def _lock_chunks(session: Session, project: str, job: str) -> None:
    session.scalars(
        select(JobChunk.position)
        .where(JobChunk.project == project, JobChunk.job == job)
        .order_by(JobChunk.position)
        .with_for_update()
    ).all()


def _give_up(session: Session, chunk: JobChunk, problem: Mapping[str, Any], now: datetime) -> None:
    session.flush()
    row = session.get(Job, (chunk.project, chunk.job), with_for_update=True)
    assert row is not None
    row.problem = dict(problem)
    _end(session, row, "failed", now)


def _end(session: Session, row: Job, state: str, now: datetime) -> None:
    session.execute(delete(JobChunk).where(JobChunk.project == row.project, JobChunk.job == row.id))
    row.state, row.ended, row.version = state, now, row.version + 1


def _record(row: Job) -> JobRow:
    return JobRow(
        project=row.project,
        id=row.id,
        kind=row.kind,
        edition=row.edition,
        asked=row.asked,
        created=row.created,
        dataset=row.dataset,
        state=row.state,
        version=row.version,
        started=row.started,
        ended=row.ended,
        created_by=row.created_by,
        parts=row.parts,
        parts_done=row.parts_done,
        size=row.size,
        size_done=row.size_done,
        problem=row.problem,
        results=row.results,
    )
