"""The harmonic mean."""

from __future__ import annotations

import numpy as np

from dtindex.steps.aggregate.quasi import QuasiArithmeticMean
from dtindex.steps.types import FloatArray

__all__ = ["HarmonicMean"]


class HarmonicMean(QuasiArithmeticMean):
    """``sum w / sum (w / x)``; 0 where one x is 0, no value where one is negative (DT304)."""

    method = "harmonic"
    reference = "Beliakov, Pradera & Calvo (2007), doi:10.1007/978-3-540-73721-6; COINr 1.1.14, a_hmean"

    def forward(self, values: FloatArray) -> FloatArray:
        # Of -0.0 too infinity is the right limit at zero, and 1 / infinity takes it back to 0.
        return np.divide(1.0, np.abs(values))

    def back(self, values: FloatArray) -> FloatArray:
        return np.divide(1.0, values)
