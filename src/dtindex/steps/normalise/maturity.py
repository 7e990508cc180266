"""Levels of maturity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Maturity
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["MaturityNormaliser"]


class MaturityNormaliser(Normaliser[Maturity]):
    """The score of a level ``first, first + 1, ...``: of the file's table, which never falls, or evenly on the scale.

    Where lower is better the table is read from its other end. A value that is no level is refused (DT224), unless it
    was
    imputed: a mean of levels takes the score between those of its neighbours.
    """

    method = "maturity"
    reference = "OECD/JRC Handbook (2008), step 5: categorical scale; Paulk et al. (1993), doi:10.1109/52.219617"
    stateless = True

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def refuses(self, values: FloatArray) -> NDArray[np.bool_]:
        levels = self._levels()
        refused: NDArray[np.bool_] = ~np.isnan(values) & ~np.isin(values, levels)
        return refused

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        levels, scores = self._levels(), self._scores()
        if self.direction == "lower":
            scores = scores[::-1]
        found: FloatArray = np.interp(sample.values, levels, scores)
        return found

    def _levels(self) -> FloatArray:
        return self.spec.first + np.arange(len(self._scores()), dtype=np.float64)

    def _scores(self) -> FloatArray:
        if self.spec.scores is not None:
            return np.array(self.spec.scores)
        assert self.spec.levels is not None
        return np.linspace(*self.bounds, self.spec.levels)
