"""What every report begins with: scores, and the simulation that shows how sure their ranks are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dtindex.analysis.simulate import Simulation, simulate
from dtindex.findings import DtindexError, Finding, UsageError, finding
from dtindex.scores import Scores

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.uncertainty.running import Progress
    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.spec.uncertainty import Factor
    from dtindex.tables.table import Table

__all__ = ["scores_of", "simulated"]

_RUNS = 10_000
_UNASKED = 300
_NOTHING_TO_SAY = ("DT382", "DT389")


def scores_of(index: CompositeIndex | Edition | Scores, table: Table | pd.DataFrame | str | None) -> Scores:
    """Scores that were given, or those of an index; DT902 where a table is given with scores."""
    if not isinstance(index, Scores):
        return index.score(table)
    if table is not None:
        raise _usage("scores were given, and a table besides; the scores have their own")
    return index


def simulated(
    index: CompositeIndex | Edition | Scores,
    table: Table | pd.DataFrame | str | None,
    scores: Scores,
    factors: Sequence[Factor] | None,
    runs: int | None,
    seed: int,
    workers: int | None,
    progress: Progress | None,
) -> tuple[Simulation | None, list[Finding]]:
    """The simulation that was asked for; unasked, one of few units, or a note of why there is none."""
    if isinstance(index, Scores):
        if runs:
            raise _usage(f"runs={runs}: scores cannot be drawn anew; give the index or the edition, or a simulation")
        return None, []
    if runs == 0:
        return None, []
    ranked = int(scores.ranked.sum())
    if runs is None and ranked > _UNASKED:
        return None, [finding("DT523", f"no simulation of {ranked:,} units was run unasked")]
    try:
        found = simulate(index, table, factors, runs=runs or _RUNS, seed=seed, workers=workers, progress=progress)
    except DtindexError as error:
        if runs is None and error.code in _NOTHING_TO_SAY:
            return None, [finding("DT523", f"no simulation: {error.findings[0].message}")]
        raise
    return found, list(found.findings)


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message)])
