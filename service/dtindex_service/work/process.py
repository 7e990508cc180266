"""One child process: started, asked, and killed with all its threads where it takes longer than it may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any, BinaryIO, cast

from dtindex import DtindexError, Finding, InputError, LimitError, Place, Severity, UsageError
from dtindex_service.work.messages import read_message, write_message

__all__ = ["Answer", "Child", "ChildLost", "WorkFailed"]

_FAREWELL_SECONDS = 0.5
_INHERITED = ("HOME", "PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "OPENBLAS_CORETYPE")
"""Of the environment; what else stands there, secrets among it, is none of a child's business."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_ERRORS: dict[str, type[DtindexError]] = {
    kind.__name__: kind for kind in (DtindexError, InputError, LimitError, UsageError)
}


class WorkFailed(Exception):
    """A bug in a child process; its text is the child's traceback, for the log only."""


class ChildLost(Exception):
    """There is no answer; ``why``: out of ``time``, ``memory`` or ``room`` (of the disk), or it ``died``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task gave: figures in the head, bytes in the body."""

    head: Mapping[str, Any]
    body: bytes


class Child:
    """A process that does one task after another."""

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

    def do(self, task: str, arguments: Mapping[str, Any], seconds: float) -> Answer:
        """Have a task of :mod:`dtindex_service.work.tasks` done.

        Raises
        ------
        DtindexError
            What the library raised there.
        ChildLost
            There is no answer.
        WorkFailed
            A bug.
        """
        answer = self._ask({"task": task, "arguments": dict(arguments)}, seconds)
        if answer is None:
            raise ChildLost("time" if self.timed_out else "died")
        head, body = answer
        if "bug" in head:
            raise WorkFailed(head["bug"])
        if "lost" in head:
            raise ChildLost(head["lost"])
        if "error" in head:
            raise _ERRORS[head["error"]](_finding(one) for one in head["findings"])
        return Answer(head["answer"], body)

    def _ask(self, message: dict[str, Any], seconds: float) -> tuple[dict[str, Any], bytes] | None:
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
        self.strike()

    def strike(self) -> None:
        """Kill it and all that it started; whoever waits for its answer gets none."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it, by its own will if it has one left."""
        if not self.timed_out:
            with suppress(OSError, subprocess.TimeoutExpired):
                cast("BinaryIO", self._process.stdin).close()
                self._process.wait(_FAREWELL_SECONDS)
        if self.lives:
            self.strike()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast("BinaryIO", stream).close()


def _finding(one: Mapping[str, Any]) -> Finding:
    return Finding(one["code"], Severity(one["severity"]), one["message"], Place(**one["place"]))
