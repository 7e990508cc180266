"""How large a difference is beside the spread within the groups."""

from __future__ import annotations

import math

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, figure, half_width
from dtindex.engine.sums import deviation, mean
from dtindex.steps.types import FloatArray

__all__ = ["hedges_g"]


def hedges_g(first: FloatArray, second: FloatArray, confidence: float) -> Figure:
    """``(mean_1 - mean_2) / s_p (1 - 3 / (4 df - 1))`` of ``(n_1,)`` and ``(n_2,)``, ``df = n_1 + n_2 - 2``.

    ``s_p`` is the pooled deviation. The interval is normal, with the variance ``(n_1 + n_2) / (n_1 n_2) + d^2 / (2 n)``
    of d, ``n = n_1 + n_2``, times the squared correction. Weights are not used.

    Raises
    ------
    NotComputable
        With fewer than two members in a group, or no variation within both.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size. doi:10.3102/10769986006002107
    Hedges, L. V. & Olkin, I. (1985). Statistical Methods for Meta-Analysis, chapter 5.

    Examples
    --------
    >>> import numpy as np
    >>> round(hedges_g(np.array([3.0, 4.0, 5.0]), np.array([1.0, 2.0, 3.0]), 0.95).value, 6)
    1.6
    """
    n, m = len(first), len(second)
    if min(n, m) < 2:
        raise NotComputable("two members of each group are needed")
    freedom = n + m - 2
    pooled = math.sqrt(((n - 1) * deviation(first) ** 2 + (m - 1) * deviation(second) ** 2) / freedom)
    if not pooled > 0:
        raise NotComputable("no variation within the groups")
    plain = (mean(first) - mean(second)) / pooled
    correction = 1 - 3 / (4 * freedom - 1)
    error = correction * math.sqrt((n + m) / (n * m) + plain**2 / (2 * (n + m)))
    value, width = correction * plain, half_width(None, confidence) * error
    return figure(value, low=value - width, high=value + width, error=error, n=n + m, method="Hedges and Olkin")
