"""The command line: one grammar, ``dtindex VERB METHODOLOGY_OR_EDITION [TABLE] [options] [-o DIR|FILE]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``argv`` is without the program's name.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    dtindex ...
    0
    """
    from dtindex.cli.boundary import run

    return run(list(sys.argv[1:] if argv is None else argv))
