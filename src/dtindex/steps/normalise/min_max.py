"""Min-max normalisation."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import MinMax
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, NoVariation, Sample, State

__all__ = ["MinMaxNormaliser"]


class MinMaxNormaliser(Normaliser[MinMax]):
    """:func:`linear` between the smallest and the largest value of the reference; a constant column has no score."""

    method = "min-max"
    reference = "OECD/JRC Handbook (2008), step 5"

    @property
    def clip(self) -> str:
        return self.spec.clip

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        low, high = float(values.min()), float(values.max())
        if constant(values):
            raise NoVariation(f"every value is {low:g}")
        return {"goalposts": np.array([low, high] if self.direction == "higher" else [high, low])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        worst, best = state["goalposts"]
        return linear(sample.values, worst, best, self.bounds)
