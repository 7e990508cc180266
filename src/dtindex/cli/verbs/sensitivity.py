"""``dtindex sensitivity``."""

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
    from pathlib import Path

    from dtindex.analysis.leave_out import LeaveOneOut
    from dtindex.analysis.scenarios import Scenarios
    from dtindex.cli.console import Console
    from dtindex.cli.inputs import Indexed
    from dtindex.spec.uncertainty import Scenario

__all__ = ["run"]


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    runs: Annotated[int, typer.Option(min=1, help="Base points, all scrambles together.")] = 1024,
    scrambles: Annotated[int, typer.Option(min=2, help="Independent scrambles that intervals rest on.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 0,
    node: Annotated[str | None, typer.Option(metavar="ID", help="Whose ranks; the first root unless said.")] = None,
    period: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period of a panel; else the latest.")] = None,
    unit: Annotated[
        list[str] | None, typer.Option(metavar="UNIT", help="Print a unit's score and rank too, again for more.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(metavar="NAME=A,B", help="Factors asked about together, again for more.")
    ] = None,
    shapley: Annotated[
        bool | None, typer.Option("--shapley/--no-shapley", help="Shapley effects; up to 6 factors unless said.")
    ] = None,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Every indicator and dimension left out in turn, and nothing else.")
    ] = False,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="The methodology's named scenarios side by side, and nothing else.")
    ] = False,
    factors: FactorsFile = None,
    errors: ErrorsFile = None,
    method: Annotated[MethodName, typer.Option(help="Scrambled Sobol' points, or independent ones.")] = (
        MethodName.SOBOL
    ),
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of intervals.")] = 0.95,
    workers: Workers = None,
    dask: Dask = None,
    figures: Figures = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """First and total order of Sobol', Shapley effects: shares of the variance of scores and ranks by factor.

    Where all factors are alternatives, every combination is scored and the shares are exact. With -o DIR, both or
    neither are written: sensitivity.csv and sensitivity.json; with --leave-one-out leave_one_out.csv,
    leave_one_out_ranks.csv, leave_one_out_scores.csv and leave_one_out.json; with --scenarios the same of scenarios,
    those of the methodology or of --factors FILE. Ctrl-C keeps the scrambles that are finished, says so, and ends with
    130.
    """
    console = console_of(context)
    if leave_one_out and scenarios:
        raise UsageError([finding("DT902", "--leave-one-out and --scenarios are two questions: ask one at a time")])
    if figures is not None and (output is None or leave_one_out or scenarios):
        raise UsageError([finding("DT902", "--figures draws Sobol' indices beside the tables of -o DIR")])
    groups = _groups(group or [])
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = indexed(methodology, source, assume=assume)
    if leave_one_out or scenarios:
        if period is not None:
            raise UsageError([finding("DT902", "--period: variants are compared in every period")])
        return _variants(console, subject, output, node, factors if scenarios else None, leave_one_out)
    from dtindex.analysis.sensitivity import sensitivity
    from dtindex.output import frame_csv

    began = time.perf_counter()
    with on_cluster(dask, workers), progress_of(console, "sensitivity") as progress:
        found = sensitivity(
            subject.index,
            subject.table,
            read_factors(factors, subject.subject.methodology),
            node=node,
            period=period,
            runs=runs,
            scrambles=scrambles,
            seed=seed,
            method=method.value,
            confidence=confidence,
            groups=groups,
            shapley=shapley,
            errors=read_errors(errors),
            workers=None if dask is not None else workers,
            progress=progress,
        )
    evaluations = f"{found.evaluations:,} evaluations in {time.perf_counter() - began:.2f} s"
    name = "sensitivity"
    contents = {} if output is None else {f"{table}.csv": frame_csv(own) for table, own in found.tables.items()}
    if figures is not None:
        from dtindex.reports.figures import sobol_bars

        contents |= drawn_figures({"sobol_bars": sobol_bars(found, language=console.language)}, figures)
    result = subject.scored(found.scores, found.findings)
    record = record_of(console, result, found.to_dict()) if output is not None or console.common.json else {}
    files = [] if output is None else _written(output, contents, name, record)
    if console.for_people:
        from dtindex.cli.sensitivity import print_sensitivity

        print_sensitivity(console, found, unit or [])
    console.tell(evaluations, "dim")
    code = closed(console, result.findings, files, lambda: {"verb": "sensitivity"} | record)
    return ExitCode.INTERRUPTED if found.scrambles < found.asked else code


def _variants(
    console: Console, subject: Indexed, output: str | None, node: str | None, factors: str | None, leave_out: bool
) -> int:
    """Leave-one-out, or the named scenarios."""
    from dtindex.cli.sensitivity import print_variants
    from dtindex.output import frame_csv

    found: LeaveOneOut | Scenarios
    if leave_out:
        from dtindex.analysis.leave_out import leave_one_out

        name, found = "leave_one_out", leave_one_out(subject.index, subject.table, node=node, level="both")
    else:
        from dtindex.analysis.scenarios import scenarios

        name, found = "scenarios", scenarios(subject.index, subject.table, _scenarios(factors, subject), node=node)
    result = subject.scored(found.scores_of_index, found.findings)
    record = record_of(console, result, found.to_dict()) if output is not None or console.common.json else {}
    files = []
    if output is not None:
        frames = {f"{name}.csv": found.summary, f"{name}_ranks.csv": found.ranks, f"{name}_scores.csv": found.scores}
        files = _written(output, {file: frame_csv(frame) for file, frame in frames.items()}, name, record)
    if console.for_people:
        print_variants(console, found)
    return closed(console, result.findings, files, lambda: {"verb": "sensitivity"} | record)


def _scenarios(path: str | None, subject: Indexed) -> dict[str, Scenario] | None:
    if path is None:
        return None
    from dtindex.spec.uncertainty_file import load_uncertainty

    block = load_uncertainty(path, subject.subject.methodology)
    return {scenario.id: scenario for scenario in block.scenarios}


def _written(folder: str, contents: dict[str, bytes], name: str, record: dict[str, Any]) -> list[Path]:
    from dtindex.atomic import write_files
    from dtindex.output import json_text

    return write_files(folder, contents | {f"{name}.json": json_text(record).encode("utf-8", "surrogatepass")})


def _groups(words: list[str]) -> dict[str, list[str]] | None:
    groups: dict[str, list[str]] = {}
    for word in words:
        name, equals, factors = word.partition("=")
        names = [one.strip() for one in factors.replace("，", ",").split(",") if one.strip()]
        if not equals or not name.strip() or not names:
            message = f"--group {word!r}: expected NAME=A,B, a name and the factors that it joins"
            raise UsageError([finding("DT902", message)])
        groups[name.strip()] = names
    return groups or None
