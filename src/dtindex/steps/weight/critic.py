"""CRITIC weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.engine.correlation import correlation_matrix
from dtindex.engine.sums import deviation
from dtindex.spec.methods import CriticWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings

__all__ = ["Critic", "critic"]


def critic(deviations: FloatArray, correlations: FloatArray) -> FloatArray:
    """``C_j = s_j sum_k (1 - r_jk)`` ``(m,)`` from standard deviations ``(m,)`` and correlations ``(m, m)``.

    A correlation that is NaN (fewer than two units known in both, or constant among those) counts as zero.
    """
    conflict = 1.0 - np.where(np.isnan(correlations), 0.0, correlations)
    total = np.zeros(deviations.shape)
    for column in conflict.T:
        total = total + column
    found: FloatArray = deviations * total
    return found


class Critic(Learning[CriticWeights]):
    """``w ~ s sum (1 - r)``: more weight to the child that varies and says what its siblings do not (signed Pearson r).

    Standard deviations are of shares of each child's scale, over the units that it knows; correlations are pair by pair
    over the units that both know. A child that contradicts its siblings is rewarded, whether or not it belongs there.
    """

    method = "critic"
    reference = "Diakoulaki, Mavrotas & Papayannakis (1995), doi:10.1016/0305-0548(94)00059-H"

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        deviations = np.array([deviation(siblings.known(position)) for position in varying])
        correlations = correlation_matrix([siblings.scores[position] for position in varying])
        return critic(deviations, correlations), []
