"""Scores of categories by table."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Categories
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Sample, State

__all__ = ["CategoriesNormaliser", "look_up"]


def look_up(values: FloatArray, known: FloatArray, scores: FloatArray) -> FloatArray:
    """The score of each of ``values`` ``(rows,)``, from ``scores`` ``(k,)`` of the ``known`` values ``(k,)``.

    NaN stays, and becomes of a value that is not known.
    """
    order = np.argsort(known)
    known, scores = known[order], scores[order]
    position = np.minimum(np.searchsorted(known, values), known.size - 1)
    return np.where(known[position] == values, scores[position], np.nan)


class CategoriesNormaliser(Normaliser[Categories]):
    """:func:`look_up` in the file's `levels`; the table says which is better, and a direction says nothing.

    A value that the table does not name is refused (DT224). Words in cells are given scores by `codes`.
    """

    method = "categories"
    reference = "OECD/JRC Handbook (2008), step 5: categorical scale"
    stateless = True
    domain = ("DT224", "not one of the `levels` of the categories")

    @property
    def learns(self) -> bool:
        return False

    def fit(self, sample: Sample) -> State:
        return {}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        known = np.array([level.value for level in self.spec.levels])
        return look_up(sample.values, known, np.array([level.score for level in self.spec.levels]))
