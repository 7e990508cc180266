"""A value of a scale."""

from __future__ import annotations

import numpy as np

from dtindex.spec.base import text
from dtindex.spec.questions import ScaleQuestion
from dtindex.tables.answers import Answers
from dtindex.tables.names import shown
from dtindex.tables.survey.decode.base import KEEP_ONE, NO_ANSWER, Columns, labelled
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.vocabulary import ScaleWords, encoded

__all__ = ["scale"]


def scale(of: Columns, question: ScaleQuestion, heading: Heading) -> Answers:
    """The value that each respondent chose, unreversed."""
    column = encoded(of.cells(heading))
    words = ScaleWords(question, of.labels(heading))
    blank = of.blank(heading, question.codes)
    values = np.full(len(column.words), np.nan)
    status = np.zeros(len(column.words), dtype=np.uint16)
    unread: list[int] = []
    for word, cell in enumerate(column.words):
        nothing = blank(cell)
        value = words.value(cell) if nothing is None else None
        if value is not None:
            values[word] = value
            continue
        status[word] = NO_ANSWER if nothing is None else nothing.status
        if nothing is None:
            unread.append(word)
    of.refuse(unread, column, heading, lambda cell: _no_value(cell, question, words))
    return Answers("number", values[column.codes], status[column.codes])


def _no_value(cell: str, question: ScaleQuestion, words: ScaleWords) -> tuple[str, str]:
    if "┋" in cell:
        return "DT225", f"found {shown(cell)}, several answers to a question of one: {KEEP_ONE}"
    told = labelled(cell, words.value_labels.get(cell))
    none = words.labelled_none(cell)
    if none is not None:
        remedy = f'declare `codes: {{"{cell}": {{status: {none}}}}}`'
        return "DT224", f"found {told}, which is no degree of the scale: {remedy}, or `labels:` if it is one"
    last = question.first + question.points - 1
    expected = f"expected a whole number from {question.first} to {last}{_or_labels(question)}"
    return "DT224", f"found {told}, {expected}: correct the cell, or declare it in `codes:`"


def _or_labels(question: ScaleQuestion) -> str:
    if not question.labels:
        return ""
    first, last = text(question.labels[0], "en"), text(question.labels[-1], "en")
    return f" ({shown(first)} to {shown(last)})"
