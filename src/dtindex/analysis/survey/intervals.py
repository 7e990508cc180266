"""Confidence intervals: Student's, on the logit scale for shares, exact where nobody or everybody says yes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.steps.types import FloatArray

__all__ = ["exact_share", "logit_share", "student", "two_sided"]


def student(confidence: float, degrees: NDArray[np.intp]) -> FloatArray:
    """Student's quantile for a two-sided interval, NaN below one degree of freedom."""
    from scipy.special import stdtrit

    found = stdtrit(np.maximum(degrees, 1).astype(np.float64), 0.5 + confidence / 2)
    return np.where(degrees >= 1, found, np.nan)


def two_sided(statistic: FloatArray, degrees: NDArray[np.intp]) -> FloatArray:
    """The two-sided p-value of a t statistic."""
    from scipy.special import stdtr

    found = 2 * stdtr(np.maximum(degrees, 1).astype(np.float64), -np.abs(statistic))
    return np.where(degrees >= 1, found, np.nan)


def logit_share(shares: FloatArray, errors: FloatArray, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``logit(p) ± t se / (p (1 - p))``, turned back; NaN at 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (shares > 0) & (shares < 1)
        odds = np.log(shares / (1 - shares))
        spread = times * errors / (shares * (1 - shares))
        low, high = (1 / (1 + np.exp(-(odds + sign * spread))) for sign in (-1, 1))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def exact_share(share: float, effective: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share of 0 or 1 among ``effective`` independent respondents (1934)."""
    tail = ((1 - confidence) / 2) ** (1 / effective)
    return (0.0, 1 - tail) if share == 0 else (tail, 1.0)
