"""From the cells of a question's columns to answers, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, finding
from dtindex.spec.base import text
from dtindex.spec.methods import CodeRule
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Option,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.status import Status
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.convert import MOST, Reading, convert
from dtindex.tables.layout import without_ranges
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.dialect import Export
from dtindex.tables.survey.headings import Heading, small_number
from dtindex.tables.survey.match import Matched
from dtindex.tables.survey.vocabulary import (
    Blank,
    Encoded,
    OptionWords,
    ScaleWords,
    encoded,
    status_words,
    without_typed,
)

__all__ = ["Decoded", "band_middles", "decode"]

_YES = frozenset(map(fold, ("1", "y", "yes", "true", "x", "是", "选中", "已选", "√", "selected", "checked", "quoted")))
_NO = frozenset(map(fold, ("0", "n", "no", "false", "否", "未选中", "未选", "not selected", "unchecked", "not quoted")))
_NO_ANSWER = np.uint16(Status.MISSING)
_KEEP_ONE = "keep one of them, or make it `type: multiple`"


@dataclass
class Decoded:
    """Answers by question and row, and what is to be said of single cells."""

    answers: dict[AnswerKey, Answers] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


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
        reader = _Reader(columns, export, units, decoded)
        for row, answers in reader.read():
            decoded.answers[question_id, row] = answers
    return decoded


@dataclass
class _Reader:
    columns: Matched
    export: Export
    units: Sequence[str]
    decoded: Decoded

    def read(self) -> list[tuple[str, Answers]]:
        question = self.columns.question
        self._strange()
        if isinstance(question, MatrixQuestion):
            parts = self.columns.parts.items()
            self._lacking_parts([row.id for row in question.rows])
            return [(row, self._one(question.row(row), heading)) for row, heading in parts]
        if isinstance(question, MultipleQuestion):
            return [("", self._ticks(question))]
        if isinstance(question, RankingQuestion):
            return [("", self._places(question))]
        assert self.columns.whole is not None
        return [] if question.type == "text" else [("", self._one(question, self.columns.whole))]

    @property
    def raw(self) -> RawTable:
        return self.export.raw

    def _cells(self, heading: Heading) -> Cells:
        return self.raw.columns[heading.index]

    # --- one column ---

    def _one(self, question: Question, heading: Heading) -> Answers:
        if isinstance(question, SingleQuestion):
            return self._choice(question, heading)
        if isinstance(question, ScaleQuestion):
            return self._scale(question, heading)
        assert isinstance(question, NumberQuestion)
        return self._number(question, heading)

    def _choice(self, question: SingleQuestion, heading: Heading) -> Answers:
        column = encoded(self._cells(heading))
        options = OptionWords(question.options, self.raw.value_labels.get(heading.index, {}))
        blank = self._blank(heading, {})
        positions = np.full(len(column.words), -1, dtype=np.int16)
        status = np.zeros(len(column.words), dtype=np.uint16)
        unread: list[int] = []
        for word, cell in enumerate(column.words):
            position = options.position(self.export.dialect.aliases.get(cell, cell))
            nothing = blank(cell) if position is None else None
            if nothing is not None:
                status[word] = nothing.status
                continue
            if position is None:
                status[word] = _NO_ANSWER
                unread.append(word)
                continue
            positions[word] = position
            status[word] = _status(question.options[position])
        self._refuse(unread, column, heading, lambda cell: _no_choice(cell, options))
        return Answers("choice", positions[column.codes], status[column.codes])

    def _scale(self, question: ScaleQuestion, heading: Heading) -> Answers:
        column = encoded(self._cells(heading))
        scale = ScaleWords(question, self.raw.value_labels.get(heading.index, {}))
        blank = self._blank(heading, question.codes)
        values = np.full(len(column.words), np.nan)
        status = np.zeros(len(column.words), dtype=np.uint16)
        unread: list[int] = []
        for word, cell in enumerate(column.words):
            nothing = blank(cell)
            value = scale.value(cell) if nothing is None else None
            if value is not None:
                values[word] = value
                continue
            status[word] = _NO_ANSWER if nothing is None else nothing.status
            if nothing is None:
                unread.append(word)
        self._refuse(unread, column, heading, lambda cell: _no_value(cell, question, scale))
        return Answers("number", values[column.codes], status[column.codes])

    def _number(self, question: NumberQuestion, heading: Heading) -> Answers:
        cells = self._cells(heading)
        blank = self._blank(heading, {})
        aside: dict[str, float | Blank] = {}
        if question.bands is not None and question.bands.labels:
            middles = band_middles(question)
            for label, middle in zip(question.bands.labels, middles, strict=True):
                aside |= {fold(found): middle for found in (text(label, "en"), text(label, "zh")) if found}
        blanks = self.export.dialect.blanks
        column = encoded(cells) if aside or blanks or not isinstance(cells, np.ndarray) else None
        declared = {fold(code) for code in question.codes}
        known: dict[int, float | Blank] = {}
        for word, cell in enumerate(column.words if column is not None else ()):
            meaning = None if not cell or fold(cell) in declared else aside.get(fold(cell), blank(cell))
            if meaning is not None:
                known[word] = meaning
        plain: Cells = cells
        if column is not None and known:
            emptied = [("" if word in known else cell) for word, cell in enumerate(column.words)]
            plain = [emptied[code] for code in column.codes.tolist()]
            if isinstance(cells, np.ndarray):
                plain = np.where(np.isin(column.codes, list(known)), np.nan, cells)
        elif isinstance(cells, np.ndarray):
            plain = without_ranges(cells, self.raw.user_missing.get(heading.index, ()), {*question.codes})
        dates = {row for row, at in self.raw.dates if at == heading.index}
        numbers = convert(plain, Reading(question.format, question.codes, question.range), dates)
        for problem in numbers.problems:
            place = self.raw.place(problem.row, heading.index, self._who(problem.row))
            self.decoded.findings.append(finding(problem.code, problem.message, place, problem.severity))
        values, status = numbers.values, numbers.status
        for word, meaning in known.items():
            assert column is not None
            rows = column.codes == word
            if isinstance(meaning, Blank):
                status[rows] = meaning.status
            else:
                values[rows], status[rows] = meaning, Status.NORMAL
        return Answers("number", values, status)

    # --- ticks ---

    def _ticks(self, question: MultipleQuestion) -> Answers:
        if self.columns.whole is not None:
            ticked, status = self._joined(question, self.columns.whole)
        else:
            ticked, status = self._ticked_columns(question)
        self._exclusive(question, ticked, status)
        for position, option in enumerate(question.options):
            if option.status is not None:
                rows = ticked[:, position]
                status[rows] = _status(option)
        return Answers("ticks", ticked, status)

    def _joined(self, question: MultipleQuestion, heading: Heading) -> tuple[NDArray[np.bool_], NDArray[np.uint16]]:
        column = encoded(self._cells(heading))
        options = OptionWords(question.options, self.raw.value_labels.get(heading.index, {}))
        blank = self._blank(heading, {})
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
                status[word] = _NO_ANSWER
                unread.append(word)
        self._refuse(unread, column, heading, lambda cell: _no_ticks(cell, options))
        return ticked[column.codes], status[column.codes]

    def _ticked_columns(self, question: MultipleQuestion) -> tuple[NDArray[np.bool_], NDArray[np.uint16]]:
        """One column an option. No tick at all is an answer only where every cell says no and no option means none."""
        rows = len(self.raw)
        ticked = np.zeros((rows, len(question.options)), dtype=bool)
        denied = np.ones(rows, dtype=bool)
        skipped = np.zeros(rows, dtype=bool)
        self._lacking_parts([option.id for option in question.options])
        for position, option in enumerate(question.options):
            heading = self.columns.parts.get(option.id)
            if heading is not None:
                yes, no, skip = self._yes_or_no(option, heading)
                ticked[:, position] = yes
                denied &= no
                skipped |= skip
        none_is_an_option = any(option.alone for option in question.options)
        answered = ticked.any(axis=1) | (denied & (not none_is_an_option))
        status = np.where(answered, np.uint16(0), np.where(skipped, np.uint16(Status.NOT_APPLICABLE), _NO_ANSWER))
        return ticked, status.astype(np.uint16)

    def _yes_or_no(
        self, option: Option, heading: Heading
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        column = encoded(self._cells(heading))
        value_labels = self.raw.value_labels.get(heading.index, {})
        ticks = [_tick(value_labels.get(cell, cell)) for cell in column.words]
        names = {fold(one) for one in (text(option.label, "en"), text(option.label, "zh")) if one}
        if not _YES.isdisjoint(ticks):
            names -= _NO  # where "yes" is a tick, "no" is none, even of an option that is labelled so
        names |= {fold(option.id)} - _NO
        own = {str(option.code)} if option.code is not None else set()
        blank = self._blank(heading, {})
        yes, no, skip = (np.zeros(len(column.words), dtype=bool) for _ in range(3))
        unread: list[int] = []
        for word, (cell, tick) in enumerate(zip(column.words, ticks, strict=True)):
            nothing = blank(cell)
            if nothing is not None:
                skip[word] = nothing.status == Status.NOT_APPLICABLE
            elif tick in names or tick in _YES or (cell in own and cell not in _NO) or fold(cell) in names:
                yes[word] = True
            elif tick in _NO:
                no[word] = True
            elif _tick(cell) in _YES or _tick(cell) in _NO:
                (yes if _tick(cell) in _YES else no)[word] = True
            elif heading.part_code in self.export.dialect.typed:
                yes[word] = True
            else:
                unread.append(word)
        self._refuse(unread, column, heading, lambda cell: _no_tick(cell, option))
        return yes[column.codes], no[column.codes], skip[column.codes]

    def _exclusive(self, question: MultipleQuestion, ticked: NDArray[np.bool_], status: NDArray[np.uint16]) -> None:
        """DT230 where an option that stands alone is ticked beside others."""
        count = ticked.sum(axis=1)
        heading = self.columns.headings[0]
        for position, option in enumerate(question.options):
            if option.alone:
                rows = np.flatnonzero(ticked[:, position] & (count > 1))
                if rows.size:
                    label = text(option.label, "en", option.id)
                    message = (
                        f"{shown(label)} is ticked beside other options, which it excludes: keep one or the others"
                    )
                    self._report("DT230", message, rows.tolist(), self.columns.parts.get(option.id, heading))
                    status[rows] = _NO_ANSWER
                    ticked[rows] = False

    # --- places ---

    def _places(self, question: RankingQuestion) -> Answers:
        if self.columns.whole is not None:
            return self._ordered(question, self.columns.whole)
        if any(part.startswith("#") for part in self.columns.parts):
            return self._column_a_place(question)
        rows = len(self.raw)
        places = np.zeros((rows, len(question.options)), dtype=np.int16)
        skipped = np.zeros(rows, dtype=bool)
        self._lacking_parts([option.id for option in question.options])
        for position, option in enumerate(question.options):
            heading = self.columns.parts.get(option.id)
            if heading is not None:
                places[:, position], skip = self._place_numbers(len(question.options), heading)
                skipped |= skip
        return self._finished(question, places, skipped)

    def _place_numbers(self, most: int, heading: Heading) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        column = encoded(self._cells(heading))
        blank = self._blank(heading, {})
        places = np.zeros(len(column.words), dtype=np.int16)
        skip = np.zeros(len(column.words), dtype=bool)
        unread: list[int] = []
        for word, cell in enumerate(column.words):
            nothing = blank(cell)
            place = small_number(cell) if nothing is None else None
            if nothing is not None:
                skip[word] = nothing.status == Status.NOT_APPLICABLE
            elif place is not None and place <= most:
                places[word] = place
            else:
                unread.append(word)
        message = f"expected a place from 1 to {most}: correct the cell"
        self._refuse(unread, column, heading, lambda cell: ("DT224", f"found {shown(cell)}, {message}"))
        return places[column.codes], skip[column.codes]

    def _ordered(self, question: RankingQuestion, heading: Heading) -> Answers:
        column = encoded(self._cells(heading))
        options = OptionWords(question.options, self.raw.value_labels.get(heading.index, {}))
        blank = self._blank(heading, {})
        places = np.zeros((len(column.words), len(question.options)), dtype=np.int16)
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
                places[word, found] = np.arange(1, len(found) + 1)
        self._refuse(unread, column, heading, lambda cell: _no_order(cell, options))
        return self._finished(question, places[column.codes], skipped[column.codes])

    def _column_a_place(self, question: RankingQuestion) -> Answers:
        rows = len(self.raw)
        places = np.zeros((rows, len(question.options)), dtype=np.int16)
        for part, heading in self.columns.parts.items():
            options = self._choice(SingleQuestion(id=question.id, type="single", options=question.options), heading)
            chosen = np.flatnonzero(options.values >= 0)
            again = chosen[places[chosen, options.values[chosen]] > 0]
            if again.size:
                self._report("DT230", "the option stands in two places: keep one", again.tolist(), heading)
            places[chosen, options.values[chosen]] = int(part.removeprefix("#"))
        return self._finished(question, places, np.zeros(rows, dtype=bool))

    def _finished(self, question: RankingQuestion, places: NDArray[np.int16], skipped: NDArray[np.bool_]) -> Answers:
        """Two options in one place are DT230; no option in any place is no answer."""
        heading = self.columns.headings[0]
        for place in range(1, len(question.options) + 1):
            rows = np.flatnonzero((places == place).sum(axis=1) > 1)
            if rows.size:
                self._report("DT230", f"two options in place {place}: correct one of them", rows.tolist(), heading)
                places[rows] = 0
        ranked = (places > 0).any(axis=1)
        status = np.where(ranked, np.uint16(0), np.where(skipped, np.uint16(Status.NOT_APPLICABLE), _NO_ANSWER))
        return Answers("places", places, status.astype(np.uint16))

    # --- what is said ---

    def _blank(self, heading: Heading, codes: Mapping[str, CodeRule]) -> Callable[[str], Blank | None]:
        ranges = self.raw.user_missing.get(heading.index, ())
        texts = self.raw.user_missing_texts.get(heading.index, frozenset())

        def missing(word: str) -> bool:
            if word in texts:
                return True
            try:
                return any(low <= float(word) <= high for low, high in ranges) if ranges else False
            except ValueError:
                return False

        return status_words(self.export.dialect.blanks, codes, missing)

    def _strange(self) -> None:
        """Columns of the question for parts that it does not have: DT224 where something stands in them."""
        for heading in self.columns.strange:
            if heading.part_code.upper().endswith(("TEXT", "OTHER", "COMMENT")):
                continue
            column = encoded(self._cells(heading))
            blank = self._blank(heading, {})
            told = np.array([fold(cell) not in _NO and blank(cell) is None for cell in column.words], dtype=bool)
            rows = np.flatnonzero(told[column.codes])
            if not rows.size:
                continue
            what = "row" if isinstance(self.columns.question, MatrixQuestion) else "option"
            name = shown(heading.part or heading.part_code)
            lacks = f'the question "{self.columns.question.id}" has no {what} {name}'
            message = f"{lacks}, and there are answers in its column: add it, or delete the column"
            self._report("DT224", message, rows[:1].tolist(), heading)

    def _lacking_parts(self, parts: Sequence[str]) -> None:
        lacking = [part for part in parts if part not in self.columns.parts]
        if lacking:
            names = ", ".join(shown(part) for part in lacking)
            whose = f'no column for {names} of the question "{self.columns.question.id}"'
            message = f"{whose}: add it, with 0 where nobody chose it"
            self.decoded.findings.append(
                finding("DT202", message, self.raw.place(None, self.columns.headings[0].index))
            )

    def _refuse(
        self, unread: Sequence[int], column: Encoded, heading: Heading, why: Callable[[str], tuple[str, str]]
    ) -> None:
        """Words that are no answer, each by what ``why`` says of it; beyond the usual number they are counted."""
        for word in unread[:MOST]:
            code, message = why(column.words[word])
            self._report(code, message, column.rows(word), heading)
        if len(unread) > MOST:
            cells = int(np.isin(column.codes, unread[MOST:]).sum())
            more = f"and {len(unread) - MOST:,} more answers that cannot be read, in {cells:,} cells of this column"
            self.decoded.findings.append(finding("DT224", more, self.raw.place(None, heading.index)))

    def _who(self, row: int | None) -> str | None:
        return None if row is None else self.units[row] or None

    def _report(self, code: str, message: str, rows: Sequence[int], heading: Heading) -> None:
        """One finding a row, up to the usual number, then one that counts the others."""
        for row in rows[:MOST]:
            self.decoded.findings.append(finding(code, message, self.raw.place(row, heading.index, self._who(row))))
        if len(rows) > MOST:
            more = f"and {len(rows) - MOST:,} more rows likewise ({len(rows):,} in all)"
            self.decoded.findings.append(finding(code, more, self.raw.place(None, heading.index)))


# --- why a cell is no answer ---


def _no_choice(cell: str, options: OptionWords) -> tuple[str, str]:
    several = options.positions(cell)
    if not isinstance(several, str) and len(several) > 1:
        names = " and ".join(shown(options.options[position].id) for position in dict.fromkeys(several))
        return "DT225", f"found {shown(cell)}, {len(several)} answers ({names}) to a question of one: {_KEEP_ONE}"
    if "┋" in cell:
        return "DT225", f"found {shown(cell)}, several answers to a question of one: {_KEEP_ONE}"
    label = options.value_labels.get(cell)
    return "DT224", f"found {_labelled(cell, label)}, none of the options: {options.hint(label or cell)}"


def _no_value(cell: str, question: ScaleQuestion, scale: ScaleWords) -> tuple[str, str]:
    if "┋" in cell:
        return "DT225", f"found {shown(cell)}, several answers to a question of one: {_KEEP_ONE}"
    labelled = _labelled(cell, scale.value_labels.get(cell))
    none = scale.labelled_none(cell)
    if none is not None:
        remedy = f'declare `codes: {{"{cell}": {{status: {none}}}}}`'
        return "DT224", f"found {labelled}, which is no degree of the scale: {remedy}, or `labels:` if it is one"
    last = question.first + question.points - 1
    expected = f"expected a whole number from {question.first} to {last}{_or_labels(question)}"
    return "DT224", f"found {labelled}, {expected}: correct the cell, or declare it in `codes:`"


def _no_ticks(cell: str, options: OptionWords) -> tuple[str, str]:
    strange = options.positions(cell)
    assert isinstance(strange, str)
    rest = "" if strange == cell else f" with {shown(strange)} in it"
    return "DT224", f"found {shown(cell)}{rest}, none of the options: {options.hint(strange)}"


def _no_tick(cell: str, option: Option) -> tuple[str, str]:
    expected = f"expected 1 or 0 (or the option itself) for {shown(option.id)}"
    return "DT224", f"found {shown(cell)}, {expected}: correct the cell"


def _no_order(cell: str, options: OptionWords) -> tuple[str, str]:
    strange = options.positions(cell)
    if not isinstance(strange, str):
        return "DT230", f"found {shown(cell)}, with an option in two places: keep one"
    return (
        "DT224",
        f"found {shown(cell)}, of which {shown(strange)} is none of the options: {options.hint(strange)}",
    )


def _labelled(cell: str, label: str | None) -> str:
    return shown(cell) if label is None else f"{shown(cell)}, which the file labels {shown(label)}"


# --- words ---


def _tick(cell: str) -> str:
    """A tick as it is looked up: without what was typed beside it, and 1 for 1.0."""
    folded = fold(without_typed(cell))
    return folded[:1] if folded in ("1.0", "0.0") else folded


def _status(option: Option) -> Status:
    if option.status is None:
        return Status.NORMAL
    return Status.MISSING if option.status == "missing" else Status.NOT_APPLICABLE


def _or_labels(question: ScaleQuestion) -> str:
    if not question.labels:
        return ""
    first, last = text(question.labels[0], "en"), text(question.labels[-1], "en")
    return f" ({shown(first)} to {shown(last)})"


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
