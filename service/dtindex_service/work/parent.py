"""The service's side of its child processes.

A child starts when it is first needed, does one job after another, and is killed with all its threads when a job takes
longer than it may. What the library says of a job comes back as the library's own errors.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any, BinaryIO, cast

import anyio
import anyio.to_thread

from dtindex import DtindexError, Finding, InputError, LimitError, Place, Severity, UsageError
from dtindex_service.problems import Refusal
from dtindex_service.settings import Settings
from dtindex_service.work.messages import read_message, write_message

__all__ = ["Answer", "WorkFailed", "Workers"]

_MOST_WAITING = 64
_FAREWELL_SECONDS = 0.5
_IDLE_SECONDS = 600.0
_JOBS_OF_A_CHILD = 500
"""After so many a child makes room for a new one, whatever it may have heaped up."""
_INHERITED = ("HOME", "PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "OPENBLAS_CORETYPE")
"""Of the environment; what else stands there, secrets among it, is none of a child's business."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_ERRORS: dict[str, type[DtindexError]] = {
    kind.__name__: kind for kind in (DtindexError, InputError, LimitError, UsageError)
}


class WorkFailed(Exception):
    """A bug in a child process; its text is the child's traceback, for the log only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a job gave: figures in the head, bytes in the body."""

    head: Mapping[str, Any]
    body: bytes


class Workers:
    """Child processes, as many as the settings allow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = anyio.CapacityLimiter(settings.analysis_processes)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._lock = Lock()
        self._closed = False

    async def run(self, job: str, arguments: Mapping[str, Any]) -> Answer:
        """Have a job of :mod:`dtindex_service.work.jobs` done.

        Raises
        ------
        DtindexError
            What the library raised there.
        Refusal
            DT903 (422) where the job takes longer, or more memory, than the settings allow; DT717 (503) where too many
            wait before it.
        WorkFailed
            A bug.
        """
        if self._turns.statistics().tasks_waiting >= _MOST_WAITING:
            raise Refusal("DT717", "Too many analyses wait for their turn.", headers={"Retry-After": "5"})
        return await anyio.to_thread.run_sync(self._run, job, dict(arguments), limiter=self._turns)

    def tidy(self) -> None:
        """End children that have had nothing to do for a while."""
        before = time.monotonic() - _IDLE_SECONDS
        with self._lock:
            tired = [child for child in self._idle if child.free_since < before or not child.lives]
            self._idle = [child for child in self._idle if child not in tired]
        for child in tired:
            child.kill()

    def close(self) -> None:
        """End all children; jobs that run are given up."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.kill()

    def _run(self, job: str, arguments: dict[str, Any]) -> Answer:
        child = self._take()
        try:
            answer = child.ask({"job": job, "arguments": arguments}, self._settings.analysis_seconds)
        finally:
            self._give_back(child)
        return self._told(child, answer)

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise Refusal("DT717")
            while self._idle:
                child = self._idle.pop()
                if child.lives:
                    break
                child.kill()
            else:
                child = _Child(self._settings.analysis_memory_bytes)
            self._busy.add(child)
            return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.discard(child)
            if child.lives and child.done < _JOBS_OF_A_CHILD and not self._closed:
                child.free_since = time.monotonic()
                self._idle.append(child)
                return
        child.kill()

    def _told(self, child: _Child, answer: tuple[dict[str, Any], bytes] | None) -> Answer:
        if answer is None:
            if child.timed_out:
                seconds = self._settings.analysis_seconds
                raise Refusal("DT903", f"This takes longer than {seconds} s: ask for less.", status=422)
            if self._closed:
                raise Refusal("DT717")
            if child.was_killed:
                raise Refusal("DT903", "This takes more memory than it may: ask for less.", status=422)
            raise WorkFailed(f"the child process ended with {child.code}")
        head, body = answer
        if "bug" in head:
            raise WorkFailed(head["bug"])
        if "memory" in head:
            raise Refusal("DT903", "This takes more memory than it may: ask for less.", status=422)
        if "error" in head:
            raise _ERRORS[head["error"]](_finding(one) for one in head["findings"])
        return Answer(head["answer"], body)


class _Child:
    """One process."""

    def __init__(self, memory_bytes: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "dtindex_service.work.child", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _ONE_THREAD,
            start_new_session=True,
        )
        self.done = 0
        self.free_since = time.monotonic()
        self.timed_out = False

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How it ended; a negative number is the signal."""
        return self._process.poll()

    @property
    def was_killed(self) -> bool:
        """By the system, for want of memory, as far as one can tell."""
        return self.code == -signal.SIGKILL

    def ask(self, message: dict[str, Any], seconds: float) -> tuple[dict[str, Any], bytes] | None:
        """The answer; None where there is none in time, or the process ended."""
        clock = Timer(seconds, self._out_of_time)
        clock.start()
        try:
            write_message(cast("BinaryIO", self._process.stdin), message)
            answer = read_message(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError):  # it ended, or was closed
            answer = None
        finally:
            clock.cancel()
        self.done += 1
        if answer is None:
            self.kill()
        return answer

    def _out_of_time(self) -> None:
        self.timed_out = True
        self._signal()

    def _signal(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it, by its own will if it has one left."""
        if not self.timed_out:
            with suppress(OSError, subprocess.TimeoutExpired):
                cast("BinaryIO", self._process.stdin).close()
                self._process.wait(_FAREWELL_SECONDS)
        if self.lives:
            self._signal()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast("BinaryIO", stream).close()


def _finding(one: Mapping[str, Any]) -> Finding:
    return Finding(one["code"], Severity(one["severity"]), one["message"], Place(**one["place"]))
