"""Which group tends to have the higher values, by ranks: no scale is assumed, and ties count half."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, figure, half_width
from dtindex.engine.sums import constant, deviation
from dtindex.steps.types import FloatArray

__all__ = ["cliffs_delta", "mann_whitney", "superiority"]

_EXACT_MEMBERS = 8
_EXACT_PAIRS = 10_000


def mann_whitney(first: FloatArray, second: FloatArray) -> Figure:
    """U of ``(n_1,)`` against ``(n_2,)``: pairs in which the first is higher, ties counted half; two-sided p.

    Exact where a group has eight members or fewer and nothing is tied (of at most 10,000 pairs); else normal, with
    corrections for ties and continuity, as R's ``wilcox.test`` has them. Weights are not used.

    Raises
    ------
    NotComputable
        Without a member in a group, or where all values are one.

    References
    ----------
    Mann, H. B. & Whitney, D. R. (1947). On a test of whether one of two random variables is stochastically larger than
    the other. doi:10.1214/aoms/1177730491
    """
    from scipy.stats import mannwhitneyu

    n, m = len(first), len(second)
    if not min(n, m):
        raise NotComputable("no value in the group")
    together = np.concatenate([first, second])
    if constant(together):
        raise NotComputable("all values are the same")
    tied = len(np.unique(together)) < n + m
    exact = not tied and min(n, m) <= _EXACT_MEMBERS and n * m <= _EXACT_PAIRS
    found = mannwhitneyu(first, second, method="exact" if exact else "asymptotic", use_continuity=True)
    method = "exact" if exact else "normal, ties and continuity"
    return figure(float(found.statistic), p=float(found.pvalue), n=n + m, method=method)


def superiority(first: FloatArray, second: FloatArray, confidence: float) -> Figure:
    """``P(X > Y) + P(X = Y) / 2`` of ``(n_1,)`` against ``(n_2,)``: ``U / (n_1 n_2)``.

    The interval is on the logit, with the variance of the placements (DeLong's, which is Brunner and Munzel's) and the
    latter's degrees of freedom; there is none where the groups do not overlap. Weights are not used.

    Raises
    ------
    NotComputable
        Without a member in a group.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). doi:10.2307/2531595
    Brunner, E. & Munzel, U. (2000). The nonparametric Behrens-Fisher problem.
    doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U

    Examples
    --------
    >>> import numpy as np
    >>> superiority(np.array([2.0, 3.0]), np.array([1.0, 2.0]), 0.95).value
    0.875
    """
    n, m = len(first), len(second)
    if not min(n, m):
        raise NotComputable("no value in the group")
    above, below = _placements(first, second), _placements(second, first)
    value = float(above.sum()) / (n * m)
    if min(n, m) < 2:
        return figure(value, n=n + m, reason="one member alone: no interval")
    if not 0 < value < 1:
        return figure(value, n=n + m, reason="the groups do not overlap: no interval")
    parts = (deviation(above / m) ** 2 / n, deviation(below / n) ** 2 / m)
    variance = sum(parts)
    if not variance > 0:
        return figure(value, n=n + m, reason="no variation within the groups: no interval")
    error = math.sqrt(variance)
    freedom = variance**2 / (parts[0] ** 2 / (n - 1) + parts[1] ** 2 / (m - 1))
    centre, width = math.log(value / (1 - value)), half_width(freedom, confidence) * error / (value * (1 - value))
    return figure(
        value,
        low=_expit(centre - width),
        high=_expit(centre + width),
        error=error,
        freedom=freedom,
        n=n + m,
        method="logit, DeLong",
    )


def cliffs_delta(found: Figure) -> Figure:
    """``P(X > Y) - P(X < Y) = 2 superiority - 1``, with the interval of the superiority.

    References
    ----------
    Cliff, N. (1993). Dominance statistics. doi:10.1037/0033-2909.114.3.494
    """
    if found.value is None:
        return found
    low, high = (None if bound is None else 2 * bound - 1 for bound in (found.low, found.high))
    error = None if found.error is None else 2 * found.error
    return replace(found, value=2 * found.value - 1, low=low, high=high, error=error)


def _placements(first: FloatArray, second: FloatArray) -> FloatArray:
    """For each of ``first`` ``(n,)``, how many of ``second`` are lower, ties counted half."""
    order = np.sort(second)
    return (np.searchsorted(order, first, side="left") + np.searchsorted(order, first, side="right")) / 2


def _expit(value: float) -> float:
    from scipy.special import expit

    return float(expit(value))
