"""Sums by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["group_sums"]


def group_sums(codes: NDArray[np.intp], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Sum of ``values`` ``(rows,)`` in each of ``count`` groups ``(count,)``, taken in the order of the rows."""
    found: NDArray[np.float64] = np.bincount(codes, weights=values, minlength=count).astype(np.float64, copy=False)
    return found
