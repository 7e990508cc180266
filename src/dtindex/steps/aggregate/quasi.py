"""Quasi-arithmetic means: the mean of a function of the scores, taken back by its inverse."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Interval
from dtindex.steps.aggregate.apart import Apart, Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs, weighted_mean
from dtindex.steps.aggregate.shapley import Game, apart_by_shapley
from dtindex.steps.types import FloatArray, State

__all__ = ["QuasiArithmeticMean", "from_interval", "to_interval"]


_LAST_BITS = 1e-13


class _Spec(Protocol):
    @property
    def within(self) -> Interval | None: ...
    @property
    def zeros(self) -> str: ...


def to_interval(scores: FloatArray, scale: Interval, within: Interval) -> FloatArray:
    """``scores`` mapped linearly so that the low end of ``scale`` becomes ``within[0]``, the high end ``within[1]``."""
    share = (scores - scale[0]) / (scale[1] - scale[0])
    return within[0] + (within[1] - within[0]) * share


def from_interval(values: FloatArray, scale: Interval, within: Interval) -> FloatArray:
    """The inverse of :func:`to_interval`."""
    share = (values - within[0]) / (within[1] - within[0])
    return scale[0] + (scale[1] - scale[0]) * share


def inside(scores: FloatArray, scale: Interval) -> FloatArray:
    """``scores`` with those at the end of their scale that only the last bits of a computation took beyond it.

    A mean above takes a score of -1e-17 for negative, and has no value for it.
    """
    low, high = min(scale), max(scale)
    bits = _LAST_BITS * (high - low)
    if scores.size and (np.fmin.reduce(scores, axis=None) < low or np.fmax.reduce(scores, axis=None) > high):
        scores = np.where((scores < low) & (scores > low - bits), low, scores)
        scores = np.where((scores > high) & (scores < high + bits), high, scores)
    return scores


class QuasiArithmeticMean(Aggregator[Any]):
    """``f^-1(sum w f(x) / sum w)``, on the interval ``within`` where one is given: with ``[10, 1]`` a reversed mean."""

    decomposition = "shapley"

    @abstractmethod
    def forward(self, values: FloatArray) -> FloatArray:
        """``f`` of non-negative values; it may give an infinity at zero."""

    @abstractmethod
    def back(self, values: FloatArray) -> FloatArray:
        """The inverse of ``f``."""

    @property
    def zero_absorbs(self) -> bool:
        """Whether a single zero makes the mean zero."""
        return True

    def pivot(self, columns: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray | None:
        """What each row ``(rows,)`` is divided by before and multiplied with after, to keep ``f`` within bounds; or
        None.
        """
        return None

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        within = self._within(scale)
        columns = [column if within is None else to_interval(column, *within) for column in inputs.columns]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            negative = self._negative(columns, inputs)
            pivot = self.pivot(columns, inputs.weights)
            terms = [self.forward(column if pivot is None else column / pivot) for column in columns]
            combined = self.back(weighted_mean(terms, inputs.weights, inputs.complete))
            if pivot is not None:
                combined = combined * pivot
        if negative is not None:
            combined = np.where(negative, np.nan, combined)
        return combined if within is None else inside(from_interval(combined, *within), within[0])

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        return apart_by_shapley(pair, self._game(pair, scale, len(ends[0])), len(ends[0]))

    def _game(self, pair: Pair, scale: Interval | None, rows: int) -> Game:
        """The mean as a function of ``(sum w f(x), sum w)``, both states divided by one pivot."""
        within = self._within(scale)
        known = [
            np.where(np.asarray(weight) > 0, self._inside(np.asarray(x), within), np.nan) * np.ones(rows)
            for side in (0, 1)
            for x, weight in zip(pair.scores[side], pair.weights[side], strict=True)
        ]
        # A zero would be the smallest, and tell nothing of how small the others are.
        found = self.pivot([np.where(x > 0, x, np.nan) for x in known], [1.0] * len(known))
        pivot: FloatArray = np.ones(rows) if found is None else np.where(found > 0, found, 1.0)
        largest = max((float(np.nanmax(np.abs(x), initial=0.0)) for x in known), default=0.0)

        def term(member: int, x: FloatArray, weight: FloatArray) -> FloatArray:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                values = weight * self.forward(self._inside(x, within) / pivot)
            return np.stack([np.where(weight > 0, values, 0.0), weight])

        def finish(total: FloatArray) -> FloatArray:
            mean = self.back(np.where(total[1] > 0, total[0] / total[1], np.nan)) * pivot
            return mean if within is None else from_interval(mean, *within)

        width = abs(scale[1] - scale[0]) if scale is not None else largest
        return Game(term, finish, width or 1.0)

    @staticmethod
    def _inside(x: FloatArray, within: tuple[Interval, Interval] | None) -> FloatArray:
        return x if within is None else to_interval(x, *within)

    def zeros(self, inputs: Inputs, scale: Interval | None) -> NDArray[np.bool_] | None:
        spec: _Spec = self.spec
        if spec.zeros == "allow" or spec.within is not None or not self.zero_absorbs:
            return None
        met = np.zeros(inputs.columns[0].shape, dtype=bool)
        for column, weight in zip(inputs.columns, inputs.weights, strict=True):
            if weight > 0:
                met |= column == 0
        return met

    def _within(self, scale: Interval | None) -> tuple[Interval, Interval] | None:
        spec: _Spec = self.spec
        if spec.within is None:
            return None
        assert scale is not None, "`within` on an open scale is refused at loading"
        return scale, spec.within

    def _negative(self, columns: list[FloatArray], inputs: Inputs) -> NDArray[np.bool_] | None:
        found: NDArray[np.bool_] | None = None
        for column, weight in zip(columns, inputs.weights, strict=True):
            if weight > 0 and (below := column < 0).any():
                found = below if found is None else found | below
        return found
