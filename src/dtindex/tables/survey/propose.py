"""What an export of a questionnaire seems to ask: each column's part in it, and a `questions:` block to start from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dtindex.spec.base import Localised
from dtindex.tables.names import fold
from dtindex.tables.raw import RawTable
from dtindex.tables.survey.dialect import Export, recognise
from dtindex.tables.survey.groups import groups, stem_and_parts
from dtindex.tables.survey.guess import Guess, Told, guess, options_of
from dtindex.tables.survey.headings import Heading, parse_heading, wording
from dtindex.tables.survey.personal import is_personal
from dtindex.tables.survey.proposal import Proposal, questions_yaml
from dtindex.tables.survey.serves import PART_OF, serves
from dtindex.tables.survey.usual import excludes_others, no_answer
from dtindex.tables.survey.vocabulary import Encoded, declared_missing, encoded, without_typed
from dtindex.tables.survey.wanted import SYNTHETIC
from dtindex.tables.words import words_of

__all__ = ["Proposal", "propose", "questions_yaml", "serves"]

_TICKS = frozenset(
    map(fold, ("0", "1", "y", "n", "yes", "no", "是", "否", "x", "√", "选中", "未选中", "selected", "not selected"))
)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_WEIGHTS = frozenset(
    map(fold, ("weight", "weights", "wt", "sampling weight", "权重", "抽样权重", "样本权重", "加权系数"))
)
_BESIDE = re.compile(r".*(?:TEXT|other|comment)", re.DOTALL)
"""Parts that hold what was typed beside an option."""

_PERSON = Localised(
    en="identifies a person: dropped unless `survey: {personal: ...}` says otherwise",
    zh="可识别个人：除非 `survey: {personal: ...}` 另有规定，否则舍弃",
)
_UNTOLD = Localised(en="the file does not tell how the question is worded", zh="文件中没有题干，请补 `label`")


def propose(raw: RawTable) -> Proposal:
    """What the columns of an export seem to be; nothing of it is used for scoring, where questions are declared.

    A choice is told by few different answers, a multiple one by ``┋`` or by columns of ticks, a ranking by ``→`` or by
    columns of places, a matrix by columns of one set of answers, a scale by few whole numbers from 0 or 1 on or by
    answers that are degrees (完全同意). Options are those that occur.
    """
    # Words once each: what follows works on the different ones.
    columns = tuple(cells if isinstance(cells, np.ndarray) else words_of(cells) for cells in raw.columns)
    return _Proposing(recognise(replace(raw, columns=columns))).run()


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
        for group in groups(headings):
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
        stem, parts = stem_and_parts(group)
        kind = self._kind_of_parts(group)
        guessed = Guess({"type": kind}) if kind != "matrix" else guess(self._told(group))
        if guessed.type in ("number", "text", "multiple", "ranking") and kind == "matrix":
            return [self._whole(heading) for heading in group]  # each asks for its own number or text
        name = self._id(group[0])
        question: dict[str, Any] = {"id": name, "type": kind, **_label(stem), **self._columns(name, group[0])}
        what = PART_OF[kind]
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
        return Told(
            self._all_words(group), raw.value_labels.get(index, {}), declared_missing(self.export.raw, index), len(raw)
        )

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


def _label(wording: str) -> dict[str, str]:
    return {"label": wording} if wording else {}


def _named(number: int, what: str, heading: Heading, part: str) -> dict[str, Any]:
    """A row or an option by its heading."""
    name = heading.part_code if _ID.fullmatch(heading.part_code) else f"{what[0]}{number}"
    return {"id": name, **_label(part)}
