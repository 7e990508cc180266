"""Rotation of factors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["varimax"]

FloatArray = NDArray[np.float64]
_SWEEPS = 1000
_SETTLED = 1e-10


def varimax(loadings: FloatArray, *, kaiser: bool = True) -> tuple[FloatArray, bool]:
    """Turn ``loadings`` ``(items, factors)`` so that the variance of their squares within factors is largest.

    Two factors at a time are turned by the best angle between them, until no angle is left to turn by. With ``kaiser``
    each row is divided by its length first and multiplied with it afterwards, so that items of little communality count
    as much as others. Returns the rotated loadings and whether the rotation settled; the sign and the order of factors
    are as they come.

    Turning pairs is Kaiser's own way; the usual iteration by singular values stands still before a perfect structure.

    References
    ----------
    Kaiser (1958), doi:10.1007/BF02289233.
    """
    lengths = np.sqrt((loadings * loadings).sum(axis=1)) if kaiser else np.ones(len(loadings))
    lengths = np.where(lengths > 0, lengths, 1.0)[:, None]
    turned = loadings / lengths
    pairs = [(first, second) for second in range(loadings.shape[1]) for first in range(second)]
    for _ in range(_SWEEPS):
        largest = 0.0
        for first, second in pairs:
            angle = _best_angle(turned[:, first], turned[:, second])
            largest = max(largest, abs(angle))
            one, other = turned[:, first].copy(), turned[:, second].copy()
            turned[:, first] = math.cos(angle) * one + math.sin(angle) * other
            turned[:, second] = math.cos(angle) * other - math.sin(angle) * one
        if largest <= _SETTLED:
            return turned * lengths, True
    return turned * lengths, False


def _best_angle(one: FloatArray, other: FloatArray) -> float:
    """The angle in -45 to 45 degrees that makes the criterion of two factors largest; 0 where none does."""
    squares, products = one * one - other * other, 2.0 * one * other
    a, b = float(squares.sum()), float(products.sum())
    over = 2.0 * float((squares * products).sum()) - 2.0 * a * b / one.size
    under = float((squares * squares - products * products).sum()) - (a * a - b * b) / one.size
    tiny = _SETTLED * float((squares * squares + products * products).sum())
    return 0.0 if math.hypot(over, under) <= tiny else math.atan2(over, under) / 4.0
