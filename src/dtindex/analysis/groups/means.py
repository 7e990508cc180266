"""Means of two groups, weighted or not: their difference and their ratio, with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, figure, half_width
from dtindex.engine.sums import constant, exact_sum
from dtindex.steps.types import FloatArray

__all__ = ["Moments", "mean_interval", "moments", "per_cent", "ratio", "welch"]

_ALONE = "one member alone: no interval and no test"
_FLAT = "no variation within the groups: no interval and no test"
_ONE_CLUSTER = "one cluster: no interval and no test"


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and spread of one group; NaN where one member alone leaves it open."""

    n: int
    mean: float
    sd: float
    """``sqrt(n / (n - 1) sum w (y - mean)^2 / sum w)``."""
    error: float
    """Standard error of the mean."""
    freedom: float
    """Degrees of freedom of the error: n - 1, or clusters less one."""
    effective: float
    """Effective size after Kish: ``(sum w)^2 / sum w^2``; n where weights are equal."""
    totals: FloatArray | None = None
    """By cluster ``(clusters,)``, the sum of ``w (y - mean) / sum w`` of its members in the group."""


def moments(
    values: FloatArray,
    weights: FloatArray | None = None,
    clusters: NDArray[np.int64] | None = None,
    count: int = 0,
) -> Moments:
    """Moments of ``values`` ``(n,)`` without gaps, with positive ``weights`` ``(n,)`` or none.

    The standard error is the linearised one of a weighted mean, ``sqrt(n / (n - 1) sum (w (y - mean))^2) / sum w``:
    ``sd / sqrt(n)`` where weights are equal. With ``clusters`` ``(n,)`` (numbers below ``count``) the squares are of
    sums over clusters, and n is their number in the group. Sums do not depend on the order of the rows.

    Raises
    ------
    NotComputable
        Without a value.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. doi:10.2307/1402588
    """
    n = len(values)
    if not n:
        raise NotComputable("no value in the group")
    known = np.ones(n) if weights is None else weights
    total = exact_sum(known)
    mean = exact_sum(known * values) / total
    effective = total**2 / exact_sum(known * known)
    apart = np.zeros(n) if constant(values) else values - mean
    parts = known * apart / total
    sums = None if clusters is None else np.bincount(clusters, parts, count).astype(np.float64)
    units = n if clusters is None else len(np.unique(clusters))
    spread = math.nan if n == 1 else math.sqrt(n / (n - 1) * exact_sum(known * apart * apart) / total)
    squares = exact_sum((parts if sums is None else sums) ** 2)
    error = math.nan if units == 1 else math.sqrt(units / (units - 1) * squares)
    return Moments(n, mean, spread, error, units - 1, effective, sums)


def mean_interval(group: Moments, confidence: float) -> Figure:
    """The mean with ``mean +- t se``; without an interval where there is one member."""
    if math.isnan(group.error):
        return figure(group.mean, n=group.n, reason="one member alone: no interval")
    width = half_width(group.freedom, confidence) * group.error
    return figure(
        group.mean,
        low=group.mean - width,
        high=group.mean + width,
        error=group.error,
        freedom=group.freedom,
        n=group.n,
        method="t",
    )


