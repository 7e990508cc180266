"""No normalisation."""

from __future__ import annotations

from dtindex.spec.methods import NormaliseNone
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["NoNormalisation"]


class NoNormalisation(Normaliser[NormaliseNone]):
    """``x``, which is a score on the indicator's scale already; with ``direction: lower``, ``low + high - x``.

    On an open scale there are no ends to turn around, so a lower-is-better value has no score there (DT028 at loading).
    """

    method = "none"
    reference = "-"
    stateless = True

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        if self.direction == "higher" or self.scale == "open":
            return sample.values
        low, high = self.scale
        return (low + high) - sample.values
