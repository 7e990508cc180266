"""Weights between ends that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.admissible.base import FloatArray, Flow
from dtindex.engine.simplex import Box

__all__ = ["Between"]


@dataclass(frozen=True, eq=False)
class Between:
    """``{w : lower <= w <= upper, sum w = 1}``.

    A linear function is largest where weights start at their lower ends and what is left of 1 is poured into the
    largest values first, each up to its upper end (the fractional knapsack, which greed solves exactly).

    Parameters
    ----------
    lower, upper
        ``(m,)``, ``0 <= lower <= upper``.

    Raises
    ------
    ValueError
        As `dtindex.engine.simplex.Box`.
    """

    lower: FloatArray
    upper: FloatArray

    def __post_init__(self) -> None:
        box = Box(self.lower, self.upper)
        object.__setattr__(self, "lower", box.lower)
        object.__setattr__(self, "upper", np.minimum(box.upper, 1.0))

    @property
    def items(self) -> int:
        return self.lower.size

    @property
    def point(self) -> bool:
        room = 1.0 - float(self.lower.sum())
        return room <= 0.0 or bool((self.upper - self.lower).sum() <= room)

    def largest(self, values: FloatArray) -> FloatArray:
        order = np.argsort(-values, axis=1, kind="stable")
        poured = self._poured(order)
        poured *= np.take_along_axis(values, order, axis=1)
        poured += values * self.lower
        found: FloatArray = np.einsum("ij->i", poured)
        return found

    def largest_at(self, values: FloatArray) -> FloatArray:
        order = np.argsort(-values, kind="stable")[None, :]
        weights = self.lower.copy()
        weights[order[0]] += self._poured(order)[0]
        return weights

    def _poured(self, order: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> FloatArray:
        """What is poured into the first, the second, ... of each ``order`` ``(n, m)``."""
        widths = self.upper - self.lower
        room = max(0.0, 1.0 - float(self.lower.sum()))
        own = widths[order]
        before = np.cumsum(own, axis=1) - own
        found: FloatArray = np.clip(room - before, 0.0, own)
        return found

    def flow(self) -> Flow:
        items = self.items
        rows = np.zeros((2 * items + 1, 1 + items))
        members = np.arange(items)
        rows[members, 1 + members], rows[members, 0] = 1.0, -self.lower
        rows[items + members, 1 + members], rows[items + members, 0] = 1.0, -self.upper
        rows[-1, 0], rows[-1, 1:] = -1.0, 1.0
        infinite = np.full(items, np.inf)
        low = np.concatenate([np.zeros(items), -infinite, [0.0]])
        high = np.concatenate([infinite, np.zeros(items), [0.0]])
        return Flow(0, rows, low, high)

    def some(self, count: int, rng: np.random.Generator) -> FloatArray:
        corners = [self.largest_at(direction) for direction in rng.standard_normal((count // 2, self.items))]
        inner = Box(self.lower, self.upper).draw(np.empty((count - len(corners), 0)), rng)
        return np.concatenate([*(corner[None, :] for corner in corners), inner])
