"""What the words in the cells of a question mean, worked out once a question and looked up once a word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import nearest
from dtindex.spec.base import Text, text
from dtindex.spec.methods import CodeRule
from dtindex.spec.questions import Option, ScaleQuestion
from dtindex.status import Status
from dtindex.tables.formats.cells import number_text
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import to_ascii, to_float
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.usual import NoAnswer, ladder, no_answer
from dtindex.tables.words import Words, words_of

__all__ = [
    "Blank",
    "Encoded",
    "OptionWords",
    "ScaleWords",
    "declared_missing",
    "encoded",
    "option_status",
    "status_words",
    "without_typed",
]

_FILLED_IN = re.compile(r"〖[^〗]*+〗")
"""What a respondent wrote beside an option (other, namely ...)."""

_SEPARATORS = ("┋", ";", "；", "|", "→", ",", "，", "、")
_MOST_KNOWN = 20_000
_CLOSE = 1_000
_STATUS = {
    "missing": Status.MISSING,
    "not-applicable": Status.NOT_APPLICABLE,
    "withheld": Status.WITHHELD,
    "estimated": Status.ESTIMATED,
    "break": Status.BREAK,
}


@dataclass(frozen=True, slots=True)
class Blank:
    """A word that stands for no answer, and why there is none."""

    status: Status


def option_status(option: Option) -> Status:
    """The flag of those who chose an option."""
    return Status.NORMAL if option.status is None else _STATUS[option.status]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column as its different words and each cell's position among them."""

    words: tuple[str, ...]
    codes: NDArray[np.int32]

    def rows(self, word: int) -> list[int]:
        """Where a word stands."""
        return np.flatnonzero(self.codes == word).tolist()


def encoded(cells: Cells) -> Encoded:
    """Any column by its words; numbers as the texts that they would have, NaN as the empty one."""
    if isinstance(cells, np.ndarray):
        few = _few_whole_numbers(cells)
        if few is not None:
            return few
        numbers, codes = np.unique(cells, return_inverse=True)  # NaN are one
        texts = words_of(["" if value != value else number_text(value) for value in numbers.tolist()])
        return Encoded(texts.words, texts.codes[codes])
    column: Words = words_of(cells)
    return Encoded(column.words, column.codes)


def _few_whole_numbers(cells: NDArray[np.float64]) -> Encoded | None:
    """The same without sorting, of whole numbers close to zero; None where there are others."""
    if not cells.size:
        return None
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduce(cells), np.fmax.reduce(cells)
        if not (-_CLOSE <= low <= high <= _CLOSE):
            return None
        gaps = np.isnan(cells)
        whole = np.where(gaps, high + 1, cells).astype(np.int32)
        if not ((whole == cells) | gaps).all():
            return None
    positions = whole - int(low)
    present = np.flatnonzero(np.bincount(positions))
    table = np.zeros(int(present[-1]) + 1, dtype=np.int32)
    table[present] = np.arange(len(present))
    words = ["" if value > high else str(value) for value in (present + int(low)).tolist()]
    return Encoded(tuple(words), table[positions])


def declared_missing(raw: RawTable, column: int) -> Callable[[str], bool]:
    """Whether the file itself declares a word of a column missing."""
    ranges = raw.user_missing.get(column, ())
    texts = raw.user_missing_texts.get(column, frozenset())

    def missing(word: str) -> bool:
        if word in texts:
            return True
        try:
            return any(low <= float(word) <= high for low, high in ranges) if ranges else False
        except ValueError:
            return False

    return missing


def status_words(
    blanks: Mapping[str, Status], codes: Mapping[str, CodeRule], missing: Callable[[str], bool]
) -> Callable[[str], Blank | None]:
    """From a word to the reason for which it is no answer: a declared code, the dialect's blank, the file's own."""
    declared = {fold(code): rule for code, rule in codes.items() if rule.status is not None and rule.value is None}
    answers = {fold(code) for code, rule in codes.items() if rule.value is not None}

    def meaning(word: str) -> Blank | None:
        folded = fold(word)
        if not folded:
            return Blank(Status.MISSING)
        if folded in answers:
            return None
        if folded in declared:
            return Blank(_STATUS[str(declared[folded].status)])
        if folded in blanks:
            return Blank(blanks[folded])
        return Blank(Status.MISSING) if missing(word) else None

    return meaning


def without_typed(word: str) -> str:
    """A cell without what a respondent typed beside the option."""
    if "〖" not in word:
        return word
    closed, end, rest = word.rpartition("〗")  # what is never closed is not looked for to the end again and again
    return _FILLED_IN.sub("", closed + end) + rest


def _folded(word: str) -> str:
    return fold(without_typed(word))


def _labels(label: Text | None) -> set[str]:
    return {_folded(found) for found in (text(label, "en"), text(label, "zh")) if found}


