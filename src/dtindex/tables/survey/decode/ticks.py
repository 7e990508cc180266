"""Any number of options, in one column or in a column each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.base import text
from dtindex.spec.questions import MultipleQuestion, Option
from dtindex.status import Status
from dtindex.tables.answers import Answers
from dtindex.tables.names import fold, shown
from dtindex.tables.survey.decode.base import NO, NO_ANSWER, YES, Columns, status_of_parts
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.vocabulary import OptionWords, encoded, option_status, without_typed

__all__ = ["ticks"]


def ticks(of: Columns, question: MultipleQuestion) -> Answers:
    """Which options each respondent ticked."""
    if of.matched.whole is not None:
        ticked, status = _joined(of, question, of.matched.whole)
    else:
        ticked, status = _ticked_columns(of, question)
    _exclusive(of, question, ticked, status)
    for position, option in enumerate(question.options):
        if option.status is not None:
            rows = ticked[:, position]
            status[rows] = option_status(option)
    return Answers("ticks", ticked, status)


def _joined(of: Columns, question: MultipleQuestion, heading: Heading) -> tuple[NDArray[np.bool_], NDArray[np.uint16]]:
    column = encoded(of.cells(heading))
    options = OptionWords(question.options, of.labels(heading))
    blank = of.blank(heading, {})
    ticked = np.zeros((len(column.words), len(question.options)), dtype=bool)
    status = np.zeros(len(column.words), dtype=np.uint16)
    unread: list[int] = []
    for word, cell in enumerate(column.words):
        found = options.positions(cell) if cell else ""
        nothing = blank(cell) if isinstance(found, str) else None
        if not isinstance(found, str):
            ticked[word, found] = True
        elif nothing is not None:
            status[word] = nothing.status
        else:
            status[word] = NO_ANSWER
            unread.append(word)
    of.refuse(unread, column, heading, lambda cell: _no_ticks(cell, options))
    return ticked[column.codes], status[column.codes]


def _ticked_columns(of: Columns, question: MultipleQuestion) -> tuple[NDArray[np.bool_], NDArray[np.uint16]]:
    """One column an option. No tick at all is an answer only where every cell says no and no option means none."""
    rows = len(of.raw)
    ticked = np.zeros((rows, len(question.options)), dtype=bool)
    denied = np.ones(rows, dtype=bool)
    skipped = np.zeros(rows, dtype=bool)
    of.lacking_parts([option.id for option in question.options])
    for position, option in enumerate(question.options):
        heading = of.matched.parts.get(option.id)
        if heading is not None:
            yes, no, skip = _yes_or_no(of, option, heading)
            ticked[:, position] = yes
            denied &= no
            skipped |= skip
    none_is_an_option = any(option.alone for option in question.options)
    answered = ticked.any(axis=1) | (denied & (not none_is_an_option))
    return ticked, status_of_parts(answered, skipped)


def _yes_or_no(
    of: Columns, option: Option, heading: Heading
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    column = encoded(of.cells(heading))
    value_labels = of.labels(heading)
    said = [_tick(value_labels.get(cell, cell)) for cell in column.words]
    names = {fold(one) for one in (text(option.label, "en"), text(option.label, "zh")) if one}
    if not YES.isdisjoint(said):
        names -= NO  # where "yes" is a tick, "no" is none, even of an option that is labelled so
    names |= {fold(option.id)} - NO
    own = {str(option.code)} if option.code is not None else set()
    blank = of.blank(heading, {})
    yes, no, skip = (np.zeros(len(column.words), dtype=bool) for _ in range(3))
    unread: list[int] = []
    for word, (cell, tick) in enumerate(zip(column.words, said, strict=True)):
        nothing = blank(cell)
        if nothing is not None:
            skip[word] = nothing.status == Status.NOT_APPLICABLE
        elif tick in names or tick in YES or (cell in own and cell not in NO) or fold(cell) in names:
            yes[word] = True
        elif tick in NO:
            no[word] = True
        elif _tick(cell) in YES or _tick(cell) in NO:
            (yes if _tick(cell) in YES else no)[word] = True
        elif heading.part_code in of.export.dialect.typed:
            yes[word] = True
        else:
            unread.append(word)
    of.refuse(unread, column, heading, lambda cell: _no_tick(cell, option))
    return yes[column.codes], no[column.codes], skip[column.codes]


def _exclusive(of: Columns, question: MultipleQuestion, ticked: NDArray[np.bool_], status: NDArray[np.uint16]) -> None:
    """DT230 where an option that stands alone is ticked beside others."""
    count = ticked.sum(axis=1)
    heading = of.matched.headings[0]
    for position, option in enumerate(question.options):
        if option.alone:
            rows = np.flatnonzero(ticked[:, position] & (count > 1))
            if rows.size:
                label = text(option.label, "en", option.id)
                message = f"{shown(label)} is ticked beside other options, which it excludes: keep one or the others"
                of.report("DT230", message, rows.tolist(), of.matched.parts.get(option.id, heading))
                status[rows] = NO_ANSWER
                ticked[rows] = False


def _no_ticks(cell: str, options: OptionWords) -> tuple[str, str]:
    strange = options.positions(cell)
    assert isinstance(strange, str)
    rest = "" if strange == cell else f" with {shown(strange)} in it"
    return "DT224", f"found {shown(cell)}{rest}, none of the options: {options.hint(strange)}"


def _no_tick(cell: str, option: Option) -> tuple[str, str]:
    expected = f"expected 1 or 0 (or the option itself) for {shown(option.id)}"
    return "DT224", f"found {shown(cell)}, {expected}: correct the cell"


def _tick(cell: str) -> str:
    """A tick as it is looked up: without what was typed beside it, and 1 for 1.0."""
    folded = fold(without_typed(cell))
    return folded[:1] if folded in ("1.0", "0.0") else folded
