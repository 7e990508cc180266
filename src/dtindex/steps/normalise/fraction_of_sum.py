"""Shares of the sum."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import exact_sum
from dtindex.spec.methods import FractionOfSum
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, Sample, State, Unfit

__all__ = ["FractionOfSumNormaliser", "share"]


def share(values: FloatArray, total: float, direction: str = "higher") -> FloatArray:
    """``x / total``, or ``(1 / x) / total`` where lower is better, of ``values`` of any shape and ``total > 0``.

    ``total`` is the sum of the reference, or of its inverses, so that shares of the reference sum to 1 in both
    directions. NaN stays, and becomes of a negative value, and of zero where it divides.
    """
    higher = direction == "higher"
    over, under = (values, np.array(total)) if higher else (np.array(1.0 / total), values)
    where = values >= 0 if higher else values > 0
    shares: FloatArray = np.divide(over, under, out=np.full(values.shape, np.nan), where=where)
    return shares


class FractionOfSumNormaliser(Normaliser[FractionOfSum]):
    """``low + (high - low)`` times :func:`share` of the sum over the reference, which is order-free and frozen."""

    method = "fraction-of-sum"
    reference = "OECD/JRC Handbook (2008), step 5"
    domain = ("DT304", "a share of a value that is negative, or zero where lower is better")

    @property
    def clip(self) -> str:
        return self.spec.clip

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        positive = values[values > 0]
        if not positive.size:
            raise Unfit("DT304", f"{self.method} needs a positive value, and there is none")
        total = exact_sum(positive if self.direction == "higher" else 1.0 / positive)
        if np.isinf(total):
            raise Unfit("DT306", "the sum is too large for a number")
        return {"total": np.array([total])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        return linear(share(sample.values, float(state["total"][0]), self.direction), 0.0, 1.0, self.bounds)
