"""Ranks as scores."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import average_rank
from dtindex.spec.methods import RankNormalise, Ties
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["RankNormaliser", "rank_from_worst"]


def rank_from_worst(
    values: FloatArray, reference: FloatArray, direction: str = "higher", ties: Ties = "average"
) -> FloatArray:
    """Rank 1 (worst) to n (best) of ``values`` among the sorted ``reference`` ``(n,)``; NaN stays.

    Equal values share the ``average`` of their ranks, or take the ``minimum`` or the ``maximum``: one more than the
    number of worse values, or the number of values that are not better. A value that is not in the reference stands
    half-way between its neighbours, or takes the rank that these two counts give it.
    """
    if ties == "average":
        ranks = average_rank(values, reference)
        return ranks if direction == "higher" else (reference.size + 1) - ranks
    # Where lower is better, the worst is the largest: ranks count down, and the ends of a tie change over.
    below = (ties == "minimum") == (direction == "higher")
    count = np.searchsorted(reference, values, side="left" if below else "right")
    if direction == "lower":
        count = reference.size - count
    return np.where(np.isnan(values), np.nan, count + (ties == "minimum"))


class RankNormaliser(Normaliser[RankNormalise]):
    """:func:`rank_from_worst` in the reference table; sums of it are Borda counts. The scale is open."""

    method = "rank"
    frozen = Frozen.AGAINST_REFERENCE
    reference = "OECD/JRC Handbook (2008), step 5"

    def fit(self, sample: Sample) -> State:
        return {"sorted": np.sort(observed(sample))}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        return rank_from_worst(sample.values, state["sorted"], self.direction, self.spec.ties)
