"""What an export of a questionnaire seems to ask: each column's part in it, and a `questions:` block to start from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dtindex.spec.model import Methodology
from dtindex.tables.names import fold
from dtindex.tables.numbers import to_ascii, to_float
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.dialect import Export, recognise
from dtindex.tables.survey.headings import Heading, parse_heading
from dtindex.tables.survey.personal import is_personal
from dtindex.tables.survey.reading import SYNTHETIC, matched_columns
from dtindex.tables.survey.vocabulary import encoded

__all__ = ["Proposal", "propose", "questions_yaml", "serves"]

_FEW, _SHARE = 12, 0.5
"""A text column of at most so many different answers, each given by two on average, is taken for a choice."""
_LEVELS = 11
"""A column of whole numbers of at most so many different ones is taken for a scale or for codes."""
_TICKS = frozenset(
    map(fold, ("", "0", "1", "y", "n", "yes", "no", "是", "否", "-2", "-3", "(空)", "(跳过)", "选中", "未选中"))
)
_WIDEST = 10_000
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Proposal:
    """An export as it was understood."""

    export: Export
    roles: tuple[str, ...]
    """What each column of ``export.raw`` was taken for."""
    personal: frozenset[int]
    """Columns that identify a person, whose cells are not to be shown."""
    questions: tuple[dict[str, Any], ...]
    """A `questions:` block, without points."""


def propose(raw: RawTable) -> Proposal:
    """What the columns of an export seem to be; nothing of it is used for scoring, where questions are declared.

    A choice is told by few different answers, a multiple one by ``┋`` or by columns of ticks, a ranking by ``→`` or by
    columns of places, a matrix by columns of one set of answers, a scale by few whole numbers from 0 or 1 on.
    """
    return _Proposing(recognise(raw)).run()


def serves(raw: RawTable, methodology: Methodology) -> dict[str, str]:
    """By column of an export, which question, row or option of the methodology it answers."""
    _, matching = matched_columns(raw, methodology)
    uses: dict[str, str] = {}
    for name, matched in matching.matched.items():
        if matched.whole is not None:
            uses[matched.whole.name] = f"{name} ({matched.question.type})"
        for part, heading in matched.parts.items():
            uses[heading.name] = f"{name} {part}"
    return uses


def questions_yaml(questions: Sequence[Mapping[str, Any]]) -> str:
    """The block as it would stand in a methodology: one line an option or row."""
    lines = ["questions:"]
    for question in questions:
        head = {key: value for key, value in question.items() if key not in ("options", "rows")}
        lines += [f"{'  - ' if number == 0 else '    '}{line}" for number, line in enumerate(_block(head, flow=False))]
        for key in ("rows", "options"):
            if key in question:
                lines.append(f"    {key}:")
                lines += [f"      - {line}" for item in question[key] for line in _block(item, flow=True)]
    return "\n".join(lines) + "\n"


def _block(value: Mapping[str, Any], *, flow: bool) -> list[str]:
    import yaml

    text: str = yaml.safe_dump(dict(value), allow_unicode=True, default_flow_style=flow, sort_keys=False, width=_WIDEST)
    return text.rstrip().splitlines()


@dataclass
class _Proposing:
    export: Export
    questions: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> Proposal:
        raw, dialect = self.export.raw, self.export.dialect
        roles = [""] * len(raw.header)
        personal: set[int] = set()
        headings: list[Heading] = []
        for index, (name, told) in enumerate(zip(raw.header, self.export.wordings, strict=True)):
            folded = fold(name)
            if is_personal(name, raw.columns[index]) is not None:
                roles[index] = "identifies a person: dropped unless `survey: {personal: ...}` says otherwise"
                personal.add(index)
            elif folded in dialect.keys:
                roles[index] = "number of the respondent"
            elif folded in dialect.durations:
                roles[index] = "time taken"
            elif folded in dialect.meta:
                roles[index] = f"{dialect.title}'s own"
            elif folded == SYNTHETIC:
                roles[index] = "says that the answers are made up"
            else:
                headings.append(parse_heading(index, name, told, dialect.name))
        for group in _groups(headings, {name for names in raw.sets.values() for name in names}):
            for heading, role in zip(group, self._group(group), strict=True):
                roles[heading.index] = role
        return Proposal(self.export, tuple(roles), frozenset(personal), tuple(self.questions))

    # --- questions ---

    def _group(self, group: list[Heading]) -> list[str]:
        """The roles of the columns of one question."""
        name = self._id(group[0])
        if len(group) == 1 and not (group[0].number is not None and group[0].is_part):
            question = self._whole(name, group[0])
            self.questions.append(question)
            return [f"{name} ({question['type']})"]
        words = [self._words(heading) for heading in group]
        kind = self._kind_of_parts(group, words)
        question = {"id": name, "type": kind, **_label(group[0].stem), **self._column(name, group[0])}
        parts = [_named(number, "o" if kind != "matrix" else "r", heading) for number, heading in enumerate(group, 1)]
        if kind == "matrix":
            question["rows"] = parts
            question |= self._answers(sorted({word for some in words for word in some}), group[0])
        else:
            question["options"] = parts
        self.questions.append(question)
        what = {"matrix": "row", "multiple": "option", "ranking": "option"}[kind]
        return [f"{name} ({kind}, {what} {part['id']})" for part in parts]

    def _kind_of_parts(self, group: Sequence[Heading], words: Sequence[Sequence[str]]) -> str:
        distinct = {fold(word) for some in words for word in some}
        if distinct <= _TICKS or all(len(some) <= 1 for some in words):
            return "multiple"
        places = {word for word in distinct if word != "0"}
        if places == {str(place) for place in range(1, len(group) + 1)} and self._are_places(group):
            return "ranking"
        return "matrix"

    def _are_places(self, group: Sequence[Heading]) -> bool:
        """Whether no two columns ever hold the same place."""
        columns = [encoded(self.export.raw.columns[heading.index]) for heading in group]
        rows = zip(*([column.words[code] for code in column.codes.tolist()] for column in columns), strict=True)
        return all(
            len(set(given)) == len(given)
            for row in rows
            if (given := [cell for cell in row if cell.isdecimal() and cell != "0"])
        )

    def _whole(self, name: str, heading: Heading) -> dict[str, Any]:
        question: dict[str, Any] = {
            "id": name,
            "type": "text",
            **_label(heading.wording),
            **self._column(name, heading),
        }
        words = self._words(heading)
        labels = self.export.raw.value_labels.get(heading.index, {})
        joined = [word for word in words if "┋" in word]
        ordered = [word for word in words if "→" in word]
        if labels:
            return question | {"type": "single", "options": self._labelled(labels, heading)}
        if joined or ordered:
            mark = "┋" if joined else "→"
            pieces = dict.fromkeys(piece.strip() for word in words for piece in word.split(mark) if piece.strip())
            options = [{"id": f"o{number}", "label": piece} for number, piece in enumerate(pieces, 1)]
            return question | {"type": "multiple" if joined else "ranking", "options": options}
        answers = self._answers(words, heading)
        if "points" in answers:
            return question | {"type": "scale"} | answers
        numbers = [to_float(to_ascii(word), "number") for word in words]
        if words and all(number is not None for number in numbers):
            return question | {"type": "number"}
        few = len(words) <= max(_FEW, 2) and len(words) <= _SHARE * max(len(self.export.raw), 1)
        return question | ({"type": "single"} | answers if few and "options" in answers else {})

    def _answers(self, words: Sequence[str], heading: Heading) -> dict[str, Any]:
        """A scale of whole numbers, or the options that occur."""
        labels = self.export.raw.value_labels.get(heading.index, {})
        if labels:
            return {"options": self._labelled(labels, heading)}
        numbers = [to_float(to_ascii(word), "number") for word in words]
        whole = [int(number) for number in numbers if number is not None and float(number).is_integer()]
        if (
            words
            and len(whole) == len(words)
            and len(whole) <= _LEVELS
            and 0 <= min(whole) <= 1
            and 2 <= max(whole) <= _LEVELS
        ):
            first = min(whole) if min(whole) == 0 else 1
            return {"points": max(whole) - first + 1, **({"first": 0} if first == 0 else {})}
        if len(words) < 2:
            return (
                {"options": [{"id": f"o{number}", "label": word} for number, word in enumerate([*words, "?"], 1)]}
                if words
                else {}
            )
        return {"options": [{"id": f"o{number}", "label": word} for number, word in enumerate(words, 1)]}

    def _labelled(self, labels: Mapping[str, str], heading: Heading) -> list[dict[str, Any]]:
        ranges = self.export.raw.user_missing.get(heading.index, ())
        options = []
        for number, (code, label) in enumerate(labels.items(), 1):
            value = to_float(code, "number")
            missing = value is not None and any(low <= value <= high for low, high in ranges)
            option: dict[str, Any] = {"id": f"o{number}", "label": label}
            if str(number) != code:
                option["code"] = int(value) if value is not None and value.is_integer() else code
            options.append(option | ({"status": "missing"} if missing else {}))
        return options

    # --- names ---

    def _id(self, heading: Heading) -> str:
        if heading.number is not None:
            return f"Q{heading.number}"
        name = heading.code if heading.code and heading.is_part and heading.part_code else heading.name
        return name if _ID.fullmatch(name) else f"Q{len(self.questions) + 1}"

    @staticmethod
    def _column(name: str, heading: Heading) -> dict[str, str]:
        """The heading, where neither id nor label would find it again."""
        found = fold(heading.name) == fold(name) or fold(heading.code) == fold(name) or heading.stem
        if found:
            return {}
        return (
            {"column": f"第{heading.number}题"}
            if heading.number is not None and heading.is_part
            else {"column": heading.name}
        )

    def _words(self, heading: Heading) -> list[str]:
        """The different answers in the order in which they first stand, without what stands for none."""
        column = encoded(self.export.raw.columns[heading.index])
        blanks = self.export.dialect.blanks
        return [word for word in column.words if word and fold(word) not in blanks]


def _groups(headings: Sequence[Heading], sets: set[str]) -> list[list[Heading]]:
    """Columns by question: those of one number or code that are parts together; in the order of the file."""
    shared: dict[tuple[str, int | None], int] = {}
    for heading in headings:
        if heading.is_part:
            key = (heading.code, heading.number)
            shared[key] = shared.get(key, 0) + 1
    groups: dict[object, list[Heading]] = {}
    for heading in headings:
        key = (heading.code, heading.number)
        together = heading.is_part and (shared[key] > 1 or heading.number is not None)
        groups.setdefault(key if together else heading.index, []).append(heading)
    return list(groups.values())


def _label(wording: str) -> dict[str, str]:
    return {"label": wording} if wording else {}


def _named(number: int, prefix: str, heading: Heading) -> dict[str, Any]:
    """A row or an option by its heading."""
    name = heading.part_code if _ID.fullmatch(heading.part_code) else f"{prefix}{number}"
    return {"id": name, **_label(heading.part)}
