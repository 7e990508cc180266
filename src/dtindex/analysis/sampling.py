"""Is there enough in common for factors, and is one item determined by the others: KMO, Bartlett, VIF."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.steps.types import FloatArray

__all__ = ["Bartlett", "bartlett", "kmo", "variance_inflation"]


@dataclass(frozen=True)
class Bartlett:
    """Bartlett's test of sphericity."""

    statistic: float
    freedom: int
    p_value: float


def kmo(correlations: FloatArray) -> tuple[float, FloatArray]:
    """Kaiser-Meyer-Olkin measure of sampling adequacy, overall and of each item ``(k,)``.

    ``sum r^2 / (sum r^2 + sum p^2)`` over pairs, p the partial correlations ``-R^-1_ij / sqrt(R^-1_ii R^-1_jj)``. The
    correlation matrix ``(k, k)`` must be regular (:func:`~dtindex.analysis.computable.require_rank`).

    References
    ----------
    Kaiser, H. F. & Rice, J. (1974). Little Jiffy, Mark IV. doi:10.1177/001316447403400115
    """
    inverse = np.linalg.inv(correlations)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(correlations), dtype=bool)
    plain = np.where(off, correlations**2, 0.0).sum(axis=1)
    rest = np.where(off, partial**2, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        each = plain / (plain + rest)
        overall = plain.sum() / (plain.sum() + rest.sum())
    return float(overall), each


def bartlett(correlations: FloatArray, rows: int) -> Bartlett:
    """Bartlett's test that the items ``(k, k)`` are uncorrelated: ``-(n - 1 - (2 k + 5) / 6) ln det R``.

    Chi-squared with ``k (k - 1) / 2`` degrees of freedom. The correlation matrix must be regular.

    References
    ----------
    Bartlett, M. S. (1951). The effect of standardization on a chi-squared approximation. doi:10.1093/biomet/38.3-4.337
    """
    from scipy.special import chdtrc

    items = correlations.shape[0]
    statistic = -(rows - 1 - (2 * items + 5) / 6) * float(np.linalg.slogdet(correlations)[1])
    freedom = items * (items - 1) // 2
    return Bartlett(statistic, freedom, float(chdtrc(freedom, max(statistic, 0.0))))


def variance_inflation(correlations: FloatArray) -> FloatArray:
    """``1 / (1 - R_j^2)`` of each item ``(k,)`` on all others: the diagonal of the inverse of a regular ``(k, k)``."""
    found: FloatArray = np.diag(np.linalg.inv(correlations)).copy()
    return found
