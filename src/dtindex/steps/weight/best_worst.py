"""The best-worst method: comparisons with the best and with the worst alone."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from dtindex.spec.methods import BestWorstWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares

__all__ = ["BestWorst", "best_worst", "input_ratio"]

_THRESHOLD = 0.1
"""An input-based ratio above it deserves a second look; thresholds by size and scale are about it."""


def best_worst(best: int, worst: int, to_others: FloatArray, to_worst: FloatArray) -> tuple[FloatArray, float]:
    """``min xi``: ``|w_B - a_Bj w_j| <= xi``, ``|w_j - a_jW w_W| <= xi``, ``sum w = 1``, ``w >= 0``; w and xi.

    Rezaei's linear model, whose solution is unique; ``to_others`` are ``a_Bj``, ``to_worst`` ``a_jW``, ``(n,)`` each.
    """
    n = len(to_others)
    rows = []
    for item in range(n):
        for left, right, ratio in ((best, item, to_others[item]), (item, worst, to_worst[item])):
            row = np.zeros(n + 1)
            row[left] += 1.0
            row[right] -= ratio
            for sign in (1.0, -1.0):
                bound = sign * row
                bound[n] = -1.0
                rows.append(bound)
    whole = np.append(np.ones(n), 0.0)[None, :]
    cost = np.append(np.zeros(n), 1.0)
    found = linprog(cost, A_ub=np.array(rows), b_ub=np.zeros(len(rows)), A_eq=whole, b_eq=[1.0], method="highs-ds")
    return shares(np.maximum(found.x[:n], 0.0)), float(found.x[n])


def input_ratio(best: int, worst: int, to_others: FloatArray, to_worst: FloatArray) -> float:
    """``max_j |a_Bj a_jW - a_BW| / (a_BW^2 - a_BW)``; 0 where best and worst are alike."""
    whole = float(to_others[worst])
    spread = whole * whole - whole
    return float(np.abs(to_others * to_worst - whole).max()) / spread if spread > 0 else 0.0


class BestWorst(Weighting[BestWorstWeights]):
    """``min xi``: ``|w_B - a_Bj w_j| <= xi``, ``|w_j - a_jW w_W| <= xi``, weights of 1 in sum (the linear model).

    ``xi`` and the input-based consistency ratio are told (DT343); a ratio above 0.1 is DT340, with the comparison that
    fits worst.
    """

    method = "best-worst"
    reference = (
        "Rezaei (2016), doi:10.1016/j.omega.2015.12.001; "
        "Liang, Brunelli & Rezaei (2020), doi:10.1016/j.omega.2019.102175"
    )
    learns = False

    def fit(self, siblings: Siblings) -> Weighed:
        spec = self.spec
        best, worst = spec.order.index(spec.best), spec.order.index(spec.worst)
        to_others, to_worst = np.array(spec.best_to_others), np.array(spec.others_to_worst)
        weights, xi = best_worst(best, worst, to_others, to_worst)
        ratio = input_ratio(best, worst, to_others, to_worst)
        message = f"weights by `best-worst`: ξ {xi:.4g}, input-based consistency ratio {ratio:.3f}"
        if ratio > _THRESHOLD:
            off = int(np.abs(to_others * to_worst - to_others[worst]).argmax())
            message += (
                f"; {spec.order[off]}: the best is {to_others[off]:g} of it, it {to_worst[off]:g} of the worst, "
                f"and the best {to_others[worst]:g} of the worst"
            )
        by_id = dict(zip(spec.order, weights.tolist(), strict=True))
        problem = Problem("DT340" if ratio > _THRESHOLD else "DT343", siblings.node, message)
        return Weighed(np.array([by_id[item] for item in siblings.ids]), [problem])
