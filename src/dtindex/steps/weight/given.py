"""The weights that stand in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dtindex.spec.methods import GivenWeights
from dtindex.steps.types import FloatArray
from dtindex.steps.weight.base import Weighting

__all__ = ["Given"]


class Given(Weighting[GivenWeights]):
    """``w_c`` as given, 1 for a child without a weight."""

    method = "given"
    reference = "OECD/JRC Handbook (2008), step 6: budget allocation and the like"

    def fit(self, children: Sequence[str], given: Mapping[str, float], scores: Sequence[FloatArray]) -> FloatArray:
        return np.array([given.get(child, 1.0) for child in children], dtype=np.float64)
