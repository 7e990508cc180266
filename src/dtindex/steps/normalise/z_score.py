"""Standardisation."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import deviation, mean
from dtindex.spec.methods import ZScore
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.types import FloatArray, NoVariation, Sample, State, Unfit

__all__ = ["ZScoreNormaliser", "z_score"]


def z_score(values: FloatArray, average: float, spread: float, mean: float = 0.0, sd: float = 1.0) -> FloatArray:
    """``mean + sd * (x - average) / spread`` of ``values`` of any shape; NaN stays. A negative ``spread`` turns the
    direction.
    """
    return mean + sd * ((values - average) / spread)


class ZScoreNormaliser(Normaliser[ZScore]):
    """:func:`z_score` with the average and the standard deviation (``ddof`` 1 unless stated) of the reference table.

    Where lower is better the difference is ``average - x``. Sums are order-free.
    """

    method = "z-score"
    reference = "OECD/JRC Handbook (2008), step 5"

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        spread = deviation(values, self.spec.ddof)
        if not spread > 0:
            raise NoVariation(f"every value is {values[0]:g}" if values.size > 1 else "there is a single value")
        if np.isinf(spread):
            raise Unfit("DT306", "the standard deviation is too large for a number")
        return {"average": np.array([mean(values)]), "spread": np.array([spread])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        average, spread = state["average"][0], state["spread"][0]
        return z_score(
            sample.values, average, spread if self.direction == "higher" else -spread, self.spec.mean, self.spec.sd
        )
