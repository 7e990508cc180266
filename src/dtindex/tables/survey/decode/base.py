"""The columns of a question: their cells, what stands for no answer, and what is said of single cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, finding
from dtindex.spec.methods import CodeRule
from dtindex.spec.questions import MatrixQuestion
from dtindex.status import Status
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.convert import MOST
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.dialect import Export
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.match import Matched
from dtindex.tables.survey.vocabulary import Blank, Encoded, declared_missing, encoded, status_words

__all__ = ["KEEP_ONE", "NO", "NO_ANSWER", "YES", "Columns", "Decoded", "labelled", "status_of_parts"]

YES = frozenset(map(fold, ("1", "y", "yes", "true", "x", "是", "选中", "已选", "√", "selected", "checked", "quoted")))
NO = frozenset(map(fold, ("0", "n", "no", "false", "否", "未选中", "未选", "not selected", "unchecked", "not quoted")))
NO_ANSWER = np.uint16(Status.MISSING)
KEEP_ONE = "keep one of them, or make it `type: multiple`"


@dataclass
class Decoded:
    """Answers by question and row, and what is to be said of single cells."""

    answers: dict[AnswerKey, Answers] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Columns:
    """The columns that answer one question, and where findings go."""

    matched: Matched
    export: Export
    units: Sequence[str]
    decoded: Decoded

    @property
    def raw(self) -> RawTable:
        """The table."""
        return self.export.raw

    def cells(self, heading: Heading) -> Cells:
        """The cells of a column."""
        return self.raw.columns[heading.index]

    def labels(self, heading: Heading) -> Mapping[str, str]:
        """What the file says that the codes of a column stand for."""
        return self.raw.value_labels.get(heading.index, {})

    def blank(self, heading: Heading, codes: Mapping[str, CodeRule]) -> Callable[[str], Blank | None]:
        """From a cell of a column to the reason for which it is no answer; None where it may be one."""
        missing = declared_missing(self.raw, heading.index)
        return status_words(self.export.dialect.blanks, codes, missing)

    def strange(self) -> None:
        """Columns of the question for parts that it does not have: DT224 where something stands in them."""
        for heading in self.matched.strange:
            if heading.part_code.upper().endswith(("TEXT", "OTHER", "COMMENT")):
                continue
            column = encoded(self.cells(heading))
            blank = self.blank(heading, {})
            told = np.array([fold(cell) not in NO and blank(cell) is None for cell in column.words], dtype=bool)
            rows = np.flatnonzero(told[column.codes])
            if not rows.size:
                continue
            what = "row" if isinstance(self.matched.question, MatrixQuestion) else "option"
            name = shown(heading.part or heading.part_code)
            lacks = f'the question "{self.matched.question.id}" has no {what} {name}'
            message = f"{lacks}, and there are answers in its column: add it, or delete the column"
            self.report("DT224", message, rows[:1].tolist(), heading)

    def lacking_parts(self, parts: Sequence[str]) -> None:
        """DT202 for parts of the question without a column."""
        lacking = [part for part in parts if part not in self.matched.parts]
        if lacking:
            names = ", ".join(shown(part) for part in lacking)
            whose = f'no column for {names} of the question "{self.matched.question.id}"'
            message = f"{whose}: add it, with 0 where nobody chose it"
            self.decoded.findings.append(
                finding("DT202", message, self.raw.place(None, self.matched.headings[0].index))
            )

    def refuse(
        self, unread: Sequence[int], column: Encoded, heading: Heading, why: Callable[[str], tuple[str, str]]
    ) -> None:
        """Words that are no answer, each by what ``why`` says of it; beyond the usual number they are counted."""
        for word in unread[:MOST]:
            code, message = why(column.words[word])
            self.report(code, message, column.rows(word), heading)
        if len(unread) > MOST:
            cells = int(np.isin(column.codes, unread[MOST:]).sum())
            more = f"and {len(unread) - MOST:,} more answers that cannot be read, in {cells:,} cells of this column"
            self.decoded.findings.append(finding("DT224", more, self.raw.place(None, heading.index)))

    def who(self, row: int | None) -> str | None:
        """The respondent in a row, for the place of a finding."""
        return None if row is None else self.units[row] or None

    def report(self, code: str, message: str, rows: Sequence[int], heading: Heading) -> None:
        """One finding a row, up to the usual number, then one that counts the others."""
        for row in rows[:MOST]:
            self.decoded.findings.append(finding(code, message, self.raw.place(row, heading.index, self.who(row))))
        if len(rows) > MOST:
            more = f"and {len(rows) - MOST:,} more rows likewise ({len(rows):,} in all)"
            self.decoded.findings.append(finding(code, more, self.raw.place(None, heading.index)))


def status_of_parts(answered: NDArray[np.bool_], skipped: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Status of an answer that stands in several columns: none is not applicable where one of them says so."""
    status = np.where(answered, np.uint16(0), np.where(skipped, np.uint16(Status.NOT_APPLICABLE), NO_ANSWER))
    return status.astype(np.uint16)


def labelled(cell: str, label: str | None) -> str:
    """A cell as it is shown, with what the file says of it."""
    return shown(cell) if label is None else f"{shown(cell)}, which the file labels {shown(label)}"
