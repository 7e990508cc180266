"""The geometric mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Interval
from dtindex.steps.aggregate.apart import Amount, Apart, Pair, lmdi
from dtindex.steps.aggregate.quasi import QuasiArithmeticMean
from dtindex.steps.types import FloatArray, State

__all__ = ["GeometricMean"]


class GeometricMean(QuasiArithmeticMean):
    """``exp(sum w ln x / sum w)``; 0 where one x is 0, no value where one is negative (DT304)."""

    method = "geometric"
    decomposition = "lmdi"
    reference = "OECD/JRC Handbook (2008), step 7; UNDP HDR technical note 1; INFORM methodology 2020 (`within`)"

    def forward(self, values: FloatArray) -> FloatArray:
        return np.log(values)

    def back(self, values: FloatArray) -> FloatArray:
        return np.exp(values)

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        """By logarithmic means; by Shapley values in rows where a zero has no logarithm."""
        rows = len(ends[0])
        within = self._within(scale)
        inside = ([self._inside(np.asarray(x), within) for x in side] for side in pair.scores)
        first, second = inside
        shares = (self.shares(pair.weights[0], pair.whole[0]), self.shares(pair.weights[1], pair.whole[1]))
        zero = np.zeros(rows, dtype=bool)
        for x0, x1, s0, s1 in zip(first, second, *shares, strict=True):
            zero |= ((np.asarray(s0) > 0) | (np.asarray(s1) > 0)) & ((x0 <= 0) | (x1 <= 0))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = lmdi(Pair((first, second), pair.weights, pair.moved, pair.whole), shares)
        if within is not None:
            factor = (within[0][1] - within[0][0]) / (within[1][1] - within[1][0])
            found = Apart([factor * x for x in found.data], [factor * x for x in found.weights], found.slopes)
        if not zero.any():
            return found
        other = super().apart(_rows_of(pair, zero, rows), (ends[0][zero], ends[1][zero]), state, scale)
        return Apart(
            _patched(found.data, other.data, zero),
            _patched(found.weights, other.weights, zero),
            _patched(found.slopes, other.slopes, zero),
        )


def _rows_of(pair: Pair, rows: NDArray[np.bool_], count: int) -> Pair:
    """The states of some rows."""

    def taken(amounts: Sequence[Amount]) -> list[Amount]:
        return [np.broadcast_to(np.asarray(amount), (count,))[rows] for amount in amounts]

    moved = pair.moved if isinstance(pair.moved, bool) else pair.moved[rows]
    scores, weights = pair.scores, pair.weights
    return Pair((taken(scores[0]), taken(scores[1])), (taken(weights[0]), taken(weights[1])), moved, pair.whole)


def _patched(amounts: list[Amount], others: list[Amount], rows: NDArray[np.bool_]) -> list[Amount]:
    """Amounts in which some rows are others'."""
    found: list[Amount] = []
    for amount, other in zip(amounts, others, strict=True):
        whole = np.broadcast_to(np.asarray(amount, dtype=np.float64), rows.shape).copy()
        whole[rows] = other
        found.append(whole)
    return found
