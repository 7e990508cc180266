"""Standard output and error as they are: what they can encode, whether a person reads, whether anyone still reads."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TextIO

from dtindex.findings import Place, UsageError, finding

__all__ = ["can_say", "discard", "is_terminal", "prepare", "write"]

_GONE = (errno.EPIPE, errno.EINVAL)  # Windows says EINVAL


def prepare(stream: TextIO | None) -> None:
    """No character may end a run: what an encoding lacks is replaced; a pipe without a declared one gets UTF-8."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    declared = os.environ.get("PYTHONIOENCODING") or is_terminal(stream)
    with contextlib.suppress(ValueError, OSError):
        stream.reconfigure(encoding=None if declared else "utf-8", errors="replace")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads here."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def can_say(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(stream: TextIO | None, text: str) -> None:
    """Write and flush; a reader who has left (``| head``) is no error, and the work goes on without him.

    Raises
    ------
    UsageError
        DT410 where the stream cannot take it, such as a full disk.
    """
    if stream is None:
        return  # closed before the run began
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        discard(stream)
        if error.errno not in _GONE:
            place = Place(file="standard output" if stream is sys.stdout else "standard error")
            raise UsageError([finding("DT410", f"cannot write: {error.strerror or error}", place)]) from error


def discard(stream: TextIO) -> None:
    """Let whatever else is written, the interpreter's last flush included, end nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
