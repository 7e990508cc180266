"""``dtindex rank-sets``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import indexed
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
from dtindex.cli.uncertain import ErrorsFile, Workers, read_errors
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    pass

__all__ = ["run"]


class SetMethod(StrEnum):
    """How sets are made; the second is refused, with the reason."""

    DIFFERENCES = "differences"
    BOOTSTRAP = "bootstrap"


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="Rank groups of a sample; several are crossed.")
    ] = None,
    of: Annotated[str | None, typer.Option(metavar="ITEM", help="What is estimated; the index unless said.")] = None,
    errors: ErrorsFile = None,
    node: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose scores, of units; the index unless said.")
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    weight: Annotated[str | None, typer.Option(metavar="COLUMN", help="Sampling weights, of groups.")] = None,
    best: Annotated[int, typer.Option(min=1, metavar="K", help="Who cannot be excluded from the first K.")] = 1,
    method: Annotated[SetMethod, typer.Option(help="A bootstrap of ranks is refused, with the reason.")] = (
        SetMethod.DIFFERENCES
    ),
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of the sets.")] = 0.95,
    draws: Annotated[int, typer.Option(min=100, help="Of the critical values.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 0,
    workers: Workers = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Which ranks can be told apart where figures have standard errors, and which units are level.

    --by ranks the groups of a sample; without it units are ranked, whose figures have the standard errors of --errors
    FILE or of the methodology's `uncertainty:`. With -o DIR, all or none are written: rank_sets.csv, above.csv,
    rank_law.csv and rank_sets.json.
    """
    from dtindex.analysis.rank_sets import rank_sets

    console = console_of(context)
    if by and errors is not None:
        raise UsageError([finding("DT902", "--by estimates its own standard errors; --errors is for units")])
    if not by and (of is not None or weight is not None):
        raise UsageError([finding("DT902", "--of and --weight are of groups: name them with --by")])
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = indexed(methodology, source, assume=assume)
    settings: dict[str, Any] = {"weight": weight} if by else {}
    found = rank_sets(
        subject.index,
        subject.table,
        by=by or None,
        of=of,
        errors=read_errors(errors),
        node=node,
        period=period,
        method=method.value,
        confidence=confidence,
        draws=draws,
        seed=seed,
        workers=workers,
        **settings,
    )
    assert found.scores is not None
    result = subject.scored(found.scores, found.findings)
    record = record_of(console, result, found.to_dict()) if output is not None or console.common.json else {}
    files = []
    if output is not None:
        from dtindex.atomic import write_files
        from dtindex.output import frame_csv, json_text

        contents = {f"{name}.csv": frame_csv(frame) for name, frame in found.tables.items()}
        contents |= {"rank_sets.json": json_text(record).encode("utf-8", "surrogatepass")}
        files = write_files(output, contents)
    if console.for_people:
        from dtindex.cli.bounds import print_sets

        print_sets(console, found, best)
    return closed(console, result.findings, files, lambda: {"verb": "rank-sets"} | record)
