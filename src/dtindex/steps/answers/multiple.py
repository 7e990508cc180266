"""Points of all options ticked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import MultipleQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["MultiplePoints", "sum_of_ticked"]

_FEW = 64


def sum_of_ticked(ticked: NDArray[np.bool_], points: Sequence[float], at_most: float | None) -> FloatArray:
    """``min(sum of points of ticked options, at_most)`` ``(rows,)``; ``ticked`` is ``(rows, options)``.

    Summed in the order of the options, so that equal answers have equal bits; for few rows in one call.
    """
    if len(ticked) <= _FEW:
        # + 0.0: the sum below begins with 0, which makes one zero of both.
        total = np.add.accumulate(np.where(ticked, np.asarray(points), 0.0), axis=1)[:, -1] + 0.0
        return total if at_most is None else np.minimum(total, at_most)
    total = np.zeros(len(ticked))
    for position, point in enumerate(points):
        total += np.where(ticked[:, position], point, 0.0)
    return total if at_most is None else np.minimum(total, at_most)


class MultiplePoints(Points[MultipleQuestion]):
    """``min(sum points[ticked], at_most)``: ticks add up; nothing ticked where that is an answer is 0."""

    method = "multiple"
    reference = "MIIT (2024), assessment of small and medium enterprises: the sum of the options ticked"

    def points(self, answers: Answers) -> FloatArray:
        points = [option.points or 0.0 for option in self.question.options]
        return sum_of_ticked(answers.values, points, self.question.at_most)
