"""Weighted quantiles; arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["weighted_quantiles"]

FloatArray = NDArray[np.float64]
_LAST_BITS = 1e-12


def weighted_quantiles(values: FloatArray, weights: FloatArray, shares: FloatArray) -> FloatArray:
    """The smallest value up to which at least a share of the weight lies ``(shares,)``: ``inf {q: F(q) >= p}``.

    It is the default (`qrule = "math"`) of R's survey since 4.1. Rows without weight are left out, the last bits of a
    cumulated share are forgiven; shares beyond 0 to 1, and no rows, give NaN.
    """
    kept = weights > 0
    values, weights = values[kept], weights[kept]
    if not values.size:
        return np.full(shares.shape, np.nan)
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    positions = np.searchsorted(cumulated / cumulated[-1], shares - _LAST_BITS, side="left")
    found = values[order][np.minimum(positions, len(order) - 1)]
    return np.where((shares >= 0) & (shares <= 1), found, np.nan)
