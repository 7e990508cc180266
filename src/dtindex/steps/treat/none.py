"""No treatment."""

from __future__ import annotations

from dtindex.spec.methods import TreatNone
from dtindex.steps.treat.base import Treatment
from dtindex.steps.types import FloatArray, State

__all__ = ["NoTreatment"]


class NoTreatment(Treatment[TreatNone]):
    """Values stay as they are."""

    method = "none"
    reference = "-"

    def fit(self, observed: FloatArray) -> State:
        return {}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return values
