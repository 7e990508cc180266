"""What an export of a questionnaire seems to ask: each column's part in it, and a `questions:` block to start from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

import numpy as np

from dtindex.findings import nearest
from dtindex.spec.base import Language, Localised, Text, text
from dtindex.spec.model import Methodology
from dtindex.spec.questions import MatrixQuestion, MatrixRow, MultipleQuestion, Option, Question, RankingQuestion
from dtindex.tables.names import fold
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.dialect import Export, recognise
from dtindex.tables.survey.guess import Guess, Told, guess, options_of
from dtindex.tables.survey.headings import Heading, parse_heading, wording
from dtindex.tables.survey.match import Matching
from dtindex.tables.survey.personal import is_personal
from dtindex.tables.survey.reading import SYNTHETIC, matched_columns
from dtindex.tables.survey.usual import excludes_others, no_answer
from dtindex.tables.survey.vocabulary import Encoded, encoded, without_typed
from dtindex.tables.words import words_of

__all__ = ["Proposal", "propose", "questions_yaml", "serves"]

_TICKS = frozenset(
    map(fold, ("0", "1", "y", "n", "yes", "no", "是", "否", "x", "√", "选中", "未选中", "selected", "not selected"))
)
_WIDEST = 10_000
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_WEIGHTS = frozenset(
    map(fold, ("weight", "weights", "wt", "sampling weight", "权重", "抽样权重", "样本权重", "加权系数"))
)
_BESIDE = re.compile(r".*(?:TEXT|other|comment)", re.DOTALL)
"""Parts that hold what was typed beside an option."""
_BETWEEN = re.compile(r"\s+[-–—]\s+|\s*[:：]\s*|\s+\[")

_LEGEND = (
    Localised(
        en="Options, steps and points are those that occur in the file: add what nobody chose.",
        zh="选项、级别和分值仅含文件中出现过的：未被选的请补上。",
    ),
    Localised(
        en="Numbers without words: see how far a scale goes; codes of a choice are `type: single` with its options in"
        " order, a count is `type: number`.",
        zh="只有数字时：量表请核对量程；选项代码请改 `type: single` 并依次列出选项；数量请改 `type: number`。",
    ),
)
_PERSON = Localised(
    en="identifies a person: dropped unless `survey: {personal: ...}` says otherwise",
    zh="可识别个人：除非 `survey: {personal: ...}` 另有规定，否则舍弃",
)
_WHAT = {"matrix": "row", "multiple": "option", "ranking": "option"}
_UNTOLD = Localised(en="the file does not tell how the question is worded", zh="文件中没有题干，请补 `label`")


@dataclass(frozen=True)
class Proposal:
    """An export as it was understood."""

    export: Export
    roles: tuple[Localised, ...]
    """What each column of ``export.raw`` was taken for."""
    personal: frozenset[int]
    """Columns that identify a person, whose cells are not to be shown."""
    questions: tuple[dict[str, Any], ...]
    """A `questions:` block, without points."""
    notes: Mapping[str, tuple[Localised, ...]] = field(default_factory=dict)
    """By question, what cannot be known from the file."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """A `survey:` block: what other columns are for."""
    asked: frozenset[int] = frozenset()
    """Columns that were taken for answers."""


def propose(raw: RawTable) -> Proposal:
    """What the columns of an export seem to be; nothing of it is used for scoring, where questions are declared.

    A choice is told by few different answers, a multiple one by ``┋`` or by columns of ticks, a ranking by ``→`` or by
    columns of places, a matrix by columns of one set of answers, a scale by few whole numbers from 0 or 1 on or by
    answers that are degrees (完全同意). Options are those that occur.
    """
    # Words once each: what follows works on the different ones.
    columns = tuple(cells if isinstance(cells, np.ndarray) else words_of(cells) for cells in raw.columns)
    return _Proposing(recognise(replace(raw, columns=columns))).run()


def serves(raw: RawTable, methodology: Methodology) -> tuple[dict[str, str], dict[str, str]]:
    """By column of an export, which question, row or option it answers, and what else the questionnaire takes it for;
    of a column that serves nothing, the question or part without a column to which it is nearest.
    """
    export, matching = matched_columns(raw, methodology)
    uses: dict[str, str] = {}
    for name, matched in matching.matched.items():
        kind = matched.question.type
        if matched.whole is not None:
            uses[matched.whole.name] = f"{name} ({kind})"
        for part, heading in matched.parts.items():
            told = f"place {part[1:]}" if part.startswith("#") else f"{_WHAT[kind]} {part}"
            uses[heading.name] = f"{name} ({kind}, {told})"
    beside = _beside(export, methodology)
    headings = [
        parse_heading(index, name, told, export.dialect.name)
        for index, (name, told) in enumerate(zip(export.raw.header, export.wordings, strict=True))
        if name not in uses and name not in beside and fold(name) not in export.dialect.meta
    ]
    return uses | beside, _near(headings, matching)


def _beside(export: Export, methodology: Methodology) -> dict[str, str]:
    survey = methodology.survey
    roles = {"sampling weight": survey.weight, "time taken": survey.duration} if survey is not None else {}
    wanted = {fold(name): role for role, name in roles.items() if name}
    wanted |= {fold(name): "design of the sample" for name in survey.columns_beside} if survey is not None else {}
    wanted |= {name: "time taken" for name in export.dialect.durations if "time taken" not in wanted.values()}
    return {name: wanted[fold(name)] for name in export.raw.header if fold(name) in wanted}


def _near(headings: Sequence[Heading], matching: Matching) -> dict[str, str]:
    """By heading, the nearest of what has no column."""
    lacking: dict[str, str] = {}
    for question in matching.missing:
        told = text(question.label)
        name = f"{question.id} ({told})" if told else question.id
        for word in (question.id, question.column, *_both(question.label)):
            lacking |= {wording(word): name} if word else {}
    partly = [*matching.missing, *(one.question for one in matching.matched.values() if one.whole is None)]
    for question in partly:
        matched = matching.matched.get(question.id)
        for part in _parts(question):
            if matched is None or part.id not in matched.parts:
                found = f"{question.id} ({question.type}, {_WHAT[question.type]} {part.id})"
                lacking |= {wording(word): found for word in (part.id, *_both(part.label)) if word}
    near: dict[str, str] = {}
    for heading in headings:
        said = (heading.part, heading.wording, heading.stem, heading.name, heading.code)
        found_near = (nearest(wording(word), [one for one in lacking if one]) for word in said if word)
        best = next((one for one in found_near if one), None)
        near |= {heading.name: lacking[best]} if best else {}
    return near


def _parts(question: Question) -> Sequence[Option | MatrixRow]:
    if isinstance(question, MatrixQuestion):
        return question.rows
    return question.options if isinstance(question, MultipleQuestion | RankingQuestion) else ()


def _both(label: Text | None) -> tuple[str, str]:
    return text(label, "en"), text(label, "zh")


# --- as text ---


def questions_yaml(proposal: Proposal, language: Language = "en") -> str:
    """The block as it would stand in a methodology: one line an option or row, comments on what cannot be known."""
    lines = [f"# {text(line, language)}" for line in _LEGEND]
    lines += [f"# survey: {{{key}: {_scalar(value)}}}" for key, value in proposal.beside.items()]
    lines.append("questions:")
    for question in proposal.questions:
        head = {key: value for key, value in question.items() if key not in ("options", "rows", "labels", "codes")}
        lines += [f"{'  - ' if number == 0 else '    '}{line}" for number, line in enumerate(_block(head, flow=False))]
        lines += [f"    # {text(note, language)}" for note in proposal.notes.get(question["id"], ())]
        for key in ("labels", "codes"):
            lines += [f"    {line}" for line in _block({key: question[key]}, flow=True)] if key in question else []
        for key in ("rows", "options"):
            if key in question:
                lines.append(f"    {key}:")
                lines += [f"      - {line}" for item in question[key] for line in _block(item, flow=True)]
    return "\n".join(lines) + "\n"


def _block(value: Mapping[str, Any], *, flow: bool) -> list[str]:
    import yaml

    written: str = yaml.safe_dump(
        dict(value), allow_unicode=True, default_flow_style=flow, sort_keys=False, width=_WIDEST
    )
    written = written.rstrip()
    if flow and set(value) <= {"labels", "codes"}:
        written = written.removeprefix("{").removesuffix("}")
    return written.splitlines()


def _scalar(value: str) -> str:
    return _block({"labels": value}, flow=True)[0].removeprefix("labels: ")


# --- columns ---


@dataclass
class _Proposing:
    export: Export
    questions: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, tuple[Localised, ...]] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=dict)

    def run(self) -> Proposal:
        raw = self.export.raw
        roles: dict[int, Localised] = {}
        personal: set[int] = set()
        headings: list[Heading] = []
        for index, (name, told) in enumerate(zip(raw.header, self.export.wordings, strict=True)):
            if is_personal(name, raw.columns[index], told) is not None:
                roles[index] = _PERSON
                personal.add(index)
            else:
                own = self._own(name)
                if own is not None:
                    roles[index] = own
                else:
                    headings.append(parse_heading(index, name, told, self.export.dialect.name))
        headings = self._without_typed(headings, roles)
        self.taken = {fold(heading.name) for heading in headings} | {fold(heading.code) for heading in headings}
        self.stems = [wording(heading.wording or heading.name) for heading in headings]
        for group in _groups(headings):
            for heading, role in zip(group, self._group(group), strict=True):
                roles[heading.index] = role
        ordered = tuple(roles[index] for index in range(len(raw.header)))
        asked = frozenset(heading.index for heading in headings)
        return Proposal(
            self.export, ordered, frozenset(personal), tuple(self.questions), self.notes, self.beside, asked
        )

    def _own(self, name: str) -> Localised | None:
        """What a column is that is no question."""
        folded, dialect = fold(name), self.export.dialect
        if folded in dialect.keys:
            return Localised(en="number of the respondent", zh="答卷编号")
        if folded in dialect.durations:
            return Localised(en="time taken", zh="答题用时")
        if folded in dialect.meta:
            return Localised(en=f"{dialect.title}'s own", zh=f"{dialect.title} 自带列")
        if folded == SYNTHETIC:
            return Localised(en="says that the answers are made up", zh="标明答卷为虚构")
        if folded in _WEIGHTS:
            self.beside.setdefault("weight", name)
            return Localised(
                en="sampling weight, by its name: `survey: {weight: ...}`",
                zh="按名称视为抽样权重：`survey: {weight: ...}`",
            )
        return None

    def _without_typed(self, headings: Sequence[Heading], roles: dict[int, Localised]) -> list[Heading]:
        """Headings but for those of what was typed beside an option, which is no question."""
        names = {fold(heading.name) for heading in headings}
        codes = {heading.code for heading in headings if heading.is_part}
        kept = []
        for heading in headings:
            of_whole = heading.is_part and heading.name != heading.code and fold(heading.code) in names
            of_part = heading.part_code.casefold().endswith("comment") and heading.code in codes
            if heading.part_code and _BESIDE.fullmatch(heading.part_code) and (of_whole or of_part):
                roles[heading.index] = Localised(
                    en=f"typed beside {heading.code}: not scored", zh=f"{heading.code} 的补充填写：不计分"
                )
            else:
                kept.append(heading)
        return kept

    # --- questions ---

    def _group(self, group: list[Heading]) -> list[Localised]:
        """The roles of the columns of one question."""
        if len(group) == 1 and not (group[0].number is not None and group[0].is_part):
            return [self._whole(group[0])]
        stem, parts = _stem_and_parts(group)
        kind = self._kind_of_parts(group)
        guessed = Guess({"type": kind}) if kind != "matrix" else guess(self._told(group))
        if guessed.type in ("number", "text", "multiple", "ranking") and kind == "matrix":
            return [self._whole(heading) for heading in group]  # each asks for its own number or text
        name = self._id(group[0])
        question: dict[str, Any] = {"id": name, "type": kind, **_label(stem), **self._columns(name, group[0])}
        what = _WHAT[kind]
        if kind == "ranking" and group[0].place is not None:
            question["options"] = options_of(self._all_words(group))
            names = [f"place {heading.place}" for heading in group]
        else:
            named = [_named(number, what, *part) for number, part in enumerate(zip(group, parts, strict=True), 1)]
            named = self._exclusive(group, named) if kind == "multiple" else named
            question["rows" if kind == "matrix" else "options"] = named
            names = [f"{what} {part['id']}" for part in named]
        if kind == "matrix":
            question |= {key: value for key, value in guessed.keys.items() if key != "type"}
        self._add(question, (*(() if stem else (_UNTOLD,)), *guessed.notes))
        return [_role(name, kind, one) for one in names]

    def _whole(self, heading: Heading) -> Localised:
        guessed = guess(self._told([heading]))
        if heading.number is not None:
            own = f"Q{heading.number}" if not heading.is_part else f"Q{heading.number}_{len(self.questions) + 1}"
            told = heading.wording or heading.part
        else:
            own = heading.name if _ID.fullmatch(heading.name) else ""
            told = "" if own and fold(heading.wording) == fold(own) else heading.wording
        name = self._free(own, own=True) if own else self._free(f"Q{len(self.questions) + 1}")
        label = {"label": told} if told else {}
        column = self._column(name, heading)
        self._add({"id": name, "type": guessed.type, **label, **column, **guessed.keys}, guessed.notes)
        if guessed.type == "text" and len(self._words(heading)) == len(self.export.raw) > 1:
            return Localised(
                en=f"{name} (text; tells respondents apart: the key?)", zh=f"{name}（text；各行不同，可作 key）"
            )
        return _role(name, guessed.type)

    def _add(self, question: dict[str, Any], notes: tuple[Localised, ...]) -> None:
        self.questions.append(question)
        if notes:
            self.notes[question["id"]] = notes

    # --- parts ---

    def _kind_of_parts(self, group: Sequence[Heading]) -> str:
        """Ticks where columns say yes or no, or each only itself; a ranking where no row has a word twice."""
        words = {heading.index: self._read(heading) for heading in group if not self._is_typed(heading)}
        distinct = {fold(word) for some in words.values() for word in some}
        itself = all(len(some) <= 1 for some in words.values())
        if distinct <= _TICKS or (itself and len(distinct) == sum(map(len, words.values()))):
            return "multiple"
        if len(group) > 1 and self._are_places(group, distinct):
            return "ranking"
        return "matrix"

    def _is_typed(self, heading: Heading) -> bool:
        return heading.part_code in self.export.dialect.typed

    def _are_places(self, group: Sequence[Heading], distinct: set[str]) -> bool:
        """Whether each row of the columns is an order: places from 1 on without a gap, or options by their place."""
        numbers = {str(place) for place in range(1, len(group) + 1)}
        by_option = "1" in distinct and distinct <= numbers | {"0"}
        by_place = all(heading.place is not None for heading in group) and len(distinct) <= len(group)
        if not (by_option or by_place):
            return False
        codes = {word: position for position, word in enumerate(sorted(distinct - {"0"}), 1)}
        columns = [self._positions(heading, codes) for heading in group]
        places = np.sort(np.stack(columns, axis=1), axis=1)[:, ::-1]  # (rows, parts), the largest first
        filled = places > 0
        twice = (places[:, :-1] == places[:, 1:]) & filled[:, 1:]
        gap = filled.sum(axis=1) != places[:, 0] if by_option else np.zeros(len(places), dtype=bool)
        return bool(filled.any()) and not (twice.any() or gap.any())

    def _positions(self, heading: Heading, codes: Mapping[str, int]) -> Any:
        column = encoded(self.export.raw.columns[heading.index])
        return np.array([codes.get(fold(word), 0) for word in column.words], dtype=np.int32)[column.codes]

    def _exclusive(self, group: Sequence[Heading], options: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Options that were never ticked beside others and are worded as "none of these"; what is no answer."""
        ticked: dict[int, Any] = {}
        labels = [option.get("label", option["id"]) for option in options]
        marked = []
        for position, (option, label) in enumerate(zip(options, labels, strict=True)):
            status = no_answer(label, labels)
            alone = excludes_others(label)
            if alone:
                ticked = ticked or {at: self._ticked(heading) for at, heading in enumerate(group)}
                others = [column for at, column in ticked.items() if at != position]
                alone = not any((ticked[position] & column).any() for column in others)
            marked.append({**option, **({"alone": True} if alone else {}), **({"status": status} if status else {})})
        return marked

    def _ticked(self, heading: Heading) -> Any:
        column = encoded(self.export.raw.columns[heading.index])
        labels = self.export.raw.value_labels.get(heading.index, {})
        no = {"", "0", *map(fold, ("n", "no", "否", "未选中", "not selected"))} | set(self.export.dialect.blanks)
        return np.array([fold(labels.get(word, word)) not in no for word in column.words])[column.codes]

    # --- names ---

    def _id(self, heading: Heading) -> str:
        """The id of a question of several columns."""
        own = f"Q{heading.number}" if heading.number is not None else heading.code
        return self._free(own, own=True) if _ID.fullmatch(own) else self._free(f"Q{len(self.questions) + 1}")

    def _free(self, name: str, own: bool = False) -> str:
        """The name, with a letter behind it while it is another question's."""
        given = {fold(question["id"]) for question in self.questions} | (set() if own else self.taken)
        letters = iter("abcdefghijklmnopqrstuvwxyz")
        free = name
        while fold(free) in given:
            free = f"{name}{next(letters, f'_{len(given)}')}"
        return free

    def _column(self, name: str, heading: Heading) -> dict[str, str]:
        """The heading of a question of one column, where neither id nor label would find it again."""
        if fold(heading.name) == fold(name):
            return {}
        found = wording(heading.wording)
        is_told = not heading.is_part and bool(found) and self.stems.count(found) == 1
        return {} if is_told else {"column": heading.name}

    @staticmethod
    def _columns(name: str, heading: Heading) -> dict[str, str]:
        """What the headings of a question of several columns begin with, where its id is another."""
        if heading.number is not None:
            return {"column": f"第{heading.number}题"}
        return {} if fold(heading.code) == fold(name) else {"column": heading.code}

    # --- words ---

    def _told(self, group: Sequence[Heading]) -> Told:
        raw = self.export.raw
        index = group[0].index
        return Told(self._all_words(group), raw.value_labels.get(index, {}), self._missing(index), len(raw))

    def _missing(self, index: int) -> Callable[[str], bool]:
        ranges = self.export.raw.user_missing.get(index, ())
        texts = self.export.raw.user_missing_texts.get(index, frozenset())

        def missing(word: str) -> bool:
            try:
                return word in texts or any(low <= float(word) <= high for low, high in ranges)
            except ValueError:
                return False

        return missing

    def _all_words(self, group: Sequence[Heading]) -> list[str]:
        return list(dict.fromkeys(word for heading in group for word in self._words(heading)))

    def _read(self, heading: Heading) -> list[str]:
        """The different answers, codes as what they stand for where the file says it of ticks."""
        labels = self.export.raw.value_labels.get(heading.index, {})
        words = self._words(heading)
        told = [labels.get(word, word) for word in words]
        return [without_typed(word) for word in (told if {fold(one) for one in told} <= _TICKS else words)]

    def _words(self, heading: Heading) -> list[str]:
        """The different answers in the order in which they first stand, without what stands for none."""
        if heading.index not in self.words:
            column = encoded(self.export.raw.columns[heading.index])
            blanks, aliases = self.export.dialect.blanks, self.export.dialect.aliases
            found = (aliases.get(word, word) for word in _as_they_stand(column))
            self.words[heading.index] = [word for word in found if word.strip() and fold(word) not in blanks]
        return self.words[heading.index]


