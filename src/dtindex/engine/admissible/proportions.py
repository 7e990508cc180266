"""Weights in proportion to numbers between ends: each moves by itself, and all are divided by their sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.admissible.base import FloatArray, Flow
from dtindex.engine.simplex.base import vector

__all__ = ["Proportions"]


@dataclass(frozen=True, eq=False)
class Proportions:
    """``{x / sum x : lower <= x <= upper}``, which is wider than ``lower <= w <= upper``.

    ``sum x_j values_j / sum x_j`` is largest where the largest ``k`` values have their upper ends and the others their
    lower ones, for the best ``k``: the ratio rises with ``x_j`` as long as ``values_j`` is above it.

    Parameters
    ----------
    lower, upper
        ``(m,)``, ``0 <= lower <= upper``, ``upper > 0``.

    Raises
    ------
    ValueError
        Ends that are not finite, negative or the wrong way round; upper ends that are 0.
    """

    lower: FloatArray
    upper: FloatArray

    def __post_init__(self) -> None:
        lower, upper = vector(self.lower), vector(self.upper)
        if lower.shape != upper.shape or not (
            np.isfinite(upper).all() and (lower >= 0.0).all() and (lower <= upper).all() and upper.sum() > 0.0
        ):
            raise ValueError(f"no interval from 0 up: {lower.tolist()} to {upper.tolist()}")
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)

    @property
    def items(self) -> int:
        return self.lower.size

    @property
    def point(self) -> bool:
        return self.items == 1 or bool((self.lower == self.upper).all())

    def largest(self, values: FloatArray) -> FloatArray:
        over, under, _ = self._ways(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: FloatArray = np.nanmax(np.where(under > 0.0, over / under, np.nan), axis=1)
        return found

    def largest_at(self, values: FloatArray) -> FloatArray:
        over, under, order = self._ways(values[None, :])
        with np.errstate(invalid="ignore", divide="ignore"):
            best = int(np.nanargmax(np.where(under > 0.0, over / under, np.nan)[0]))
        numbers = self.lower.copy()
        numbers[order[0, :best]] = self.upper[order[0, :best]]
        weights: FloatArray = numbers / numbers.sum()
        return weights

    def _ways(
        self, values: FloatArray
    ) -> tuple[FloatArray, FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
        """``sum x v`` and ``sum x`` ``(n, m + 1)`` with the largest 0, 1, .., m values at their upper ends."""
        order = np.argsort(-values, axis=1, kind="stable")
        gained = (self.upper - self.lower)[order]
        start = np.zeros((len(values), 1))
        own = np.take_along_axis(values, order, axis=1)
        over = np.concatenate([start, np.cumsum(gained * own, axis=1)], axis=1)
        over += np.einsum("ij,j->i", values, self.lower)[:, None]
        under = np.concatenate([start, np.cumsum(gained, axis=1)], axis=1) + float(self.lower.sum())
        return over, under, order

    def flow(self) -> Flow:
        items = self.items
        rows = np.zeros((2 * items + 1, 2 + items))
        members = np.arange(items)
        rows[members, 1 + members], rows[members, -1] = 1.0, -self.lower
        rows[items + members, 1 + members], rows[items + members, -1] = 1.0, -self.upper
        rows[-1, 0], rows[-1, 1 : 1 + items] = -1.0, 1.0
        infinite = np.full(items, np.inf)
        low = np.concatenate([np.zeros(items), -infinite, [0.0]])
        high = np.concatenate([infinite, np.zeros(items), [0.0]])
        return Flow(1, rows, low, high)

    def some(self, count: int, rng: np.random.Generator) -> FloatArray:
        shares = rng.random((count, self.items))
        shares[: count // 2] = np.round(shares[: count // 2])
        numbers = self.lower + shares * (self.upper - self.lower)
        numbers[numbers.sum(axis=1) == 0.0] = self.upper
        found: FloatArray = numbers / numbers.sum(axis=1, keepdims=True)
        return found
