"""``python -m dtindex_service.work.child BYTES``: does tasks that it reads from standard input, one after another.

Started by :mod:`dtindex_service.work.parent`, and by nobody else. It ends when its standard input does.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
import sys
import threading
import traceback
from typing import Any

from dtindex import DtindexError
from dtindex_service.work.bench import Bench
from dtindex_service.work.messages import read_message, write_message
from dtindex_service.work.tasks import TASKS

__all__ = ["main"]

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def main() -> None:
    """Tasks until there are no more."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends its children itself
    # What a library prints must not get between the messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    bench = Bench()
    while (message := read_message(sys.stdin.buffer)) is not None:
        head, body = _done(bench, message[0])
        try:
            write_message(answers, head, body)
        except BrokenPipeError:  # the service was killed meanwhile
            os._exit(1)


def _end_with_parent() -> None:
    """End at once where whoever started this is gone: nobody has a use for what is worked out then."""
    watched = select.poll()
    watched.register(0, 0)  # hanging up is always told
    watched.poll()
    os._exit(1)


def _done(bench: Bench, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        answer, body = TASKS[asked["task"]](bench, **asked["arguments"])
    except DtindexError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _NO_ROOM:
            return {"lost": "room"}, b""
        findings = [one.to_dict() for one in error.findings]
        return {"error": _kind(error), "findings": findings}, b""
    except MemoryError:
        bench.clear()
        return {"lost": "memory"}, b""
    except OSError as error:
        return ({"lost": "room"} if error.errno in _NO_ROOM else {"bug": traceback.format_exc()}), b""
    except Exception:  # noqa: BLE001 (the process boundary)
        return {"bug": traceback.format_exc()}, b""
    return {"answer": answer}, body


def _kind(error: DtindexError) -> str:
    """The name of the error's kind that the other side knows."""
    known = ("LimitError", "UsageError", "InputError", "DtindexError")
    names = {kind.__name__ for kind in type(error).__mro__}
    return next(name for name in known if name in names)


if __name__ == "__main__":
    main()
