"""Weights under which each child is as important as its target says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import least_squares

from dtindex.engine.correlation import correlation_matrix
from dtindex.engine.sums import deviation
from dtindex.spec.methods import ImportanceWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings, shares

__all__ = ["ImportanceMatching", "NotConverged", "importance", "matched"]

_MET = 1e-4
"""How far a share of importance may be from its target."""
_FLOOR = -30.0
"""Of the logarithms of weights: what is below it is no weight."""


class NotConverged(ValueError):
    """The search for weights stopped before it was done."""


def importance(weights: FloatArray, covariances: FloatArray, of: str) -> FloatArray:
    """Shares of ``r_j^2`` or ``|r_j|``, ``r_j = (C w)_j / (s_j sqrt(w' C w))`` of each child and the weighted mean."""
    along = covariances @ weights
    r = along / np.sqrt(np.diag(covariances))
    return shares(r * r if of == "r2" else np.abs(r))


def matched(covariances: FloatArray, targets: FloatArray, of: str) -> tuple[FloatArray, float]:
    """Weights ``(m,)`` of zero or more whose :func:`importance` is nearest to ``targets``; the largest gap.

    Least squares over ``w ~ exp(y)`` from three starts, of which the best counts: equal weights, the targets, and their
    roots. Weights and targets stand in one order, that of the covariances.

    Raises
    ------
    NotConverged
        No start came to an end.
    """
    wanted = shares(targets)
    spread = np.sqrt(np.diag(covariances))

    def weights_of(y: FloatArray) -> FloatArray:
        return shares(np.where(y > _FLOOR, np.exp(y - y.max()), 0.0))

    def gaps(y: FloatArray) -> FloatArray:
        return importance(weights_of(y), covariances, of) - wanted

    found = []
    small = np.maximum(wanted, 1e-3)
    for start in (np.ones(len(wanted)), small, np.sqrt(small)):
        one = least_squares(gaps, np.log(start / spread), xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=4000)
        if one.status > 0:
            found.append(one)
    if not found:
        raise NotConverged(f"the search for weights did not converge in {4000:,} steps")
    best = min(found, key=lambda one: round(float(one.cost), 12))
    return weights_of(best.x), float(np.abs(gaps(best.x)).max())


class ImportanceMatching(Learning[ImportanceWeights]):
    """``min_w sum_j (S_j / sum S - t_j)^2``, ``S_j`` the squared correlation (or ``|r|``) of child j and the node.

    The node is the weighted mean of its children, as they are scaled. Weights are zero or more; what the search came to
    is told (DT343), DT348 where a target is missed by more than 1e-4, and a search without an end is DT344. With
    `of: r2` independent children get ``w ~ sqrt(t)``, with `of: r` ``w ~ t``.
    """

    method = "importance-matching"
    reference = (
        "Paruolo, Saisana & Saltelli (2013), doi:10.1111/j.1467-985X.2012.01059.x; "
        "Becker et al. (2017), doi:10.1016/j.ecolind.2017.03.056"
    )

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        columns = siblings.complete_rows(varying)
        if columns[0].size < 3:
            message = (
                f"`{self.method}` needs three rows at least in which every child has a score, found {columns[0].size}"
            )
            return np.zeros(len(varying)), [Problem("DT344", siblings.node, message)]
        scaled = [column / siblings.widths[at] for column, at in zip(columns, varying, strict=True)]
        deviations = np.array([deviation(column) for column in scaled])
        correlations = np.nan_to_num(correlation_matrix(scaled))
        np.fill_diagonal(correlations, 1.0)
        ids = [siblings.ids[at] for at in varying]
        targets = np.array([self.spec.targets.get(item, 0.0) if self.spec.targets else 1.0 for item in ids])
        try:
            weights, gap = matched(correlations * np.outer(deviations, deviations), targets, self.spec.of)
        except NotConverged as reason:
            return np.zeros(len(varying)), [Problem("DT344", siblings.node, f"`{self.method}`: {reason}")]
        problems = [Problem("DT343", siblings.node, f"weights by `{self.method}`: targets are met within {gap:.2g}")]
        if gap > _MET:
            found = importance(weights, correlations * np.outer(deviations, deviations), self.spec.of)
            told = zip(ids, found.tolist(), shares(targets).tolist(), strict=True)
            said = ", ".join(f"{item} {have:.3f} for {want:.3f}" for item, have, want in told)
            problems = [Problem("DT348", siblings.node, f"`{self.method}`: importance {said}")]
        return weights, problems
