"""An answer that is one of several categories, cut out of a normal variable: a choice, a scale, a number by bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dtindex.synthetic.latents import FloatArray

__all__ = ["Ordinal", "draw_ordinal", "shifted_shares"]


def shifted_shares(count: int, shift: float) -> FloatArray:
    """Shares ``(count,)`` of categories of equal share after the normal variable behind them moved by ``shift``.

    ``p_k = Phi(t_k - s) - Phi(t_(k-1) - s)`` with ``t_k = Phi^-1(k / count)``.
    """
    cuts = ndtri(np.arange(count + 1) / count)
    shares: FloatArray = np.diff(ndtr(cuts - shift))
    return shares


@dataclass(frozen=True)
class Ordinal:
    """Categories in the order of the normal variable, and the shares that are given.

    What is given stands; what is left goes to the free categories, as a variable moved by a shift parts it.
    """

    count: int
    """How many categories there are, those included that are no answers."""
    order: tuple[int, ...]
    """Positions of the categories from the lowest to the highest value of the normal variable.

    Those that are no answers (don't know) are not among them, and have a share only where one is given.
    """
    pinned: Mapping[int, float]
    """Given shares by position."""

    @property
    def free(self) -> tuple[int, ...]:
        """Categories without a given share, in their order."""
        return tuple(position for position in self.order if position not in self.pinned)

    @property
    def moves(self) -> bool:
        """Whether a shift changes anything."""
        return len(self.free) > 1 and self._left > 0

    @property
    def _left(self) -> float:
        return max(0.0, 1 - sum(self.pinned.values()))

    def shares(self, shift: float = 0.0) -> FloatArray:
        """Shares of all categories ``(count,)``; they sum to 1."""
        shares = np.zeros(self.count)
        for position, share in self.pinned.items():
            shares[position] = share
        free = self.free
        if free:
            shares[list(free)] = self._left * shifted_shares(len(free), shift)
        shares /= shares.sum()
        return shares


def draw_ordinal(
    rng: np.random.Generator, ordinal: Ordinal, shares: FloatArray, latent: FloatArray
) -> NDArray[np.int16]:
    """Positions ``(rows,)`` of the categories: the normal variable cut at ``Phi^-1`` of the cumulated shares.

    Categories that are no answers are drawn beside it, by chance alone.
    """
    order = np.array(ordinal.order, dtype=np.int16)
    of_order = shares[order]
    cuts = ndtri(np.minimum(np.cumsum(of_order)[:-1] / of_order.sum(), 1.0))
    positions: NDArray[np.int16] = order[np.searchsorted(cuts, latent)]
    beside = [position for position in range(ordinal.count) if position not in ordinal.order and shares[position] > 0]
    if beside:
        ends = np.cumsum(shares[beside])
        chance = rng.random(len(latent))
        aside = chance < ends[-1]
        positions[aside] = np.array(beside, dtype=np.int16)[np.searchsorted(ends, chance[aside], side="right")]
    return positions
