"""Whether one option was chosen."""

from __future__ import annotations

from dtindex.spec.questions import MultipleQuestion, SingleQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.types import FloatArray
from dtindex.tables.answers import Answers

__all__ = ["OptionPoints"]


class OptionPoints(Points[SingleQuestion | MultipleQuestion]):
    """``1`` where the option was chosen, ``0`` where another was: its mean is a share of those who answered."""

    method = "option"
    reference = "Lohr (2021), Sampling: Design and Analysis, section 2.3: a proportion is the mean of an indicator"

    def points(self, answers: Answers) -> FloatArray:
        position = [option.id for option in self.question.options].index(str(self.option))
        chosen = answers.values[:, position] if answers.kind == "ticks" else answers.values == position
        found: FloatArray = chosen.astype(float)
        return found
