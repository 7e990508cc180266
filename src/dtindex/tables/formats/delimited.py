"""CSV, TSV and their relatives: every cell is text, and no row is mended in silence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dtindex.findings import Place
from dtindex.tables.formats.cells import FORBIDDEN, has_zero_width
from dtindex.tables.formats.delimiter import DELIMITER_NAMES, find_delimiter
from dtindex.tables.formats.encoding import decode
from dtindex.tables.formats.grid import Grid, take_apart
from dtindex.tables.formats.refusal import Remarks, refuse
from dtindex.tables.formats.where import Where
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable

__all__ = ["read_delimited"]

_SEPARATOR_LINE = re.compile("sep=(.)(?=\r\n|\r|\n)")  # what Excel writes and reads as a first line
_QUOTED = re.compile('"(?:[^"]++|"")*+"')
_LINE_END = re.compile("\r\n|\r|\n")
_PARSER_LIMIT = 131_072
"""The longest cell that the csv module reads; its setting belongs to the whole process, so it is left as it is."""


def read_delimited(
    file: str,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    limits: Limits,
) -> RawTable:
    """Read a delimited text file.

    ``rows`` are the lines on which records begin; blank lines and rows of empty cells are passed over.

    Raises
    ------
    InputError
        DT101, DT102, DT121 to DT125, DT128, DT131, DT201, DT227, all that can be said at once.
    LimitError
        DT126.
    UsageError
        DT103, DT902.
    """
    remarks = Remarks(file)
    text, encoding_name = decode(_bytes(file), encoding, remarks, file)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]  # its line end stays, so that lines keep their numbers
        delimiter = delimiter or separator.group(1)
    if delimiter is None:
        delimiter = find_delimiter(text, remarks, file)
    elif len(delimiter) != 1 or delimiter in '"\r\n ':
        message = f"delimiter={delimiter!r}: expected one character, such as a comma, a semicolon or a tab"
        refuse("DT902", message, Place(file=file))
    records, lines = _parse(text, delimiter, file, limits)
    grid = Grid(
        records,
        lines,
        Where(file),
        has_forbidden=FORBIDDEN.search(text) is not None,
        has_zero_width=has_zero_width(text),
    )
    del text
    found = take_apart(grid, header_rows, limits, remarks)
    remarks.raise_errors()
    return RawTable(
        file=file,
        kind="text",
        header=found.header,
        columns=found.columns,
        rows=found.rows,
        positions=found.positions,
        description={
            "format": "delimited text",
            "encoding": encoding_name,
            "delimiter": DELIMITER_NAMES.get(delimiter, delimiter),
            "rows": str(len(found.rows)),
            "columns": str(len(found.header)),
        },
        findings=remarks.all(),
    )


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        refuse("DT103", f"cannot be read: {error.strerror or error}", Place(file=file))


def _parse(text: str, delimiter: str, file: str, limits: Limits) -> tuple[list[list[str]], list[int]]:
    """Records that are not blank, and the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    line = 1
    widest = 0
    try:
        for record in reader:
            if len(record) > widest:
                widest = len(record)
                _check_columns(widest, line, file, limits)
            if "".join(record).strip():
                records.append(record)
                lines.append(line)
                if len(records) > limits.rows + 1:
                    message = f"more than {limits.rows:,} rows; split the table, or raise the limit"
                    refuse("DT126", message, Place(file=file, line=line))
            line = reader.line_num + 1
    except csv.Error as error:
        _refuse_record(text, line, delimiter, file, str(error))
    if len(records) * widest > limits.cells:
        message = f"{len(records):,} rows of {widest:,} columns are more than {limits.cells:,} cells"
        refuse("DT126", f"{message}; split the table, or raise the limit", Place(file=file))
    return records, lines


def _check_columns(count: int, line: int, file: str, limits: Limits) -> None:
    if count > limits.columns:
        message = f"a row of {count:,} cells; at most {limits.columns:,} columns are allowed"
        refuse("DT126", f"{message}; split the table, or raise the limit", Place(file=file, line=line))


def _refuse_record(text: str, line: int, delimiter: str, file: str, reason: str) -> NoReturn:
    """Say what is wrong with the record that begins on ``line``, which the csv module refused."""
    position = 0
    for _ in range(line - 1):
        end = _LINE_END.search(text, position)
        position = end.end() if end else len(text)
    start, cell_end = position, re.compile(f"{re.escape(delimiter)}|\r|\n")
    column = 1
    while position < len(text):
        at = line + len(_LINE_END.findall(text, start, position))
        if text[position] == '"':
            quoted = _QUOTED.match(text, position)
            if quoted is None:
                message = "a quote opens here and is never closed; close it, or double the quotes inside the cell"
                refuse("DT123", message, Place(file=file, line=at, column=column))
            stop = quoted.end()
            if stop < len(text) and text[stop] not in (delimiter, "\r", "\n"):
                after = text[stop : stop + 20].splitlines()[0]
                message = f"the quote that opens here is closed before {after!r}"
                refuse(
                    "DT123", f"{message}; double the quotes inside the cell", Place(file=file, line=at, column=column)
                )
        else:
            end = cell_end.search(text, position)
            stop = end.start() if end else len(text)
        if stop - position > _PARSER_LIMIT:
            message = f"a cell of {stop - position:,} characters; at most {_PARSER_LIMIT:,} can be read"
            refuse("DT126", f"{message}; shorten it", Place(file=file, line=at, column=column))
        if stop >= len(text) or text[stop] != delimiter:
            break
        position, column = stop + 1, column + 1
    refuse("DT123", f"the row cannot be cut into cells ({reason}); check its quotes", Place(file=file, line=line))
