"""One option of several."""

from __future__ import annotations

import numpy as np

from dtindex.spec.questions import SingleQuestion
from dtindex.tables.answers import Answers
from dtindex.tables.names import shown
from dtindex.tables.survey.decode.base import KEEP_ONE, NO_ANSWER, Columns, labelled
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.vocabulary import OptionWords, encoded, option_status

__all__ = ["choice"]


def choice(of: Columns, question: SingleQuestion, heading: Heading) -> Answers:
    """Which option each respondent chose."""
    column = encoded(of.cells(heading))
    options = OptionWords(question.options, of.labels(heading))
    blank = of.blank(heading, {})
    positions = np.full(len(column.words), -1, dtype=np.int16)
    status = np.zeros(len(column.words), dtype=np.uint16)
    unread: list[int] = []
    for word, cell in enumerate(column.words):
        position = options.position(of.export.dialect.aliases.get(cell, cell))
        nothing = blank(cell) if position is None else None
        if nothing is not None:
            status[word] = nothing.status
            continue
        if position is None:
            status[word] = NO_ANSWER
            unread.append(word)
            continue
        positions[word] = position
        status[word] = option_status(question.options[position])
    of.refuse(unread, column, heading, lambda cell: _no_choice(cell, options))
    return Answers("choice", positions[column.codes], status[column.codes])


def _no_choice(cell: str, options: OptionWords) -> tuple[str, str]:
    several = options.positions(cell)
    if not isinstance(several, str) and len(several) > 1:
        names = " and ".join(shown(options.options[position].id) for position in dict.fromkeys(several))
        return "DT225", f"found {shown(cell)}, {len(several)} answers ({names}) to a question of one: {KEEP_ONE}"
    if "┋" in cell:
        return "DT225", f"found {shown(cell)}, several answers to a question of one: {KEEP_ONE}"
    label = options.value_labels.get(cell)
    return "DT224", f"found {labelled(cell, label)}, none of the options: {options.hint(label or cell)}"
