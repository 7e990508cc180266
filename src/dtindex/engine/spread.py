"""Spread and shape of a sample, whatever the order of its values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.order import median
from dtindex.engine.sums import constant

__all__ = ["MAD_TO_SD", "median_deviation", "skew_and_kurtosis"]

FloatArray = NDArray[np.float64]

MAD_TO_SD = 1.4826
"""The standard deviation of a normal sample over its median absolute deviation, as it is printed everywhere."""


def median_deviation(values: FloatArray) -> float:
    """``1.4826 * median |x - median|`` of finite ``values`` ``(n,)``; NaN for none.

    Exactly 0 where it is noise: more than half of the values are one number but for the last bits.
    """
    middle = median(values)
    deviations = np.abs(values - middle)
    found = median(deviations)
    return 0.0 if constant(np.array([middle, middle + found])) else MAD_TO_SD * found


def skew_and_kurtosis(ordered: FloatArray) -> tuple[float, float]:
    """``G1 = sqrt(n (n - 1)) / (n - 2) * m3 / m2^1.5`` and
    ``G2 = (n - 1) / ((n - 2) (n - 3)) * ((n + 1) (m4 / m2^2 - 3) + 6)``.

    ``ordered`` are ``n`` finite values from the lowest to the highest, so that the sums do not depend on any other
    order.
    NaN for fewer than four values and for a constant. Type 2 of Joanes & Gill (1998), doi:10.1111/1467-9884.00122; SKEW
    and KURT of a spreadsheet.
    """
    count = ordered.size
    if count < 4 or constant(ordered[[0, -1]]):
        return math.nan, math.nan
    # A power of two changes no bit, and keeps fourth powers of small and large numbers within what a number holds.
    difference = _to_unit(ordered)
    difference = difference - np.mean(difference)
    difference = _to_unit(difference)
    squared = difference * difference
    second, third = float(np.mean(squared)), float(np.mean(squared * difference))
    fourth = float(np.mean(np.multiply(squared, squared, out=squared)))
    skew = math.sqrt(count * (count - 1)) / (count - 2) * third / (second * math.sqrt(second))
    excess = (count + 1) * (fourth / (second * second) - 3) + 6
    return skew, (count - 1) / ((count - 2) * (count - 3)) * excess


def _to_unit(ordered: FloatArray) -> FloatArray:
    """``ordered`` ``(n,)`` times the power of two that brings the largest of them between 1/2 and 1."""
    exponent = math.frexp(float(max(abs(ordered[0]), abs(ordered[-1]))))[1]
    if abs(exponent) < 1000:
        return ordered * math.ldexp(1.0, -exponent)
    return np.ldexp(ordered, -exponent)
