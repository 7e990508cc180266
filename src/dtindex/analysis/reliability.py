"""Do the children of a node measure one thing: Cronbach's alpha and what belongs to it."""

from __future__ import annotations

import numpy as np

from dtindex.analysis.computable import NotComputable
from dtindex.steps.types import FloatArray

__all__ = ["alpha_if_deleted", "cronbach_alpha", "feldt_interval", "item_total", "mean_inter_item"]


def cronbach_alpha(covariances: FloatArray) -> float:
    """``k / (k - 1) * (1 - trace(S) / sum(S))`` of a covariance matrix ``(k, k)``, k at least 2.

    Of a correlation matrix it is the standardised alpha ``k r / (1 + (k - 1) r)``, r the mean correlation. It may be
    negative, where items that should go together do not.

    Raises
    ------
    NotComputable
        Where the sum of the items has no variance.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. doi:10.1007/BF02310555

    Examples
    --------
    >>> import numpy as np
    >>> float(cronbach_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])))
    0.6666666666666667
    """
    items = covariances.shape[0]
    total = float(covariances.sum())
    trace = float(np.trace(covariances))
    if not total > 1e-12 * trace:
        raise NotComputable("the sum of the items has no variance")
    return float(items / (items - 1) * (1 - trace / total))


def feldt_interval(alpha: float, rows: int, items: int, confidence: float = 0.95) -> tuple[float, float]:
    """``1 - (1 - alpha) F`` at both ends of F with ``rows - 1`` and ``(rows - 1)(items - 1)`` degrees of freedom.

    References
    ----------
    Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty.
    doi:10.1007/BF02289499
    """
    from scipy.special import fdtri

    tail = (1 - confidence) / 2
    freedom = (rows - 1, (rows - 1) * (items - 1))
    low, high = (1 - (1 - alpha) * float(fdtri(*freedom, share)) for share in (1 - tail, tail))
    return low, high


def alpha_if_deleted(covariances: FloatArray) -> FloatArray:
    """Alpha of the others ``(k,)``, without each item of a covariance matrix ``(k, k)``; NaN where there is none.

    There is none with two items, or where the sum of the others has no variance.
    """
    items = covariances.shape[0]
    found = np.full(items, np.nan)
    for item in range(items if items > 2 else 0):
        others = np.delete(np.delete(covariances, item, 0), item, 1)
        try:
            found[item] = cronbach_alpha(others)
        except NotComputable:
            continue
    return found


def item_total(covariances: FloatArray) -> FloatArray:
    """Correlation of each item with the sum of the others ``(k,)``, from a covariance matrix ``(k, k)``.

    ``(row sum_j - s_jj) / sqrt(s_jj * (sum - 2 row sum_j + s_jj))``; NaN where the others' sum has no variance.
    """
    variances = np.diag(covariances)
    sums = covariances.sum(axis=1)
    rest = covariances.sum() - 2 * sums + variances
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (sums - variances) / np.sqrt(variances * rest)
    return np.where(rest > 1e-12 * variances, found, np.nan)


def mean_inter_item(correlations: FloatArray) -> float:
    """Mean of the correlations ``(k, k)`` off the diagonal."""
    items = correlations.shape[0]
    return float((correlations.sum() - np.trace(correlations)) / (items * (items - 1)))
