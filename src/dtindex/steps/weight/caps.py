"""Caps on weights."""

from __future__ import annotations

import numpy as np

from dtindex.steps.types import FloatArray

__all__ = ["CannotKeep", "capped"]

_LAST_BITS = 1e-12


class CannotKeep(ValueError):
    """The caps leave less than 1 for those that have a weight."""


def capped(weights: FloatArray, limits: FloatArray) -> FloatArray:
    """``weights`` ``(n,)`` that sum to 1, none above its limit: what is cut off goes to the others pro rata.

    Those above their limit are set to it, the rest is scaled up to fill what is left, and so on until none is above.
    Weights of zero stay zero.

    Raises
    ------
    CannotKeep
        The limits of those with a weight sum to less than 1.
    """
    found = weights.copy()
    fixed = np.zeros(weights.shape, dtype=bool)
    while (over := ~fixed & (found > limits)).any():
        fixed |= over
        found[fixed] = limits[fixed]
        left = 1.0 - _total(found[fixed])
        free = _total(weights[~fixed])
        if left < -_LAST_BITS or (free == 0 and left > _LAST_BITS):
            raise CannotKeep
        if free > 0:
            found[~fixed] = weights[~fixed] * (max(left, 0.0) / free)
    return found


def _total(weights: FloatArray) -> float:
    total = 0.0
    for weight in weights.tolist():
        total += weight
    return total
