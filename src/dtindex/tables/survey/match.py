"""Which columns of an export answer which question: by name and by wording, exactly; what is only near is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from dtindex.findings import Finding, Place, Severity, finding
from dtindex.spec.base import Language, text
from dtindex.spec.questions import MatrixQuestion, Question, RankingQuestion
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.headings import Heading
from dtindex.tables.survey.parts import Compared, Parts, has_parts, wordings

__all__ = ["Matched", "Matching", "match_questions"]

_ALIKE = 0.6
_LISTED = 12
_LOOKED_AT = 100
"""Letters of a heading by which the nearest is told."""
_MOST_PAIRS = 40_000
"""Comparisons after which no more headings are proposed: what is seen of 300 questions and 5,000 headings is enough."""
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
        # A file may have thousands of headings, and a questionnaire hundreds of questions: each is looked at once.
        self.compared = Compared()
        self.parts = {question.id: Parts(question, self.compared) for question in self.questions}
        self.labels = {question.id: wordings(question.label, self.compared) for question in self.questions}
        self.by_wording = {label: name for name, labels in self.labels.items() for label in labels}
        self.names = [fold(heading.name) for heading in headings]
        self.by_name = _grouped(zip(self.names, headings, strict=True))
        self.by_code = _grouped((fold(heading.code), heading) for heading in headings if heading.is_part)
        self.by_number = _grouped((f"q{heading.number}", heading) for heading in headings if heading.number is not None)
        self.whole = _grouped((self.compared(heading.wording), heading) for heading in headings if heading.wording)
        self.stems = _grouped(
            (self.compared(heading.stem), heading) for heading in headings if heading.is_part and heading.stem
        )
        header = "".join(raw.header)
        self.language: Language = "zh" if any("\u4e00" <= one <= "\u9fff" for one in header) else "en"
        self.undecided: set[str] = set()
        self.pairs = 0

    def run(self) -> Matching:
        for step in (self._named, self._worded):
            for question in self.questions:
                if question.id not in self.found.matched:
                    self._take(question, step(question))
        self._by_their_parts()
        self.found.missing = [question for question in self.questions if question.id not in self.found.matched]
        for question in self.found.missing:
            if self.wanted[question.id] is not Severity.NOTE and question.id not in self.undecided:
                self._lacks(question)
        self._dispensable([one.id for one in self.found.missing if self.wanted[one.id] is Severity.NOTE])
        return self.found

    def _take(self, question: Question, columns: Sequence[Heading]) -> None:
        free = [heading for heading in columns if heading.index not in self.used]
        if not free or self._several(question, free):
            return
        matched = _parted(question, free, self.parts[question.id])
        if matched is not None:
            self._parts_agree(matched)
            self.found.matched[question.id] = matched
            self.used.update(heading.index for heading in matched.headings)

    def _several(self, question: Question, columns: Sequence[Heading]) -> bool:
        """DT232 where a question of one column has several, none of which is meant more than the others."""
        whole = [one for one in columns if not one.is_part] if has_parts(question) else columns
        if len(whole) < 2:
            return False
        self.undecided.add(question.id)
        names = " and ".join(shown(one.name) for one in whole[:_LISTED])
        message = f'the columns {names} ask the question "{question.id}": set `column:` to the one that is meant'
        self.found.findings.append(finding("DT232", message, self.raw.place(None, whole[1].index)))
        return True

    # --- by name ---

    def _named(self, question: Question) -> list[Heading]:
        """Columns that `column:` names, or the id, where their wording does not belong to another question."""
        name = fold(question.column or question.id)
        columns = self.by_name.get(name) or self.by_code.get(name) or []
        if not columns and question.column is not None:
            columns = [one for one, folded in zip(self.headings, self.names, strict=True) if _begins(folded, name)]
        if not columns and question.column is None and not self.labels[question.id]:
            # Without a label nothing but the number could contradict.
            columns = self.by_number.get(name, [])
        return columns if question.column is not None else [one for one in columns if self._agrees(question, one)]

    def _agrees(self, question: Question, heading: Heading) -> bool:
        """Whether a column of the question's name is not worded as another question; DT231, DT232."""
        said = self.compared(heading.stem)
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
        for name, heading in matched.parts.items():
            worded = self.parts[matched.question.id].worded(heading)
            if worded is not None and worded != name and heading.place is None:
                asked = f"the column {shown(heading.name)} is worded as {shown(heading.part or heading.wording)}"
                message = f'{asked}, which is "{worded}" and not "{name}" of "{matched.question.id}": rename it'
                self.found.findings.append(finding("DT232", message, self.raw.place(None, heading.index)))

    # --- by wording ---

    def _worded(self, question: Question) -> list[Heading]:
        labels = sorted(self.labels[question.id])
        whole = {one.index: one for label in labels for one in self.whole.get(label, ()) if one.index not in self.used}
        if whole:
            return [whole[index] for index in sorted(whole)]
        if not has_parts(question):
            return []
        parts = {one.index: one for label in labels for one in self.stems.get(label, ())}
        return [parts[index] for index in sorted(parts)]

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
        open_ones = [one for one in self.questions if has_parts(one) and one.id not in self.found.matched]
        exact, rough = [], []
        for question in open_ones:
            parts = self.parts[question.id]
            matched = _parted(question, columns, parts)
            if matched is not None:
                whole = len(matched.parts) == len(parts)
                if whole and not matched.strange:
                    exact.append(question)
                elif whole or not matched.strange:
                    rough.append(question)
        return exact or rough

    # --- what lacks ---

    def _lacks(self, question: Question) -> None:
        severity = self.wanted[question.id]
        label = text(question.label, self.language)
        name = f'"{question.id}"' + (f" ({label})" if label else "")
        hint = self._proposal(question)
        consequence = "" if severity is Severity.ERROR else "; scores can do without"
        place = Place(file=self.raw.file, sheet=self.raw.sheet, name=question.id)
        self.found.findings.append(
            finding("DT202", f"no column answers the question {name}{consequence}: {hint}", place, severity)
        )

    def _proposal(self, question: Question) -> str:
        """What may be meant by a question that no column answers; it is never taken without being named."""
        if has_parts(question):
            most, number = max(self._shares(question), default=(0, 0))
            if most:
                found = f"the columns 第{number}题 have {most} of its {len(self.parts[question.id])} parts"
                return f"{found}, and are not taken by themselves: if they are meant, set `column: 第{number}题`"
        near = self._nearest(question)
        if near is None:
            return "add it, or set `column:` to the heading that it has"
        found = f"the nearest heading is {shown(near.name, 60)}"
        return f"{found}, which is not taken by itself: if it is meant, set `column:` to it, or rename it"

    def _shares(self, question: Question) -> Iterator[tuple[int, int]]:
        """How many parts of the question each group of numbered columns has, and the group's number."""
        for number, columns in self._numbered_groups().items():
            self.pairs += len(columns)
            matched = None if self.pairs >= _MOST_PAIRS else _parted(question, columns, self.parts[question.id])
            if matched is not None:
                yield len(matched.parts), number

    def _dispensable(self, names: Sequence[str]) -> None:
        if names:
            listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
            message = f"no column answers {len(names)} questions that scores can do without: {listed}"
            place = Place(file=self.raw.file, sheet=self.raw.sheet)
            self.found.findings.append(finding("DT202", message, place, Severity.NOTE))

    def _nearest(self, question: Question) -> Heading | None:
        """The free heading that is most like the question; None where none is, or too many were looked at already."""
        best: tuple[float, Heading | None] = (_ALIKE, None)
        compare = SequenceMatcher(None)
        for word in sorted({*self.labels[question.id], fold(question.column or question.id)}):
            compare.set_seq2(word[:_LOOKED_AT])
            for heading, name in zip(self.headings, self.names, strict=True):
                if heading.index in self.used:
                    continue
                for said in dict.fromkeys((name, self.compared(heading.stem), self.compared(heading.wording))):
                    if self.pairs >= _MOST_PAIRS:
                        return best[1]
                    self.pairs += 1
                    compare.set_seq1(said[:_LOOKED_AT])
                    ratio = _ratio(compare, best[0])
                    if ratio > best[0]:
                        best = (ratio, heading)
        return best[1]


