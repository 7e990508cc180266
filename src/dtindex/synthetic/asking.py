"""Questions that are not asked, and answers that are not given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import map_blocks
from dtindex.spec.questions import MultipleQuestion, ScaleQuestion, SingleQuestion, SkipRule
from dtindex.synthetic.asked import Questionnaire
from dtindex.synthetic.columns import Column, Ticked
from dtindex.synthetic.streams import Purpose, block_number, stream

__all__ = ["leave_out", "skip"]


def skip(questionnaire: Questionnaire, columns: Mapping[str, Column]) -> None:
    """Empty what is not asked, in the order of the questions: one answer may do away with a whole chain."""
    for asked in questionnaire.columns:
        if asked.skip_when is not None:
            columns[asked.name].blank(_holds(questionnaire, columns, asked.skip_when))


def leave_out(
    columns: Mapping[str, Column],
    numbers: Mapping[str, int],
    spared: NDArray[np.bool_],
    share: float,
    seed: int,
    threads: int = 1,
) -> None:
    """Empty each answer with one chance, whatever it is and whoever gives it.

    Only in the columns that ``numbers`` names, with the number of their stream, and not of the rows ``spared``.
    """

    def work(block: slice) -> None:
        for name, number in numbers.items():
            chance = stream(seed, block_number(block), Purpose.MISSING, number).random(block.stop - block.start)
            columns[name].blank(block.start + np.flatnonzero((chance < share) & ~spared[block]))

    if share > 0:
        map_blocks(work, len(spared), threads)


def _holds(questionnaire: Questionnaire, columns: Mapping[str, Column], rule: SkipRule) -> NDArray[np.bool_]:
    """Rows ``(rows,)`` that give one of the answers."""
    column = columns[rule.question]
    question = questionnaire.by_name[rule.question].question
    found = np.zeros(len(column.data), dtype=bool)
    for answer in rule.answers:
        if isinstance(question, SingleQuestion | MultipleQuestion):
            position = [option.id for option in question.options].index(str(answer))
        else:
            assert isinstance(question, ScaleQuestion)
            position = int(answer) - question.first
        found |= column.has(position) if isinstance(column, Ticked) else column.data == position
    return found
