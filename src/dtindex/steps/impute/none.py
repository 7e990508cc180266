"""No imputation."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import ImputeNone
from dtindex.steps.impute.base import Imputer
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["NoImputation"]


class NoImputation(Imputer[ImputeNone]):
    """Missing stays missing; the coverage rule of the node above decides what becomes of it."""

    method = "none"
    reference = "OECD/JRC Handbook (2008), step 3: case deletion and available-case analysis"

    def fit(self, sample: Sample) -> State:
        return {}

    def propose(self, sample: Sample, state: State) -> FloatArray:
        return np.full(sample.values.shape, np.nan)
