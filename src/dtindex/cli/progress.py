"""How far a long run is: one line on standard error that is written over, where a person reads it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dtindex.cli.console import Console
from dtindex.cli.stream import is_terminal, write

__all__ = ["progress_of"]

_SECONDS = 0.2


@contextmanager
def progress_of(console: Console, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A function that is told how many are done of how many; None where nobody watches."""
    if console.common.quiet or not is_terminal(sys.stderr):
        yield None
        return
    began, last, drawn = time.monotonic(), 0.0, False

    def told(done: int, whole: int) -> None:
        nonlocal last, drawn
        now = time.monotonic()
        if now - last < _SECONDS and done < whole:
            return
        last, drawn = now, True
        left = (now - began) * (whole - done) / done if done else 0.0
        write(sys.stderr, f"\r\x1b[K{what}: {done:,} of {whole:,} ({100 * done / whole:.0f} %), {left:.0f} s left")

    try:
        yield told
    finally:
        if drawn:
            write(sys.stderr, "\r\x1b[K")
