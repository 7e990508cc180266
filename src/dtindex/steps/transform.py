"""Transformations of raw values before normalisation."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Transform
from dtindex.steps.types import FloatArray

__all__ = ["log", "transform"]


def log(values: FloatArray, plus: float = 0.0) -> FloatArray:
    """``ln(x + plus)`` of ``values`` of any shape; NaN where ``x + plus`` is not positive, and where x is NaN."""
    shifted = values + plus
    positive = shifted > 0
    return np.log(shifted, out=np.full(shifted.shape, np.nan), where=positive)


def transform(values: FloatArray, spec: Transform | None) -> FloatArray:
    """The transformation that a methodology names; None leaves values as they are. Out-of-domain values become NaN."""
    return values if spec is None else log(values, spec.plus)
