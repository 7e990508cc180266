"""Which columns of an export answer which question: by name and by wording, exactly; what is only near is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from dtindex.findings import Finding, Place, Severity, finding
from dtindex.spec.base import Text, text
from dtindex.spec.questions import MatrixQuestion, MatrixRow, MultipleQuestion, Option, Question, RankingQuestion
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.headings import Heading, tails, wording

__all__ = ["Matched", "Matching", "match_questions"]

_ALIKE = 0.6
_LISTED = 12
_CUT = 8
"""So many letters of a wording that a file cut off are taken for the whole of it."""


@dataclass(frozen=True)
class Matched:
    """The columns of a question: one ``whole`` column, or one for each part (row or option) by the part's id."""

    question: Question
    whole: Heading | None = None
    parts: dict[str, Heading] = field(default_factory=dict)
    strange: tuple[Heading, ...] = ()
    """Columns of the question that are none of its parts."""

    @property
    def headings(self) -> list[Heading]:
        """All columns of the question."""
        return [*([self.whole] if self.whole else []), *self.parts.values(), *self.strange]


@dataclass
class Matching:
    """Questions that were found, those that were not, and what is to be said of either."""

    matched: dict[str, Matched] = field(default_factory=dict)
    missing: list[Question] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def match_questions(
    questions: Sequence[Question], headings: Sequence[Heading], raw: RawTable, wanted: dict[str, Severity]
) -> Matching:
    """The columns of each question.

    A question has the column that `column:` names; else the one of its `id`, whose wording must not be another
    question's; else the one whose wording is its `label` in either language. Of several numbered columns without a
    wording the parts decide. Nothing is taken for being near.

    Parameters
    ----------
    wanted
        How much the lack of a question weighs; a question that is not there is not looked for.

    Returns
    -------
    Matching
        With DT202 (no column; the nearest is proposed), DT231 (the wording differs) and DT232 (name and wording
        disagree).
    """
    return _Match(questions, headings, raw, wanted).run()


