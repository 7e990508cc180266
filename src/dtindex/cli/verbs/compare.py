"""``dtindex compare``."""

from __future__ import annotations

from enum import StrEnum
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
    Threads,
    console_of,
)
from dtindex.cli.remarks import merged
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.analysis.compare import GroupComparison
    from dtindex.analysis.groups.outcome import Form

__all__ = ["run"]


class Adjust(StrEnum):
    """How p-values are adjusted for the number of outcomes."""

    HOLM = "holm"
    BH = "bh"
    NONE = "none"


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    by: Annotated[str, typer.Option(metavar="SCHEME", help="Scheme of classes, or text column of the table.")] = (
        "class"
    ),
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="What is compared, again for more; else what is tagged `outcome`."),
    ] = None,
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Who is compared; else the first class.")] = None,
    against: Annotated[
        str, typer.Option(metavar="NAME", help="With whom: `others`, a group, or `each` for every pair.")
    ] = "others",
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="What a regression holds equal, again for more: a column or an item."),
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Clusters within which rows are not independent.")
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=FORM", help="How it is told: `per cent`, `times`, `shares` or `difference`."),
    ] = None,
    weights: Annotated[bool, typer.Option(help="Whether sampling weights are used.")] = True,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of intervals.")] = 0.95,
    adjust: Annotated[Adjust, typer.Option(help="P-values over the outcomes.")] = Adjust.HOLM,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    permutations: Annotated[int, typer.Option(min=1, help="Random splits, where not all are tried.")] = 10_000,
    resamples: Annotated[int, typer.Option(min=1, help="Resamples of the bootstrap.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 0,
    assume: Assume = None,
    threads: Threads = 1,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Differences, ratios and effects with intervals; Welch, Mann-Whitney, permutation, regression, bootstrap.

    The table shows each outcome as a chapter would: in per cent, in times, or as two shares. With -o DIR two files are
    written, both or neither: comparison.csv (a row an outcome and statistic) and compare.json (the same with hashes,
    seed, command, and the tables in both languages).
    """
    from dtindex.analysis.compare import compare

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    forms = _forms(form or [])
    result = scored(methodology, source, assume=assume, threads=threads)
    found = compare(
        result.scores,
        by,
        outcome or None,
        group,
        against,
        controls=control or (),
        cluster=cluster,
        weights=weights,
        confidence=confidence,
        adjust=None if adjust is Adjust.NONE else "holm" if adjust is Adjust.HOLM else "bh",
        seed=seed,
        permutations=permutations,
        resamples=resamples,
        forms=forms,
        period=period,
    )
    findings = merged(result.findings, found.findings)
    wanted = output is not None or console.common.json
    record = record_of(console, result, found.to_dict()) if wanted else {}
    files = [] if output is None else _write(output, found, record)
    if console.for_people:
        from dtindex.cli.comparison import print_comparison

        print_comparison(console, found)
    return closed(console, findings, files, lambda: {"verb": "compare"} | record)


def _forms(words: list[str]) -> dict[str, Form]:
    forms: dict[str, Any] = {}
    for word in words:
        name, equals, how = word.partition("=")
        if not equals:
            raise UsageError([finding("DT902", f"--form {word!r}: expected ID=FORM, such as financial_value=times")])
        forms[name.strip()] = how.strip()
    return forms


def _write(folder: str, found: GroupComparison, record: dict[str, Any]) -> list[Path]:
    from dtindex.analysis.groups.frame import COLUMNS, records
    from dtindex.atomic import write_files
    from dtindex.output import json_text, table_csv

    rows = records(found.answers, found.adjust)
    contents = {
        "comparison.csv": table_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows)),
        "compare.json": json_text(record).encode("utf-8", "surrogatepass"),
    }
    return write_files(folder, contents)
