"""The answers of one respondent, given as values and not as cells: for scoring a single unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, InputError, Place, UsageError, finding, nearest
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
    TextQuestion,
)
from dtindex.status import Status
from dtindex.tables.answers import AnswerKey, Answers, AnswersKind
from dtindex.tables.formats.cells import number_text
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import NumberType, diagnose, explain, to_ascii, to_float
from dtindex.tables.survey.decode import band_words
from dtindex.tables.survey.skip import skip
from dtindex.tables.survey.vocabulary import OptionWords, ScaleWords, option_status, status_words

__all__ = ["AnswerValue", "Respondent", "without_value"]

AnswerValue: TypeAlias = "float | str | Sequence[str | int] | Mapping[str, Any] | Status | None"
"""A number, an option (id, label or code), several of them, or one of these by row of a matrix; None is missing, and a
status (MISSING, NOT_APPLICABLE, WITHHELD) says why there is no answer."""

_MOST_KNOWN = 20_000
_PLAIN = (str, int, float, type(None))
_NORMAL = np.zeros(1, dtype=np.uint16)
_ALONE = {status: np.full(1, status, dtype=np.uint16) for status in (Status.NORMAL, *Status)}


class Respondent:
    """Reads the answers of single respondents; built once from the questions, used often."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = {question.id: question for question in questions if not isinstance(question, TextQuestion)}
        self._inner: dict[AnswerKey, Question] = {}
        for question in self.questions.values():
            rows = [row.id for row in question.rows] if isinstance(question, MatrixQuestion) else [""]
            for row in rows:
                self._inner[question.id, row] = question.row(row) if isinstance(question, MatrixQuestion) else question
        self._options = {
            key: OptionWords(inner.options)
            for key, inner in self._inner.items()
            if isinstance(inner, SingleQuestion | MultipleQuestion | RankingQuestion)
        }
        self._scales = {
            key: ScaleWords(inner) for key, inner in self._inner.items() if isinstance(inner, ScaleQuestion)
        }
        self._blank = {
            key: status_words({}, getattr(inner, "codes", {}), lambda _: False) for key, inner in self._inner.items()
        }
        numbers = {key: inner for key, inner in self._inner.items() if isinstance(inner, NumberQuestion)}
        self._bands = {key: band_words(inner) for key, inner in numbers.items()}
        self._codes = {key: _codes_with_values(inner) for key, inner in numbers.items()}
        self._coded = {key for key, inner in self._inner.items() if getattr(inner, "codes", {})}
        self._skips = [question for question in self.questions.values() if question.skip_when is not None]
        self._nothing = {key: _nothing(inner, Status.MISSING) for key, inner in self._inner.items()}
        self.shared: set[Answers] = set(self._nothing.values())
        """Answers that come back as the same object each time: choices and values of a scale."""
        self._known: dict[tuple[AnswerKey, str], Answers] = {}

    def __call__(self, values: Mapping[str, AnswerValue]) -> tuple[dict[AnswerKey, Answers], list[Finding]]:
        """Answers to every question; what is not in ``values`` is missing.

        Raises
        ------
        InputError
            DT224, DT225, DT230 for an answer that the question does not have, with all others like it.
        UsageError
            DT902 where a value is of no kind that the question takes.
        """
        answers = dict(self._nothing)
        wrong: list[Finding] = []
        for name, value in values.items():
            for key, inner, own in self._parts(name, value):
                found = self._one(key, inner, own)
                if isinstance(found, Finding):
                    wrong.append(found)
                else:
                    answers[key] = found
        if wrong:
            raise InputError(wrong)
        return self._skipped(answers) if self._skips else (answers, [])

    def _parts(self, name: str, value: AnswerValue) -> Iterator[tuple[AnswerKey, Question, Any]]:
        question = self.questions[name]
        if not isinstance(question, MatrixQuestion):
            yield (name, ""), question, value
            return
        if value is None:
            return
        if isinstance(value, Status):
            value = {row.id: value for row in question.rows}
        if not isinstance(value, Mapping):
            rows = ", ".join(row.id for row in question.rows[:3])
            message = f'"{name}" is a matrix: give answers by row, {{{rows}, ...}}'
            raise UsageError([finding("DT902", message, Place(name=name))])
        for row, own in value.items():
            if (name, row) not in self._inner:
                guess = nearest(row, [one.id for one in question.rows])
                hint = f"; nearest is {guess!r}" if guess else ""
                raise UsageError([finding("DT214", f'the matrix "{name}" has no row {row!r}{hint}', Place(name=name))])
            yield (name, row), self._inner[name, row], own

    def _one(self, key: AnswerKey, inner: Question, value: Any) -> Answers | Finding:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return self._nothing[key]
        if isinstance(value, Status):
            return _nothing(inner, without_value(value, _named(key)))
        if isinstance(inner, MultipleQuestion | RankingQuestion):
            return self._several(key, inner, value)
        if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
            if isinstance(inner, SingleQuestion) and not isinstance(value, Mapping) and len(value) == 1:
                value = value[0]
            else:
                message = f"found {shown(str(value))}, several answers to a question of one: keep one of them"
                return finding("DT225", message, Place(name=_named(key)))
        word = _word(value)
        known = self._known.get((key, word))
        return self._read(key, inner, value, word) if known is None else known

    def _read(self, key: AnswerKey, inner: Question, value: Any, word: str) -> Answers | Finding:
        nothing = self._blank[key](word) if isinstance(value, str) or key in self._coded else None
        if nothing is not None:
            return _nothing(inner, nothing.status)
        if isinstance(inner, SingleQuestion):
            return self._share(key, word, self._choice(key, inner, word))
        if isinstance(inner, ScaleQuestion):
            found = self._scales[key].value(word)
            if found is None:
                last = inner.first + inner.points - 1
                message = f"found {shown(word)}, expected a whole number from {inner.first} to {last}"
                return finding("DT224", message, Place(name=_named(key)))
            return self._share(key, word, Answers("number", np.array([found]), _NORMAL))
        assert isinstance(inner, NumberQuestion)
        return self._number(key, inner, value, word)

    def _number(self, key: AnswerKey, inner: NumberQuestion, value: Any, word: str) -> Answers | Finding:
        folded = fold(word) if self._bands[key] or self._codes[key] else word
        status = Status.NORMAL
        if folded in self._codes[key]:
            number, status = self._codes[key][folded]
        elif folded in self._bands[key]:
            return Answers("number", np.array([self._bands[key][folded]]), _NORMAL)
        else:
            number = _as_number(value, inner.format)
        if math.isnan(number):
            code = diagnose(word.strip())
            return finding(code, explain(code, word.strip(), inner.format), Place(name=_named(key)))
        if math.isinf(number):
            return finding("DT222", "infinity is not a value", Place(name=_named(key)))
        if inner.range is not None and not inner.range[0] <= number <= inner.range[1]:
            low, high = inner.range
            message = f"found {number:.15g}, expected {low:.15g} to {high:.15g}"
            return finding("DT223", message, Place(name=_named(key)))
        return Answers("number", np.array([number]), _ALONE[status])

    def _share(self, key: AnswerKey, word: str, found: Answers | Finding) -> Answers | Finding:
        """Keep an answer of which there are few."""
        if isinstance(found, Answers) and len(self._known) < _MOST_KNOWN:
            self._known[key, word] = found
            self.shared.add(found)
        return found

    def _choice(self, key: AnswerKey, inner: SingleQuestion, word: str) -> Answers | Finding:
        options = self._options[key]
        position = options.position(word)
        if position is None:
            message = f"found {shown(word)}, none of the options: {options.hint(word)}"
            return finding("DT224", message, Place(name=_named(key)))
        flags = _ALONE[option_status(inner.options[position])]
        return Answers("choice", np.array([position], dtype=np.int16), flags)

    def _several(self, key: AnswerKey, inner: MultipleQuestion | RankingQuestion, value: Any) -> Answers | Finding:
        options = self._options[key]
        if isinstance(value, str) and not fold(value):
            return self._nothing[key]
        words = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        chosen: list[int] = []
        for word in map(_word, words):
            found = options.positions(word) if word else []
            if isinstance(found, str):
                message = f"found {shown(found)}, none of the options: {options.hint(found)}"
                return finding("DT224", message, Place(name=_named(key)))
            chosen += found
        if isinstance(inner, RankingQuestion):
            if len(set(chosen)) < len(chosen):
                return finding("DT230", "an option stands in two places: keep one", Place(name=_named(key)))
            places = np.zeros((1, len(inner.options)), dtype=np.int16)
            places[0, chosen] = np.arange(1, len(chosen) + 1)
            return Answers("places", places, _NORMAL if chosen else _ALONE[Status.MISSING])
        alone = [inner.options[position].id for position in chosen if inner.options[position].alone]
        if alone and len(set(chosen)) > 1:
            message = f"{shown(alone[0])} stands beside other options, which it excludes: keep one or the others"
            return finding("DT230", message, Place(name=_named(key)))
        if not chosen and any(option.alone for option in inner.options):
            return self._nothing[key]
        ticked = np.zeros((1, len(inner.options)), dtype=bool)
        ticked[0, chosen] = True
        options_chosen = (inner.options[position] for position in sorted(chosen))
        statuses = [option_status(option) for option in options_chosen if option.status is not None]
        return Answers("ticks", ticked, _ALONE[statuses[-1]] if statuses else _NORMAL)

    def table(
        self, values: Mapping[str, Sequence[AnswerValue]], count: int
    ) -> tuple[dict[AnswerKey, Answers], list[Finding]]:
        """Answers of ``count`` respondents to every question; each different answer is read once.

        The place of a finding says by its line, from 1, which of the respondents it is. Else as for one of them, but
        that DT902 comes with the other errors.

        Raises
        ------
        InputError
            With every finding; of the same answer to a question the first.
        """
        answers = {key: _repeated(nothing, np.zeros(count, dtype=np.intp)) for key, nothing in self._nothing.items()}
        wrong: list[Finding] = []
        for name, cells in values.items():
            for key, own in self._columns(name, cells, wrong):
                found = self._column(key, own, wrong)
                if found is not None:
                    answers[key] = found
        if wrong:
            raise InputError(wrong)
        if not self._skips:
            return answers, []
        found_with_skips, against = skip(list(self.questions.values()), answers)
        message = "answered, and a skip rule says that it does not apply; the answer is not used"
        return found_with_skips, [
            finding(
                "DT234", message if rows.size == 1 else f"{rows.size:,} times {message}", _line(rows[0], question.id)
            )
            for question, rows in against
        ]

    def _columns(
        self, name: str, cells: Sequence[AnswerValue], wrong: list[Finding]
    ) -> Iterator[tuple[AnswerKey, Sequence[Any]]]:
        """A question's answers as they were given; of a matrix those to each row that anybody answered."""
        if not isinstance(self.questions[name], MatrixQuestion):
            yield (name, ""), cells
            return
        rows: dict[AnswerKey, list[Any]] = {}
        for position, cell in enumerate(cells):
            try:
                for key, _, own in self._parts(name, cell):
                    rows.setdefault(key, [None] * len(cells))[position] = own
            except UsageError as error:
                wrong += [_at(position, one) for one in error.findings]
        yield from rows.items()

    def _column(self, key: AnswerKey, cells: Sequence[Any], wrong: list[Finding]) -> Answers | None:
        inner = self._inner[key]
        positions: dict[object, int] = {}
        different: list[Answers] = []
        codes = np.empty(len(cells), dtype=np.intp)
        for row, cell in enumerate(cells):
            mark = cell if type(cell) in _PLAIN else (type(cell), repr(cell))
            position = positions.get(mark)
            if position is None:
                found = self._one(key, inner, cell)
                if isinstance(found, Finding):
                    wrong.append(_at(row, found))
                    found = self._nothing[key]
                position = positions[mark] = len(different)
                different.append(found)
            codes[row] = position
        if not different:
            return None
        kind = different[0].kind
        values = np.concatenate([one.values for one in different])
        return _repeated(Answers(kind, values, np.concatenate([one.status for one in different])), codes)

    def _skipped(self, answers: dict[AnswerKey, Answers]) -> tuple[dict[AnswerKey, Answers], list[Finding]]:
        found, against = skip(list(self.questions.values()), answers)
        message = "answered, and a skip rule says that it does not apply; the answer is not used"
        return found, [finding("DT234", message, Place(name=question.id)) for question, _ in against]


