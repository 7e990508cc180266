"""``dtindex inspect``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.console import Console, new_table
from dtindex.cli.inputs import load_subject
from dtindex.cli.options import Delimiter, Encoding, HeaderRows, Sheet, TableSource, console_of, output_file
from dtindex.cli.remarks import counted, exit_code, merged, shown_path, tell_warnings, to_dict

if TYPE_CHECKING:
    from dtindex.tables.describe import ColumnSummary
    from dtindex.tables.raw import RawTable
    from dtindex.tables.survey.propose import Proposal

__all__ = ["run"]

_SAMPLE = 32
_HIDDEN = "(not shown)"


def run(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file.", show_default=False)
    ],
    methodology: Annotated[
        str | None, typer.Option("-m", "--methodology", metavar="NAME", help="Say what each column would serve.")
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option(
            "-q", "--questions", metavar="FILE", help="Write the `questions:` block that is proposed (.yaml)."
        ),
    ] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
) -> int:
    """Format, encoding, delimiter, sheet and size; of each column kind, cells that are filled, range and samples.

    With --methodology also the id or the question that a column serves, or the nearest that the methodology lacks. Of
    an export of 问卷星, Qualtrics, LimeSurvey or SPSS also what each column was taken for, and a `questions:` block to
    start from; cells of columns that identify a person are not shown.
    """
    from dtindex.tables.describe import describe
    from dtindex.tables.read import read_source
    from dtindex.tables.survey.propose import propose

    console = console_of(context)
    known = None if methodology is None else load_subject(methodology).methodology
    raw = read_source(file, **TableSource(file, sheet, delimiter, encoding, header_rows).arguments())
    proposal = propose(raw)
    columns = tuple(_hidden(column, proposal) for column in describe(proposal.export.raw, known))
    files = [] if questions is None else [_write(proposal, questions)]
    findings = merged(raw.findings)
    asked = questions is not None or (known is None and proposal.export.dialect.name != "plain")
    if console.for_people:
        _print(console, raw, columns, known is not None)
        if asked:
            _print_proposal(console, proposal, questions is None)
        for path in files:
            console.say(f"wrote {shown_path(path)}", "dim")
        console.say(counted(findings))
    tell_warnings(console, findings)
    code = exit_code(console, findings)
    survey = _survey(proposal) if asked else {}
    written = {"files": [str(path) for path in files]}
    console.document(_document(raw, columns) | survey | written | to_dict(findings) | {"exit_code": int(code)})
    return code


def _hidden(column: ColumnSummary, proposal: Proposal) -> ColumnSummary:
    """A column that identifies a person, without what stands in it."""
    from dataclasses import replace

    header = proposal.export.raw.header
    if header.index(column.name) not in proposal.personal:
        return column
    return replace(column, low=None, high=None, sample=(_HIDDEN,), odd=())


def _write(proposal: Proposal, file: str) -> Any:
    from dtindex.atomic import write_bytes
    from dtindex.tables.survey.propose import questions_yaml

    return write_bytes(output_file(file, ".yaml", ".yml"), questions_yaml(proposal.questions).encode())


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


def _print_proposal(console: Console, proposal: Proposal, show_block: bool) -> None:
    from dtindex.tables.survey.propose import questions_yaml

    dialect = proposal.export.dialect
    console.say()
    console.say(f"read as an export of {dialect.title}: what each column was taken for", "bold")
    table = new_table()
    table.add_column("column")
    table.add_column("taken for")
    for name, role in zip(proposal.export.raw.header, proposal.roles, strict=True):
        table.add_row(name, role)
    console.show(table)
    if show_block and proposal.questions:
        console.say()
        console.say(
            "A `questions:` block to start from (--questions FILE writes it); give options their points:", "bold"
        )
        console.say(questions_yaml(proposal.questions).rstrip())


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


def _survey(proposal: Proposal) -> dict[str, Any]:
    roles = dict(zip(proposal.export.raw.header, proposal.roles, strict=True))
    return {"dialect": proposal.export.dialect.name, "taken_for": roles, "questions": list(proposal.questions)}


def _document(raw: RawTable, columns: tuple[ColumnSummary, ...]) -> dict[str, Any]:
    return {
        "verb": "inspect",
        "file": raw.file,
        "found": dict(raw.description),
        "sheet": raw.sheet,
        "rows": len(raw),
        "columns": [column.to_dict() for column in columns],
    }
