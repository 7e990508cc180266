"""Which part of a question a column is: a row of a matrix, or an option."""

from __future__ import annotations

from collections.abc import Sequence

from dtindex.spec.base import Text, text
from dtindex.spec.questions import MatrixQuestion, MatrixRow, MultipleQuestion, Option, Question, RankingQuestion
from dtindex.tables.names import fold
from dtindex.tables.survey.headings import Heading, small_number, tails, wording

__all__ = ["Compared", "Parts", "has_parts", "wordings"]


class Compared:
    """Wordings as they are compared, each text and each heading once: thousands of them are held against hundreds."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._ends: dict[int, list[tuple[str, str]]] = {}

    def __call__(self, told: str) -> str:
        """See :func:`~dtindex.tables.survey.headings.wording`."""
        found = self._texts.get(told)
        if found is None:
            found = self._texts[told] = wording(told)
        return found

    def ends(self, heading: Heading) -> list[tuple[str, str]]:
        """What may be the wording of a column's part: as it is told, and as it is compared."""
        found = self._ends.get(heading.index)
        if found is None:
            told = dict.fromkeys(told for told in (heading.part, *tails(heading.wording)) if told)
            found = self._ends[heading.index] = [(one, self(one)) for one in told]
        return found


def has_parts(question: Question) -> bool:
    """Whether a question may have several columns."""
    return isinstance(question, MatrixQuestion | MultipleQuestion | RankingQuestion)


def wordings(label: Text | None, compared: Compared) -> set[str]:
    """A label in both languages, as wordings are compared."""
    return {compared(found) for found in (text(label, "en"), text(label, "zh")) if found} - {""}


class Parts:
    """The parts of a question by all that may name them; built once a question, asked once a column."""

    def __init__(self, question: Question, compared: Compared) -> None:
        self.of: Sequence[Option | MatrixRow] = ()
        if isinstance(question, MatrixQuestion):
            self.of = question.rows
        elif isinstance(question, MultipleQuestion | RankingQuestion):
            self.of = question.options
        self._compared = compared
        self._by_id = {fold(part.id): part.id for part in self.of}
        self._by_code = {fold(str(part.code)): part.id for part in self.of if part.code is not None}
        self._by_wording: dict[str, list[Option | MatrixRow]] = {}
        for part in self.of:
            for told in wordings(part.label, compared) | {compared(part.id)}:
                self._by_wording.setdefault(told, []).append(part)

    def __len__(self) -> int:
        return len(self.of)

    def named(self, heading: Heading) -> str | None:
        """The part that a column is: by id, by wording, by code, or by position where the file has no wording.

        Of what is told as ``stem - part`` every end after a separator is tried, for wordings hold separators, too.
        """
        code = fold(heading.part_code) if heading.part_code else ""
        if code in self._by_id:
            return self._by_id[code]
        worded = self.worded(heading)
        if worded is not None:
            return worded
        if code in self._by_code:
            return self._by_code[code]
        position = None if heading.part or heading.wording else small_number(code)
        return self.of[position - 1].id if position is not None and 1 <= position <= len(self.of) else None

    def worded(self, heading: Heading) -> str | None:
        """The part that a column is worded as; None where punctuation tells parts apart (<300, >300) and differs."""
        for told, compared in self._compared.ends(heading):
            alike = self._by_wording.get(compared)
            if alike is not None and len(alike) > 1:
                folded = fold(told)
                alike = [part for part in alike if folded in {fold(text(part.label, one)) for one in ("en", "zh")}]
            if alike is not None and len(alike) == 1:
                return alike[0].id
        return None
