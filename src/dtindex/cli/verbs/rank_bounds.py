"""``dtindex rank-bounds``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import freed
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
from dtindex.cli.progress import progress_of
from dtindex.cli.uncertain import FactorsFile, Figures, Workers, drawn_figures, read_factors, share_of
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex.analysis.rank_bounds import RankBounds
    from dtindex.cli.console import Console

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    node: Annotated[str | None, typer.Option(metavar="ID", help="Whose ranks; the first root unless said.")] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    factors: FactorsFile = None,
    within: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Every weight within this share of what it is, as 25% or 0.25.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, metavar="K", help="Who is, and who can be, among the first K.")] = 6,
    effort: Annotated[
        int | None, typer.Option(min=0, help="Nodes of branch and bound for each rank; 200 up to 300 units, else 0.")
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=0, help="Of a simulation beside the bounds; only where they are not exact.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers of the simulation start.")] = 0,
    workers: Workers = None,
    figures: Figures = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """Exact: what holds of the ranks for all admissible weights, and weights at which each unit is best and worst.

    Free are unpublished weights, which need no assumption here; else the weights that the methodology's `uncertainty:`
    or --factors FILE lets vary; else all weights of the index. With -o DIR, all or none are written:
    rank_bounds.csv, dominance.csv, witnesses.csv, stability.csv, pairwise.csv and tier_bounds.csv where there are any,
    and rank_bounds.json.
    """
    from dtindex.analysis.rank_bounds import rank_bounds

    console = console_of(context)
    if figures is not None and output is None:
        raise UsageError([finding("DT902", "--figures draws beside the tables: name a folder with -o DIR")])
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = freed(methodology, source, assume=assume)
    began = time.perf_counter()
    with progress_of(console, "rank-bounds") as progress:
        found = rank_bounds(
            subject.index,
            subject.table,
            read_factors(factors, subject.subject.methodology),
            node=node,
            period=period,
            within=share_of("--within", within),
            effort=effort,
            runs=runs,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    seconds = time.perf_counter() - began
    result = subject.scored(found.scores, found.findings)
    record = record_of(console, result, found.to_dict()) if output is not None or console.common.json else {}
    files = []
    if output is not None:
        from dtindex.atomic import write_files
        from dtindex.output import frame_csv, json_text

        contents = {f"{name}.csv": frame_csv(frame) for name, frame in found.tables.items()}
        contents |= {"rank_bounds.json": json_text(record).encode("utf-8", "surrogatepass")}
        if figures is not None:
            contents |= drawn_figures(_figures(console, found), figures)
        files = write_files(output, contents)
    if console.for_people:
        from dtindex.cli.bounds import print_bounds

        print_bounds(console, found, first)
    console.tell(f"{len(found.units):,} units in {seconds:.2f} s", "dim")
    return closed(console, result.findings, files, lambda: {"verb": "rank-bounds"} | record)


def _figures(console: Console, found: RankBounds) -> dict[str, Figure]:
    from dtindex.reports.figures import dominance, rank_bounds, stability

    language = console.language
    drawn = {"rank_bounds": rank_bounds(found, language=language), "dominance": dominance(found, language=language)}
    if len(found.stability):
        drawn["stability"] = stability(found, language=language)
    return drawn
