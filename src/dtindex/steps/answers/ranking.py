"""Points of the place that an option has in an order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import RankingQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["RankingPoints", "points_of_places"]


def points_of_places(places: NDArray[np.int16], points: Sequence[float]) -> FloatArray:
    """``points[place - 1]`` ``(rows,)``, 0 from the first place on that brings nothing, and where there is no place."""
    table = np.array([0.0, *points, 0.0])
    found: FloatArray = table[np.minimum(places, len(points) + 1)]
    return found


class RankingPoints(Points[RankingQuestion]):
    """``points[place - 1]`` of one option, 0 where it was not put into a place that brings points."""

    method = "ranking"
    reference = "Borda (1781), Mémoire sur les élections au scrutin"

    def points(self, answers: Answers) -> FloatArray:
        position = [option.id for option in self.question.options].index(str(self.option))
        return points_of_places(answers.values[:, position], self.question.points)
