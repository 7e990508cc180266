"""The header of a grid: its names, whether it is where it should be, and where else it may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dtindex.tables.formats.refusal import Remarks, refuse
from dtindex.tables.formats.where import Where

__all__ = ["Header", "Merge", "propose_spanning", "read_header"]

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""

_LOOKED_AT = 21
_MOST_ROWS = 3
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*(?:[eE][-+]?\d+)?\s*[%％]?")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Header:
    """Names as they stand (one a column, some empty), and how many records they took from the top."""

    names: list[str]
    records: int
    rows: tuple[int, ...]
    """Lines or sheet rows of the header, from 1."""


def read_header(
    records: Sequence[Sequence[str]],
    lines: Sequence[int],
    where: Where,
    remarks: Remarks,
    header_rows: Sequence[int] | None = None,
    merges: Sequence[Merge] = (),
) -> Header:
    """The header of ``records`` (none of them blank), of which ``lines`` are the lines or sheet rows.

    Raises
    ------
    InputError
        DT131 where a title stands above the header, or cells are merged into the row below it, with a proposal.
    UsageError
        DT902 where ``header_rows`` names a row that is blank or does not exist.
    """
    if header_rows is not None:
        return _named_rows(records, lines, where, header_rows, merges)
    proposal = _below_title(records, lines)
    if proposal is not None:
        message = f"this looks like a title above the header; delete it, or give header_rows={proposal}"
        refuse("DT131", message, where.at(lines[0]), remarks.all())
    last = max((merge[2] for merge in merges if merge[0] <= lines[0] < merge[2]), default=lines[0])
    spanned = [line for line in lines[:_LOOKED_AT] if line <= last]
    if len(spanned) > 1:
        message = f"cells of the header are merged over several rows; give header_rows={spanned}"
        refuse("DT131", message, where.at(lines[0]), remarks.all())
    return Header(list(records[0]), 1, (lines[0],))


def propose_spanning(records: Sequence[Sequence[str]], lines: Sequence[int], gaps: Sequence[int]) -> list[int] | None:
    """Rows that the header may span if the second one fills ``gaps`` (columns from 0) of the first with names."""
    if len(records) > 2 and _is_names(records[1]) and all(_filled_at(records[1], gap) for gap in gaps):
        return list(lines[:2])
    return None


def _below_title(records: Sequence[Sequence[str]], lines: Sequence[int]) -> list[int] | None:
    """The rows of the header if the first one has far fewer cells than those below, and one below reads like names."""
    head = records[:_LOOKED_AT]
    filled = [sum(1 for cell in record if cell.strip()) for record in head]
    below = sorted(filled[1:])
    usual = below[len(below) // 2] if below else 0
    if not (filled[0] < usual and filled[0] <= max(1, usual // 3)):
        return None
    for start in range(1, len(head)):
        if filled[start] > 1 and _is_names(head[start]):
            stop = start + 1
            while stop < len(head) and stop - start < _MOST_ROWS and _completes(head[start], head[stop]):
                stop += 1
                if all(cell.strip() for cell in head[stop - 1]):
                    break
            return list(lines[start:stop])
    return None


def _completes(upper: Sequence[str], lower: Sequence[str]) -> bool:
    gaps = [column for column in range(max(len(upper), len(lower))) if not _filled_at(upper, column)]
    return bool(gaps) and _is_names(lower) and any(_filled_at(lower, gap) for gap in gaps)


def _filled_at(record: Sequence[str], column: int) -> bool:
    return column < len(record) and bool(record[column].strip())


def _is_names(record: Sequence[str]) -> bool:
    """Whether no cell is a number; years may be names."""
    cells = (cell.strip() for cell in record)
    return not any(_NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in cells if cell)


def _named_rows(
    records: Sequence[Sequence[str]],
    lines: Sequence[int],
    where: Where,
    header_rows: Sequence[int],
    merges: Sequence[Merge],
) -> Header:
    known = {line: index for index, line in enumerate(lines)}
    wanted = list(header_rows)
    if not wanted or wanted != sorted(set(wanted)):
        refuse("DT902", f"header_rows={wanted}: name one or more rows from top to bottom, from 1", where.at())
    for line in wanted:
        if line not in known:
            refuse("DT902", f"header_rows={wanted}: {where.row_word} {line} is blank or does not exist", where.at(line))
    width = max(len(records[known[line]]) for line in wanted)
    parts = [[*records[known[line]], *[""] * (width - len(records[known[line]]))] for line in wanted]
    for line, part in zip(wanted[:-1], parts[:-1], strict=True):
        _fill_to_the_right(part, line, merges)
    names = [_joined(column) for column in zip(*parts, strict=True)]
    return Header(names, known[wanted[-1]] + 1, tuple(wanted))


def _fill_to_the_right(part: list[str], line: int, merges: Sequence[Merge]) -> None:
    """Give cells of an upper row the name at their left: inside merged cells where they are known, else over gaps."""
    across = [merge for merge in merges if merge[0] <= line <= merge[2] and merge[3] > merge[1]]
    if across:
        for _, first, _, last in across:
            part[first - 1 : last] = [part[first - 1]] * len(part[first - 1 : last])
        return
    for column in range(1, len(part)):
        part[column] = part[column] if part[column].strip() else part[column - 1]


def _joined(parts: Sequence[str]) -> str:
    kept: list[str] = []
    for part in (part.strip() for part in parts):
        if part and (not kept or kept[-1] != part):
            kept.append(part)
    return " ".join(kept)
