"""From the cells of a question's columns to answers, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.tables.answers import Answers
from dtindex.tables.survey.decode.base import Columns, Decoded
from dtindex.tables.survey.decode.choice import choice
from dtindex.tables.survey.decode.number import band_middles, band_words, number
from dtindex.tables.survey.decode.places import places
from dtindex.tables.survey.decode.scale import scale
from dtindex.tables.survey.decode.ticks import ticks
from dtindex.tables.survey.dialect import Export
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.match import Matched

__all__ = ["Decoded", "band_middles", "band_words", "decode"]


def decode(matched: Mapping[str, Matched], export: Export, units: Sequence[str]) -> Decoded:
    """Answers to every question that has columns.

    Parameters
    ----------
    units
        Who is in each row, for the places of findings.

    Returns
    -------
    Decoded
        Findings: DT224 (unknown option or value), DT225 (two answers where one is asked for), DT230 (an answer that
        excludes every other beside others, two options in one place), and those of reading numbers.
    """
    decoded = Decoded()
    for question_id, columns in matched.items():
        for row, answers in _read(Columns(columns, export, units, decoded)):
            decoded.answers[question_id, row] = answers
    return decoded


def _read(of: Columns) -> list[tuple[str, Answers]]:
    question, whole = of.matched.question, of.matched.whole
    of.strange()
    if isinstance(question, MatrixQuestion):
        of.lacking_parts([row.id for row in question.rows])
        return [(row, _one(of, question.row(row), heading)) for row, heading in of.matched.parts.items()]
    if isinstance(question, MultipleQuestion):
        return [("", ticks(of, question))]
    if isinstance(question, RankingQuestion):
        return [("", places(of, question))]
    assert whole is not None
    return [] if question.type == "text" else [("", _one(of, question, whole))]


def _one(of: Columns, question: Question, heading: Heading) -> Answers:
    if isinstance(question, SingleQuestion):
        return choice(of, question, heading)
    if isinstance(question, ScaleQuestion):
        return scale(of, question, heading)
    assert isinstance(question, NumberQuestion)
    return number(of, question, heading)
