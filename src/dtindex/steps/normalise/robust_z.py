"""Standardisation by median and median absolute deviation."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import median, percentile
from dtindex.engine.spread import median_deviation
from dtindex.engine.sums import constant, deviation
from dtindex.spec.methods import RobustZ
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.z_score import z_score
from dtindex.steps.types import FloatArray, NoVariation, Sample, State

__all__ = ["RobustZNormaliser", "quartile_deviation"]

_IQR_TO_SD = 1.349


def quartile_deviation(values: FloatArray) -> float:
    """``(Q3 - Q1) / 1.349`` of finite ``values`` ``(n,)``, quartiles of Hyndman & Fan type 7; NaN for none.

    Exactly 0 where the quartiles differ in their last bits only.
    """
    quartiles = np.array([percentile(values, 25.0), percentile(values, 75.0)])
    return 0.0 if constant(quartiles) else float(quartiles[1] - quartiles[0]) / _IQR_TO_SD


class RobustZNormaliser(Normaliser[RobustZ]):
    """``mean + sd * (x - median) / spread``, ``median - x`` where lower is better; the scale is open.

    The spread is 1.4826 median absolute deviations of the reference table. Where that is 0, since more than half of the
    values are equal, the file's `fallbacks` are tried in turn: `iqr`, the interquartile range / 1.349, and `sd`, the
    standard deviation. Where all are 0 there is no score (DT301).
    """

    method = "robust-z"
    reference = "Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers, ASQC Quality Press"

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        spread = median_deviation(values)
        for fallback in self.spec.fallbacks:
            if not spread > 0:
                spread = quartile_deviation(values) if fallback == "iqr" else deviation(values)
        if not spread > 0:
            raise NoVariation("the values do not spread around their median")
        return {"median": np.array([median(values)]), "spread": np.array([spread])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        middle, spread = state["median"][0], state["spread"][0]
        return z_score(
            sample.values, middle, spread if self.direction == "higher" else -spread, self.spec.mean, self.spec.sd
        )
