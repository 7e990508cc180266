"""The value on a scale, turned round where a lower one is better."""

from __future__ import annotations

from dtindex.spec.questions import ScaleQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["ScalePoints", "turned_round"]


def turned_round(values: FloatArray, first: int, count: int) -> FloatArray:
    """``first + last - x`` ``(rows,)`` with ``last = first + count - 1``: what a reverse-coded answer says."""
    return (2 * first + count - 1) - values


class ScalePoints(Points[ScaleQuestion]):
    """``x``, or ``first + last - x`` of a reverse-coded question."""

    method = "scale"
    reference = "Likert (1932), A technique for the measurement of attitudes"

    def points(self, answers: Answers) -> FloatArray:
        question, values = self.question, answers.values
        return turned_round(values, question.first, question.points) if question.reverse else values
