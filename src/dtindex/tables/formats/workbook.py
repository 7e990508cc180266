"""Excel workbooks: parsed in a process of their own, put together here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dtindex.findings import Place
from dtindex.tables.formats.apart import Parser, parse_apart
from dtindex.tables.formats.cells import FORBIDDEN, has_zero_width
from dtindex.tables.formats.grid import Grid, GridColumns, take_apart
from dtindex.tables.formats.refusal import Remarks
from dtindex.tables.formats.where import Where
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable, column_letters

__all__ = ["read_workbook"]

_NAMED = 5
_PARSER = Parser("sheets", "the workbook", "save the table alone, or as CSV")


@dataclass
class _Rows:
    """The rows that the child process sent."""

    records: list[list[str]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    dates: list[list[int]] = field(default_factory=list)
    lossy: list[list[int]] = field(default_factory=list)

    def take(self, block: dict[str, Any]) -> None:
        """Take in a block of them."""
        self.rows += block["rows"]
        self.records += block["cells"]
        self.dates += block["dates"]
        self.lossy += block["lossy"]


def read_workbook(
    file: str, *, sheet: str | None = None, header_rows: Sequence[int] | None = None, limits: Limits
) -> RawTable:
    """Read one sheet of an .xlsx, .xlsm or .xls; rows are the sheet's, blank ones are passed over.

    Raises
    ------
    InputError
        DT101, DT102, DT129, DT131, DT132, DT201, DT227, all that can be said at once.
    LimitError
        DT110, DT111, DT903.
    UsageError
        DT112 to DT115, DT902.
    """
    answer = _Rows()
    rest = parse_apart(_PARSER, file, {"wanted": sheet}, limits, answer.take)
    remarks = Remarks(file)
    where = Where(file, rest["sheet"], is_sheet=True)
    _remark_formulas(rest["formulas"], where, remarks)
    if not answer.records:
        remarks.raise_errors()
    has_forbidden, has_zero = _look_through(answer.records)
    grid = Grid(answer.records, answer.rows, where, [tuple(merge) for merge in rest["merges"]], has_forbidden, has_zero)
    found = take_apart(grid, header_rows, limits, remarks)
    _remark_hidden(rest, found, where, remarks)
    _remark_errors(rest["errors"], found, where, remarks)
    remarks.raise_errors()
    return RawTable(
        file=file,
        kind="sheet",
        header=found.header,
        columns=found.columns,
        rows=found.rows,
        positions=found.positions,
        sheet=rest["sheet"],
        dates=_indices(answer.dates, found),
        lossy=_indices(answer.lossy, found),
        description={
            "format": rest["format"],
            "sheet": rest["sheet"],
            "rows": str(len(found.rows)),
            "columns": str(len(found.header)),
        },
        findings=remarks.all(),
    )


def _look_through(records: Sequence[Sequence[str]]) -> tuple[bool, bool]:
    """Whether any cell has a control character, and whether any has a zero-width one."""
    forbidden = zero_width = False
    for start in range(0, len(records), 10_000):
        text = "\n".join("\n".join(record) for record in records[start : start + 10_000])
        forbidden = forbidden or FORBIDDEN.search(text) is not None
        zero_width = zero_width or has_zero_width(text)
    return forbidden, zero_width


def _indices(cells: Sequence[Sequence[int]], found: GridColumns) -> frozenset[tuple[int, int]]:
    """(row, column) from 0 in the columns kept, of cells given by row and column of the sheet."""
    rows = {int(row): index for index, row in enumerate(found.rows)} if cells else {}
    columns = {position: index for index, position in enumerate(found.positions)}
    return frozenset((rows[row], columns[column]) for row, column in cells if row in rows and column in columns)


def _remark_formulas(cells: Sequence[Sequence[int]], where: Where, remarks: Remarks) -> None:
    for row, column in cells:
        message = "the formula has no computed value; open the workbook in Excel, and save it"
        remarks.add("DT132", message, where.at(row or None, column or None))


def _remark_hidden(rest: dict[str, Any], found: GridColumns, where: Where, remarks: Remarks) -> None:
    for name in rest["hidden_sheets"]:
        message = f"the hidden sheet {name!r} has data and was not read; delete it, or name it: sheet="
        remarks.add("DT130", message, Place(file=where.file, sheet=name))
    if rest["is_hidden"]:
        remarks.add("DT130", "the sheet is hidden, and was read because it was named", where.at())
    present = set(found.rows.tolist())
    rows = [row for row in rest["hidden_rows"] if row in present]
    if rows:
        numbers = _listed("row", list(map(str, rows)))
        remarks.add("DT130", f"hidden and read: {numbers}; unhide and check", where.at(rows[0]))
    columns = [at for at in found.positions if any(first <= at <= last for first, last in rest["hidden_columns"])]
    if columns:
        letters = _listed("column", [column_letters(at) for at in columns])
        remarks.add("DT130", f"hidden and read: {letters}; unhide and check", where.at())


def _remark_errors(errors: Sequence[tuple[int, int, str]], found: GridColumns, where: Where, remarks: Remarks) -> None:
    names = dict(zip(found.positions, found.header, strict=True))
    by_column: dict[int, list[tuple[int, str]]] = {}
    for row, column, error in errors:
        by_column.setdefault(column, []).append((row, error))
    for column, cells in sorted(by_column.items()):
        kinds = ", ".join(sorted({error for _, error in cells}))
        letters = column_letters(column)
        listed = _listed("", [f"{letters}{row}" for row, _ in cells])
        message = f"{kinds} in {listed.strip()}; read as missing; mend the formula, or empty the cell"
        remarks.add("DT133", message, where.at(cells[0][0], column, names.get(column)))


def _listed(word: str, items: Sequence[str]) -> str:
    plural = "s" if word and len(items) > 1 else ""
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return f"{word}{plural} {', '.join(items[:_NAMED])}{more}"
