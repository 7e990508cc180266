"""A number, by bands or as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from dtindex.spec.questions import NumberQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["NumberPoints", "points_of_bands"]


def points_of_bands(
    values: FloatArray, edges: Sequence[float], points: Sequence[float], closed: Literal["left", "right"]
) -> FloatArray:
    """``points[k]`` of the band that ``x`` is in ``(rows,)``; NaN stays.

    With edges ``e_1 < ... < e_n`` the bands are, ``closed: right``, ``x <= e_1``, ``e_1 < x <= e_2``, ..., ``x > e_n``;
    ``closed: left``, ``x < e_1``, ``e_1 <= x < e_2``, ..., ``x >= e_n``. An edge is taken exactly as it is.
    """
    side: Literal["left", "right"] = "left" if closed == "right" else "right"
    bands = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side=side)
    return np.where(np.isnan(values), np.nan, np.asarray(points, dtype=np.float64)[bands])


class NumberPoints(Points[NumberQuestion]):
    """``points[k]`` of the band that ``x`` is in, or ``x`` itself where there are no bands."""

    method = "number"
    reference = "OECD/JRC Handbook (2008), step 5: categorical scales"

    def points(self, answers: Answers) -> FloatArray:
        bands = self.question.bands
        values: FloatArray = answers.values
        return values if bands is None else points_of_bands(values, bands.edges, bands.points, bands.closed)
