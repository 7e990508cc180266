"""One of several rows of weights, or the same always."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.simplex.base import FloatArray, proportions, vector

__all__ = ["Choice", "Fixed"]


@dataclass(frozen=True, eq=False)
class Choice:
    """One of the ``rows`` ``(k, m)`` a draw, each as often as its share says.

    Row ``j`` stands for uniforms from the sum of the shares before it up to, and without, the sum that includes its
    own. With equal shares that is row ``floor(k U)``. Rows and ``shares`` ``(k,)`` are divided by their sums. A row
    with a share of 0 is never drawn.

    Raises
    ------
    ValueError
        Rows or shares that are negative, not finite or sum to 0, or not one share for each row.

    Examples
    --------
    >>> Choice([[1, 3], [1, 1]], [1, 1]).draw(np.array([[0.49], [0.5]]), np.random.default_rng(1))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """

    rows: FloatArray
    shares: FloatArray

    def __post_init__(self) -> None:
        rows = np.array(self.rows, dtype=np.float64)
        shares = proportions(vector(self.shares))
        if rows.ndim != 2 or not rows.shape[1] or len(rows) != shares.size:
            raise ValueError(f"{shares.size} shares for rows of shape {rows.shape}")
        object.__setattr__(self, "rows", proportions(rows))
        object.__setattr__(self, "shares", shares)

    @property
    def items(self) -> int:
        return int(self.rows.shape[1])

    @property
    def dimensions(self) -> int:
        return 1

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.take(self.rows, self.levels(uniforms), axis=0)

    def levels(self, uniforms: FloatArray) -> NDArray[np.intp]:
        """Which row each of ``uniforms`` ``(runs, 1)`` stands for, ``(runs,)``."""
        possible = np.flatnonzero(self.shares)
        levels: NDArray[np.intp] = possible[np.searchsorted(self._ends, uniforms[:, 0], side="right")]
        return levels

    @cached_property
    def _ends(self) -> FloatArray:
        # Divided after they are summed: with equal shares the ends are then j / k as it is rounded.
        sums = np.cumsum(self.shares[self.shares > 0.0])
        ends: FloatArray = sums[:-1] / sums[-1]
        return ends


@dataclass(frozen=True, eq=False)
class Fixed:
    """The same ``weights`` ``(m,)`` every time, divided by their sum.

    Raises
    ------
    ValueError
        Weights that are negative, not finite or all 0.
    """

    weights: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", proportions(vector(self.weights)))

    @property
    def items(self) -> int:
        return self.weights.size

    @property
    def dimensions(self) -> int:
        return 0

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.tile(self.weights, (len(uniforms), 1))
