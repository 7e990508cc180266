"""Which reader a file goes to."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from dtindex.findings import Place
from dtindex.tables.formats.detect import FORMATS, Content, detect
from dtindex.tables.formats.refusal import refuse
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable

__all__ = ["read_file"]

_HEAD_BYTES = 4096
_DAMAGED = {".xlsx": "DT115", ".xlsm": "DT115", ".xls": "DT115", ".sav": "DT115", ".zsav": "DT115"}


def read_file(
    file: str,
    *,
    sheet: str | None,
    delimiter: str | None,
    encoding: str | None,
    header_rows: Sequence[int] | None,
    limits: Limits,
) -> RawTable:
    """See :func:`dtindex.tables.formats.read_raw`."""
    head = _head(file, limits)
    suffix = Path(file).suffix.lower()
    content = _content(file, suffix, head)
    if content in ("zip", "ole"):
        from dtindex.tables.formats.workbook import read_workbook

        _only_for("delimited text", file, delimiter=delimiter)
        _only_for("delimited text and SPSS files", file, encoding=encoding)
        return read_workbook(file, sheet=sheet, header_rows=header_rows, limits=limits)
    _only_for("workbooks", file, sheet=sheet)
    if content == "spss":
        from dtindex.tables.formats.spss import read_spss

        _only_for("text files and workbooks", file, header_rows=header_rows)
        _only_for("delimited text", file, delimiter=delimiter)
        return read_spss(file, encoding=encoding, limits=limits)
    if content in ("parquet", "arrow", "arrow stream"):
        from dtindex.tables.formats.columnar import read_columnar

        _only_for("text files and workbooks", file, header_rows=header_rows)
        _only_for("delimited text", file, delimiter=delimiter)
        _only_for("delimited text and SPSS files", file, encoding=encoding)
        return read_columnar(file, content, limits=limits)
    from dtindex.tables.formats.delimited import read_delimited

    return read_delimited(file, delimiter=delimiter, encoding=encoding, header_rows=header_rows, limits=limits)


def _head(file: str, limits: Limits) -> bytes:
    """The first bytes of a file that exists, is one, and is neither empty nor too large."""
    place = Place(file=file)
    try:
        status = Path(file).stat()
        if not stat.S_ISREG(status.st_mode):
            refuse("DT103", "not a regular file; name a CSV, XLSX, XLS, SAV, Parquet or Arrow file", place)
        if status.st_size > limits.file_bytes:
            allowed = f"{limits.file_bytes:,} bytes are allowed"
            refuse("DT104", f"the file has {status.st_size:,} bytes, {allowed}; split it or raise the limit", place)
        with open(file, "rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        refuse("DT103", f"cannot be read: {error.strerror or error}; check the path and the permissions", place)
    except ValueError:  # a NUL in the path
        refuse("DT103", f"not a path: {file!r}", Place())
    if not head:
        refuse("DT101", "the file is empty; check that the export or upload was complete", place)
    return head


def _content(file: str, suffix: str, head: bytes) -> Content:
    content, name = detect(head)
    fitting, promise = FORMATS.get(suffix, (None, None))
    if content == "binary" and promise != "delimited text" and fitting is not None:
        damaged = _DAMAGED.get(suffix, "DT116")
        refuse(damaged, f"the file does not begin as {promise} does; it is damaged, write it again", Place(file=file))
    # What is inside a zip or OLE file is for the child process to tell; binary data is for the text reader to place.
    told_later = content in ("zip", "ole", "binary")
    if content == "other" or (fitting is not None and content not in fitting and not told_later):
        expected = promise or "a table"
        remedy = "rename it, or save it as CSV or XLSX"
        refuse("DT113", f"expected {expected} by its ending, found {name}; {remedy}", Place(file=file))
    return content


def _only_for(what: str, file: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            refuse("DT902", f"{name}= is for {what}; leave it out for this file", Place(file=file))
