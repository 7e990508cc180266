"""The process boundary: whatever happens inside, an exit code and sentences come out, never a stack trace."""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import sys
import tempfile
import traceback
from collections.abc import Sequence

from dtindex._version import __version__
from dtindex.cli.common import Common, take_common
from dtindex.cli.console import Console
from dtindex.cli.stream import discard, prepare
from dtindex.findings import DtindexError, ExitCode, Findings, finding

__all__ = ["run"]


def run(argv: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    prepare(sys.stdout)
    prepare(sys.stderr)
    console = Console(Common(json="--json" in argv, command=tuple(argv)))
    try:
        common, rest = take_common(argv)
        console = Console(common)
        from dtindex.cli.app import dispatch

        return dispatch(console, rest)
    except DtindexError as error:
        return _ended(console, error.findings, error.exit_code)
    except KeyboardInterrupt:
        return _ended(console, Findings([finding("DT901", "interrupted")]), ExitCode.INTERRUPTED)
    except BrokenPipeError:
        discard(sys.stdout)  # typer's own help; nobody reads on, and nothing is wrong
        return ExitCode.FINE
    except MemoryError:
        return _ended(console, Findings([finding("DT903", "not enough memory")]), ExitCode.LIMIT)
    except Exception as error:  # noqa: BLE001 - the one place that answers for what no one foresaw
        return _ended(console, _bug(argv, error), ExitCode.BUG)


def _ended(console: Console, findings: Findings, code: int) -> int:
    """Say why the run ended early, to people and to machines."""
    # The reader of standard error or output may be gone, or the disk full; the exit code still tells.
    with contextlib.suppress(DtindexError):
        from dtindex.cli.remarks import report_failure

        report_failure(console, findings, code)
    return int(code)


def _bug(argv: Sequence[str], error: Exception) -> Findings:
    said = " ".join(str(error).split())[:200]
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    path = _report(argv)
    where = f"report: {path}" if path else "no report could be written"
    return Findings([finding("DT900", f"a bug in dtindex ({what}); {where}")])


def _report(argv: Sequence[str]) -> str | None:
    """The path of a file with everything that helps to mend the bug, or None."""
    text = "\n".join(
        (
            f"dtindex {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: dtindex {shlex.join(argv)}",
            "",
            traceback.format_exc(),
        )
    )
    try:
        descriptor, path = tempfile.mkstemp(prefix="dtindex-bug-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
    except OSError:
        return None
    return path
