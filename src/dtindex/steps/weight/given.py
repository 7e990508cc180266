"""The weights that stand in the file."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import GivenWeights
from dtindex.steps.weight.base import Siblings, Weighed, Weighting

__all__ = ["Given"]


class Given(Weighting[GivenWeights]):
    """``w_c`` as given, 1 for a child without a weight; over leaves, products down the tree."""

    method = "given"
    reference = "OECD/JRC Handbook (2008), step 6, doi:10.1787/9789264043466-en"
    learns = False

    def fit(self, siblings: Siblings) -> Weighed:
        return Weighed(np.array([siblings.given.get(item, 1.0) for item in siblings.ids], dtype=np.float64))