@dataclass
class OptionWords:
    """Options by what may stand in a cell for them: id, label in either language, code; in this order where two fit."""

    options: Sequence[Option]
    value_labels: Mapping[str, str] = field(default_factory=dict)
    """What the file says that its codes stand for; then a code means what its label means."""

    def __post_init__(self) -> None:
        self._known: dict[str, list[int]] = {}
        self._codes = self._first((str(o.code if o.code is not None else n), n) for n, o in enumerate(self.options, 1))
        ids = ((option.id, position) for position, option in enumerate(self.options, 1))
        labels = (
            (label, position)
            for position, option in enumerate(self.options, 1)
            for label in sorted(_labels(option.label))
        )
        self._names = self._first([*ids, *labels])
        self._most_pieces: dict[str, int] = {}

    @staticmethod
    def _first(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, position in pairs:
            found.setdefault(_folded(name), position - 1)
        return found

    def position(self, word: str) -> int | None:
        """The option that a word stands for, from 0; None where it stands for none."""
        told = self.value_labels.get(word)
        if told is not None:
            by_label = self._names.get(_folded(told))
            return by_label if by_label is not None else self._names.get(_folded(word))
        folded = _folded(word)
        by_name = self._names.get(folded)
        return by_name if by_name is not None else self._codes.get(folded)

    def positions(self, word: str) -> list[int] | str:
        """The options that are joined in a cell, in its order; the first piece that is none of them where one is not.

        The whole cell is tried first, then each separator (┋ ; ； | → , ， 、); with commas, which stand in labels too,
        the longest pieces that are options.
        """
        known: list[int] | str | None = self._known.get(word)
        if known is None:
            known = self._positions(word)
            if not isinstance(known, str) and len(self._known) < _MOST_KNOWN:
                self._known[word] = known
        return known

    def _positions(self, word: str) -> list[int] | str:
        whole = self.position(word)
        if whole is not None:
            return [whole]
        strange = word
        bare = without_typed(word)  # separators, too, are typed
        for separator in _SEPARATORS:
            if separator in bare:
                found = self._joined([piece.strip() for piece in bare.split(separator)], separator)
                if not isinstance(found, str):
                    return found
                strange = found if strange == word else strange
        return strange

    def _joined(self, pieces: list[str], separator: str) -> list[int] | str:
        found: list[int] = []
        most = self._pieces(separator)
        start = 0
        while start < len(pieces):
            if not pieces[start]:  # a separator at the end, or two in a row
                start += 1
                continue
            for stop in range(min(len(pieces), start + most), start, -1):
                position = self.position(separator.join(pieces[start:stop]))
                if position is not None:
                    found.append(position)
                    start = stop
                    break
            else:
                return pieces[start]
        return found

    def _pieces(self, separator: str) -> int:
        """Into how many pieces a separator parts the option that holds most of it."""
        if separator not in self._most_pieces:
            folded = fold(separator)
            words = (*self._names, *self._codes, *map(_folded, self.value_labels))
            self._most_pieces[separator] = 1 + max((word.count(folded) for word in words), default=0)
        return self._most_pieces[separator]

    def hint(self, word: str) -> str:
        """What the options are, with the nearest to a word that is none."""
        names = {
            name: text(option.label, "en", option.id)
            for option in self.options
            for name in (option.id, text(option.label, "en"), text(option.label, "zh"))
            if name
        }
        near = nearest(word, names)
        if near is not None:
            return f"the nearest option is {shown(near)}; correct the cell, or add the option"
        listed = ", ".join(shown(option.id) for option in self.options[:8])
        return f"the options are {listed}{' …' if len(self.options) > 8 else ''}; correct the cell, or add the option"


@dataclass
class ScaleWords:
    """Values of a scale by what may stand in a cell: the number, or its label in either language."""

    question: ScaleQuestion
    value_labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = self.question.first
        self._labels = {name: first + at for at, label in enumerate(self.question.labels) for name in _labels(label)}
        self._codes = {fold(code): rule.value for code, rule in self.question.codes.items() if rule.value is not None}

    def value(self, word: str) -> float | None:
        """The value of a word, unreversed; None where it is none of the scale."""
        folded = _folded(word)
        if folded in self._codes:
            return self._codes[folded]
        if folded in self._labels:
            return float(self._labels[folded])
        number = to_float(to_ascii(word), "number")
        if number is None and word.rstrip("分点级星").isdecimal():
            number = float(word.rstrip("分点级星"))
        told = self.value_labels.get(word)
        if told is not None and self._labels:
            by_label = self._labels.get(_folded(told))
            return None if by_label is None else float(by_label)
        return number if number is not None and self._inside(number) and self.labelled_none(word) is None else None

    def labelled_none(self, word: str) -> NoAnswer | None:
        """The status of a value that the file labels as no answer, and the question neither labels nor declares.

        The middle of a scale may be worded so (说不清): where all labels are degrees in their order, each is a value.
        """
        told = self.value_labels.get(word)
        if told is None or self._labels:
            return None
        status = no_answer(told, self.value_labels.values())
        return None if status is None or told in self._degrees() else status

    def _degrees(self) -> list[str]:
        """Labels of the values of the scale, where they are degrees from the least to the most, or the other way."""
        numbers = {label: to_float(to_ascii(code), "number") for code, label in self.value_labels.items()}
        inside = {label: number for label, number in numbers.items() if number is not None and self._inside(number)}
        labels = sorted(inside, key=inside.__getitem__)
        steps = ladder(labels)
        return labels if steps is not None and steps[0] in (labels, labels[::-1]) else []

    def _inside(self, number: float) -> bool:
        last = self.question.first + self.question.points - 1
        return number.is_integer() and self.question.first <= number <= last
