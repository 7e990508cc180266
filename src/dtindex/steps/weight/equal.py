"""Equal weights."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import EqualWeights
from dtindex.steps.weight.base import Siblings, Weighed, Weighting

__all__ = ["Equal"]


class Equal(Weighting[EqualWeights]):
    """``w_c = 1``: equal among siblings, which is not equal among leaves where branches differ in size."""

    method = "equal"
    reference = "OECD/JRC Handbook (2008), step 6, doi:10.1787/9789264043466-en"
    learns = False

    def fit(self, siblings: Siblings) -> Weighed:
        return Weighed(np.ones(len(siblings.ids)))
