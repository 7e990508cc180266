"""What every set of admissible weights is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Admissible", "FloatArray", "Flow"]

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """A set scaled by what flows into its node, so that it is linear however weights are nested.

    With ``f`` the flow into the node, ``v`` ``(m,)`` the flows to its members and ``x`` ``(extra,)`` variables of its
    own, the set is ``low <= rows @ (f, v, x) <= high`` with ``v, x >= 0``: the weights are ``v / f``.
    """

    extra: int
    rows: FloatArray
    """``(rows, 1 + m + extra)``"""
    low: FloatArray
    high: FloatArray


class Admissible(Protocol):
    """A closed convex set of weights ``(m,)``, each 0 or more, that sum to 1."""

    @property
    def items(self) -> int:
        """How many members."""
        ...

    @property
    def point(self) -> bool:
        """Whether there is one element only."""
        ...

    def largest(self, values: FloatArray) -> FloatArray:
        """``max_w sum_j w_j values_j`` ``(n,)`` of ``values`` ``(n, m)``."""
        ...

    def largest_at(self, values: FloatArray) -> FloatArray:
        """Weights ``(m,)`` at which ``values`` ``(m,)`` are largest."""
        ...

    def flow(self) -> Flow:
        """The set as rows of a linear programme."""
        ...

    def some(self, count: int, rng: np.random.Generator) -> FloatArray:
        """So many of its elements ``(count, m)``, the extreme ones among them: to start a search from."""
        ...