class _Match:
    def __init__(
        self, questions: Sequence[Question], headings: Sequence[Heading], raw: RawTable, wanted: dict[str, Severity]
    ) -> None:
        self.questions = [question for question in questions if question.id in wanted]
        self.headings, self.raw, self.wanted = headings, raw, wanted
        self.found = Matching()
        self.used: set[int] = set()
        self.labels = {question.id: _wordings(question.label) for question in self.questions}
        self.by_wording = {label: name for name, labels in self.labels.items() for label in labels}

    def run(self) -> Matching:
        for step in (self._named, self._worded):
            for question in self.questions:
                if question.id not in self.found.matched:
                    self._take(question, step(question))
        self._by_their_parts()
        self.found.missing = [question for question in self.questions if question.id not in self.found.matched]
        for question in self.found.missing:
            if self.wanted[question.id] is not Severity.NOTE:
                self._lacks(question)
        self._dispensable([one.id for one in self.found.missing if self.wanted[one.id] is Severity.NOTE])
        return self.found

    def _take(self, question: Question, columns: Sequence[Heading]) -> None:
        free = [heading for heading in columns if heading.index not in self.used]
        if not free:
            return
        matched = _parted(question, free)
        if matched is not None:
            self._parts_agree(matched)
            self.found.matched[question.id] = matched
            self.used.update(heading.index for heading in matched.headings)

    # --- by name ---

    def _named(self, question: Question) -> list[Heading]:
        """Columns that `column:` names, or the id, where their wording does not belong to another question."""
        name = fold(question.column or question.id)
        columns = [heading for heading in self.headings if fold(heading.name) == name]
        columns = columns or [heading for heading in self.headings if heading.is_part and fold(heading.code) == name]
        if not columns and question.column is not None:
            columns = [heading for heading in self.headings if fold(heading.name).startswith(name)]
        if not columns and question.column is None and not self.labels[question.id]:
            # Without a label nothing but the number could contradict.
            columns = [
                heading for heading in self.headings if heading.number is not None and name == f"q{heading.number}"
            ]
        return columns if question.column is not None else [one for one in columns if self._agrees(question, one)]

    def _agrees(self, question: Question, heading: Heading) -> bool:
        """Whether a column of the question's name is not worded as another question; DT231, DT232."""
        said = wording(heading.stem)
        own = self.labels[question.id]
        if not said or not own or said == fold(heading.name) or any(_same(said, label) for label in own):
            return True
        other = next((name for label, name in self.by_wording.items() if _same(said, label)), None)
        place = self.raw.place(None, heading.index)
        asked = f"the column {shown(heading.name)} asks {shown(heading.stem)}"
        if other is not None:
            message = (
                f'{asked}, which is the question "{other}" and not "{question.id}": rename it, or set `column:` of both'
            )
            self.found.findings.append(finding("DT232", message, place))
            return False
        if not heading.is_part:
            message = (
                f'{asked}; the label of "{question.id}" is {shown(text(question.label))}: see that both mean the same'
            )
            self.found.findings.append(finding("DT231", message, place))
        return True

    def _parts_agree(self, matched: Matched) -> None:
        """DT232 where a column bears the id of one part and the wording of another."""
        parts = _parts(matched.question)
        for name, heading in matched.parts.items():
            worded = _worded_part(heading, parts)
            if worded is not None and worded != name and heading.place is None:
                asked = f"the column {shown(heading.name)} is worded as {shown(heading.part or heading.wording)}"
                message = f'{asked}, which is "{worded}" and not "{name}" of "{matched.question.id}": rename it'
                self.found.findings.append(finding("DT232", message, self.raw.place(None, heading.index)))

    # --- by wording ---

    def _worded(self, question: Question) -> list[Heading]:
        labels = self.labels[question.id]
        whole = [one for one in self.headings if one.wording and wording(one.wording) in labels]
        whole = [one for one in whole if one.index not in self.used]
        if len(whole) > 1:
            names = " and ".join(shown(one.name) for one in whole)
            message = f'the columns {names} ask the question "{question.id}": set `column:` to the one that is meant'
            self.found.findings.append(finding("DT232", message, self.raw.place(None, whole[1].index)))
        if whole or not _has_parts(question):
            return whole[:1]
        return [
            heading for heading in self.headings if heading.is_part and heading.stem and wording(heading.stem) in labels
        ]

    # --- by parts ---

    def _by_their_parts(self) -> None:
        """Numbered columns without a wording (``第3题(...)``): the one question that has just their parts, or else all
        of them, or whose parts are all among them.
        """
        groups = self._numbered_groups()
        fitting = {number: self._that_fit(columns) for number, columns in groups.items()}
        claims = [question.id for questions in fitting.values() for question in questions]
        for number, questions in fitting.items():
            if len(questions) == 1 and claims.count(questions[0].id) == 1:
                self._take(questions[0], groups[number])
            elif questions:
                names = ", ".join(f'"{question.id}"' for question in questions)
                remedy = f"set `column: 第{number}题` of the one that is meant"
                message = f"the columns of question {number} could answer {names}: {remedy}"
                self.found.findings.append(finding("DT232", message, self.raw.place(None, groups[number][0].index)))

    def _numbered_groups(self) -> dict[int, list[Heading]]:
        groups: dict[int, list[Heading]] = {}
        for heading in self.headings:
            if heading.number is not None and heading.is_part and not heading.stem and heading.index not in self.used:
                groups.setdefault(heading.number, []).append(heading)
        return groups

    def _that_fit(self, columns: Sequence[Heading]) -> list[Question]:
        open_ones = [one for one in self.questions if _has_parts(one) and one.id not in self.found.matched]
        exact, rough = [], []
        for question in open_ones:
            matched = _parted(question, columns)
            if matched is not None:
                whole = len(matched.parts) == len(_parts(question))
                if whole and not matched.strange:
                    exact.append(question)
                elif whole or not matched.strange:
                    rough.append(question)
        return exact or rough

    # --- what lacks ---

    def _lacks(self, question: Question) -> None:
        severity = self.wanted[question.id]
        label = text(
            question.label, "zh" if any("\u4e00" <= one <= "\u9fff" for one in "".join(self.raw.header)) else "en"
        )
        name = f'"{question.id}"' + (f" ({label})" if label else "")
        hint = self._proposal(question)
        consequence = "" if severity is Severity.ERROR else "; scores can do without"
        place = Place(file=self.raw.file, sheet=self.raw.sheet, name=question.id)
        self.found.findings.append(
            finding("DT202", f"no column answers the question {name}{consequence}: {hint}", place, severity)
        )

    def _proposal(self, question: Question) -> str:
        """What may be meant by a question that no column answers; it is never taken without being named."""
        if _has_parts(question):
            shares = [(self._shared(question, columns), number) for number, columns in self._numbered_groups().items()]
            most, number = max(shares, default=(0, 0))
            if most:
                found = f"the columns 第{number}题 have {most} of its {len(_parts(question))} parts"
                return f"{found}, and are not taken by themselves: if they are meant, set `column: 第{number}题`"
        near = self._nearest(question)
        if near is None:
            return "add it, or set `column:` to the heading that it has"
        found = f"the nearest heading is {shown(near.name, 60)}"
        return f"{found}, which is not taken by itself: if it is meant, set `column:` to it, or rename it"

    @staticmethod
    def _shared(question: Question, columns: Sequence[Heading]) -> int:
        matched = _parted(question, columns)
        return 0 if matched is None else len(matched.parts)

    def _dispensable(self, names: Sequence[str]) -> None:
        if names:
            listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
            message = f"no column answers {len(names)} questions that scores can do without: {listed}"
            place = Place(file=self.raw.file, sheet=self.raw.sheet)
            self.found.findings.append(finding("DT202", message, place, Severity.NOTE))

    def _nearest(self, question: Question) -> Heading | None:
        words = [*self.labels[question.id], fold(question.column or question.id)]
        best: tuple[float, Heading | None] = (_ALIKE, None)
        for heading in self.headings:
            if heading.index in self.used:
                continue
            said = {wording(heading.wording), wording(heading.stem), fold(heading.name)} - {""}
            ratio = max((SequenceMatcher(None, word, one).ratio() for word in words for one in said), default=0.0)
            if ratio > best[0]:
                best = (ratio, heading)
        return best[1]


