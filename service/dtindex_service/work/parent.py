"""The service's side of its child processes.

A child starts when it is first needed, does one task after another, and is killed with all its threads when one takes
longer than it may. What the library says of a task comes back as the library's own errors.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import anyio
import anyio.to_thread

from dtindex_service.problems import Refusal
from dtindex_service.settings import Settings
from dtindex_service.work.process import Answer, Child, ChildLost, WorkFailed

__all__ = ["Workers"]

_MOST_WAITING = 64
_IDLE_SECONDS = 600.0
_TASKS_OF_A_CHILD = 500
"""After so many a child makes room for a new one, whatever it may have heaped up."""


class Workers:
    """Child processes, as many as the settings allow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = anyio.CapacityLimiter(settings.analysis_processes)
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._lock = Lock()
        self._closed = False

    async def run(self, task: str, arguments: Mapping[str, Any]) -> Answer:
        """Have a task of :mod:`dtindex_service.work.tasks` done.

        Raises
        ------
        DtindexError
            What the library raised there.
        Refusal
            DT903 (422) where the task takes longer, or more memory, than the settings allow; DT717 (503) where too many
            wait before it.
        WorkFailed
            A bug.
        """
        if self._turns.statistics().tasks_waiting >= _MOST_WAITING:
            raise Refusal("DT717", "Too many analyses wait for their turn.", headers={"Retry-After": "5"})
        return await anyio.to_thread.run_sync(self._run, task, dict(arguments), limiter=self._turns)

    def tidy(self) -> None:
        """End children that have had nothing to do for a while."""
        before = time.monotonic() - _IDLE_SECONDS
        with self._lock:
            tired = [child for child in self._idle if child.free_since < before or not child.lives]
            self._idle = [child for child in self._idle if child not in tired]
        for child in tired:
            child.kill()

    def close(self) -> None:
        """End all children; tasks that run are given up."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.kill()

    def _run(self, task: str, arguments: dict[str, Any]) -> Answer:
        child = self._take()
        try:
            return child.do(task, arguments, self._settings.analysis_seconds)
        except ChildLost as lost:
            raise self._refused(child, lost.why) from None
        finally:
            self._give_back(child)

    def _refused(self, child: Child, why: str) -> Exception:
        if why == "time":
            seconds = self._settings.analysis_seconds
            return Refusal("DT903", f"This takes longer than {seconds} s: ask for less, or for a job.", status=422)
        if self._closed:
            return Refusal("DT717")
        if why == "room":
            return Refusal("DT718")
        if why == "memory" or child.code == -signal.SIGKILL:  # by the system, as far as one can tell
            return Refusal("DT903", "This takes more memory than it may: ask for less.", status=422)
        return WorkFailed(f"the child process ended with {child.code}")

    def _take(self) -> Child:
        with self._lock:
            if self._closed:
                raise Refusal("DT717")
            while self._idle:
                child = self._idle.pop()
                if child.lives:
                    break
                child.kill()
            else:
                child = Child(self._settings.analysis_memory_bytes)
            self._busy.add(child)
            return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            self._busy.discard(child)
            if child.lives and child.done < _TASKS_OF_A_CHILD and not self._closed:
                child.free_since = time.monotonic()
                self._idle.append(child)
                return
        child.kill()
