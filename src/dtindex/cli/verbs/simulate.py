"""``dtindex simulate``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

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
from dtindex.cli.progress import progress_of
from dtindex.cli.uncertain import (
    Dask,
    ErrorsFile,
    FactorsFile,
    Figures,
    MethodName,
    Workers,
    drawn_figures,
    on_cluster,
    read_errors,
    read_factors,
)
from dtindex.findings import ExitCode, UsageError, finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex.analysis.simulate import Simulation
    from dtindex.cli.console import Console

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    runs: Annotated[int, typer.Option(min=1, help="How often everything is drawn.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 0,
    node: Annotated[str | None, typer.Option(metavar="ID", help="Whose ranks; the first root unless said.")] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    factors: FactorsFile = None,
    errors: ErrorsFile = None,
    method: Annotated[MethodName, typer.Option(help="Scrambled Sobol' points, or independent ones.")] = (
        MethodName.SOBOL
    ),
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of intervals.")] = 0.95,
    top: Annotated[int, typer.Option(min=1, metavar="K", help="How likely each is among the first K.")] = 5,
    workers: Workers = None,
    dask: Dask = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keeps finished blocks; an equal run goes on from there.")
    ] = None,
    figures: Figures = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """What is uncertain is said by the methodology's `uncertainty:`, or by --factors FILE; else weights move by 25 %.

    Ranges of ranks are those observed in the runs. With -o DIR, all or none are written: rank_intervals.csv,
    score_intervals.csv, rank_probabilities.csv, pairwise_winning.csv, tier_probabilities.csv,
    class_probabilities.csv and central_weights.csv where there are any, and simulation.json (the same with factors,
    convergence, hashes, command). The same seed and runs give the same bytes, however many work on it. Ctrl-C keeps
    what is finished, says so, and ends with 130.
    """
    from dtindex.analysis.simulate import simulate

    console = console_of(context)
    if figures is not None and output is None:
        raise UsageError([finding("DT902", "--figures draws beside the tables: name a folder with -o DIR")])
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = indexed(methodology, source, assume=assume)
    own = read_factors(factors, subject.subject.methodology)
    began = time.perf_counter()
    with on_cluster(dask, workers), progress_of(console, "simulate") as progress:
        found = simulate(
            subject.index,
            subject.table,
            own,
            node=node,
            period=period,
            runs=runs,
            seed=seed,
            method=method.value,
            confidence=confidence,
            errors=read_errors(errors),
            workers=None if dask is not None else workers,
            progress=progress,
            checkpoint=checkpoint,
        )
    seconds = time.perf_counter() - began
    result = subject.scored(found.scores, found.findings)
    wanted = output is not None or console.common.json
    record = record_of(console, result, found.to_dict()) if wanted else {}
    files = []
    if output is not None:
        from dtindex.atomic import write_files
        from dtindex.output import frame_csv, json_text

        contents = {f"{name}.csv": frame_csv(frame) for name, frame in found.tables.items()}
        contents |= {"simulation.json": json_text(record).encode("utf-8", "surrogatepass")}
        if figures is not None:
            contents |= drawn_figures(_figures(console, found), figures)
        files = write_files(output, contents)
    if console.for_people:
        from dtindex.cli.simulation import print_simulation

        print_simulation(console, found, top)
    console.tell(f"{found.done:,} runs in {seconds:.2f} s", "dim")
    code = closed(console, result.findings, files, lambda: {"verb": "simulate"} | record)
    return ExitCode.INTERRUPTED if found.done < found.asked else code


def _figures(console: Console, found: Simulation) -> dict[str, Figure]:
    from dtindex.reports.figures import rank_heatmap, rank_intervals, tier_probabilities

    language = console.language
    figures = {
        "rank_intervals": rank_intervals(found, language=language),
        "rank_heatmap": rank_heatmap(found, language=language),
    }
    if found.tier_probabilities.shape[1]:
        figures["tier_probabilities"] = tier_probabilities(found, language=language)
    return figures