# --- parts ---


def _has_parts(question: Question) -> bool:
    return isinstance(question, MatrixQuestion | MultipleQuestion | RankingQuestion)


def _parted(question: Question, columns: Sequence[Heading]) -> Matched | None:
    """The columns as those of the question: as one, or by part; None where they cannot be."""
    if not _has_parts(question):
        return Matched(question, columns[0])
    whole = [heading for heading in columns if not heading.is_part or fold(heading.name) == fold(question.id)]
    if whole and not isinstance(question, MatrixQuestion):
        return Matched(question, whole[0])
    parts = _parts(question)
    found: dict[str, Heading] = {}
    strange: list[Heading] = []
    for heading in columns:
        if isinstance(question, RankingQuestion) and heading.place is not None:
            part: str | None = f"#{heading.place}"
        else:
            part = _part(heading, parts) if heading.is_part else None
        if part is None or part in found:
            strange.append(heading)
        else:
            found[part] = heading
    return Matched(question, None, found, tuple(strange)) if found else None


def _parts(question: Question) -> Sequence[Option | MatrixRow]:
    if isinstance(question, MatrixQuestion):
        return question.rows
    return question.options if isinstance(question, MultipleQuestion | RankingQuestion) else ()


def _part(heading: Heading, parts: Sequence[Option | MatrixRow]) -> str | None:
    """The part that a column is: by id, by wording, by code, or by position where the file has no wording.

    Of what is told as ``stem - part`` every end after a separator is tried, for wordings hold separators, too.
    """
    code = fold(heading.part_code)
    by_id = {fold(part.id): part.id for part in parts}
    if code in by_id:
        return by_id[code]
    worded = _worded_part(heading, parts)
    if worded is not None:
        return worded
    by_code = {fold(str(part.code)): part.id for part in parts if part.code is not None}
    if code in by_code:
        return by_code[code]
    if not (heading.part or heading.wording) and code.isdecimal() and 1 <= int(code) <= len(parts):
        return parts[int(code) - 1].id
    return None


def _worded_part(heading: Heading, parts: Sequence[Option | MatrixRow]) -> str | None:
    """The part that a column is worded as; None where punctuation alone tells parts apart (<300, >300) and differs."""
    for told in [told for told in (heading.part, *tails(heading.wording)) if told]:
        alike = [part for part in parts if wording(told) in _wordings(part.label) | {wording(part.id)}]
        if len(alike) > 1:
            alike = [
                part for part in alike if fold(told) in {fold(text(part.label, "en")), fold(text(part.label, "zh"))}
            ]
        if len(alike) == 1:
            return alike[0].id
    return None


# --- wordings ---


def _wordings(label: Text | None) -> set[str]:
    return {wording(found) for found in (text(label, "en"), text(label, "zh")) if found} - {""}


def _same(said: str, label: str) -> bool:
    """Whether a wording is that of a label, which the file may have cut off."""
    return said == label or (len(said) >= _CUT and label.startswith(said))