def _word(value: Any) -> str:
    """A value as the cell that it would be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    try:
        return number_text(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a whole number of thousands of digits"


def _as_number(value: Any, kind: NumberType) -> float:
    """A text as the cell that it would be; NaN for what is no number, infinite for one that is too large."""
    if isinstance(value, str):
        number = to_float(to_ascii(value.strip()), kind)
        return math.nan if number is None else number
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf


def _codes_with_values(inner: NumberQuestion) -> dict[str, tuple[float, Status]]:
    """Codes that stand for a number, with it and its flag."""
    found: dict[str, tuple[float, Status]] = {}
    for code, rule in inner.codes.items():
        if rule.value is not None:
            status = Status.NORMAL if rule.status is None else Status[rule.status.upper().replace("-", "_")]
            found[fold(code)] = (rule.value, status)
    return found


def _nothing(inner: Question, status: Status) -> Answers:
    if isinstance(inner, MultipleQuestion):
        return Answers("ticks", np.zeros((1, len(inner.options)), dtype=bool), _ALONE[status])
    if isinstance(inner, RankingQuestion):
        return Answers("places", np.zeros((1, len(inner.options)), dtype=np.int16), _ALONE[status])
    if isinstance(inner, SingleQuestion):
        return Answers("choice", np.full(1, -1, dtype=np.int16), _ALONE[status])
    kind: AnswersKind = "number"
    return Answers(kind, np.full(1, np.nan), _ALONE[status])


def _repeated(answers: Answers, codes: NDArray[np.intp]) -> Answers:
    return Answers(answers.kind, answers.values[codes], answers.status[codes])


def _line(position: int, name: str) -> Place:
    return Place(line=int(position) + 1, name=name)


def _at(position: int, one: Finding) -> Finding:
    """A finding about one of several respondents."""
    return replace(one, place=replace(one.place, line=position + 1))


def without_value(status: Status, name: str) -> Status:
    """A status that stands where a value would: one of those that leave none.

    Raises
    ------
    UsageError
        DT902 for another.
    """
    if status not in (Status.MISSING, Status.NOT_APPLICABLE, Status.WITHHELD):
        message = f"a status stands for a value of {name}: expected missing, not applicable or withheld"
        raise UsageError([finding("DT902", message, Place(name=name))])
    return status


def _named(key: AnswerKey) -> str:
    return f"{key[0]} {key[1]}".strip()
