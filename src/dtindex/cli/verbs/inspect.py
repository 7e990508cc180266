"""``dtindex inspect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.console import Console, new_table
from dtindex.cli.inputs import load_subject
from dtindex.cli.options import Delimiter, Encoding, HeaderRows, Sheet, TableSource, console_of
from dtindex.cli.remarks import counted, exit_code, merged, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from dtindex.tables.describe import ColumnSummary
    from dtindex.tables.raw import RawTable

__all__ = ["run"]

_SAMPLE = 32


def run(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, TSV, XLSX, XLS, Parquet or Arrow file.", show_default=False)
    ],
    methodology: Annotated[
        str | None, typer.Option("-m", "--methodology", metavar="NAME", help="Say what each column would serve.")
    ] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
) -> int:
    """Format, encoding, delimiter, sheet and size; of each column kind, cells that are filled, range and samples.

    With --methodology also the id that a column serves, or the nearest that the methodology lacks.
    """
    from dtindex.tables.describe import describe
    from dtindex.tables.read import read_source

    console = console_of(context)
    known = None if methodology is None else load_subject(methodology).methodology
    raw = read_source(file, **TableSource(file, sheet, delimiter, encoding, header_rows).arguments())
    columns = describe(raw, known)
    findings = merged(raw.findings)
    if console.for_people:
        _print(console, raw, columns, known is not None)
        console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    console.document(_document(raw, columns) | to_dict(findings) | {"exit_code": int(code)})
    return code


def _print(console: Console, raw: RawTable, columns: tuple[ColumnSummary, ...], matched: bool) -> None:
    console.say(shown_path(raw.file), "bold")
    console.say(", ".join(f"{name}: {value}" for name, value in raw.description.items()))
    console.say()
    table = new_table()
    for head in ("#", "column", "kind", "filled", "distinct", "lowest", "highest", "sample"):
        table.add_column(head, justify="left" if head in ("column", "kind", "sample") else "right")
    if matched:
        table.add_column("serves")
    for column in columns:
        table.add_row(*_cells(column, len(raw)), *([_serves(column)] if matched else []))
    console.show(table)
    for column in columns:
        if column.odd:
            console.say(f"{column.name}: not a number: {', '.join(column.odd)}", "yellow")


def _cells(column: ColumnSummary, rows: int) -> list[str]:
    ends = ["" if end is None else f"{end:.6g}" for end in (column.low, column.high)]
    sample = ", ".join(column.sample)
    shown = sample if len(sample) <= _SAMPLE else sample[: _SAMPLE - 1] + "…"
    filled = f"{column.filled:,}" if column.filled == rows else f"{column.filled:,} of {rows:,}"
    return [str(column.position), column.name, column.looks, filled, f"{column.distinct:,}", *ends, shown]


def _serves(column: ColumnSummary) -> str:
    if column.matched:
        return column.matched
    return f"nothing; nearest is {column.nearest}" if column.nearest else "nothing"


def _document(raw: RawTable, columns: tuple[ColumnSummary, ...]) -> dict[str, Any]:
    return {
        "verb": "inspect",
        "file": raw.file,
        "found": dict(raw.description),
        "sheet": raw.sheet,
        "rows": len(raw),
        "columns": [column.to_dict() for column in columns],
    }
