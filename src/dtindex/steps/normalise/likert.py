"""Answers on a scale of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Likert
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["LikertNormaliser", "not_an_answer"]


def not_an_answer(values: FloatArray, first: int, points: int) -> NDArray[np.bool_]:
    """Where ``values`` ``(rows,)`` are none of ``first ... first + points - 1``; NaN is no answer and not refused."""
    outside = (values < first) | (values > first + points - 1) | (values != np.rint(values))
    refused: NDArray[np.bool_] = ~np.isnan(values) & outside
    return refused


class LikertNormaliser(Normaliser[Likert]):
    """``low + (high - low) * (answer - first) / (points - 1)``; reversed, ``(last - answer)``, where lower is better.

    An answer that is not one of ``first ... first + points - 1`` is refused (DT224).
    """

    method = "likert"
    reference = "Likert (1932); OECD/JRC Handbook (2008), step 5"
    stateless = True

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def refuses(self, values: FloatArray) -> NDArray[np.bool_]:
        return not_an_answer(values, self.spec.first, self.spec.points)

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        first = float(self.spec.first)
        last = first + self.spec.points - 1
        worst, best = (first, last) if self.direction == "higher" else (last, first)
        return linear(sample.values, worst, best, self.bounds)