def _as_they_stand(column: Encoded) -> list[str]:
    """Words that occur; a column of numbers has them by size."""
    present = np.bincount(column.codes, minlength=len(column.words)).tolist()
    return [word for word, count in zip(column.words, present, strict=True) if count]


def _role(name: str, kind: str, part: str = "") -> Localised:
    more = f", {part}" if part else ""
    return Localised(en=f"{name} ({kind}{more})", zh=f"{name}（{kind}{more}）")


def _groups(headings: Sequence[Heading]) -> list[list[Heading]]:
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


def _stem_and_parts(group: Sequence[Heading]) -> tuple[str, list[str]]:
    """The wording that the columns share, up to a separator, and what each adds; wordings hold separators, too."""
    wordings = [heading.wording for heading in group]
    if len(group) < 2 or not all(wordings) or any(heading.number is not None for heading in group):
        return group[0].stem, [heading.part for heading in group]
    first, last_one = min(wordings), max(wordings)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last_one, strict=False)))
    ends = [found for found in _BETWEEN.finditer(wordings[0]) if found.end() <= shared]
    if not ends:
        return group[0].stem, [heading.part for heading in group]
    last = ends[-1]
    bracketed = last[0].endswith("[")
    parts = [told[last.end() :].strip() for told in wordings]
    return wordings[0][: last.start()].strip(), [part.removesuffix("]") for part in parts] if bracketed else parts


def _label(wording: str) -> dict[str, str]:
    return {"label": wording} if wording else {}


def _named(number: int, what: str, heading: Heading, part: str) -> dict[str, Any]:
    """A row or an option by its heading."""
    name = heading.part_code if _ID.fullmatch(heading.part_code) else f"{what[0]}{number}"
    return {"id": name, **_label(part)}
