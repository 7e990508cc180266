"""Fractions of the largest value."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import FractionOfMaximum
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.linear import linear
from dtindex.steps.normalise.reference import ratio
from dtindex.steps.types import FloatArray, Sample, State, Unfit

__all__ = ["FractionOfMaximumNormaliser"]


class FractionOfMaximumNormaliser(Normaliser[FractionOfMaximum]):
    """``low + (high - low) * x / max``; ``min / x`` where lower is better, with ``min`` the smallest positive value.

    Zero is a score of ``low``; where lower is better it has none, nor has a negative value (DT304). A constant column
    is
    the best of its kind and scores ``high``.
    """

    method = "fraction-of-maximum"
    reference = "OECD/JRC Handbook (2008), step 5: distance to the group leader"
    domain = ("DT304", "a quotient by a value that is not positive")

    @property
    def clip(self) -> str:
        return self.spec.clip

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        positive = values[values > 0]
        if not positive.size:
            raise Unfit("DT304", f"{self.method} needs a positive value, and there is none")
        return {"leader": np.array([positive.max() if self.direction == "higher" else positive.min()])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        return linear(ratio(sample.values, float(state["leader"][0]), self.direction), 0.0, 1.0, self.bounds)
