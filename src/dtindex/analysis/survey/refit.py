"""The bootstrap of an index that was fitted on the sample: each replicate is fitted anew, and scores everybody anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dtindex import fitted as fitting
from dtindex.analysis.survey.domains import Levels, domains_of
from dtindex.analysis.survey.outcomes import Asked, outcomes
from dtindex.analysis.survey.replication import Block, estimates_by, recalibrated
from dtindex.analysis.survey.taylor import Figures, Linearisation
from dtindex.engine.replicates import Rescaled
from dtindex.findings import InputError
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers
from dtindex.tables.table import Table

__all__ = ["refitted", "taken"]

Codes = NDArray[np.intp]


def refitted(
    points: Sequence[Figures],
    linear: Linearisation,
    replication: Rescaled,
    scores: Scores,
    wanted: Sequence[Asked],
    levels: dict[str, Levels],
) -> Block:
    """What makes the estimates of a block of replicates in which the methodology is fitted on the respondents drawn.

    Each replicate fits on the respondents of the PSUs drawn, as often as they were drawn, scores all respondents with
    what it learned, classes and groups by classes included, and weighs them as the replicate does. A replicate that
    cannot be fitted (an indicator no longer varies) is left out.
    """
    psus = linear.sample.clusters.psus

    def block(number: int) -> FloatArray:
        factors, drawn = replication.block(number), replication.drawn(number)
        weights = factors[:, psus] * linear.weights if linear.calibration is None else recalibrated(linear, factors)
        found = np.empty((len(factors), len(points) * len(linear.domains)))
        for position in range(len(factors)):
            rows = np.repeat(linear.sample.rows, drawn[position][psus])
            found[position] = _once(points, linear, scores, wanted, levels, rows, weights[position])
        return found

    return block


def _once(
    points: Sequence[Figures],
    linear: Linearisation,
    scores: Scores,
    wanted: Sequence[Asked],
    levels: dict[str, Levels],
    rows: Codes,
    weights: FloatArray,
) -> FloatArray:
    nothing = np.full(len(points) * len(linear.domains), np.nan)
    if not rows.size or np.isnan(weights).any():
        return nothing
    try:
        learned = fitting.fit(scores.methodology, taken(scores.table, rows), assumptions=scores.assumptions)
        again = fitting.score(learned, scores.table)
    except InputError:
        return nothing
    own = linear.sample.rows
    renewed = [replace(one, outcome=outcome) for one, outcome in zip(points, outcomes(again, own, wanted), strict=True)]
    moved = (
        Linearisation(linear.sample, domains_of(again, own, levels)[0], None, linear.confidence) if levels else linear
    )
    return estimates_by(renewed, moved, weights)


def taken(table: Table, rows: Codes) -> Table:
    """Some rows of a table, each as often as it is named, for fitting."""

    def each(columns: dict[str, FloatArray]) -> dict[str, FloatArray]:
        return {name: column[rows] for name, column in columns.items()}

    return replace(
        table,
        units=table.units[rows],
        values=np.asfortranarray(table.values[rows]),
        status=np.asfortranarray(table.status[rows]),
        periods=None if table.periods is None else table.periods[rows],
        coded=each(dict(table.coded)),
        published={},
        texts={name: column[rows] for name, column in table.texts.items()},
        totals=None if table.totals is None else table.totals[rows],
        order=None if table.order is None else table.order[rows],
        answers={key: Answers(own.kind, own.values[rows], own.status[rows]) for key, own in table.answers.items()},
        careless={rule: named[rows] for rule, named in table.careless.items()},
        weights=None if table.weights is None else table.weights[rows],
        raw=None,
    )
