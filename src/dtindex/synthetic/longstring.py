"""Runs of one and the same answer: found, made, and broken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import ScaleQuestion
from dtindex.spec.survey import StraightLining
from dtindex.synthetic.asked import Asked, Questionnaire
from dtindex.synthetic.columns import Chosen, Column

__all__ = ["Run", "run_of"]


class Run:
    """The items that a rule looks at, in its order, and how many alike it takes."""

    def __init__(self, items: Sequence[tuple[Asked, Chosen]], needed: int) -> None:
        self._columns = [column for _, column in items]
        # A scale is compared by its value, a choice by the position of its option.
        self._first = [one.question.first if isinstance(one.question, ScaleQuestion) else 0 for one, _ in items]
        self._count = [_categories(one) for one, _ in items]
        self.needed = needed

    @property
    def values(self) -> tuple[int, ...]:
        """Answers that every item has."""
        low = max(self._first)
        high = min(first + count for first, count in zip(self._first, self._count, strict=True))
        return tuple(range(low, high))

    def holds(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether these rows ``(rows,)`` have a run; an item without an answer neither counts nor breaks it."""
        last = np.full(len(rows), -(2**15), dtype=np.int16)
        run = np.zeros(len(rows), dtype=np.int16)
        longest = np.zeros(len(rows), dtype=np.int16)
        for column, first in zip(self._columns, self._first, strict=True):
            answers = column.data[rows].astype(np.int16)
            given = answers >= 0
            answers += np.int16(first)
            run = np.where(given, np.where(answers == last, run + np.int16(1), np.int16(1)), run)
            last = np.where(given, answers, last)
            np.maximum(longest, run, out=longest)
        found: NDArray[np.bool_] = longest >= self.needed
        return found

    def make(self, rows: NDArray[np.intp], answers: NDArray[np.int64]) -> None:
        """Give these rows one answer to all items ``(rows,)``."""
        for column, first in zip(self._columns, self._first, strict=True):
            column.data[rows] = answers - first

    def break_up(self, rows: NDArray[np.intp]) -> None:
        """Leave no run in these rows, and every share of answers as it is, as far as that is possible.

        Rows with a run exchange their answers to every so manieth item with rows whose run is of another answer; who is
        left without a partner takes the neighbouring answer.
        """
        wrong = rows[self.holds(rows)]
        breaks = range(self.needed - 1, len(self._columns), self.needed)
        for position in breaks:
            data = self._columns[position].data
            ordered = wrong[np.argsort(data[wrong], kind="stable")]
            data[ordered] = np.roll(data[ordered], len(ordered) // 2)
        wrong = wrong[self.holds(wrong)]
        for position in breaks:
            data, last = self._columns[position].data, self._count[position] - 1
            answers = data[wrong]
            data[wrong] = np.where(answers < 0, answers, np.where(answers == last, answers - 1, answers + 1))


def run_of(questionnaire: Questionnaire, columns: dict[str, Column], rule: StraightLining) -> Run:
    """The run that a rule looks for."""
    items: list[tuple[Asked, Chosen]] = []
    for name in rule.of:
        for asked in questionnaire.columns:
            column = columns[asked.name]
            if asked.owner == name and isinstance(column, Chosen):
                items.append((asked, column))
    return Run(items, rule.run or len(items))


def _categories(asked: Asked) -> int:
    question = asked.question
    return question.points if isinstance(question, ScaleQuestion) else len(getattr(question, "options", ()))
