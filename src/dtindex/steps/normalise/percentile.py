"""Percentile ranks as scores."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import PercentileNormalise
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.linear import linear
from dtindex.steps.normalise.rank import rank_from_worst
from dtindex.steps.types import FloatArray, Frozen, NoVariation, Sample, State

__all__ = ["PercentileNormaliser"]


class PercentileNormaliser(Normaliser[PercentileNormalise]):
    """``low + (high - low) * (r - 1) / (n - 1)`` with :func:`rank_from_worst`, kept inside the scale for new values."""

    method = "percentile"
    frozen = Frozen.AGAINST_REFERENCE
    reference = "OECD/JRC Handbook (2008), step 5; COINr 1.1.14, n_prank"

    def fit(self, sample: Sample) -> State:
        values = observed(sample)
        if values.size < 2:
            raise NoVariation("there is a single value")
        return {"sorted": np.sort(values)}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        count = state["sorted"].size
        ranks = rank_from_worst(sample.values, state["sorted"], self.direction, self.spec.ties)
        return linear(np.clip(ranks, 1.0, count), 1.0, count, self.bounds)
