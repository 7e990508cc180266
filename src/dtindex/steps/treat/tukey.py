"""Fences of the boxplot."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import percentile
from dtindex.engine.sums import constant
from dtindex.spec.methods import Tukey
from dtindex.steps.treat.base import Treatment, limited
from dtindex.steps.types import FloatArray, State

__all__ = ["TukeyFences", "tukey_limits"]


def tukey_limits(observed: FloatArray, k: float = 1.5) -> tuple[float, float]:
    """``Q1 - k (Q3 - Q1)`` and ``Q3 + k (Q3 - Q1)`` of ``observed`` ``(n,)``, quartiles of Hyndman & Fan type 7.

    Infinite limits for an empty sample, and where the quartiles coincide: with half of the values equal, every other
    one
    would be an outlier.
    """
    quartiles = np.array([percentile(observed, 25.0), percentile(observed, 75.0)])
    if constant(quartiles[~np.isnan(quartiles)]):
        return -np.inf, np.inf
    lower, upper = quartiles.tolist()
    reach = k * (upper - lower)
    return lower - reach, upper + reach


class TukeyFences(Treatment[Tukey]):
    """``min(max(x, lower), upper)`` with the limits of :func:`tukey_limits` in the reference table."""

    method = "tukey"
    reference = "Tukey (1977), Exploratory Data Analysis, chapter 2"

    def fit(self, observed: FloatArray) -> State:
        return {"limits": np.array(tukey_limits(observed, self.spec.k))}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return limited(values, state["limits"])
