"""The arithmetic mean."""

from __future__ import annotations

from dtindex.spec.methods import Arithmetic, Interval
from dtindex.steps.aggregate.base import Aggregator, Inputs, weighted_mean
from dtindex.steps.types import FloatArray, State

__all__ = ["ArithmeticMean"]


class ArithmeticMean(Aggregator[Arithmetic]):
    """``sum w x / sum w``: full compensation, a weak child is made good by a strong one."""

    method = "arithmetic"
    reference = "OECD/JRC Handbook (2008), step 7: linear aggregation"

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        return weighted_mean(inputs.columns, inputs.weights, inputs.complete)
