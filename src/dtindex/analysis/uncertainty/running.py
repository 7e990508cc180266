"""Blocks of runs on threads, processes or a cluster; kept when interrupted, and taken up where they were left."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from dtindex.analysis.uncertainty.block import Task, run_block
from dtindex.analysis.uncertainty.checkpoint import Checkpoint
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.engine.one_thread import one_blas_thread
from dtindex.engine.points import BLOCK_RUNS, blocks_of

__all__ = ["Crew", "Progress", "Run", "empty_tally", "run"]

Progress = Callable[[int, int], None]
"""Told how many runs are done, and of how many."""

Result = TypeVar("Result")

_MANY_UNITS = 1000


@dataclass(frozen=True, eq=False)
class Run:
    """What a run left behind: the tally of the blocks that are finished, and whether it was stopped before the end."""

    tally: Tally
    done: int
    interrupted: bool


def run(
    task: Task,
    runs: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    checkpoint: Path | str | None = None,
    identity: Mapping[str, object] | None = None,
) -> Run:
    """All blocks, merged in their order: neither workers nor interruptions change a bit of what is merged.

    A first interruption ends the run with what is finished; a checkpoint keeps it on disk, and an equal call goes on
    from there.

    Raises
    ------
    InputError
        DT388 where the checkpoint is of something else.
    """
    sizes = blocks_of(runs)
    kept = None if checkpoint is None else Checkpoint(Path(checkpoint), identity or {})
    tally, start = (None, 0) if kept is None else kept.load()
    if tally is None:
        tally = empty_tally(task)
    done = sum(sizes[:start])
    if progress is not None and done:
        progress(done, runs)
    crew = Crew(workers)
    wave = crew.size * (2 if task.units > _MANY_UNITS else 8)
    interrupted = False
    try:
        with one_blas_thread():
            while start < len(sizes):
                blocks = range(start, min(start + wave, len(sizes)))
                tallies = crew.each(run_block, [(task, block, sizes[block]) for block in blocks])
                for block, found in zip(blocks, tallies, strict=True):
                    with _whole():
                        tally.merge(found, sizes[block] == BLOCK_RUNS)
                        done += sizes[block]
                        start = block + 1
                if progress is not None:
                    progress(done, runs)
                if kept is not None:
                    kept.save(tally, start, last=start == len(sizes))
    except KeyboardInterrupt:
        interrupted = True
        if kept is not None:
            kept.save(tally, start, last=True)
    return Run(tally, done, interrupted)


@contextmanager
def _whole() -> Iterator[None]:
    """An interruption in here comes at the end of it: a block that is merged by half would count twice later on."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: waiting.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if waiting:
            handler(*waiting[0])


def empty_tally(task: Task) -> Tally:
    """The tally of no block yet."""
    labels = {} if task.classes is None else {name: len(own) for name, own in task.classes.labels.items()}
    levels = 0 if task.tiers is None else len(task.tiers.labels)
    found = Tally.of(task.units, task.widths, levels, labels, 0)
    found.block_means, found.block_squares = np.zeros(task.units), np.zeros(task.units)
    return found


class Crew:
    """Who works at once: threads, or what `joblib.parallel_config` says; results come in the order of the work."""

    def __init__(self, workers: int | None) -> None:
        import joblib

        backend, configured = joblib.parallel.get_active_backend(prefer="threads")
        self._elsewhere = not isinstance(backend, joblib.parallel.ThreadingBackend)
        if workers is None and not self._elsewhere and configured in (None, 1):
            workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._pool = joblib.Parallel(n_jobs=workers, prefer="threads", batch_size=1)
        with joblib.parallel_config(backend="threading") if not self._elsewhere else nullcontext():
            self.size = max(int(joblib.effective_n_jobs(workers)), 1)

    def each(self, work: Callable[..., Result], arguments: Iterable[tuple[Any, ...]]) -> list[Result]:
        """``work`` with each of the arguments."""
        import joblib

        if self.size == 1 and not self._elsewhere:
            return [work(*one) for one in arguments]
        found: list[Result] = self._pool(joblib.delayed(work)(*one) for one in arguments)
        return found
