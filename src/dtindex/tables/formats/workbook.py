"""Excel workbooks: parsed in a process of their own, put together here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, NoReturn

from dtindex.findings import Finding, Place, Severity
from dtindex.tables.formats.cells import FORBIDDEN, has_zero_width
from dtindex.tables.formats.grid import Grid, GridColumns, take_apart
from dtindex.tables.formats.refusal import Remarks, error_for, refuse
from dtindex.tables.formats.where import Where
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable, column_letters

__all__ = ["read_workbook"]

_NAMED = 5


@dataclass
class _Answer:
    """What the child process told."""

    records: list[list[str]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    dates: list[list[int]] = field(default_factory=list)
    lossy: list[list[int]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


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
    answer = _parsed_apart(file, sheet, limits)
    rest = answer.rest
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


def _parsed_apart(file: str, sheet: str | None, limits: Limits) -> _Answer:
    request = {"file": file, "path": os.path.abspath(file), "sheet": sheet, "limits": asdict(limits)}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "dtindex.tables.formats._child"],
                input=json.dumps(request).encode("ascii"),
                stdout=output,
                stderr=complaints,
                env={**os.environ, "PYTHONPATH": _import_path(), "PYTHONIOENCODING": "utf-8"},
                timeout=limits.child_seconds,
                check=False,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except subprocess.TimeoutExpired:
            message = f"the workbook was not read within {limits.child_seconds:g} s; save the table alone, or as CSV"
            refuse("DT903", message, Place(file=file))
        except OSError as error:
            message = f"no process could be started to read the workbook ({error.strerror or error}); save it as CSV"
            refuse("DT903", message, Place(file=file))
        output.seek(0)
        complaints.seek(0)
        return _received(output, file, done.returncode, complaints.read(4096))


def _import_path() -> str:
    """Where this process finds modules, so that the child finds the same dtindex whichever way it was imported."""
    return os.pathsep.join(dict.fromkeys(os.path.abspath(entry or os.getcwd()) for entry in sys.path))


def _received(output: IO[bytes], file: str, status: int, complaints: bytes) -> _Answer:
    answer = _Answer()
    for line in output:
        if not line.endswith(b"\n"):
            break  # the child died while it wrote
        message = json.loads(line)
        if "rows" in message:
            answer.rows += message["rows"]
            answer.records += message["cells"]
            answer.dates += message["dates"]
            answer.lossy += message["lossy"]
        elif "refused" in message:
            findings = [_finding(item) for item in message["refused"]]
            raise error_for(findings[0].code)(findings)
        elif "limit" in message:
            _refuse_limit(file)
        elif "damaged" in message:
            reason = " ".join(message["damaged"].split())
            refuse("DT115", f"the workbook cannot be read ({reason}); export it again", Place(file=file))
        else:
            answer.rest = message
    if not answer.rest:
        _refuse_death(file, status, complaints)
    return answer


def _finding(item: dict[str, Any]) -> Finding:
    return Finding(item["code"], Severity(item["severity"]), item["message"], Place(**item["place"]))


def _refuse_limit(file: str) -> NoReturn:
    message = "reading the workbook takes more memory or time than is allowed; save the table alone, or as CSV"
    refuse("DT903", message, Place(file=file))


def _refuse_death(file: str, status: int, complaints: bytes) -> NoReturn:
    ran_out = status == -getattr(signal, "SIGXCPU", 0) != 0
    if ran_out or b"memory allocation of" in complaints or b"MemoryError" in complaints:
        _refuse_limit(file)
    how = f"signal {-status}" if status < 0 else f"status {status}"
    message = f"the reader of the workbook ended with {how}; it ran apart and did no harm; export the file again"
    refuse("DT115", message, Place(file=file))


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
