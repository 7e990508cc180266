"""Sums that do not depend on the order of their terms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["constant", "deviation", "exact_sum", "mean"]

_SMALL = 4096
_NOISE = 16 * float(np.finfo(np.float64).eps)


def constant(values: NDArray[np.float64]) -> bool:
    """Whether all finite ``values`` ``(n,)`` are one number but for the last bits of a computation; True for none.

    One part in 3e14 is taken for noise: without it, a derived column of 0.3 and 0.1 + 0.2 would spread from worst to
    best.
    """
    if not values.size:
        return True
    low, high = float(values.min()), float(values.max())
    return high - low <= _NOISE * max(abs(low), abs(high))


def exact_sum(values: NDArray[np.float64]) -> float:
    """The correctly rounded sum of ``values`` ``(n,)``; 0 for none, NaN where one is NaN. Shuffling changes no bit.

    Infinite where the sum itself is too large for a number; partial sums that are do no harm.

    Up to 4,096 terms `math.fsum` does it. Beyond, the terms are split against a power of two so large that the leading
    parts add up without rounding in any order, the remainders are split again until none is left, and `math.fsum` adds
    the few partial sums (error-free transformation after Rump, Ogita & Oishi 2008, doi:10.1137/050645671).
    """
    if not np.isfinite(values).all():
        with np.errstate(invalid="ignore"):
            return float(np.sum(values))
    if values.size <= _SMALL:
        return _fsum(values)
    rest = np.array(values, dtype=np.float64)
    bits = math.ceil(math.log2(values.size)) + 1
    parts: list[float] = []
    while (largest := float(np.max(np.abs(rest)))) > 0:
        exponent = math.frexp(largest)[1] + bits
        if not -970 < exponent < 1023:
            return _fsum(values)
        splitter = math.ldexp(1.0, exponent)
        leading = (rest + splitter) - splitter
        parts.append(float(np.sum(leading)))
        rest -= leading
    return math.fsum(parts)


def _fsum(values: NDArray[np.float64]) -> float:
    try:
        return math.fsum(values.tolist())
    except OverflowError:  # whether a partial sum overflows depends on the order
        total = sum(map(Fraction, values.tolist()))
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def mean(values: NDArray[np.float64]) -> float:
    """``sum(x) / n`` of finite ``values`` ``(n,)``, order-free; NaN for none."""
    if not values.size:
        return math.nan
    total = exact_sum(values)
    if math.isinf(total):
        scale = 2.0**-64
        return exact_sum(values * scale) / values.size / scale
    return total / values.size


def deviation(values: NDArray[np.float64], ddof: int = 1) -> float:
    """``sqrt(sum((x - mean)^2) / (n - ddof))`` of finite ``values`` ``(n,)``, order-free; NaN where ``n <= ddof``.

    Exactly 0 for a :func:`constant` column, whose computed mean may miss the constant by one bit.
    """
    if values.size <= ddof:
        return math.nan
    if constant(values):
        return 0.0
    # Squares of 1e-200 vanish and those of 1e200 overflow; a power of two in between changes no bit of anything else.
    exponent = math.frexp(float(np.max(np.abs(values))))[1]
    scaled = np.ldexp(values, -exponent)
    difference = scaled - mean(scaled)
    spread = math.sqrt(exact_sum(difference * difference) / (values.size - ddof))
    with np.errstate(over="ignore"):
        return float(np.ldexp(spread, exponent))
