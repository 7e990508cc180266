"""TOPSIS: closeness to the ideal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dtindex.engine.sums import constant, exact_sum
from dtindex.spec.methods import Interval, Topsis
from dtindex.steps.aggregate.apart import Apart, Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.aggregate.shapley import Game, apart_by_shapley
from dtindex.steps.types import FloatArray, Frozen, NoVariation, State

__all__ = ["ClosenessToIdeal", "closeness"]


def closeness(
    columns: Sequence[FloatArray], weights: Sequence[float], best: Sequence[float], worst: Sequence[float]
) -> FloatArray:
    """``d- / (d+ + d-)`` ``(rows,)`` with ``d+ = sqrt(sum (w (z - best))^2)``, and ``d-`` the same to ``worst``.

    ``columns`` ``(rows,)`` each. What is beyond an ideal counts as the ideal, so that a better value never scores
    worse. What is NaN is left out of both distances: scaling up the weights of the rest would not change their ratio.
    NaN where both distances are zero.
    """
    to_best = np.zeros(columns[0].shape)
    to_worst = np.zeros(columns[0].shape)
    for column, weight, high, low in zip(columns, weights, best, worst, strict=True):
        known = ~np.isnan(column)
        within = np.where(known, np.minimum(np.maximum(column, low), high), 0.0)
        below, above = np.where(known, high - within, 0.0) * weight, np.where(known, within - low, 0.0) * weight
        to_best = to_best + below * below
        to_worst = to_worst + above * above
    to_best, to_worst = np.sqrt(to_best), np.sqrt(to_worst)
    total = to_best + to_worst
    found: FloatArray = np.divide(to_worst, total, out=np.full(total.shape, np.nan), where=total > 0)
    return found


class ClosenessToIdeal(Aggregator[Topsis]):
    """``d- / (d+ + d-)``, the distances of the weighted scores from the best and worst of the reference, on the scale.

    Ideals (with ``normalise: vector`` also each column's length, by which it is divided) are those of the reference
    units and stay frozen: without them ranks would reverse when a unit joins. A member that does not vary there adds
    nothing; where none varies that is DT301.
    """

    method = "topsis"
    decomposition = "shapley"
    idempotent = False
    frozen = Frozen.AGAINST_REFERENCE
    learns = True
    reference = "Hwang & Yoon (1981), doi:10.1007/978-3-642-48318-9"

    def fit(self, inputs: Inputs) -> State:
        known = [column[~np.isnan(column)] for column in inputs.columns]
        counted = [values for values, weight in zip(known, inputs.weights, strict=True) if weight > 0]
        if all(constant(values) for values in counted):
            raise NoVariation("no member with a weight varies among the reference units")
        lengths = np.array([self._length(values) for values in known])
        return {
            "best": np.array([values.max() if values.size else 0.0 for values in known]) / lengths,
            "worst": np.array([values.min() if values.size else 0.0 for values in known]) / lengths,
            "length": lengths,
        }

    def _length(self, values: FloatArray) -> float:
        if self.spec.normalise == "none":
            return 1.0
        return math.sqrt(exact_sum(values * values)) or 1.0

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        if not state:
            return np.full(inputs.columns[0].shape, np.nan)
        columns = [column / length for column, length in zip(inputs.columns, state["length"].tolist(), strict=True)]
        found = closeness(columns, inputs.weights, state["best"].tolist(), state["worst"].tolist())
        return found if scale is None else scale[0] + (scale[1] - scale[0]) * found

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        """By Shapley values: closeness is a function of two sums of squares."""
        best, worst, lengths = state["best"], state["worst"], state["length"]
        low, width = (0.0, 1.0) if scale is None else (scale[0], scale[1] - scale[0])

        def term(member: int, x: FloatArray, weight: FloatArray) -> FloatArray:
            within = np.minimum(np.maximum(x / lengths[member], worst[member]), best[member])
            sides = np.stack([(best[member] - within) * weight, (within - worst[member]) * weight])
            squares: FloatArray = sides * sides
            return squares

        def finish(total: FloatArray) -> FloatArray:
            to_best, to_worst = np.sqrt(total)
            whole = to_best + to_worst
            found = np.divide(to_worst, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
            scores: FloatArray = low + width * found
            return scores

        return apart_by_shapley(pair, Game(term, finish, abs(width)), len(ends[0]))

    def without_value(self) -> str:
        return "topsis knows only members of this row that do not vary among the reference units"
