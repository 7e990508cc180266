"""The logistic curve."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import deviation, mean
from dtindex.spec.methods import Logistic
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, NoVariation, Sample, State

__all__ = ["LogisticNormaliser", "logistic"]


def logistic(values: FloatArray, midpoint: float, spread: float) -> FloatArray:
    """``1 / (1 + exp(-(x - midpoint) / spread))`` of any ``values``; NaN stays, a negative ``spread`` falls."""
    distance = (values - midpoint) / spread
    tail = np.exp(-np.abs(distance))  # never overflows, and keeps the digits of scores near zero
    return np.where(distance >= 0, 1.0, tail) / (1.0 + tail)


class LogisticNormaliser(Normaliser[Logistic]):
    """``low + (high - low)`` times :func:`logistic`, falling where lower is better: scores never leave the scale.

    The midpoint is given in raw units, or the mean of the reference table; the spread is given in the units that the
    values have after `transform`, or their standard deviation.
    """

    method = "logistic"
    reference = "Belton & Stewart (2002), Multiple Criteria Decision Analysis, section 5.2: value functions"

    @property
    def learns(self) -> bool:
        return self.spec.midpoint is None or self.spec.spread is None

    def fit(self, sample: Sample) -> State:
        values, given = observed(sample), self.spec
        midpoint = mean(values) if given.midpoint is None else float(sample.carry(given.midpoint)[0])
        spread = deviation(values) if given.spread is None else given.spread
        if not spread > 0:
            raise NoVariation(f"every value is {values[0]:g}" if values.size > 1 else "there is a single value")
        return {"midpoint": np.array([midpoint]), "spread": np.array([spread])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        midpoint, spread = float(state["midpoint"][0]), float(state["spread"][0])
        signed = spread if self.direction == "higher" else -spread
        return linear(logistic(sample.values, midpoint, signed), 0.0, 1.0, self.bounds)
