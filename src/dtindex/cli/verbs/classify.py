"""``dtindex classify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dtindex.cli.closing import closed, run_of
from dtindex.cli.inputs import Scored, scored
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

    from dtindex.analysis.classify import Classification
    from dtindex.cli.console import Console
    from dtindex.findings import Findings

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    assume: Assume = None,
    scheme: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which classification; `class`, or the first, unless said.")
    ] = None,
    of: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Which class; the first that has a condition, unless said.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Period of a panel, or `all`; else the latest.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Draws of errors and of the reference.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Where the random numbers start.")] = 0,
    profiles: Annotated[int, typer.Option(min=0, max=20, help="Most profiles of the mixture; 0 for none.")] = 6,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap samples for the stability of profiles.")] = 50,
    target: Annotated[
        float | None, typer.Option(help="Share of the class that the calibration is to make; else the one found.")
    ] = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Who is in a class, by what margin and how firmly, and how many that are.

    Shares with Wilson's and Clopper and Pearson's intervals, weighted where the table has weights; the cross table with
    a second classification; units on the border; profiles of a Gaussian mixture, as a check on the rule; and what the
    thresholds would make at other correlations. With -o DIR three files are written, all or none: classes.csv,
    crosstab.csv and classify.json.
    """
    from dtindex.analysis.classify import classify
    from dtindex.spec.classes import SCHEME
    from dtindex.steps.classify import schemes

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    result = scored(methodology, source, assume=assume)
    known = schemes(result.scores.methodology.classes)
    found = classify(
        result.scores,
        scheme or (SCHEME if SCHEME in known else next(iter(known), SCHEME)),
        of=of,
        period=period,
        runs=runs,
        seed=seed,
        most_profiles=profiles,
        resamples=resamples,
        target=target,
    )
    findings = merged(result.findings, found.findings)
    files = [] if output is None else _write(console, output, result, found, findings)
    if console.for_people:
        from dtindex.cli.classification import print_classification

        print_classification(console, found)
    head = {"verb": "classify", "edition": result.subject.edition_named}
    return closed(console, findings, files, lambda: head | found.to_dict())


def _write(console: Console, folder: str, result: Scored, found: Classification, findings: Findings) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text, run_record, table_csv

    answers = found.to_dict()
    # The units are in classes.csv.
    told = {name: answers[name] for name in answers if name not in ("units", "others", "methodology", "assumptions")}
    record = run_record(result.scores, findings, run_of(console, result)) | {"seed": found.seed} | {"classify": told}
    tables = {"classes.csv": found.wide, "crosstab.csv": found.crosstab}
    contents = {
        **{name: table_csv(one.columns, one.itertuples(index=False, name=None)) for name, one in tables.items()},
        "classify.json": json_text(record).encode("utf-8", "surrogatepass"),
    }
    return write_files(folder, contents)
