"""The weighted sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.spec.methods import Interval, SumAggregate
from dtindex.steps.aggregate.apart import Amount, Apart, Pair, bennet, centred, shares_of
from dtindex.steps.aggregate.base import Aggregator, Inputs, weighted_total
from dtindex.steps.types import FloatArray, State

__all__ = ["WeightedSum"]


class WeightedSum(Aggregator[SumAggregate]):
    """``sum w x`` with weights as they stand; where a child is missing, ``sum w`` times the mean of the others.

    Children keep their own scales, and the node's runs from the sum of their low ends to the sum of their high ends.
    """

    method = "sum"
    decomposition = "bennet"
    idempotent = False
    reference = "OECD/JRC Handbook (2008), step 7: summation"
    keeps_scale = False

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        total, known = weighted_total(inputs.columns, inputs.weights, inputs.complete)
        if isinstance(known, float):
            return total
        whole = 0.0
        for weight in inputs.weights:
            whole += weight
        # 1 where nothing is missing, so that a sum of whole numbers stays one.
        factor: FloatArray = np.divide(whole, known, out=np.full(total.shape, np.nan), where=known > 0)
        return total * factor

    def shares(self, weights: Sequence[Amount], whole: float) -> list[Amount]:
        return [whole * share for share in shares_of(weights)]

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        shares = (self.shares(pair.weights[0], pair.whole[0]), self.shares(pair.weights[1], pair.whole[1]))
        # Only shares of one sum may be held against the mean score: it then takes away what it adds.
        one = pair.whole[0] == pair.whole[1] and pair.whole[0] > 0
        return bennet(pair, shares, centred(pair, *ends) / pair.whole[0] if one else 0.0)
