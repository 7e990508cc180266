"""Correlations that do not depend on the order of the rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.sums import constant, exact_sum, mean

__all__ = ["correlation", "correlation_matrix"]

FloatArray = NDArray[np.float64]
_NOISE = 16 * float(np.finfo(np.float64).eps)


def correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson's ``r = sum(dx dy) / sqrt(sum(dx^2) sum(dy^2))`` of two columns ``(n,)``, over the rows known in both.

    Sums are correctly rounded, so that shuffled rows give the same bits. NaN where fewer than two rows are known in
    both, or one of the columns is constant among them; exactly 1 or -1 where only the last bits part it from that.
    """
    known = ~(np.isnan(first) | np.isnan(second))
    return _cosine(_deviations(first[known]), _deviations(second[known]))


def correlation_matrix(columns: Sequence[FloatArray]) -> FloatArray:
    """Pearson's correlations ``(m, m)`` of ``columns``, ``(n,)`` each, pair by pair over the rows known in both.

    Rows with gaps must be left out beforehand where the matrix has to be positive semidefinite. NaN as in
    :func:`correlation`; the diagonal is 1.
    """
    matrix = np.eye(len(columns))
    gaps = [bool(np.isnan(column).any()) for column in columns]
    deviations = [None if gap else _deviations(column) for column, gap in zip(columns, gaps, strict=True)]
    for row in range(len(columns)):
        for column in range(row):
            one, other = deviations[row], deviations[column]
            if one is not None and other is not None:
                found = _cosine(one, other)
            else:
                found = correlation(columns[row], columns[column])
            matrix[row, column] = matrix[column, row] = found
    return matrix


def _deviations(values: FloatArray) -> FloatArray | None:
    """Differences from the mean over their length ``(n,)``; None for a constant column."""
    if constant(values):
        return None
    # A power of two changes no bit, and keeps the squares of very large and very small numbers.
    scaled = np.ldexp(values, -math.frexp(float(np.max(np.abs(values))))[1])
    difference = scaled - mean(scaled)
    return difference / math.sqrt(exact_sum(difference * difference))


def _cosine(first: FloatArray | None, second: FloatArray | None) -> float:
    if first is None or second is None:
        return math.nan
    found = exact_sum(first * second)
    return math.copysign(1.0, found) if abs(found) >= 1.0 - _NOISE else found
