"""``dtindex report``."""

from __future__ import annotations

import time
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
    output_file,
)
from dtindex.cli.progress import progress_of
from dtindex.cli.uncertain import FactorsFile, Workers, read_factors
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from dtindex.reports.explorer import Explorer
    from dtindex.reports.workbook import Workbook

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="An .html or .xlsx file to write.", show_default=False)
    ],
    table: TableName = None,
    simulate: Annotated[
        int | None,
        typer.Option(min=0, metavar="RUNS", help="Runs of the simulation, 0 for none; else 10,000 up to 300 units."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 1,
    factors: FactorsFile = None,
    bounds: Annotated[
        bool, typer.Option("--rank-bounds", help="Behind the ranks drawn, those that can be attained; exact.")
    ] = False,
    map_file: Annotated[
        str | None, typer.Option("--map", metavar="FILE", help="GeoJSON of your own; tiles stand beside it.")
    ] = None,
    map_approval_no: Annotated[
        str | None, typer.Option("--map-approval-no", metavar="TEXT", help="Its approval number (审图号).")
    ] = None,
    part: Annotated[int, typer.Option(min=1, help="Which 5,000 rows, by rank, where there are more.")] = 1,
    workers: Workers = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
) -> int:
    """One file: .html, the index as a page that needs no network; .xlsx, a workbook that computes itself.

    The page has ranking, weights to try, profiles, comparison, map, uncertainty, classes. The workbook goes from raw
    values to ranks in formulas; --rank-bounds, --map and --part are the page's.

    The page opens in any browser, from a disk or a mail, in Chinese and English (--language says which first). Weights
    that a reader tries rank anew by the library's own arithmetic, beside the published ranks, and stay in the address.
    The same input gives the same bytes.
    """
    from dtindex.reports.report import ENDINGS, WORKBOOK_ENDINGS

    console = console_of(context)
    path = output_file(output, *ENDINGS)
    as_workbook = path.suffix.casefold() in WORKBOOK_ENDINGS
    if as_workbook and (bounds or map_file is not None or part != 1):
        raise UsageError([finding("DT902", "--rank-bounds, --map and --part are for .html")])
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = indexed(methodology, source, assume=assume)
    own = read_factors(factors, subject.subject.methodology)
    began = time.perf_counter()
    attainable = None
    if bounds:
        from dtindex.analysis.rank_bounds import rank_bounds
        from dtindex.analysis.uncertainty.factors import DEFAULT_SHARE

        # Where nothing says how far weights may move, as far as the simulation moves them.
        silent = own is None and subject.subject.methodology.uncertainty is None
        with progress_of(console, "rank-bounds") as progress:
            attainable = rank_bounds(
                subject.index,
                subject.table,
                own,
                within=DEFAULT_SHARE if silent else None,
                runs=0,
                workers=workers,
                progress=progress,
            )
    shared: dict[str, Any] = {
        "table": subject.table,
        "language": console.language,
        "runs": simulate,
        "seed": seed,
        "factors": own,
        "workers": workers,
    }
    made: Workbook | Explorer
    answers: dict[str, int | None]
    with progress_of(console, "simulate") as progress:
        if as_workbook:
            from dtindex.reports.workbook import workbook

            made = workbook(subject.index, **shared, progress=progress)
            answers = {"formulas": made.formulas, "fixed": made.fixed}
        else:
            from dtindex.reports.explorer import explorer

            maps: dict[str, Any] = {"map_file": map_file, "map_approval_no": map_approval_no}
            made = explorer(subject.index, **shared, **maps, bounds=attainable, part=part, progress=progress)
            answers = {"part": made.part, "parts": made.parts}
    result = subject.scored(made.scores, made.findings)
    written = made.save(path)
    size = written.stat().st_size
    console.tell(f"{size / 1e6:.2f} MB in {time.perf_counter() - began:.2f} s", "dim")
    answers |= {
        "bytes": size,
        "units": len(made.scores),
        "runs": None if made.simulation is None else made.simulation.runs,
        "seed": seed,
    }
    return closed(console, result.findings, [written], lambda: {"verb": "report"} | record_of(console, result, answers))
