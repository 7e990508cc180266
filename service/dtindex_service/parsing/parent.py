"""Starting the processes that parse, hearing what they say, and the ways in which they may end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from dtindex import DtindexError, Finding, InputError, LimitError, Place, Severity, UsageError, finding
from dtindex_service.problems import Refusal

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from dtindex_service.settings import Settings

__all__ = ["Died", "Parsers", "judged", "told"]

_COMMAND = [sys.executable, "-P", "-m", "dtindex_service.parsing.child"]
_PIECE = 2**18
_MOST_SAID = 64 * 2**20
_STARTING_SECONDS = 60
_WAITING = 32
"""Uploads that may wait for a process; more are told to come again."""
_ERRORS: dict[str, type[DtindexError]] = {"limit": LimitError, "usage": UsageError, "input": InputError}
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")


class Died(RuntimeError):
    """The process failed in a way that no input should bring about."""


class Parsers:
    """Processes that parse, so many at a time. Each does one job; the next one is started while there is none to do."""

    def __init__(self, settings: Settings, logger: FilteringBoundLogger) -> None:
        self._settings = settings
        self._logger = logger
        self._room = anyio.CapacityLimiter(settings.parse_processes)
        self._asked = 0
        self._idle: list[_Process] = []
        self._lock = threading.Lock()
        self._closed = False

    async def parse(self, job: Mapping[str, Any], take: Callable[[bytes], None] | None = None) -> dict[str, Any]:
        """What a process makes of a job; ``take`` gets the bytes that follow, piece by piece.

        Raises
        ------
        DtindexError
            What the file is refused with; DT115 or DT116 where its reader died of it, DT903 where a limit was met.
        Refusal
            DT717 (503) where too many wait.
        """
        if self._asked >= self._settings.parse_processes + _WAITING:
            raise Refusal("DT717", "Too many uploads wait to be read.", headers={"Retry-After": "5"})
        self._asked += 1
        try:
            return await anyio.to_thread.run_sync(self.run, job, take, limiter=self._room)
        finally:
            self._asked -= 1

    def run(self, job: Mapping[str, Any], take: Callable[[bytes], None] | None = None) -> dict[str, Any]:
        """The same, in this thread."""
        process = self._taken()
        try:
            return process.answer({**self._limits(), **job}, self._settings.parse_seconds, take)
        finally:
            process.end()
            threading.Thread(target=self.warm, daemon=True).start()

    def warm(self) -> None:
        """Start a process for the next job, unless one waits already."""
        with self._lock:
            if self._closed or self._idle:
                return
            try:
                self._idle.append(_Process())
            except OSError as error:
                self._logger.error("no process to parse with", errno=error.errno)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _taken(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive():
                    return process
                process.end()
        try:
            return _Process()
        except OSError as error:
            self._logger.error("no process to parse with", errno=error.errno)
            raise Refusal("DT717", headers={"Retry-After": "5"}) from None

    def _limits(self) -> dict[str, int]:
        settings = self._settings
        return {
            "memory_bytes": settings.parse_memory_bytes,
            "seconds": settings.parse_seconds,
            "file_bytes": settings.max_upload_bytes,
        }


class _Process:
    """A process of a group of its own, and what it answers to its one job."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._stdout: IO[bytes] = self._process.stdout
        self._late = False

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def answer(self, job: Mapping[str, Any], seconds: float, take: Callable[[bytes], None] | None) -> dict[str, Any]:
        if not self._is_ready():
            raise Died("the process that parses did not start")
        clock = threading.Timer(seconds, self._stop)
        clock.start()
        try:
            with suppress(BrokenPipeError):
                self._stdin.write(json.dumps(dict(job)).encode("ascii") + b"\n")
                self._stdin.close()
            line = self._stdout.readline(_MOST_SAID)
            said = _read(line)
            received = 0
            while said is not None and (piece := self._stdout.read(_PIECE)):
                received += len(piece)
                if take is not None:
                    take(piece)
            # Until it is waited for in earnest its number names its group, and nobody else's.
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            self._kill()
            self._process.wait()
        finally:
            clock.cancel()
        if self._late:
            raise _over(f"the file was not read within {seconds:g} s")
        return judged(said, received, self._process.returncode, str(job.get("path", "")))

    def end(self) -> None:
        """Nothing of the group stays, whatever the process has started."""
        self._kill()
        self._process.wait()
        for stream in (self._stdin, self._stdout):
            with suppress(OSError):
                stream.close()

    def _is_ready(self) -> bool:
        clock = threading.Timer(_STARTING_SECONDS, self._stop)
        clock.start()
        try:
            return self._stdout.readline() == b"ready\n"
        finally:
            clock.cancel()

    def _stop(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        # Its number is its own until it was waited for.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def judged(said: dict[str, Any] | None, received: int, status: int, path: str) -> dict[str, Any]:
    """What a process has found, if it has; what else it said, or its end, as an error.

    Parameters
    ----------
    said
        Its line; None where it said none.
    received
        Bytes that followed.
    status
        Its exit status: below zero the signal that ended it.
    path
        The file that it read.
    """
    if said is None or ("done" in said and said["done"].get("bytes", 0) != received):
        raise _of_its_death(status, path)
    if "refused" in said:
        raise _ERRORS[said["refused"]](told(said["findings"]))
    if "limit" in said:
        raise _over("reading the file takes more memory than is allowed")
    if "bug" in said:
        raise Died(f"{said['bug']} at {', '.join(said['at'])}")
    done: dict[str, Any] = said["done"]
    return done


def _of_its_death(status: int, path: str) -> DtindexError:
    if -status in (signal.SIGXCPU, signal.SIGKILL):
        return _over("reading the file takes more memory or time than is allowed")
    how = f"signal {-status}" if status < 0 else f"status {status}"
    message = f"the reader of the file ended with {how}; it ran apart and did no harm; export the file again"
    return UsageError([finding(_damaged(path), message, Place(file="dataset"))])


def told(items: list[dict[str, Any]]) -> list[Finding]:
    """Findings as a process tells them."""
    return [Finding(one["code"], Severity(one["severity"]), one["message"], Place(**one["place"])) for one in items]


def _read(line: bytes) -> dict[str, Any] | None:
    """What was said; None where the process died before or while it said it."""
    if not line.endswith(b"\n"):
        return None
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return said


def _over(message: str) -> LimitError:
    return LimitError([finding("DT903", f"{message}; use a smaller file", Place(file="dataset"))])


def _damaged(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            head = stream.read(6)
    except OSError:
        head = b""
    return "DT116" if head.startswith((b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")) else "DT115"


def _environment() -> dict[str, str]:
    """What the process needs, and no secret; where this one finds modules, the other does too."""
    found = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    places = dict.fromkeys(str(Path(entry or ".").absolute()) for entry in sys.path)
    return {
        **found,
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONIOENCODING": "utf-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
