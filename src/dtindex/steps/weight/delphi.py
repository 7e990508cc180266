"""Weights of a Delphi panel."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import DelphiWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares
from dtindex.steps.weight.budget import allocation

__all__ = ["Delphi", "concordance"]

_AGREED = 0.25


def concordance(points: FloatArray) -> float:
    """Kendall's ``W = 12 S / (K^2 (n^3 - n) - K sum T)`` of K experts ``(K, n)``, ties averaged; NaN where all tie.

    ``S`` is the sum of squares of the rank sums about their mean, ``T = t^3 - t`` of each group of t ties.
    """
    from scipy.stats import rankdata

    experts, items = points.shape
    ranks = np.array([rankdata(row) for row in points])
    sums = ranks.sum(axis=0)
    spread = float(((sums - sums.mean()) ** 2).sum())
    ties = sum(float((count**3 - count).sum()) for count in (np.unique(row, return_counts=True)[1] for row in points))
    whole = experts**2 * (items**3 - items) - experts * ties
    return 12 * spread / whole if whole > 0 else float("nan")


class Delphi(Weighting[DelphiWeights]):
    """``w = mean of the last round's shares``; consensus by Kendall's W, quartiles and coefficients of variation.

    Told are W and the widest interquartile range of every round (DT343); where shares of the last round still vary by
    more than a quarter of their mean, DT347 names them.
    """

    method = "delphi"
    reference = (
        "Kendall & Babington Smith (1939), doi:10.1214/aoms/1177732186; "
        "Dalkey & Helmer (1963), doi:10.1287/mnsc.9.3.458"
    )
    learns = False

    def fit(self, siblings: Siblings) -> Weighed:
        order = self.spec.order
        told, mean, spread = [], np.zeros(len(order)), np.zeros(len(order))
        for number, one in enumerate(self.spec.rounds, start=1):
            points = np.array([expert.points for expert in one.experts])
            mean, spread = allocation(points, np.array([expert.weight for expert in one.experts]))
            each = np.array([shares(row) for row in points])
            low, high = np.quantile(each, (0.25, 0.75), axis=0)
            told.append(
                f"round {number}: {len(points)} experts, W {concordance(points):.3f}, IQR {(high - low).max():.3f}"
            )
        problems = [Problem("DT343", siblings.node, f"weights by `delphi`: {'; '.join(told)}")]
        apart = [item for item, share, sd in zip(order, mean, spread, strict=True) if sd > _AGREED * share]
        if apart:
            message = f"the experts of the last round are apart on {', '.join(apart)}"
            problems.append(Problem("DT347", siblings.node, message))
        by_id = dict(zip(order, mean.tolist(), strict=True))
        return Weighed(np.array([by_id[item] for item in siblings.ids]), problems)