def welch(first: Moments, second: Moments, confidence: float) -> Figure:
    """``mean_1 - mean_2`` with Welch's interval and test.

    ``se^2 = se_1^2 + se_2^2``; degrees of freedom ``se^4 / (se_1^4 / (n_1 - 1) + se_2^4 / (n_2 - 1))``. With weights
    the same of linearised standard errors; with clusters ``se^2 = C / (C - 1) sum (z_1c - z_2c)^2`` over all clusters,
    C - 1 degrees of freedom. One member in a group leaves the difference without interval and test.

    Raises
    ------
    NotComputable
        Without a value in one of the groups.

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different population variances are
    involved. doi:10.1093/biomet/34.1-2.28

    Examples
    --------
    >>> import numpy as np
    >>> found = welch(moments(np.array([1.0, 2.0, 3.0])), moments(np.array([4.0, 6.0, 8.0])), 0.95)
    >>> f"{found.value:g}, df {found.freedom:.3f}, p {found.p:.4f}"
    '-4, df 2.941, p 0.0548'
    """
    from scipy.special import stdtr

    difference, n = first.mean - second.mean, first.n + second.n
    reason = _without_error(first, second)
    if reason:
        return figure(difference, n=n, reason=reason)
    error, freedom = _joint(first, second, (1.0, 1.0))
    if not error > 0:
        return figure(difference, n=n, reason=_FLAT)
    width = half_width(freedom, confidence) * error
    return figure(
        difference,
        low=difference - width,
        high=difference + width,
        error=error,
        freedom=freedom,
        p=2 * float(stdtr(freedom, -abs(difference) / error)),
        n=n,
        method=_method(first, "Welch"),
    )


def ratio(first: Moments, second: Moments, confidence: float) -> Figure:
    """``mean_1 / mean_2`` with ``exp(log ratio +- t se)``, ``se^2 = (se_1 / mean_1)^2 + (se_2 / mean_2)^2``.

    The delta method on the logarithm, t with Welch's degrees of freedom of the two relative errors; with clusters, as
    for a difference.

    Raises
    ------
    NotComputable
        Where a mean is not above zero, or so near to it that its own interval reaches zero: of such a divisor no ratio
        has a bounded interval (Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x), and of a dividend no logarithm.
    """
    for group in (first, second):
        if not group.mean > 0:
            raise NotComputable(f"no ratio: a mean of {group.mean:.6g} is not above zero")
    value, n = first.mean / second.mean, first.n + second.n
    reason = _without_error(first, second)
    if reason:
        return figure(value, n=n, reason=reason)
    for group in (first, second):
        if group.error * half_width(group.freedom, confidence) >= group.mean:
            raise NotComputable(f"no ratio: a mean of {group.mean:.6g} is not told apart from zero")
    error, freedom = _joint(first, second, (first.mean, second.mean))
    if not error > 0:
        return figure(value, n=n, reason=_FLAT)
    factor = math.exp(half_width(freedom, confidence) * error)
    return figure(
        value,
        low=value / factor,
        high=value * factor,
        error=value * error,
        freedom=freedom,
        n=n,
        method=_method(first, "log delta"),
    )


def per_cent(found: Figure) -> Figure:
    """A ratio as what it is more or less, in per cent: ``100 (ratio - 1)``."""
    if found.value is None:
        return found
    low, high = (None if bound is None else 100 * (bound - 1) for bound in (found.low, found.high))
    error = None if found.error is None else 100 * found.error
    return Figure(100 * (found.value - 1), low, high, error, found.freedom, None, found.n, found.method, found.reason)


def _without_error(first: Moments, second: Moments) -> str:
    """Why a difference has no standard error; '' where it has one."""
    if min(first.n, second.n) < 2:
        return _ALONE
    if math.isnan(first.error) or math.isnan(second.error):
        return _ONE_CLUSTER
    return "" if first.error > 0 or second.error > 0 else _FLAT


def _joint(first: Moments, second: Moments, scales: tuple[float, float]) -> tuple[float, float]:
    """Standard error and degrees of freedom of a difference, each side divided by its scale."""
    if first.totals is not None and second.totals is not None:
        apart = first.totals / scales[0] - second.totals / scales[1]
        clusters = len(apart)
        return math.sqrt(clusters / (clusters - 1) * exact_sum(apart * apart)), clusters - 1
    own = (first.error / scales[0], second.error / scales[1])
    error = math.hypot(*own)
    if not error > 0:
        return error, math.nan
    shares = [(part / error) ** 4 / group.freedom for part, group in zip(own, (first, second), strict=True)]
    return error, 1 / sum(shares)


def _method(group: Moments, plain: str) -> str:
    return plain if group.totals is None else f"linearised, {len(group.totals):,} clusters"
