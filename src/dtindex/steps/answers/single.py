"""Points of the option chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import SingleQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["SinglePoints", "points_of_options"]


def points_of_options(chosen: NDArray[np.int16], points: FloatArray) -> FloatArray:
    """``points[chosen]`` ``(rows,)``; ``chosen`` are positions ``(rows,)`` in ``points`` ``(options,)``, -1 is NaN."""
    found: FloatArray = np.append(points, np.nan)[chosen]
    return found


class SinglePoints(Points[SingleQuestion]):
    """``points[option]`` of the one option that was chosen; an option with a status has none."""

    method = "single"
    reference = "Likert (1932); OECD/JRC Handbook (2008), step 5: categorical scales"

    def points(self, answers: Answers) -> FloatArray:
        points = [np.nan if option.points is None else option.points for option in self.question.options]
        return points_of_options(answers.values, np.array(points))
