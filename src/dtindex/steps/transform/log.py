"""The natural logarithm."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import TransformLog
from dtindex.steps.transform.base import Transformation
from dtindex.steps.types import FloatArray, State

__all__ = ["Log", "log"]


def log(values: FloatArray, plus: float = 0.0) -> FloatArray:
    """``ln(x + plus)`` of ``values`` of any shape; NaN where ``x + plus`` is not positive, and where x is NaN."""
    shifted = values + plus
    positive = shifted > 0
    return np.log(shifted, out=np.full(shifted.shape, np.nan), where=positive)


class Log(Transformation[TransformLog]):
    """:func:`log` with the ``plus`` of the file; with ``plus: 1`` it is ``log1p``."""

    method = "log"
    reference = "OECD/JRC Handbook (2008), step 5; UNDP Human Development Report, technical note 1"
    domain = "log of a value that is not positive"

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        return log(values, self.spec.plus)
