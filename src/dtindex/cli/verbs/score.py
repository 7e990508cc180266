"""``dtindex score``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dtindex.cli.closing import closed, run_of
from dtindex.cli.console import Console
from dtindex.cli.inputs import RankedAgainst, Scored, scored
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
from dtindex.findings import UsageError, finding, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from dtindex.scores import Scores

__all__ = ["run"]


class Against(StrEnum):
    """Whom a rank is among."""

    TABLE = "table"
    REFERENCE = "reference"


def run(
    context: typer.Context,
    methodology: SubjectName,
    table: TableName = None,
    assume: Assume = None,
    ranked_against: Annotated[Against, typer.Option(help="Whom a rank is among.")] = Against.TABLE,
    period: Annotated[
        list[str] | None,
        typer.Option(metavar="PERIOD", help="Period to print, again for more; `all`; else the latest."),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Print so many ranks only.")] = None,
    threads: Threads = 1,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    header_rows: HeaderRows = None,
    layout: Layout = LayoutName.AUTO,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = None,
) -> int:
    """A methodology is fitted on the table and scores it; an edition scores it as it was frozen.

    With -o DIR four files are written, all or none: scores.csv (a row a unit and item), scores_wide.csv, findings.json
    and run.json (hashes, versions, weights, comparisons, assumptions). The tables are UTF-8 with a byte-order mark.
    """
    console = console_of(context)
    source = TableSource(table, sheet, delimiter, encoding, header_rows, layout)
    against: RankedAgainst = "reference" if ranked_against is Against.REFERENCE else "table"
    result = scored(methodology, source, assume=assume, ranked_against=against, threads=threads)
    periods = _periods(result.scores, period or [])
    files = [] if output is None else _write(console, result, output, against)
    if console.for_people:
        from dtindex.cli.result import print_result

        print_result(console, result, periods, top)
    return closed(console, result.findings, files, lambda: _document(console, result))


def _periods(scores: Scores, wanted: list[str]) -> list[str | None]:
    """Periods to print, the latest first; one None where the table has none."""
    if scores.periods is None:
        if wanted and wanted != ["all"]:
            raise UsageError([finding("DT902", f"--period {', '.join(wanted)}: the table has no periods")])
        return [None]
    from dtindex.steps.derive import period_order

    known = period_order(scores.periods)[::-1]
    if wanted == ["all"]:
        return list(known)
    for one in wanted:
        if one not in known:
            guess = nearest(one, known)
            hint = f"nearest is {guess!r}" if guess else f"there are {', '.join(known[:10])}"
            raise UsageError([finding("DT902", f"--period {one!r}: not in the table; {hint}")])
    return list(wanted) or list(known[:1])


def _write(console: Console, result: Scored, folder: str, against: RankedAgainst) -> list[Path]:
    from dtindex.output import write_scores

    return write_scores(folder, result.scores, result.findings, run_of(console, result, against))


def _document(console: Console, result: Scored) -> dict[str, Any]:
    from dtindex.cli.result import row_dicts
    from dtindex.output import comparison_dict

    methodology, scores = result.subject.methodology, result.scores
    names = scores.names(console.language).tolist()
    return {
        "verb": "score",
        "methodology": {"id": methodology.id, "hash": methodology.hash, "scores_hash": methodology.scores_hash},
        "edition": result.subject.edition_named,
        "assumptions": list(scores.assumptions),
        "roots": list(methodology.tree.roots),
        "rows": row_dicts(scores, names),
        "comparisons": [comparison_dict(one) for one in scores.comparisons],
    }
