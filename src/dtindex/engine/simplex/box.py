"""Weights between ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from dtindex.engine.simplex.base import BLOCK_NUMBERS, FloatArray, row_sums, vector

__all__ = ["Box"]

_NOTHING = 1e-12  # an interval narrower than this is a point


@dataclass(frozen=True, eq=False)
class Box:
    """Uniform over all weights with ``lower <= w <= upper`` that sum to 1, without approximation.

    All weights but one are drawn from their intervals, independently, with densities proportional to ``exp(t w)``; the
    one with the widest interval is what the others leave of 1. The draw counts if that lies in its interval, and then
    with probability ``exp(t (w_last - end))``, ``end`` being the upper end where ``t > 0`` and the lower one where
    ``t < 0``: what counts is uniform whatever ``t`` is. The chance that a draw counts is, but for the volume, one over
    ``prod_{j != last} int exp(t w_j) dw_j * exp(-t (1 - end))``. It is largest for the widest interval, and where the
    others have means that sum to ``1 - end``, or at ``t = 0`` where their middles already leave the last one a place in
    its interval.

    Parameters
    ----------
    lower, upper
        ``(m,)``, ``0 <= lower <= upper``. Equal ends fix a weight. Where one row only is possible, every row is it.

    Raises
    ------
    ValueError
        Ends that are not finite, negative or the wrong way round; lower ends that sum to more than 1, or upper ends
        that sum to less (by more than 1e-12).

    Notes
    -----
    Takes no uniforms, but as many numbers of the generator as it needs: in the worst case about ``sqrt(2 pi m)`` rows
    of them for a row of weights. The first rows of a longer draw are those of a shorter one.

    Every row lies within the ends, and its sum is 1 as near as the last bits of its weights allow.
    """

    lower: FloatArray
    upper: FloatArray

    def __post_init__(self) -> None:
        lower, upper = vector(self.lower), vector(self.upper)
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)
        if lower.shape != upper.shape:
            raise ValueError(f"{lower.size} lower and {upper.size} upper ends")
        if not (np.isfinite(upper).all() and (lower >= 0.0).all() and (lower <= upper).all()):
            raise ValueError(f"no interval from 0 up: {lower.tolist()} to {upper.tolist()}")
        if not self.feasible(lower, upper):
            raise ValueError(
                f"no weights that sum to 1: lower ends sum to {math.fsum(lower):.12g}, "
                f"upper ends to {math.fsum(upper):.12g}"
            )

    @staticmethod
    def feasible(lower: ArrayLike, upper: ArrayLike) -> bool:
        """Whether the lower ends ``(m,)`` sum to 1 or less, and the upper ones to 1 or more (within 1e-12)."""
        lowest, highest = math.fsum(np.asarray(lower)), math.fsum(np.asarray(upper))
        return lowest <= 1.0 + _NOTHING and highest >= 1.0 - _NOTHING

    @property
    def items(self) -> int:
        return self.lower.size

    @property
    def dimensions(self) -> int:
        return 0

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        way = self._way
        weights = np.tile(way.base, (len(uniforms), 1))
        if way.free.size < 2:
            self._settle(weights)
            return weights
        columns = slice(None) if way.free.size == self.items else way.free
        most = max(32, BLOCK_NUMBERS // way.free.size)
        filled, tried = 0, 0
        while filled < len(weights):
            wanted = len(weights) - filled
            chance = max(filled, 1) / tried if tried else 0.25
            tries = min(int(wanted / chance * 1.05) + 32, most)
            steps = way.accepted(rng, tries)[:wanted]
            rows = slice(filled, filled + len(steps))
            steps += way.base[columns]
            weights[rows, columns] = steps
            self._settle(weights[rows])
            filled, tried = rows.stop, tried + tries
        return weights

    def _settle(self, weights: FloatArray) -> None:
        """Keep ``weights`` ``(n, m)`` within their ends, and give the widest interval what rounding left over."""
        widest = self._way.widest
        np.maximum(weights, self.lower, out=weights)
        np.minimum(weights, self.upper, out=weights)
        for _ in range(2):
            settled = weights[:, widest] - (weights.sum(axis=1) - 1.0)
            weights[:, widest] = np.clip(settled, self.lower[widest], self.upper[widest])

    @cached_property
    def _way(self) -> _WayThroughBox:
        return _way_through_box(self.lower, self.upper)


class _WayThroughBox(NamedTuple):
    """How `Box` draws: weights are ``base + sign * y`` with ``0 <= y <= widths`` and ``sum y = room``.

    Distances ``y`` are measured from that end of the intervals at which the weights crowd, so that their densities
    ``exp(-rate y)`` never grow.
    """

    base: FloatArray
    """Where distances are measured from, ``(m,)``."""

    sign: float
    free: NDArray[np.intp]
    """The items that are not fixed, ``(k,)``."""

    widths: FloatArray
    """Of the free items, ``(k,)``."""

    last: int
    """The place of the widest of them in ``free``."""

    room: float
    rate: float

    @property
    def widest(self) -> int:
        """The item that takes up rounding."""
        return int(self.free[self.last]) if self.free.size else int(np.argmax(self.base))

    def accepted(self, rng: np.random.Generator, tries: int) -> FloatArray:
        """Those of so many ``tries`` that count, as steps from the base ``(accepted, k)``."""
        steps = rng.random((tries, self.free.size))
        if self.rate > 0.0:
            # The last column is of an interval without end: no more than its distance is accepted with exp(-rate y).
            factors = np.expm1(-self.rate * self.widths)
            factors[self.last] = -1.0
            steps *= factors
            np.log1p(steps, out=steps)
            steps /= -self.rate
            most = np.minimum(steps[:, self.last], self.widths[self.last])
        else:
            steps *= self.widths
            most = np.full(tries, self.widths[self.last])
        steps[:, self.last] = 0.0
        left = self.room - row_sums(steps)
        counts = np.flatnonzero((left >= 0.0) & (left <= most))
        found = steps[counts]
        found[:, self.last] = left[counts]
        found *= self.sign
        return found


def _way_through_box(lower: FloatArray, upper: FloatArray) -> _WayThroughBox:
    # What the other ends leave: no weight outside these intervals can be part of a row that sums to 1.
    spare, short = max(0.0, 1.0 - math.fsum(lower)), max(0.0, math.fsum(upper) - 1.0)
    lowest, highest = np.maximum(lower, upper - short), np.minimum(upper, lower + spare)
    free = np.flatnonzero(highest - lowest > _NOTHING)
    widths = (highest - lowest)[free]
    if free.size < 2:
        return _WayThroughBox(lowest, 1.0, free, widths, 0, 0.0, 0.0)
    last = int(np.argmax(widths))
    middles = (math.fsum(widths) - float(widths[last])) / 2.0
    room = 1.0 - math.fsum(lowest)
    from_above = math.fsum(widths) - room
    others = np.delete(widths, last)
    if middles > room:
        return _WayThroughBox(lowest, 1.0, free, widths, last, room, _rate(others, room))
    if middles > from_above:
        base = lowest.copy()
        base[free] = highest[free]
        return _WayThroughBox(base, -1.0, free, widths, last, from_above, _rate(others, from_above))
    return _WayThroughBox(lowest, 1.0, free, widths, last, room, 0.0)


def _rate(widths: FloatArray, total: float) -> float:
    """The rate at which exponential variables that end at ``widths`` ``(k,)`` have means that sum to ``total``.

    It is less than half the sum of the widths.
    """

    def excess(rate: float) -> float:
        x = rate * widths
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            means = np.where(x > 1e-4, 1.0 / x - 1.0 / np.expm1(x), 0.5 - x / 12.0)
        return float((widths * means).sum()) - total

    # No mean is above 1 / rate.
    return float(brentq(excess, 0.0, 1.01 * widths.size / total))
