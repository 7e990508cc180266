"""The records of an .xls that a parser of values does not tell: what is hidden, errors, encryption.

After [MS-XLS] 2.4; a record is a type, a length and that many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dtindex.tables.formats._package import SheetScan

__all__ = ["is_encrypted", "scan_sheets"]

_FORMULA, _EOF, _FILEPASS, _COLINFO, _BOUNDSHEET = 0x06, 0x0A, 0x2F, 0x7D, 0x85
_BOOLERR, _ROW, _BOF = 0x205, 0x208, 0x809
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01


def is_encrypted(stream: bytes) -> bool:
    """Whether the workbook asks for a password; everything after the record that says so is scrambled."""
    return any(kind == _FILEPASS for kind, _ in _records(stream, 0))


def scan_sheets(stream: bytes) -> list[SheetScan]:
    """What was found in each sheet, in the order of the workbook."""
    starts = [struct.unpack_from("<I", body)[0] for kind, body in _records(stream, 0) if kind == _BOUNDSHEET]
    return [_scan(stream, start) for start in starts]


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream, without those of the charts inside it."""
    depth = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, stream[position + 4 : position + 4 + length]
        if depth <= 0:
            return
        position += 4 + length


def _scan(stream: bytes, start: int) -> SheetScan:
    found = SheetScan()
    for kind, body in _records(stream, start):
        if kind == _ROW:
            row, options = struct.unpack_from("<H10xH", body)
            if options & _ROW_HIDDEN:
                found.hidden_rows.append(row + 1)
        elif kind == _COLINFO:
            first, last, options = struct.unpack_from("<HH4xH", body)
            if options & _COLUMN_HIDDEN:
                found.hidden_columns.append((first + 1, last + 1))
        elif kind == _BOOLERR:
            row, column, value, is_error = struct.unpack_from("<HH2xBB", body)
            if is_error:
                found.errors.append((row + 1, column + 1, _ERRORS.get(value, "an error")))
        elif kind == _FORMULA:
            row, column, result, value, mark = struct.unpack_from("<HH2xBxB3xH", body)
            if mark == 0xFFFF and result == 2:
                found.errors.append((row + 1, column + 1, _ERRORS.get(value, "an error")))
    return found
