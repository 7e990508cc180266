"""Weights by a regression on an outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls

from dtindex.engine.sums import exact_sum, mean
from dtindex.spec.methods import RegressionWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings

__all__ = ["Regression", "coefficients"]


def coefficients(columns: Sequence[FloatArray], outcome: FloatArray) -> tuple[FloatArray, float]:
    """``b >= 0`` ``(m,)`` that minimise ``sum (y - a - X b)^2`` with an intercept ``a``, and R².

    Columns ``(n,)`` and ``outcome`` ``(n,)`` without gaps. By the normal equations, whose sums are correctly rounded,
    so that no order of rows matters. Of columns that say the same one is taken.
    """
    centred = [column - mean(column) for column in (*columns, outcome)]
    products = np.array([[exact_sum(one * other) for other in centred] for one in centred])
    gram, along, whole = products[:-1, :-1], products[:-1, -1], float(products[-1, -1])
    values, vectors = np.linalg.eigh(gram)
    kept = values > max(float(values.max()), 0.0) * 1e-12
    if not kept.any() or whole <= 0:
        return np.zeros(len(columns)), 0.0
    roots = np.sqrt(values[kept])
    found, _ = nnls(roots[:, None] * vectors[:, kept].T, (vectors[:, kept].T @ along) / roots)
    explained = float(2 * found @ along - found @ gram @ found)
    return np.asarray(found, dtype=np.float64), explained / whole


class Regression(Learning[RegressionWeights]):
    """``w ~ b``, ``b >= 0`` of ``outcome = a + sum b x``: by how much a better child goes with a better outcome.

    Least squares without negative coefficients, children as shares of their scales, over the rows in which all and the
    outcome have a score; more rows than children and one, or DT344. The outcome is a scored indicator elsewhere in the
    tree. R² and who has no weight are told (DT343). *Mind:* that is association; children that go together share their
    weight by chance.
    """

    method = "regression"
    reference = "Lawson & Hanson (1974), Solving Least Squares Problems, ch. 23; OECD/JRC Handbook (2008), step 6"

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        outcome = siblings.elsewhere(self.spec.outcome)
        columns = [siblings.scores[at] for at in varying]
        if outcome is None:
            message = f"`{self.method}`: the outcome {self.spec.outcome!r} has no score"
            return np.zeros(len(varying)), [Problem("DT344", siblings.node, message)]
        complete = ~np.logical_or.reduce([np.isnan(column) for column in (*columns, outcome)])
        rows = int(complete.sum())
        if rows < len(varying) + 2:
            message = f"`{self.method}` needs more complete rows than children and one, found {rows} for {len(varying)}"
            return np.zeros(len(varying)), [Problem("DT344", siblings.node, message)]
        scaled = [column[complete] / siblings.widths[at] for column, at in zip(columns, varying, strict=True)]
        found, explained = coefficients(scaled, outcome[complete])
        none = [siblings.ids[at] for at, value in zip(varying, found.tolist(), strict=True) if value == 0]
        without = f"; no weight for {', '.join(none)}" if none else ""
        message = (
            f"weights by `{self.method}` on {self.spec.outcome}: R² {max(explained, 0.0):.3f} over {rows} rows{without}"
        )
        assert not math.isnan(explained)
        return found, [Problem("DT343", siblings.node, message)]
