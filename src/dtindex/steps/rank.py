"""Ranks within a period."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, Keys
from dtindex.engine.ranks import rank_keys
from dtindex.steps.types import TextArray

__all__ = ["rank_by_period"]


def rank_by_period(keys: Keys, ranked: NDArray[np.bool_], periods: TextArray | None) -> NDArray[np.int64]:
    """Ranks ``(rows,)`` of ``keys`` ``(rows,)``: 1 is the highest, ties share the better rank, 0 is not ranked.

    Only ``ranked`` rows ``(rows,)`` take part; each period is ranked by itself.
    """
    taking_part = np.where(ranked, keys, MISSING)
    if periods is None:
        return rank_keys(taking_part)
    ranks = np.zeros(keys.shape, dtype=np.int64)
    for period in sorted(set(periods)):
        rows = periods == period
        ranks[rows] = rank_keys(taking_part[rows])
    return ranks
