"""Budget allocation."""

from __future__ import annotations

import math

import numpy as np

from dtindex.spec.methods import BudgetWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares

__all__ = ["Budget", "allocation"]

_AGREED = 0.25


def allocation(points: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The weighted mean ``(items,)`` of each expert's shares, and their standard deviation (n - 1) over the experts.

    ``points`` ``(experts, items)`` of zero or more, ``weights`` ``(experts,)``. The deviation is not weighted, and NaN
    for a single expert.
    """
    each = np.array([shares(row) for row in points])
    mean = np.zeros(points.shape[1])
    for share, weight in zip(each, shares(weights), strict=True):
        mean = mean + weight * share
    spread = each.std(axis=0, ddof=1) if len(each) > 1 else np.full(points.shape[1], math.nan)
    return mean, spread


class Budget(Weighting[BudgetWeights]):
    """``w = sum_e u_e p_e / sum p_e``: the mean of how experts distribute 100 points, rescaled where they miss 100.

    How far experts differ is reported (DT343): the standard deviation of each share, and whose coefficient of variation
    is above 0.25, where panels usually ask again.
    """

    method = "budget"
    reference = "OECD/JRC Handbook (2008), step 6, doi:10.1787/9789264043466-en"

    def fit(self, siblings: Siblings) -> Weighed:
        spec = self.spec
        points = np.array([expert.points for expert in spec.experts])
        mean, spread = allocation(points, np.array([expert.weight for expert in spec.experts]))
        by_id = dict(zip(spec.order, mean, strict=True))
        problem = Problem("DT343", siblings.node, f"weights by `budget`: {self._said(mean, spread)}")
        return Weighed(np.array([by_id[item] for item in siblings.ids]), [problem])

    def _said(self, mean: FloatArray, spread: FloatArray) -> str:
        if len(self.spec.experts) == 1:
            return f"one expert, {self.spec.experts[0].name}"
        told = zip(self.spec.order, mean, spread, strict=True)
        parts = ", ".join(f"{item} {share:.3f} ± {deviation:.3f}" for item, share, deviation in told)
        told = zip(self.spec.order, mean, spread, strict=True)
        apart = [item for item, share, deviation in told if deviation > _AGREED * share]
        more = f"; the experts are apart on {', '.join(apart)}" if apart else ""
        return f"{len(self.spec.experts)} experts, {parts}{more}"
