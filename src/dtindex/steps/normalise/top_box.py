"""Whether an answer is among the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import TopBox
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.likert import not_an_answer
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["TopBoxNormaliser"]


class TopBoxNormaliser(Normaliser[TopBox]):
    """``high`` for an answer ``y >= last - top + 1``, else ``low``; where lower is better, for ``y <= first + top -
    1``.

    The mean over respondents is the share of the top boxes. An answer that is not one of ``first ... first + points -
    1``
    is refused (DT224).
    """

    method = "top-box"
    reference = "Morgan & Rego (2006), doi:10.1287/mksc.1050.0180"
    stateless = True

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def refuses(self, values: FloatArray) -> NDArray[np.bool_]:
        return not_an_answer(values, self.spec.first, self.spec.points)

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        first, top, values = self.spec.first, self.spec.top, sample.values
        inside = values >= first + self.spec.points - top if self.direction == "higher" else values < first + top
        low, high = self.bounds
        return np.where(np.isnan(values), np.nan, np.where(inside, high, low))
