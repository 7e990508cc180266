"""Covariances of estimates of several groups, by linearisation."""

from __future__ import annotations

import numpy as np

from dtindex.analysis.survey.outcomes import Outcome
from dtindex.analysis.survey.taylor import Linearisation
from dtindex.engine.clusters import DomainTotals
from dtindex.steps.types import FloatArray

__all__ = ["correlations"]


def correlations(linear: Linearisation, outcome: Outcome) -> FloatArray:
    """Correlations ``(domains, domains)`` of a mean, share, total or ratio in several domains; NaN without a variance.

    ``2 Cov(a, b) = V(a + b) - V(a) - V(b)``, where ``V`` is that of the sum of both domains' influences, by whatever
    strata, clusters, stages and calibration the design has. Respondents who were drawn one by one from no strata make
    independent domains; clusters that reach into several, and calibration, do not.
    """
    weighted = linear.weights[:, None] * linear.influences(outcome)
    everyone = np.zeros(len(weighted), dtype=np.intp)
    totals = DomainTotals(linear.sample.clusters, everyone, 1)
    count = weighted.shape[1]
    own = np.array([totals.variances(np.ascontiguousarray(weighted[:, at]))[0] for at in range(count)])
    found = np.diag(own)
    for a in range(count):
        for b in range(a + 1, count):
            both = totals.variances(weighted[:, a] + weighted[:, b])[0]
            found[a, b] = found[b, a] = 0.5 * (both - own[a] - own[b])
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(own)
        found = found / scale[:, None] / scale[None, :]
    found[np.abs(found) < 1e-12] = 0.0
    np.fill_diagonal(found, 1.0)
    correlated: FloatArray = found
    return correlated
