"""Normal scores of ranks."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import NormalScores
from dtindex.steps.normalise.base import Normaliser, observed
from dtindex.steps.normalise.rank import rank_from_worst
from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["NormalScoresNormaliser", "blom"]


def blom(ranks: FloatArray, count: int) -> FloatArray:
    """``Phi^-1((r - 3/8) / (n + 1/4))`` of ``ranks`` of any shape among ``count`` units; NaN stays.

    Finite for ranks from 0.5 to n + 0.5, which are all that a new value can take.
    """
    from scipy.special import ndtri

    scores: FloatArray = ndtri((ranks - 0.375) / (count + 0.25))
    return scores


class NormalScoresNormaliser(Normaliser[NormalScores]):
    """:func:`blom` of the average rank, counted from the worst, in the reference table. The scale is open.

    Equal values share a score; a constant column scores 0.
    """

    method = "normal-scores"
    frozen = Frozen.AGAINST_REFERENCE
    reference = "Blom (1958), Statistical Estimates and Transformed Beta-Variables"

    def fit(self, sample: Sample) -> State:
        return {"sorted": np.sort(observed(sample))}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        return blom(rank_from_worst(sample.values, state["sorted"], self.direction), state["sorted"].size)
