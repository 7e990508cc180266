"""From answers to raw values: each indicator that takes a question, by the kind of the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import Answer, MatrixQuestion, Question, RankingQuestion
from dtindex.steps.answers.base import Points
from dtindex.steps.answers.multiple import MultiplePoints
from dtindex.steps.answers.number import NumberPoints
from dtindex.steps.answers.option import OptionPoints
from dtindex.steps.answers.ranking import RankingPoints
from dtindex.steps.answers.scale import ScalePoints
from dtindex.steps.answers.single import SinglePoints
from dtindex.steps.derive import Column
from dtindex.tables.answers import AnswerKey, Answers

__all__ = ["METHODS", "Measured", "Points", "Taken", "Values", "points_of", "taken", "the_question"]

METHODS: dict[str, type[Points[Any]]] = {
    cls.method: cls for cls in (SinglePoints, MultiplePoints, ScalePoints, NumberPoints, RankingPoints, OptionPoints)
}


def the_question(answer: Answer, questions: Mapping[str, Question]) -> Question:
    """The question that is taken: of a matrix, its row."""
    question = questions[answer.question]
    return question.row(str(answer.row)) if isinstance(question, MatrixQuestion) else question


def points_of(answer: Answer, questions: Mapping[str, Question]) -> Points[Any]:
    """How the answers become raw values."""
    question = the_question(answer, questions)
    about_an_option = answer.option is not None and not isinstance(question, RankingQuestion)
    return METHODS["option" if about_an_option else question.type](question, answer.option)


@dataclass(frozen=True, slots=True)
class Taken:
    """An indicator's answers, from which its values are worked out for the rows that are looked at."""

    points: Points[Any]
    answers: Answers

    def take(self, rows: slice | NDArray[np.bool_]) -> Taken:
        """The answers of some rows."""
        return Taken(self.points, self.answers.take(rows))

    def column(self) -> Column:
        """Raw values and flags ``(rows,)``."""
        return self.points.column(self.answers)


class Measured(Mapping[str, Column]):
    """Raw values and flags of every indicator; those of answers are worked out each time they are asked for.

    A million answers are a small array of positions, and a large one of values.
    """

    def __init__(self, columns: Mapping[str, Column], taken: Mapping[str, Taken], order: Sequence[str]) -> None:
        self.columns, self.taken = columns, taken
        self._order = tuple(order)

    def __getitem__(self, item: str) -> Column:
        return self.taken[item].column() if item in self.taken else self.columns[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)


class Values(Mapping[str, NDArray[np.float64]]):
    """The values alone of :class:`Measured`."""

    def __init__(self, measured: Mapping[str, Column]) -> None:
        self._measured = measured

    def __getitem__(self, item: str) -> NDArray[np.float64]:
        return self._measured[item].values

    def __iter__(self) -> Iterator[str]:
        return iter(self._measured)

    def __len__(self) -> int:
        return len(self._measured)


def taken(
    indicators: Mapping[str, Answer], questions: Mapping[str, Question], answers: Mapping[AnswerKey, Answers], rows: int
) -> dict[str, Taken]:
    """The answers of each indicator that takes a question; nobody's where the table has none."""
    found = {}
    for item, answer in indicators.items():
        own = answers.get((answer.question, answer.row or ""))
        points = points_of(answer, questions)
        found[item] = Taken(points, points.nobodys(rows) if own is None else own)
    return found
