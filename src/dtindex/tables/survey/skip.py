"""Skip rules: what was not asked does not apply, and is not missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import MultipleQuestion, Question, SingleQuestion
from dtindex.status import Status
from dtindex.tables.answers import AnswerKey, Answers

__all__ = ["has_answer", "skip"]


def skip(
    questions: Sequence[Question], answers: Mapping[AnswerKey, Answers]
) -> tuple[dict[AnswerKey, Answers], list[tuple[Question, NDArray[np.intp]]]]:
    """Answers with NOT_APPLICABLE where a skip rule holds, and the rows that were answered all the same.

    Rules look at the answers as they were given, so a chain of them does not depend on its order. A rule whose question
    has no answer does not hold.
    """
    known = {question.id: question for question in questions}
    found = dict(answers)
    against: list[tuple[Question, NDArray[np.intp]]] = []
    for question in questions:
        rule = question.skip_when
        if rule is None or (rule.question, "") not in answers:
            continue
        skipped = has_answer(known[rule.question], answers[rule.question, ""], rule.answers)
        own = [key for key in answers if key[0] == question.id]
        answered = np.zeros(len(skipped), dtype=bool)
        for key in own:
            answered |= skipped & answers[key].given
            found[key] = answers[key].where(skipped, Status.NOT_APPLICABLE)
        if answered.any():
            against.append((question, np.flatnonzero(answered)))
    return found, against


def has_answer(question: Question, answers: Answers, wanted: Sequence[str | int]) -> NDArray[np.bool_]:
    """Whether the answer is one of ``wanted`` ``(rows,)``: ids of options, or values of a scale."""
    if isinstance(question, SingleQuestion | MultipleQuestion):
        positions = [position for position, option in enumerate(question.options) if option.id in wanted]
        if answers.kind == "ticks":
            ticked: NDArray[np.bool_] = np.logical_or.reduce(answers.values[:, positions], axis=1)
            return ticked
        chosen: NDArray[np.bool_] = np.isin(answers.values, positions)
        return chosen
    values = [float(value) for value in wanted if not isinstance(value, str)]
    found: NDArray[np.bool_] = np.isin(answers.values, values)
    return found
