"""The geometric mean."""

from __future__ import annotations

import numpy as np

from dtindex.steps.aggregate.quasi import QuasiArithmeticMean
from dtindex.steps.types import FloatArray

__all__ = ["GeometricMean"]


class GeometricMean(QuasiArithmeticMean):
    """``exp(sum w ln x / sum w)``; 0 where one x is 0, no value where one is negative (DT304)."""

    method = "geometric"
    reference = "OECD/JRC Handbook (2008), step 7; UNDP HDR technical note 1; INFORM methodology 2020 (`within`)"

    def forward(self, values: FloatArray) -> FloatArray:
        return np.log(values)

    def back(self, values: FloatArray) -> FloatArray:
        return np.exp(values)
