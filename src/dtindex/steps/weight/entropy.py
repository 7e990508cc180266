"""Entropy weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.engine.sums import exact_sum
from dtindex.spec.methods import EntropyWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings

__all__ = ["Entropy", "entropy"]


def entropy(values: FloatArray) -> float:
    """Shannon's entropy of shares, ``E = -sum(p ln p) / ln n`` with ``p = x / sum x`` and ``0 ln 0 = 0``; in 0 to 1.

    ``values`` ``(n,)`` are zero or more, not all zero, without NaN. Nothing is added to avoid zeros: a shift of 0.0001
    already moves weights in the fourth decimal.
    """
    share = values / exact_sum(values)
    terms = share * np.log(np.where(share > 0, share, 1.0))
    return min(1.0, max(0.0, -exact_sum(terms) / float(np.log(values.size))))


class Entropy(Learning[EntropyWeights]):
    """``w ~ 1 - E``: more weight to the child whose scores are shared out among the units most unevenly.

    Each child's entropy is taken over the units that it knows, with their number in the logarithm, all periods
    together. The scores are taken as they stand, so that a scale that begins above zero evens them out. A negative
    score is DT304.
    """

    method = "entropy"
    reference = (
        "Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x; Hwang & Yoon (1981), doi:10.1007/978-3-642-48318-9"
    )

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        problems = []
        importance = np.zeros(len(varying))
        for at, position in enumerate(varying):
            below = np.flatnonzero(siblings.scores[position] < 0)
            if below.size:
                message = "entropy weights need scores of zero or more, and a score is negative"
                problems.append(Problem("DT304", siblings.ids[position], message, tuple(below.tolist())))
            else:
                importance[at] = 1.0 - entropy(siblings.known(position))
        return importance, problems
