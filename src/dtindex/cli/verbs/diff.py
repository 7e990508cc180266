"""``dtindex diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import Scored, scored
from dtindex.cli.options import (
    Assume,
    Delimiter,
    Encoding,
    HeaderRows,
    Layout,
    LayoutName,
    Sheet,
    TableSource,
    console_of,
)
from dtindex.cli.remarks import merged
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.analysis.diff import Difference
    from dtindex.cli.console import Console
    from dtindex.spec.base import Language

__all__ = ["run"]

_WHAT = "Id of a methodology that ships, a .yaml or .xlsx file, or a .dtindex edition"


def run(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=f"{_WHAT}.", show_default=False)],
    after: Annotated[
        str | None,
        typer.Argument(metavar="AFTER", help=f"{_WHAT}; the same, where two periods are compared.", show_default=False),
    ] = None,
    before_table: Annotated[str | None, typer.Option(metavar="TABLE", help="Table of BEFORE; else its own.")] = None,
    after_table: Annotated[str | None, typer.Option(metavar="TABLE", help="Table of AFTER; else its own.")] = None,
    periods: Annotated[
        str | None, typer.Option(metavar="A,B", help="Period of BEFORE, and that of AFTER, of panels.")
    ] = None,
    node: Annotated[str | None, typer.Option(metavar="ID", help="Node that is compared; else the index.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Print so many units only.")] = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """What came from data, from weights and from the method, for every unit of both; the three sum to its change.

    With -o DIR three files are written, all or none: difference.csv (a row a unit), difference_items.csv (a row a unit
    and item) and diff.json (the same by unit with hashes and command). How tables are read holds for both.
    """
    from dtindex.analysis.diff import diff

    console = console_of(context)
    pair = _periods(periods)
    if after is None and pair is None:
        message = "diff takes two methodologies or editions; or one, and --periods A,B; `dtindex diff --help`"
        raise UsageError([finding("DT902", message)])
    sources = [
        TableSource(path, sheet, delimiter, encoding, header_rows, layout) for path in (before_table, after_table)
    ]
    first = _scored(before, sources[0], assume)
    once = after in (None, before) and after_table in (None, before_table)
    second = first if once else _scored(after or before, sources[1], assume)
    found = diff(first.scores, second.scores, node=node, periods=pair)
    findings = merged(first.findings, second.findings, found.findings)
    wanted = output is not None or console.common.json
    record = _record(console, first, second, found) if wanted else {}
    files = [] if output is None else _write(output, found, record, console.language)
    if console.for_people:
        from dtindex.cli.difference import print_difference

        print_difference(console, found, top)
    return closed(console, findings, files, lambda: {"verb": "diff"} | record)


def _scored(name: str, source: TableSource, assume: str | None) -> Scored:
    """Scores of one side; an assumption is for the sides that are methodologies, an edition has its own."""
    from dtindex.cli.inputs import is_edition

    return scored(name, source, assume=None if is_edition(name) else assume)


def _periods(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.replace("，", ",").split(",")]
    if len(words) != 2 or not all(words):
        raise UsageError([finding("DT902", f"--periods {text!r}: expected two periods, such as 2021,2022")])
    return words[0], words[1]


def _record(console: Console, first: Scored, second: Scored, found: Difference) -> dict[str, Any]:
    answers = found.to_dict()
    for side, result in (("before", first), ("after", second)):
        own = record_of(console, result, {})
        answers[side] |= {"edition": own["edition"], "table_hash": own["table_hash"]}
    record = record_of(console, second, answers)
    del record["edition"], record["table_hash"]
    return record


def _write(folder: str, found: Difference, record: dict[str, Any], language: Language) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text, table_csv

    frames = {"difference.csv": found.in_language(language).reset_index(), "difference_items.csv": found.items}
    contents = {}
    for name, frame in frames.items():
        plain = frame.astype(object).where(frame.notna(), None)
        contents[name] = table_csv(frame.columns, plain.itertuples(index=False, name=None))
    contents["diff.json"] = json_text(record).encode("utf-8", "surrogatepass")
    return write_files(folder, contents)
