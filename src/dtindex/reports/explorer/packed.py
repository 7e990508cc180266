"""Columns of numbers in a page: base64 of little-endian floats, so that a browser reads the very bits."""

from __future__ import annotations

from base64 import b64encode

import numpy as np

from dtindex.steps.types import FloatArray

__all__ = ["packed"]


def packed(values: FloatArray) -> dict[str, str]:
    """``{"f64": base64}`` of numbers ``(rows,)``; NaN where there is none."""
    return {"f64": b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")}
