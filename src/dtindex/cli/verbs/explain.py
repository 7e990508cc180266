"""``dtindex explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import scored
from dtindex.cli.options import (
    Assume,
    Delimiter,
    Encoding,
    HeaderRows,
    Layout,
    LayoutName,
    Sheet,
    SubjectName,
    TableName,
    TableSource,
    console_of,
)
from dtindex.cli.remarks import merged

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.analysis.explain import Explanation
    from dtindex.spec.base import Language

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    *,
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Who is explained: a key, or a spelling that the codelist knows.")
    ],
    against: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Another unit, `mean` or `best`; else the unit by itself.")
    ] = None,
    node: Annotated[str | None, typer.Option(metavar="ID", help="Node that is explained; else the index.")] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    against_period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Period of the other side; else the same.")
    ] = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Points that each item brings, or what sets a unit apart from another; down to cell, source and status.

    The parts sum to the score, or to the difference. With -o DIR two files are written, both or neither:
    explanation.csv (a row an item, in the order of the tree) and explain.json (the same with methods, hashes and
    command).
    """
    from dtindex.analysis.explain import explain

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    result = scored(methodology, source, assume=assume)
    found = explain(result.scores, unit, against=against, period=period, against_period=against_period, node=node)
    findings = merged(result.findings, found.findings)
    wanted = output is not None or console.common.json
    record = record_of(console, result, found.to_dict()) if wanted else {}
    files = [] if output is None else _write(output, found, record, console.language)
    if console.for_people:
        from dtindex.cli.explanation import print_explanation

        print_explanation(console, found)
    return closed(console, findings, files, lambda: {"verb": "explain"} | record)


def _write(folder: str, found: Explanation, record: dict[str, Any], language: Language) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text, table_csv

    frame = found.in_language(language)
    contents = {
        "explanation.csv": table_csv(frame.columns, frame.itertuples(index=False, name=None)),
        "explain.json": json_text(record).encode("utf-8", "surrogatepass"),
    }
    return write_files(folder, contents)
