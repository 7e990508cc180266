"""``dtindex validity``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dtindex.cli.closing import closed
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

    from dtindex.analysis.validity import Validity

__all__ = ["run"]


class Of(StrEnum):
    """Whose belonging together is asked."""

    CHILDREN = "children"
    LEAVES = "leaves"


class Rows(StrEnum):
    """Which rows a covariance matrix rests on."""

    COMPLETE = "complete"
    PAIRWISE = "pairwise"


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    assume: Assume = None,
    period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Period of a panel, or `all` pooled; else the latest.")
    ] = None,
    of: Annotated[Of, typer.Option(help="Whether a node's children belong together, or all leaves below it.")] = (
        Of.CHILDREN
    ),
    rows: Annotated[
        Rows, typer.Option(help="Complete rows for matrices, or covariances pair by pair.")
    ] = Rows.COMPLETE,
    high: Annotated[float, typer.Option(min=0, max=1, help="Siblings that correlate above it are redundant.")] = 0.92,
    low: Annotated[float, typer.Option(min=0, max=1, help="Less than it with the own parent is too low.")] = 0.3,
    runs: Annotated[int, typer.Option(min=1, help="Random matrices of the parallel analysis.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Where their random numbers start.")] = 1,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Whether the children of each node belong together, on normalised scores, in which higher is better.

    Reliability (alpha, omega), sampling adequacy (KMO, Bartlett), dimensions (eigenvalues, parallel analysis),
    importance of each child beside its weight, and correlations that are too high, too low or negative. With -o DIR
    eight files are written, all or none: a CSV file of each table, and validity.json.
    """
    from dtindex.analysis.flags import Thresholds
    from dtindex.analysis.validity import validity

    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    result = scored(methodology, source, assume=assume)
    found = validity(
        result.scores,
        period=period,
        of="leaves" if of is Of.LEAVES else "children",
        rows="pairwise" if rows is Rows.PAIRWISE else "complete",
        thresholds=Thresholds(high=high, low=low),
        runs=runs,
        seed=seed,
    )
    findings = merged(result.findings, found.findings)
    files = [] if output is None else _write(output, found)
    if console.for_people:
        from dtindex.cli.validity import print_validity

        print_validity(console, found)
    head = {"verb": "validity", "edition": result.subject.edition_named}
    return closed(console, findings, files, lambda: head | found.to_dict())


def _write(folder: str, found: Validity) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text, table_csv

    contents = {
        f"{name}.csv": table_csv(frame.columns, frame.itertuples(index=False, name=None))
        for name, frame in found.tables.items()
    }
    contents["validity.json"] = json_text(found.to_dict()).encode("utf-8", "surrogatepass")
    return write_files(folder, contents)
