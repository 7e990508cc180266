"""A number, or the band in which it lies."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dtindex.findings import finding
from dtindex.spec.base import text
from dtindex.spec.questions import NumberQuestion
from dtindex.status import Status
from dtindex.tables.answers import Answers
from dtindex.tables.convert import Reading, convert
from dtindex.tables.layout import without_ranges
from dtindex.tables.names import fold
from dtindex.tables.raw import Cells
from dtindex.tables.survey.decode.base import Columns
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.vocabulary import Blank, encoded

__all__ = ["band_middles", "band_words", "number"]


def number(of: Columns, question: NumberQuestion, heading: Heading) -> Answers:
    """The number that each respondent gave, by itself or as the words of a band."""
    cells = of.cells(heading)
    blank = of.blank(heading, {})
    bands = band_words(question)
    blanks = of.export.dialect.blanks
    column = encoded(cells) if bands or blanks or not isinstance(cells, np.ndarray) else None
    declared = {fold(code) for code in question.codes}
    known: dict[int, float | Blank] = {}
    for word, cell in enumerate(column.words if column is not None else ()):
        meaning = None if not cell or fold(cell) in declared else bands.get(fold(cell), blank(cell))
        if meaning is not None:
            known[word] = meaning
    plain: Cells = cells
    if column is not None and known:
        emptied = [("" if word in known else cell) for word, cell in enumerate(column.words)]
        plain = [emptied[code] for code in column.codes.tolist()]
        if isinstance(cells, np.ndarray):
            plain = np.where(np.isin(column.codes, list(known)), np.nan, cells)
    elif isinstance(cells, np.ndarray):
        plain = without_ranges(cells, of.raw.user_missing.get(heading.index, ()), {*question.codes})
    dates = {row for row, at in of.raw.dates if at == heading.index}
    numbers = convert(plain, Reading(question.format, question.codes, question.range), dates)
    for problem in numbers.problems:
        place = of.raw.place(problem.row, heading.index, of.who(problem.row))
        of.decoded.findings.append(finding(problem.code, problem.message, place, problem.severity))
    values, status = numbers.values, numbers.status
    for word, meaning in known.items():
        assert column is not None
        rows = column.codes == word
        if isinstance(meaning, Blank):
            status[rows] = meaning.status
        else:
            values[rows], status[rows] = meaning, Status.NORMAL
    return Answers("number", values, status)


def band_words(question: NumberQuestion) -> dict[str, float]:
    """Words of bands in either language, folded, each with a number inside its band."""
    if question.bands is None or not question.bands.labels:
        return {}
    pairs = zip(question.bands.labels, band_middles(question), strict=True)
    return {fold(found): middle for label, middle in pairs for found in (text(label, "en"), text(label, "zh")) if found}


def band_middles(question: NumberQuestion) -> list[float]:
    """A number inside each band, for exports in which the band itself was chosen: its middle where it has one."""
    assert question.bands is not None
    edges = question.bands.edges
    low, high = question.range or (edges[0], edges[-1])
    bounds = [min(low, edges[0]), *edges, max(high, edges[-1])]
    step = 1.0 if len(edges) == 1 else edges[-1] - edges[-2]
    middles = [(left + right) / 2 for left, right in pairwise(bounds)]
    if bounds[0] == edges[0]:
        middles[0] = edges[0] - step / 2
    if bounds[-1] == edges[-1]:
        middles[-1] = edges[-1] + step / 2
    return middles
