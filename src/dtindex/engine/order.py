"""Order statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_rank", "median", "percentile"]

FloatArray = NDArray[np.float64]


def median(values: FloatArray) -> float:
    """The middle value of ``values`` ``(n,)``, or the mean of the two middle ones; NaN for none."""
    return percentile(values, 50.0)


def percentile(values: FloatArray, share: float) -> float:
    """The percentile by linear interpolation between order statistics (Hyndman & Fan type 7); NaN for none."""
    return float(np.percentile(values, share)) if values.size else float("nan")


def average_rank(values: FloatArray, reference: FloatArray) -> FloatArray:
    """Rank from below, 1 to n, of each of ``values`` ``(k,)`` among the sorted ``reference`` ``(n,)``; ties share the
    average.

    A value that is not in the reference stands half-way between its neighbours: 0.5 below all, n + 0.5 above. NaN
    stays.
    """
    below = np.searchsorted(reference, values, side="left")
    equal = np.searchsorted(reference, values, side="right") - below
    ranks = below + (equal + 1) / 2
    return np.where(np.isnan(values), np.nan, ranks)
