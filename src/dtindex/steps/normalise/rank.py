"""Ranks as scores."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import average_rank
from dtindex.spec.methods import RankNormalise
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["RankNormaliser", "rank_from_worst"]


def rank_from_worst(values: FloatArray, reference: FloatArray, direction: str) -> FloatArray:
    """Average rank 1 (worst) to n (best) of ``values`` among the sorted ``reference`` ``(n,)``; NaN stays."""
    ranks = average_rank(values, reference)
    return ranks if direction == "higher" else (reference.size + 1) - ranks


class RankNormaliser(Normaliser[RankNormalise]):
    """:func:`rank_from_worst` in the reference table; sums of it are Borda counts. The scale is open."""

    method = "rank"
    frozen = Frozen.AGAINST_REFERENCE
    reference = "OECD/JRC Handbook (2008), step 5"

    def fit(self, sample: Sample) -> State:
        return {"sorted": np.sort(observed(sample))}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        return rank_from_worst(sample.values, state["sorted"], self.direction)
