"""Options in an order: joined in one column, a column an option, or a column a place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import RankingQuestion, SingleQuestion
from dtindex.status import Status
from dtindex.tables.answers import Answers
from dtindex.tables.names import shown
from dtindex.tables.survey.decode.base import Columns, status_of_parts
from dtindex.tables.survey.decode.choice import choice
from dtindex.tables.survey.headings import Heading, small_number
from dtindex.tables.survey.vocabulary import OptionWords, encoded

__all__ = ["places"]


def places(of: Columns, question: RankingQuestion) -> Answers:
    """In which place each respondent put each option; 0 for none."""
    if of.matched.whole is not None:
        return _ordered(of, question, of.matched.whole)
    if any(part.startswith("#") for part in of.matched.parts):
        return _column_a_place(of, question)
    rows = len(of.raw)
    placed = np.zeros((rows, len(question.options)), dtype=np.int16)
    skipped = np.zeros(rows, dtype=bool)
    of.lacking_parts([option.id for option in question.options])
    for position, option in enumerate(question.options):
        heading = of.matched.parts.get(option.id)
        if heading is not None:
            placed[:, position], skip = _place_numbers(of, len(question.options), heading)
            skipped |= skip
    return _finished(of, question, placed, skipped)


def _place_numbers(of: Columns, most: int, heading: Heading) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    column = encoded(of.cells(heading))
    blank = of.blank(heading, {})
    placed = np.zeros(len(column.words), dtype=np.int16)
    skip = np.zeros(len(column.words), dtype=bool)
    unread: list[int] = []
    for word, cell in enumerate(column.words):
        nothing = blank(cell)
        place = small_number(cell) if nothing is None else None
        if nothing is not None:
            skip[word] = nothing.status == Status.NOT_APPLICABLE
        elif place is not None and place <= most:
            placed[word] = place
        else:
            unread.append(word)
    message = f"expected a place from 1 to {most}: correct the cell"
    of.refuse(unread, column, heading, lambda cell: ("DT224", f"found {shown(cell)}, {message}"))
    return placed[column.codes], skip[column.codes]


def _ordered(of: Columns, question: RankingQuestion, heading: Heading) -> Answers:
    column = encoded(of.cells(heading))
    options = OptionWords(question.options, of.labels(heading))
    blank = of.blank(heading, {})
    placed = np.zeros((len(column.words), len(question.options)), dtype=np.int16)
    skipped = np.zeros(len(column.words), dtype=bool)
    unread: list[int] = []
    for word, cell in enumerate(column.words):
        found = options.positions(cell) if cell else ""
        nothing = blank(cell) if isinstance(found, str) else None
        if nothing is not None:
            skipped[word] = nothing.status == Status.NOT_APPLICABLE
        elif isinstance(found, str) or len(set(found)) < len(found):
            unread.append(word)
        else:
            placed[word, found] = np.arange(1, len(found) + 1)
    of.refuse(unread, column, heading, lambda cell: _no_order(cell, options))
    return _finished(of, question, placed[column.codes], skipped[column.codes])


def _column_a_place(of: Columns, question: RankingQuestion) -> Answers:
    rows = len(of.raw)
    placed = np.zeros((rows, len(question.options)), dtype=np.int16)
    for part, heading in of.matched.parts.items():
        options = choice(of, SingleQuestion(id=question.id, type="single", options=question.options), heading)
        chosen = np.flatnonzero(options.values >= 0)
        again = chosen[placed[chosen, options.values[chosen]] > 0]
        if again.size:
            of.report("DT230", "the option stands in two places: keep one", again.tolist(), heading)
        placed[chosen, options.values[chosen]] = int(part.removeprefix("#"))
    return _finished(of, question, placed, np.zeros(rows, dtype=bool))


def _finished(of: Columns, question: RankingQuestion, placed: NDArray[np.int16], skipped: NDArray[np.bool_]) -> Answers:
    """Two options in one place are DT230; no option in any place is no answer."""
    heading = of.matched.headings[0]
    for place in range(1, len(question.options) + 1):
        rows = np.flatnonzero((placed == place).sum(axis=1) > 1)
        if rows.size:
            of.report("DT230", f"two options in place {place}: correct one of them", rows.tolist(), heading)
            placed[rows] = 0
    ranked: NDArray[np.bool_] = np.logical_or.reduce(placed > 0, axis=1)
    return Answers("places", placed, status_of_parts(ranked, skipped))


def _no_order(cell: str, options: OptionWords) -> tuple[str, str]:
    strange = options.positions(cell)
    if not isinstance(strange, str):
        return "DT230", f"found {shown(cell)}, with an option in two places: keep one"
    return (
        "DT224",
        f"found {shown(cell)}, of which {shown(strange)} is none of the options: {options.hint(strange)}",
    )
