"""The process that parses one upload: ``python -m dtindex_service.parsing.child``.

It loads what it needs, says that it is ready, and waits for one job as a line of JSON. It then sets its own limits and
answers with a line of JSON; the cells of a table follow as the bytes of a Parquet file.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from dtindex import (
    DtindexError,
    Findings,
    InputError,
    LimitError,
    Limits,
    Methodology,
    UsageError,
    inspect_table,
    load_methodology,
    parse_methodology,
)

__all__ = ["READY", "main"]

READY = b"ready\n"
_FILE = "methodology"
_NO_ROOM = frozenset((errno.EFBIG, errno.ENOMEM, errno.ENOSPC))
_KINDS: tuple[tuple[type[DtindexError], str], ...] = (
    (LimitError, "limit"),
    (UsageError, "usage"),
    (InputError, "input"),
)
_SMALL = """\
schema_version: 1
id: warm
title: Warm
units: {kind: city, key: city}
nodes: [{id: index}]
indicators: [{id: a, parent: index, normalise: {method: goalposts, worst: 0, best: 1}}]
"""

Answer = tuple[dict[str, Any], bytes]


def main() -> int:
    """Answer one job."""
    answers = _answers()
    _warm()
    answers.write(READY)
    answers.flush()
    line = sys.stdin.buffer.readline()
    if not line:
        return 0  # whoever started this has no use for it any more
    said, content = _answer(json.loads(line))
    answers.write(json.dumps(said).encode("ascii") + b"\n")
    answers.write(content)
    answers.flush()
    return 0


def _answers() -> BinaryIO:
    """The way back; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _warm() -> None:
    """Load what an upload needs before there is one, by reading a table of one row."""
    methodology, _ = parse_methodology(_SMALL, _FILE)
    with tempfile.NamedTemporaryFile(suffix=".csv") as table:
        table.write(b"city,a\nA,1\n")
        table.flush()
        inspect_table(table.name, methodology, hash_key=_FILE.encode()).pack()


def _answer(job: Mapping[str, Any]) -> Answer:
    works: dict[str, Callable[[Mapping[str, Any]], Answer]] = {"table": _table, "methodology": _methodology}
    try:
        _limit(job["memory_bytes"], job["seconds"])
        return works[job["work"]](job)
    except DtindexError as error:
        kind = next(name for one, name in _KINDS if isinstance(error, one))
        return {"refused": kind, "findings": _told(error.findings)}, b""
    except MemoryError:
        return {"limit": "memory"}, b""
    except OSError as error:
        return {"limit": "room"} if error.errno in _NO_ROOM else _bug(error), b""
    except Exception as error:  # noqa: BLE001 (the process boundary; a text of an exception may hold cells)
        return _bug(error), b""


def _bug(error: Exception) -> dict[str, Any]:
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return {"bug": type(error).__name__, "at": frames[-8:]}


def _limit(memory_bytes: int, seconds: int) -> None:
    """Memory and processor time, for this process and those that it starts; no image of it when it dies."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds + spent),
        (resource.RLIMIT_FSIZE, memory_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _table(job: Mapping[str, Any]) -> Answer:
    methodology = _named(job["methodology"])
    limits = Limits(file_bytes=job["file_bytes"], child_bytes=job["memory_bytes"], child_seconds=float(job["seconds"]))
    found = inspect_table(
        job["path"], methodology, hash_key=bytes.fromhex(job["hash_key"]), limits=limits, **job["options"]
    )
    columns = [
        {
            "name": column.name,
            "position": column.position,
            "looks": column.looks,
            "filled": column.filled,
            "distinct": column.distinct,
            "matched": column.matched,
            "nearest": column.nearest,
        }
        for column in found.columns
    ]
    about = {"found": dict(found.raw.description), "columns": columns}
    content = found.pack(**about, upload=job["upload"])
    said = {**about, "rows": found.rows, "findings": _told(found.findings), "bytes": len(content)}
    return {"done": said}, content


def _named(said: Mapping[str, str] | None) -> Methodology | None:
    """The methodology of a job: one that ships, or a text that was accepted before."""
    if said is None:
        return None
    if "shipped" in said:
        return load_methodology(said["shipped"])
    methodology, findings = parse_methodology(said["text"], _FILE)
    findings.raise_errors()
    return methodology


def _methodology(job: Mapping[str, Any]) -> Answer:
    with open(job["path"], "rb") as stream:
        content = stream.read()
    methodology, findings = parse_methodology(content, _FILE)
    if methodology is None:
        return {"done": {"findings": _told(findings), "hash": None}}, b""
    title = methodology.title
    about = {
        "id": methodology.id,
        "hash": methodology.hash,
        "scores_hash": methodology.scores_hash,
        "title": title.model_dump(mode="json", exclude_none=True) if hasattr(title, "model_dump") else str(title),
        "text": methodology.source_text,
    }
    return {"done": {**about, "findings": _told(findings)}}, b""


def _told(findings: Findings) -> list[dict[str, Any]]:
    return [one.to_dict() for one in findings]


if __name__ == "__main__":
    os._exit(main())  # to take modules down in order takes longer than to read a small table
