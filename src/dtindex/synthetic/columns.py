"""Answers as they are held: small integers, one array a column, and turned into Arrow columns at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import (
    MultipleQuestion,
    NumberQuestion,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
)
from dtindex.synthetic.asked import AskedQuestion

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MOST_PLACES", "Chosen", "Column", "Numbers", "Ordered", "Texts", "Ticked", "column_for"]

MOST_PLACES = 15
"""Places of a ranking that fit into the integer that holds it."""
_TICK, _PLACE = "┋", "→"


class Column(ABC):
    """One column of answers; ``data`` ``(rows,)`` holds ``empty`` where there is none."""

    empty: ClassVar[Any]
    data: NDArray[Any]

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Rows ``(rows,)`` that have an answer."""
        answered: NDArray[np.bool_] = self.data != self.empty
        return answered

    def blank(self, rows: NDArray[np.bool_] | slice | NDArray[np.intp]) -> None:
        """Take answers away."""
        self.data[rows] = self.empty

    @abstractmethod
    def arrow(self) -> pa.Array:
        """The column of the table; null where there is no answer."""


class Chosen(Column):
    """A position among categories: options (texts), or the values of a scale (integers from ``first``)."""

    empty: ClassVar[Any] = -1

    def __init__(self, rows: int, categories: int, words: Sequence[str] = (), first: int = 0) -> None:
        self.data = np.full(rows, -1, dtype=np.int8 if categories <= 127 else np.int16)
        self.words = tuple(words)
        self.first = first

    def arrow(self) -> pa.Array:
        import pyarrow as pa

        missing = self.data < 0
        if self.words:
            return _dictionary(self.data, self.words, missing)
        return pa.array(self.data.astype(np.int16) + np.int16(self.first), mask=missing)


class Ticked(Column):
    """Options that are ticked, as bits; without one the cell is empty."""

    empty: ClassVar[Any] = 0

    def __init__(self, rows: int, words: Sequence[str]) -> None:
        self.data = np.zeros(rows, dtype=np.uint64)
        self.words = tuple(words)

    def has(self, option: int) -> NDArray[np.bool_]:
        """Rows ``(rows,)`` that tick an option."""
        found: NDArray[np.bool_] = (self.data >> np.uint64(option)) & np.uint64(1) == 1
        return found

    def arrow(self) -> pa.Array:
        different, positions = np.unique(self.data, return_inverse=True)
        texts = [
            _TICK.join(word for position, word in enumerate(self.words) if answer >> position & 1)
            for answer in different.tolist()
        ]
        return _dictionary(positions.astype(np.int32), texts, self.data == 0)


class Ordered(Column):
    """Options in order, the first place in the lowest digit of a number to the base of the number of options."""

    empty: ClassVar[Any] = -1

    def __init__(self, rows: int, words: Sequence[str]) -> None:
        self.data = np.full(rows, -1, dtype=np.int64)
        self.words = tuple(words)

    @property
    def places(self) -> int:
        """How many places are given."""
        return min(len(self.words), MOST_PLACES)

    def encoded(self, order: NDArray[np.intp]) -> NDArray[np.int64]:
        """Positions of the options by place ``(rows, places)`` as numbers ``(rows,)``."""
        powers = len(self.words) ** np.arange(self.places, dtype=np.int64)
        numbers: NDArray[np.int64] = (order[:, : self.places] * powers).sum(axis=1)
        return numbers

    def place_of(self, option: int) -> NDArray[np.intp]:
        """The place of an option from 0 ``(rows,)``; the number of places where it has none."""
        found = np.full(len(self.data), self.places, dtype=np.intp)
        left = self.data.copy()
        for place in range(self.places):
            found[left % len(self.words) == option] = place
            left //= len(self.words)
        return found

    def arrow(self) -> pa.Array:
        different, positions = np.unique(self.data, return_inverse=True)
        return _dictionary(positions.astype(np.int32), [self._text(one) for one in different.tolist()], self.data < 0)

    def _text(self, number: int) -> str:
        base, found = len(self.words), []
        for _ in range(self.places if number >= 0 else 0):
            number, position = divmod(number, base)
            found.append(self.words[position])
        return _PLACE.join(found)


class Numbers(Column):
    """Numbers as they are."""

    empty: ClassVar[Any] = np.nan

    def __init__(self, rows: int) -> None:
        self.data = np.full(rows, np.nan)

    @property
    def answered(self) -> NDArray[np.bool_]:
        answered: NDArray[np.bool_] = ~np.isnan(self.data)
        return answered

    def arrow(self) -> pa.Array:
        import pyarrow as pa

        return pa.array(self.data, mask=np.isnan(self.data))


class Texts(Column):
    """Open answers: one of a few words, or nothing."""

    empty: ClassVar[Any] = -1

    def __init__(self, rows: int) -> None:
        self.data = np.full(rows, -1, dtype=np.int16)
        self.words: list[str] = []

    def write(self, rows: NDArray[np.intp], word: str) -> None:
        """Put a word into some rows."""
        if word not in self.words:
            self.words.append(word)
        self.data[rows] = self.words.index(word)

    def arrow(self) -> pa.Array:
        return _dictionary(self.data, self.words or [""], self.data < 0)


def column_for(question: AskedQuestion, rows: int) -> Column:
    """An empty column for the answers to a question."""
    if isinstance(question, SingleQuestion):
        return Chosen(rows, len(question.options), [option.id for option in question.options])
    if isinstance(question, ScaleQuestion):
        return Chosen(rows, question.points, first=question.first)
    if isinstance(question, MultipleQuestion):
        return Ticked(rows, [option.id for option in question.options])
    if isinstance(question, RankingQuestion):
        return Ordered(rows, [option.id for option in question.options])
    return Numbers(rows) if isinstance(question, NumberQuestion) else Texts(rows)


def _dictionary(positions: NDArray[Any], words: Sequence[str], missing: NDArray[np.bool_]) -> pa.Array:
    import pyarrow as pa

    indices = pa.array(np.where(missing, 0, positions).astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), type=pa.string()))
