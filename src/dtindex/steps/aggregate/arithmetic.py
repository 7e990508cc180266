"""The arithmetic mean."""

from __future__ import annotations

from dtindex.spec.methods import Arithmetic, Interval
from dtindex.steps.aggregate.apart import Apart, Pair, bennet, centred
from dtindex.steps.aggregate.base import Aggregator, Inputs, weighted_mean
from dtindex.steps.types import FloatArray, State

__all__ = ["ArithmeticMean"]


class ArithmeticMean(Aggregator[Arithmetic]):
    """``sum w x / sum w``: full compensation, a weak child is made good by a strong one."""

    method = "arithmetic"
    decomposition = "bennet"
    reference = "OECD/JRC Handbook (2008), step 7: linear aggregation"

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        return weighted_mean(inputs.columns, inputs.weights, inputs.complete)

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        shares = (self.shares(pair.weights[0], pair.whole[0]), self.shares(pair.weights[1], pair.whole[1]))
        return bennet(pair, shares, centred(pair, *ends))
