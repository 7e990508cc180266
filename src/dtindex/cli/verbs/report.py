"""``dtindex report``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from dtindex.cli.closing import closed, record_of
from dtindex.cli.inputs import Indexed, indexed
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
from dtindex.findings import DtindexError, Finding, Findings, finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dtindex.analysis.simulate import Simulation
    from dtindex.cli.console import Console
    from dtindex.scores import Scores
    from dtindex.spec.uncertainty import Factor

__all__ = ["run"]

_RUNS = 10_000
_UNASKED = 300
"""Ranked units up to which a page has a simulation unasked: more of them take longer than the rest of the page."""
_NOTHING_TO_SAY = ("DT382", "DT389")
"""Why an index may have no simulation, which leaves the rest of the page as it is."""


def run(
    context: typer.Context,
    methodology: SubjectName,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="An .html file to write.", show_default=False)
    ],
    table: TableName = None,
    simulate: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="RUNS", help=f"Runs of the simulation, 0 for none; else {_RUNS:,} up to {_UNASKED} units."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where random numbers start.")] = 1,
    factors: FactorsFile = None,
    map_file: Annotated[
        str | None, typer.Option("--map", metavar="FILE", help="GeoJSON of your own; tiles stand beside it.")
    ] = None,
    map_approval_no: Annotated[
        str | None, typer.Option("--map-approval-no", metavar="TEXT", help="Its approval number (审图号).")
    ] = None,
    workers: Workers = None,
    assume: Assume = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
) -> int:
    """One HTML file that needs no network: ranking, weights to try, profiles, comparison, map, uncertainty, classes.

    It opens in any browser, from a disk or a mail, in Chinese and English (--language says which first). Weights that a
    reader tries rank anew by the library's own arithmetic, beside the published ranks, and stay in the address. The
    same input gives the same bytes.
    """
    from dtindex.reports.explorer import explorer

    console = console_of(context)
    path = output_file(output, ".html", ".htm")
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    subject = indexed(methodology, source, assume=assume)
    own = read_factors(factors, subject.subject.methodology)
    began = time.perf_counter()
    scores, findings = _scores(subject)
    simulation, left_out = _simulation(console, subject, scores, own, simulate, seed, workers)
    result = subject.scored(scores, findings, Findings(left_out))
    edition = subject.subject.edition
    page = explorer(
        scores,
        language=console.language,
        simulation=simulation,
        findings=result.findings,
        edition=None if edition is None else (edition.name, edition.hash),
        map_file=map_file,
        map_approval_no=map_approval_no,
    )
    written = page.save(path)
    size = written.stat().st_size
    console.tell(f"{size / 1e6:.2f} MB in {time.perf_counter() - began:.2f} s", "dim")
    answers = {
        "bytes": size,
        "units": len(scores),
        "runs": None if simulation is None else simulation.runs,
        "seed": seed,
    }
    return closed(console, page.findings, [written], lambda: {"verb": "report"} | record_of(console, result, answers))


def _scores(subject: Indexed) -> tuple[Scores, Findings]:
    scores = subject.index.score(subject.table)
    return scores, scores.findings


def _simulation(
    console: Console,
    subject: Indexed,
    scores: Scores,
    factors: Sequence[Factor] | None,
    runs: int | None,
    seed: int,
    workers: int | None,
) -> tuple[Simulation | None, list[Finding]]:
    """The simulation that was asked for; unasked, one of few units, or a note of why there is none."""
    from dtindex.analysis.simulate import simulate

    ranked = int(scores.ranked.sum())
    if runs == 0:
        return None, []
    if runs is None and ranked > _UNASKED:
        return None, [
            finding("DT523", f"no simulation of {ranked:,} units was run unasked; --simulate {_RUNS} runs one")
        ]
    try:
        with progress_of(console, "simulate") as progress:
            found = simulate(
                subject.index, subject.table, factors, runs=runs or _RUNS, seed=seed, workers=workers, progress=progress
            )
    except DtindexError as error:
        if runs is None and error.code in _NOTHING_TO_SAY:
            return None, [finding("DT523", f"no simulation: {error.findings[0].message}")]
        raise
    return found, list(found.findings)