# --- parts ---


def _parted(question: Question, columns: Sequence[Heading], parts: Parts) -> Matched | None:
    """The columns as those of the question: as one, or by part; None where they cannot be."""
    if not has_parts(question):
        return Matched(question, columns[0])
    whole = [heading for heading in columns if not heading.is_part or fold(heading.name) == fold(question.id)]
    if whole and not isinstance(question, MatrixQuestion):
        return Matched(question, whole[0])
    found: dict[str, Heading] = {}
    strange: list[Heading] = []
    for heading in columns:
        if isinstance(question, RankingQuestion) and heading.place is not None:
            part = f"#{heading.place}" if 1 <= heading.place <= len(parts) else None
        else:
            part = parts.named(heading) if heading.is_part else None
        if part is None or part in found:
            strange.append(heading)
        else:
            found[part] = heading
    return Matched(question, None, found, tuple(strange)) if found else None


# --- wordings ---


def _begins(heading: str, name: str) -> bool:
    """Whether a heading begins with a name, and not with a longer number or word: Q1 is not the beginning of Q10."""
    end, following = name[-1:], heading[len(name) : len(name) + 1]
    longer = (end.isdigit() and following.isdigit()) or (
        (end + following).isascii() and end.isalpha() and following.isalpha()
    )
    return heading.startswith(name) and not longer


def _same(said: str, label: str) -> bool:
    """Whether a wording is that of a label, which the file may have cut off."""
    return said == label or (len(said) >= _CUT and label.startswith(said))


def _ratio(compare: SequenceMatcher[str], above: float) -> float:
    """How alike the two are; 0 where a glance shows that they are not more alike than ``above``."""
    if compare.real_quick_ratio() <= above or compare.quick_ratio() <= above:
        return 0.0
    return compare.ratio()


def _grouped(pairs: Iterable[tuple[str, Heading]]) -> dict[str, list[Heading]]:
    found: dict[str, list[Heading]] = {}
    for name, heading in pairs:
        found.setdefault(name, []).append(heading)
    return found
