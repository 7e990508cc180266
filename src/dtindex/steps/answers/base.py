"""What every kind of answer has in common: points of an answer, missing where there is none."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

import numpy as np

from dtindex.status import LEAVES_NO_VALUE, Status
from dtindex.steps.derive import Column
from dtindex.steps.types import FloatArray, Frozen
from dtindex.tables.answers import Answers, AnswersKind

__all__ = ["Points"]

Q = TypeVar("Q")

_KINDS: dict[str, AnswersKind] = {"single": "choice", "multiple": "ticks", "ranking": "places"}


class Points(Generic[Q]):
    """From answers to one question to an indicator's raw values.

    ``question`` is never a matrix, but one of its rows; ``option`` is the option asked about, or None.
    """

    method: ClassVar[str]
    reference: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES

    def __init__(self, question: Q, option: str | None = None) -> None:
        self.question = question
        self.option = option

    def points(self, answers: Answers) -> FloatArray:
        """Points ``(rows,)``; what stands in rows without an answer does not matter."""
        raise NotImplementedError

    def nobodys(self, rows: int) -> Answers:
        """Answers of which there are none."""
        question = self.question
        width = len(getattr(question, "options", ()))
        missing = np.full(rows, np.uint16(Status.MISSING))
        kind = _KINDS.get(getattr(question, "type", ""), "number")
        if kind == "choice":
            return Answers(kind, np.full(rows, -1, dtype=np.int16), missing)
        if kind == "number":
            return Answers(kind, np.full(rows, np.nan), missing)
        dtype = bool if kind == "ticks" else np.int16
        return Answers(kind, np.zeros((rows, width), dtype=dtype), missing)

    def column(self, answers: Answers) -> Column:
        """Raw values and flags ``(rows,)``: NaN where there is no answer, and the answer's own reason for it."""
        values = np.where(answers.given, self.points(answers), np.nan)
        gaps = np.isnan(values) & (answers.status & np.uint16(LEAVES_NO_VALUE) == 0)
        flags = answers.status | np.where(gaps, np.uint16(Status.MISSING), np.uint16(0))
        return Column(values, flags.astype(np.uint16))
