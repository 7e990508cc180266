"""The process that parses a workbook or an SPSS file: ``python -m dtindex.tables.formats._child``.

A damaged file can abort the process that parses it, and a hostile one can ask for all memory, so it is not the
caller's. The request comes as JSON on standard input; the answer goes as lines of JSON to standard output: blocks of
cells, then one line that tells the rest. No answer, or one without that line, means that the process died.

What is imported here is paid for with each file: no numpy, no pandas, and no parser but the one that is asked for.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable
from typing import Any

from dtindex.findings import DtindexError
from dtindex.tables.limits import Limits


def main() -> int:
    """Answer one request."""
    request = json.load(sys.stdin.buffer)
    limits = Limits(**request["limits"])
    parse = _parser(request["parser"])
    _limit_resources(limits)
    try:
        rest = parse(file=request["file"], path=request["path"], limits=limits, send=_send_block, **request["asked"])
        _send({"rest": rest})
    except DtindexError as error:
        _send({"refused": [item.to_dict() for item in error.findings]})
    except MemoryError:
        _send({"limit": "memory"})
    except OSError as error:
        _send({"limit": "output"} if error.errno == errno.EFBIG else {"damaged": str(error)})
    except KeyboardInterrupt:
        return 130
    except BaseException as error:  # noqa: BLE001 - the process boundary: a parser's panic is none of Exception, and must be told too
        _send({"damaged": f"{type(error).__name__}: {error}"[:300]})
    return 0


def _parser(name: str) -> Callable[..., dict[str, Any]]:
    if name == "sav":
        from dtindex.tables.formats._sav import parse as parse_sav

        return parse_sav
    from dtindex.tables.formats._sheets import parse as parse_sheet

    return parse_sheet


def _send_block(block: dict[str, Any]) -> None:
    _send({"block": block})


def _send(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer, separators=(",", ":")).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


def _limit_resources(limits: Limits) -> None:
    """Memory, processor time and size of the answer, where the system knows such limits."""
    if sys.platform == "win32":
        return
    import resource

    seconds = int(limits.child_seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.child_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.child_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (most, hard))
        except (OSError, ValueError):
            continue  # macOS refuses some of them; the time limit of the parent still holds


if __name__ == "__main__":
    sys.exit(main())
