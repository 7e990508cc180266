"""A grid of texts, from a text file or a sheet, taken apart into named columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.tables.formats.cells import FORBIDDEN, forbidden_name, strip_cells
from dtindex.tables.formats.header import Header, Merge, propose_spanning, read_header
from dtindex.tables.formats.names import tidy_names
from dtindex.tables.formats.refusal import Remarks, refuse
from dtindex.tables.formats.where import Where
from dtindex.tables.limits import Limits
from dtindex.tables.names import shown
from dtindex.tables.raw import column_letters

__all__ = ["Grid", "GridColumns", "check_cells", "take_apart"]

_BLOCK = 2_048


@dataclass(frozen=True)
class Grid:
    """Records that are not blank, and where they stand."""

    records: Sequence[Sequence[str]]
    lines: Sequence[int]
    """Line or sheet row of each record, from 1."""
    where: Where
    merges: Sequence[Merge] = ()
    has_forbidden: bool = True
    """Whether a control character may be in a cell; False saves looking for it cell by cell."""
    has_zero_width: bool = True


@dataclass(frozen=True)
class GridColumns:
    """Named columns, without those that have neither name nor value."""

    header: tuple[str, ...]
    columns: tuple[list[str], ...]
    rows: NDArray[np.int64]
    positions: tuple[int, ...]


def take_apart(grid: Grid, header_rows: Sequence[int] | None, limits: Limits, remarks: Remarks) -> GridColumns:
    """Header and columns of a grid, cells stripped; errors are left with ``remarks`` where reading can go on.

    Raises
    ------
    InputError
        DT101, DT102, DT124, DT125, DT131.
    """
    where = grid.where
    if not grid.records:
        message = "there is nothing but blanks in it; check that the export was complete"
        refuse("DT101", message, where.at(), remarks.all())
    header = read_header(grid.records, grid.lines, where, remarks, header_rows, grid.merges)
    records, lines = grid.records[header.records :], grid.lines[header.records :]
    if not records:
        refuse("DT102", "there is a header and no row of data below it", where.at(header.rows[-1]), remarks.all())
    records = _of_one_width(records, lines, header.names, where, remarks)
    # The header is checked with the cells, for names go into the same outputs.
    if grid.has_forbidden:
        check_cells(grid.records, grid.lines, where, limits, remarks)
    columns = _transposed(records, len(header.names), grid.has_zero_width)
    kept = [index for index, column in enumerate(columns) if header.names[index].strip() or any(column)]
    if not grid.has_forbidden:
        _check_lengths(grid, header, [columns[index] for index in kept], kept, limits, remarks)
    _refuse_unnamed(grid, header, kept, columns, remarks)
    positions = tuple(index + 1 for index in kept)
    names = [header.names[index] for index in kept]
    row = header.rows[-1]
    tidied = tidy_names(names, positions, remarks, lambda at, name: where.at(row, at, name), where.is_sheet)
    return GridColumns(tidied, tuple(columns[index] for index in kept), np.array(lines, dtype=np.int64), positions)


def _transposed(records: Sequence[Sequence[str]], width: int, zero_width: bool) -> list[list[str]]:
    """Columns of stripped cells; by blocks, which the processor's cache holds."""
    columns: list[list[str]] = [[] for _ in range(width)]
    for start in range(0, len(records), _BLOCK):
        for column, cells in zip(columns, zip(*records[start : start + _BLOCK], strict=True), strict=True):
            column += strip_cells(cells, zero_width)
    return columns


def check_cells(
    records: Sequence[Sequence[str]], lines: Sequence[int], where: Where, limits: Limits, remarks: Remarks
) -> None:
    """DT227 for each cell with a control character or too many characters; slow, cell by cell."""
    for line, record in zip(lines, records, strict=True):
        for position, cell in enumerate(record, 1):
            found = FORBIDDEN.search(cell)
            if found:
                message = f"control character {forbidden_name(found.group())} in {shown(cell)}; clean the cell"
                remarks.add("DT227", message, where.at(line, position))
            elif len(cell) > limits.cell_characters:
                remarks.add("DT227", oversized(cell, limits), where.at(line, position))


def oversized(cell: str, limits: Limits) -> str:
    """What is said of a cell that is too long."""
    return f"the cell has {len(cell):,} characters, at most {limits.cell_characters:,} are allowed: {shown(cell)}"


def _check_lengths(
    grid: Grid, header: Header, columns: Sequence[Sequence[str]], kept: Sequence[int], limits: Limits, remarks: Remarks
) -> None:
    lines = grid.lines[header.records :]
    for index, column in zip(kept, columns, strict=True):
        cells = [header.names[index], *column]
        if max(map(len, cells)) > limits.cell_characters:
            for row, cell in enumerate(cells):
                if len(cell) > limits.cell_characters:
                    line = lines[row - 1] if row else header.rows[-1]
                    remarks.add("DT227", oversized(cell, limits), grid.where.at(line, index + 1))


def _of_one_width(
    records: Sequence[Sequence[str]], lines: Sequence[int], names: list[str], where: Where, remarks: Remarks
) -> Sequence[Sequence[str]]:
    """The records, each as wide as the header; empty cells beyond it do not count."""
    width = len(names)
    if set(map(len, records)) == {width}:
        return records
    named = max((index for index, name in enumerate(names, 1) if name.strip()), default=0)
    shaped: list[Sequence[str]] = []
    for line, record in zip(lines, records, strict=True):
        surplus = next((index for index in range(width, len(record)) if record[index].strip()), None)
        if surplus is not None:
            message = f"the row has {len(record)} cells, the header {width} columns; surplus: {shown(record[surplus])}"
            remedy = "quote the cell that contains the delimiter, or name the column"
            remarks.add("DT124", f"{message}; {remedy}", where.at(line))
        elif len(record) < named:
            message = f"the row has {len(record)} cells, the header {named} columns; complete it"
            remarks.add("DT125", f"{message} (an empty cell needs its delimiter too)", where.at(line))
        shaped.append([*record[:width], *[""] * (width - len(record))])
    remarks.raise_errors()
    return shaped


def _refuse_unnamed(
    grid: Grid, header: Header, kept: Sequence[int], columns: Sequence[Sequence[str]], remarks: Remarks
) -> None:
    """DT131 for columns that have values and no name, with a proposal where the header seems to span two rows."""
    unnamed = [index for index in kept if not header.names[index].strip()]
    if not unnamed:
        return
    where = grid.where
    which = ", ".join(column_letters(index + 1) if where.is_sheet else str(index + 1) for index in unnamed[:10])
    rows = propose_spanning(grid.records, grid.lines, unnamed) if len(header.rows) == 1 else None
    spanning = f"give header_rows={rows} if the header spans two rows, else " if rows else ""
    message = f"no name above the values of column {which}; {spanning}name it"
    refuse("DT131", message, where.at(header.rows[-1], unnamed[0] + 1), remarks.all())
