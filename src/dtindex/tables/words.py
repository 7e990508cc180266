"""Texts of which few are different, held once each: a column of answers of a million respondents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Words", "words_of"]


class Words(Sequence[str]):
    """A column of texts as ``words`` and the position of each cell's word in it, ``codes`` ``(rows,)``.

    Behaves as the list of its texts. Words are distinct; an empty cell is the word ``""``.
    """

    __slots__ = ("codes", "words")

    def __init__(self, words: Sequence[str], codes: NDArray[np.int32]) -> None:
        self.words = tuple(words)
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self.words[code] for code in self.codes[index].tolist()]
        return self.words[int(self.codes[index])]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def take(self, rows: slice | NDArray[np.intp]) -> Words:
        """The texts of some rows."""
        return Words(self.words, self.codes[rows])


def words_of(texts: Sequence[str]) -> Words:
    """Any column of texts as :class:`Words`; in the order in which words first stand."""
    if isinstance(texts, Words):
        return texts
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.int32, count=len(texts))
    return Words(tuple(known), codes)
