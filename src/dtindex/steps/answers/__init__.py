"""From answers to raw values: each indicator that takes a question, by the kind of the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dtindex.spec.questions import Answer, MatrixQuestion, Question, RankingQuestion
from dtindex.status import Status
from dtindex.steps.answers.base import Points
from dtindex.steps.answers.multiple import MultiplePoints
from dtindex.steps.answers.number import NumberPoints
from dtindex.steps.answers.option import OptionPoints
from dtindex.steps.answers.ranking import RankingPoints
from dtindex.steps.answers.scale import ScalePoints
from dtindex.steps.answers.single import SinglePoints
from dtindex.steps.derive import Column
from dtindex.tables.answers import AnswerKey, Answers

__all__ = ["METHODS", "Points", "answered", "points_of", "the_question"]

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


def answered(
    taken: Mapping[str, Answer], questions: Mapping[str, Question], answers: Mapping[AnswerKey, Answers], rows: int
) -> dict[str, Column]:
    """Raw values of each indicator that takes a question; missing where the table has no answers to it."""
    found: dict[str, Column] = {}
    for item, answer in taken.items():
        own = answers.get((answer.question, answer.row or ""))
        if own is None:
            found[item] = Column(np.full(rows, np.nan), np.full(rows, np.uint16(Status.MISSING)))
        else:
            found[item] = points_of(answer, questions).column(own)
    return found
