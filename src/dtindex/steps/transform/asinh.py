"""The inverse hyperbolic sine."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Asinh
from dtindex.steps.transform.base import Transformation
from dtindex.steps.types import FloatArray, State

__all__ = ["InverseHyperbolicSine", "asinh"]


def asinh(values: FloatArray, c: float = 1.0) -> FloatArray:
    """``asinh(x / c) = ln(x / c + sqrt((x / c)^2 + 1))`` of ``values`` of any shape and sign; NaN stays.

    Close to ``x / c`` for values small against ``c > 0``, to ``+-ln(2 |x| / c)`` for large ones.
    """
    bent: FloatArray = np.arcsinh(values / c)
    return bent


class InverseHyperbolicSine(Transformation[Asinh]):
    """:func:`asinh` with the ``c`` of the file, in raw units."""

    method = "asinh"
    reference = "Burbidge, Magee & Robb (1988), doi:10.1080/01621459.1988.10478575"

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        return asinh(values, self.spec.c)
