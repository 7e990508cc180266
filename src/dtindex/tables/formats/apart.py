"""Parsing in a process of its own: how it is started, what it answers, and the ways in which it may end.

A damaged file can abort the process that parses it, and a hostile one can ask for all memory; neither is the caller's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import IO, Any, NoReturn

from dtindex.findings import Finding, Place, Severity
from dtindex.tables.formats.refusal import error_for, refuse
from dtindex.tables.limits import Limits

__all__ = ["Parser", "parse_apart", "received"]


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser that runs apart, and how to speak of what it reads."""

    name: str
    """By which the child process knows it."""
    noun: str
    """The file, in messages: "the workbook"."""
    smaller: str
    """What to do where a limit was met."""


def parse_apart(
    parser: Parser, file: str, asked: Mapping[str, Any], limits: Limits, take: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Parse a file in a process of its own.

    Parameters
    ----------
    parser
        Which one.
    file
        Its path, which is also its name in messages.
    asked
        What else the parser is told.
    limits
        Of memory, time and size.
    take
        Gets the blocks that the parser sends, one by one.

    Returns
    -------
    dict
        What the parser told at its end.

    Raises
    ------
    DtindexError
        What the parser refuses the file with; DT115 where it failed or died, DT903 where a limit was met.
    """
    request = {
        "parser": parser.name,
        "file": file,
        "path": os.path.abspath(file),
        "asked": dict(asked),
        "limits": asdict(limits),
    }
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "dtindex.tables.formats._child"],
                input=json.dumps(request).encode("ascii"),
                stdout=output,
                stderr=complaints,
                env={**os.environ, "PYTHONPATH": _import_path(), "PYTHONIOENCODING": "utf-8", **_ONE_THREAD},
                timeout=limits.child_seconds,
                check=False,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except subprocess.TimeoutExpired:
            message = f"{parser.noun} was not read within {limits.child_seconds:g} s; {parser.smaller}"
            refuse("DT903", message, Place(file=file))
        except OSError as error:
            message = f"no process could be started to read {parser.noun} ({error.strerror or error}); save it as CSV"
            refuse("DT903", message, Place(file=file))
        output.seek(0)
        complaints.seek(0)
        return received(parser, file, output, done.returncode, complaints.read(4096), take)


# A parser multiplies no matrices, and each thread that waits to do so takes of the address space that is allowed.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def _import_path() -> str:
    """Where this process finds modules, so that the child finds the same dtindex whichever way it was imported."""
    return os.pathsep.join(dict.fromkeys(os.path.abspath(entry or os.getcwd()) for entry in sys.path))


def received(
    parser: Parser,
    file: str,
    output: IO[bytes],
    status: int,
    complaints: bytes,
    take: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """What a process that has ended answered on ``output``; ``complaints`` is how its standard error begins."""
    rest: dict[str, Any] | None = None
    for line in output:
        if not line.endswith(b"\n"):
            break  # the child died while it wrote
        try:
            message = json.loads(line)
        except ValueError:
            break  # or wrote what it should not
        if "block" in message:
            take(message["block"])
        elif "refused" in message:
            findings = [_finding(item) for item in message["refused"]]
            raise error_for(findings[0].code)(findings)
        elif "limit" in message:
            _refuse_limit(parser, file)
        elif "damaged" in message:
            reason = " ".join(message["damaged"].split())
            refuse("DT115", f"{parser.noun} cannot be read ({reason}); export it again", Place(file=file))
        else:
            rest = message["rest"]
    if rest is None:
        _refuse_death(parser, file, status, complaints)
    return rest


def _finding(item: dict[str, Any]) -> Finding:
    return Finding(item["code"], Severity(item["severity"]), item["message"], Place(**item["place"]))


def _refuse_limit(parser: Parser, file: str) -> NoReturn:
    message = f"reading {parser.noun} takes more memory or time than is allowed; {parser.smaller}"
    refuse("DT903", message, Place(file=file))


def _refuse_death(parser: Parser, file: str, status: int, complaints: bytes) -> NoReturn:
    ran_out = status == -getattr(signal, "SIGXCPU", 0) != 0
    if ran_out or b"memory allocation of" in complaints or b"MemoryError" in complaints:
        _refuse_limit(parser, file)
    how = f"signal {-status}" if status < 0 else f"status {status}"
    message = f"the reader of {parser.noun} ended with {how}; it ran apart and did no harm; export the file again"
    refuse("DT115", message, Place(file=file))
