"""Estimates of several completed tables as one: Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dtindex.analysis.plain import plain
from dtindex.findings import UsageError, finding

__all__ = ["Pooled", "pool"]


@dataclass(frozen=True, slots=True)
class Pooled:
    """One estimate out of several, with what it lost to the missing figures."""

    estimate: float
    within: float
    """Mean of the variances, W."""
    between: float
    """Variance of the estimates, B."""
    variance: float
    """``T = W + (1 + 1 / M) B``."""
    increase: float
    """Relative increase of the variance, ``r = (1 + 1 / M) B / W``."""
    df: float
    """Degrees of freedom of Barnard and Rubin; Rubin's without those of the complete data."""
    missing: float
    """Fraction of missing information."""
    low: float
    high: float
    tables: int
    confidence: float

    @property
    def error(self) -> float:
        """Standard error, ``sqrt(T)``."""
        return math.sqrt(self.variance)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: 12 significant digits, None for what is not a number."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__} | {"error": plain(self.error)}


def pool(
    estimates: Sequence[float], variances: Sequence[float], *, df: float | None = None, confidence: float = 0.95
) -> Pooled:
    """Pool an estimate and its squared standard error over M completed tables.

    ``Q = mean Q_l``, ``W = mean U_l``, ``B = sum (Q_l - Q)^2 / (M - 1)``, ``T = W + (1 + 1 / M) B``; the interval is
    ``Q +- t(df) sqrt(T)``. With ``lambda = (1 + 1 / M) B / T`` Rubin's degrees of freedom are ``(M - 1) / lambda^2``,
    and with those of the complete data ``v`` Barnard and Rubin's ``1 / (1 / old + 1 / obs)``, ``obs = (v + 1) / (v + 3)
    v (1 - lambda)``. The fraction of missing information is ``(r + 2 / (df + 3)) / (1 + r)``.

    Parameters
    ----------
    estimates, variances
        One of each for every table, two tables at least.
    df
        Degrees of freedom that the complete data would have (n less the number of parameters); without them the sample
        counts as large.
    confidence
        Of the interval.

    Raises
    ------
    UsageError
        DT902 where there are fewer than two, unequally many, a number is not finite, a variance is below zero, or
        ``df`` or ``confidence`` is out of range.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys; Barnard & Rubin (1999), doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> import dtindex as dti
    >>> found = dti.pool([10.2, 9.8, 10.5, 10.1, 9.9], [0.25, 0.27, 0.24, 0.26, 0.25], df=99)
    >>> round(found.estimate, 4), round(found.variance, 4), round(found.df, 2), round(found.missing, 4)
    (10.1, 0.344, 32.19, 0.3036)
    """
    from scipy.stats import t

    q, u = (np.asarray(list(one), dtype=np.float64) for one in (estimates, variances))
    if q.ndim != 1 or q.shape != u.shape or q.size < 2:
        raise _usage(f"{q.size} estimates and {u.size} variances: expected two or more, and as many of each")
    if not (np.isfinite(q).all() and np.isfinite(u).all() and (u >= 0).all()):
        raise _usage("estimates and variances are finite, and variances zero or more")
    if not 0 < confidence < 1 or (df is not None and not df > 0):
        raise _usage(f"confidence={confidence}, df={df}: expected a share, and degrees of freedom above zero")
    count = q.size
    estimate, within, between = float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    added = (1 + 1 / count) * between
    variance = within + added
    lost = added / variance if variance > 0 else 0.0
    increase = added / within if within > 0 else math.inf if added > 0 else 0.0
    freedom = (count - 1) / lost**2 if lost**2 > 0 else math.inf
    if df is not None:
        observed = (df + 1) / (df + 3) * df * (1 - lost)
        freedom = df if math.isinf(freedom) else 1 / (1 / freedom + 1 / observed) if observed > 0 else 0.0
    missing = (increase + 2 / (freedom + 3)) / (1 + increase) if math.isfinite(increase) else 1.0
    half = float(t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(variance) if freedom > 0 else math.nan
    return Pooled(
        estimate,
        within,
        between,
        variance,
        increase,
        freedom,
        missing if math.isfinite(freedom) else lost,
        estimate - half,
        estimate + half,
        count,
        confidence,
    )


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message)])
