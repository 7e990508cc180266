"""Equal weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dtindex.spec.methods import EqualWeights
from dtindex.steps.types import FloatArray
from dtindex.steps.weight.base import Weighting

__all__ = ["Equal"]


class Equal(Weighting[EqualWeights]):
    """``w_c = 1``: equal among siblings, which is not equal among leaves where branches differ in size."""

    method = "equal"
    reference = "OECD/JRC Handbook (2008), step 6"

    def fit(self, children: Sequence[str], given: Mapping[str, float], scores: Sequence[FloatArray]) -> FloatArray:
        return np.ones(len(children))
