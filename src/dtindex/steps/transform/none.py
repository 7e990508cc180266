"""No transformation."""

from __future__ import annotations

from dtindex.steps.transform.base import Transformation
from dtindex.steps.types import FloatArray, State

__all__ = ["NoTransformation"]


class NoTransformation(Transformation[None]):
    """Values stay as they are."""

    method = "none"
    reference = "-"

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        return values
