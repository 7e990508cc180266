"""Answers as a table holds them: one small array a question, in the order of the methodology's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.status import LEAVES_NO_VALUE, StatusArray

__all__ = ["AnswerKey", "Answers", "AnswersKind"]

AnswersKind: TypeAlias = Literal["choice", "ticks", "places", "number"]
AnswerKey: TypeAlias = tuple[str, str]
"""A question and the row of its matrix; the row is "" where it is none."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers to one question, or to one row of a matrix.

    ``status`` ``(rows,)`` is NORMAL where there is an answer, else MISSING or NOT_APPLICABLE.
    """

    kind: AnswersKind
    values: NDArray[Any]
    """``choice``: position of the option ``(rows,)``, -1 for none, int16; an option that is no answer keeps its
    position. ``ticks``: whether each option was chosen ``(rows, options)``. ``places``: the place of each option from
    1, 0 for none ``(rows, options)``, int16. ``number``: float64 ``(rows,)``, NaN for none.
    """
    status: StatusArray

    def __len__(self) -> int:
        return len(self.status)

    @property
    def given(self) -> NDArray[np.bool_]:
        """Whether there is an answer ``(rows,)``."""
        given: NDArray[np.bool_] = self.status & np.uint16(LEAVES_NO_VALUE) == 0
        return given

    def take(self, rows: slice | NDArray[np.bool_]) -> Answers:
        """The answers of some rows."""
        return Answers(self.kind, self.values[rows], self.status[rows])

    def where(self, rows: NDArray[np.bool_], status: int) -> Answers:
        """The same with these rows without an answer, for this reason."""
        values = self.values.copy()
        values[rows] = {"choice": -1, "ticks": False, "places": 0, "number": np.nan}[self.kind]
        flags = self.status.copy()
        flags[rows] = status
        return Answers(self.kind, values, flags)

    def columns(self) -> list[NDArray[Any]]:
        """The values as one-dimensional arrays, for files."""
        return [self.values] if self.values.ndim == 1 else [self.values[:, j] for j in range(self.values.shape[1])]

    @classmethod
    def of_columns(cls, kind: AnswersKind, columns: list[NDArray[Any]], status: StatusArray) -> Answers:
        """From what :meth:`columns` gives."""
        values = columns[0] if kind in ("choice", "number") else np.column_stack(columns)
        return cls(kind, values, status)


AnswersByKey: TypeAlias = Mapping[AnswerKey, Answers]
