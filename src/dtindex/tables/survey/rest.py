"""What is left of an export beside its answers: without what identifies a person, choices under their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dtindex.findings import Finding, Place, finding
from dtindex.spec.model import Methodology
from dtindex.spec.questions import SingleQuestion, TextQuestion
from dtindex.spec.survey import Survey
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.names import fold, shown
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.by_name import ByName
from dtindex.tables.survey.dialect import Export
from dtindex.tables.survey.match import Matched
from dtindex.tables.survey.personal import hashed, personal_columns
from dtindex.tables.survey.wanted import SYNTHETIC, reserved
from dtindex.tables.words import Words, words_of

__all__ = ["Rest"]

_NAMED = 12


@dataclass
class Rest:
    """What the rest of the table is made from."""

    export: Export
    methodology: Methodology
    by_name: ByName
    hash_key: bytes
    key: int | None
    """The column of the unit's key."""
    key_cells: Cells | None
    """The key as it is kept."""
    findings: list[Finding]

    def __post_init__(self) -> None:
        self.raw = self.export.raw
        self._survey = self.methodology.survey or Survey()
        self._own = {tidy_name(name) for name in reserved(self.methodology)}

    def table(
        self, matched: Mapping[str, Matched], answers: Mapping[AnswerKey, Answers]
    ) -> tuple[RawTable, frozenset[str]]:
        """The table without answers and what identifies a person, with choices and open answers under their ids; and
        the names of its columns that the questionnaire accounts for.
        """
        consumed = {heading.index for one in matched.values() for heading in one.headings}
        personal = self._personal({**self._candidates(consumed), **self._open_answers(matched)})
        kept = self._kept(consumed, personal)
        base = self.raw.keeping(kept)
        present = set(base.header)
        added = {tidy_name(name): found for name, found in self._added(matched, answers, personal)}
        new = {name: found for name, found in added.items() if name not in present}
        raw = replace(
            base,
            header=(*base.header, *new),
            columns=(*(self._as_kept(index, personal) for index in kept), *(cells for _, cells in new.values())),
            positions=(*base.positions, *(self.raw.position(index) for index, _ in new.values())),
            labels=(),
            findings=self._said_of_the_file(consumed, hides=bool({"drop", "hash"} & {*personal.values()})),
        )
        accounted = {tidy_name(name) for name in (self._survey.weight, self._survey.duration, SYNTHETIC) if name}
        accounted |= {tidy_name(name) for name in self._survey.columns_beside}
        accounted |= {base.header[at] for at, index in enumerate(kept) if index in personal or index == self.key}
        return raw, frozenset({*new, *accounted})

    def _candidates(self, consumed: set[int]) -> dict[int, str]:
        """Columns beside the answers that may identify a person."""
        ruled = {fold(name) for name in self._survey.personal}
        return {
            index: name
            for index, name in enumerate(self.raw.header)
            if index not in consumed and index != self.key and (tidy_name(name) not in self._own or fold(name) in ruled)
        }

    def _open_answers(self, matched: Mapping[str, Matched]) -> dict[int, str]:
        """Columns of open questions, which may identify a person, too; those of other questions never do."""
        return {
            one.whole.index: one.whole.name
            for one in matched.values()
            if one.whole is not None and isinstance(one.question, TextQuestion) and one.whole.index != self.key
        }

    def _kept(self, consumed: set[int], personal: Mapping[int, str]) -> list[int]:
        figures = {column for settings in self.methodology.tree.indicators.values() if (column := settings.column)}
        beside = (self._survey.weight, self._survey.duration)
        looked_at = {index for name in beside if name and (index := self.by_name(name)) is not None}
        gone = consumed | {index for index in looked_at if self.raw.header[index] not in figures}
        meta = self.export.dialect.meta
        return [
            index
            for index, name in enumerate(self.raw.header)
            if index not in gone
            and personal.get(index) != "drop"
            and (fold(name) not in meta or tidy_name(name) in self._own or index == self.key or index in personal)
        ]

    def _added(
        self, matched: Mapping[str, Matched], answers: Mapping[AnswerKey, Answers], personal: Mapping[int, str]
    ) -> Iterator[tuple[str, tuple[int, Cells]]]:
        """Columns under the ids of their questions, with the positions that they have in the file."""
        key, keyed = self.methodology.units.key, False
        for name, one in matched.items():
            if one.whole is None or personal.get(one.whole.index) == "drop":
                continue
            if isinstance(one.question, TextQuestion):
                yield name, (one.whole.index, self._as_kept(one.whole.index, personal))
            elif isinstance(one.question, SingleQuestion):
                yield name, (one.whole.index, _option_ids(one.question, answers[name, ""]))
            else:
                continue
            keyed |= name == key
        if self.key is not None and self.key_cells is not None and key not in self.by_name and not keyed:
            yield key, (self.key, self.key_cells)

    def _as_kept(self, index: int, personal: Mapping[int, str]) -> Cells:
        if index == self.key and self.key_cells is not None:
            return self.key_cells
        cells = self.raw.columns[index]
        return hashed(cells, self.hash_key) if personal.get(index) == "hash" else cells

    def _said_of_the_file(self, consumed: set[int], hides: bool) -> tuple[Finding, ...]:
        """Findings of reading the file, but for DT211 of questions: wordings end in ？ and are compared without.

        DT120 shows cells, which may be of a column that was dropped since it identifies a person.
        """
        asked = {self.raw.header[index] for index in consumed}
        found = [one for one in self.raw.findings if one.code != "DT211" or one.place.name not in asked]
        hides |= self.key is not None and self.key_cells is not self.raw.columns[self.key]
        if not hides:
            return tuple(found)
        return tuple(
            replace(one, message=one.message.partition("; check: ")[0]) if one.code == "DT120" else one for one in found
        )

    def _personal(self, candidates: Mapping[int, str]) -> dict[int, str]:
        """What becomes of columns that identify a person; DT236 says it, and why."""
        columns = {index: self.raw.columns[index] for index in candidates}
        found = personal_columns(candidates, columns, self.export.wordings, self._survey.personal)
        words = {"drop": "dropped", "hash": "replaced by pseudonyms", "keep": "kept"}
        for action, done in words.items():
            names = [
                f"{shown(candidates[index])} (by {reason})" for index, (one, reason) in found.items() if one == action
            ]
            if names:
                more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                message = f"columns that identify a person were {done}: {', '.join(names[:_NAMED])}{more}"
                self.findings.append(finding("DT236", message, Place(file=self.raw.file, sheet=self.raw.sheet)))
        return {index: action for index, (action, _) in found.items()}


def _option_ids(question: SingleQuestion, answers: Answers) -> Words:
    """The option of each row by its id, whatever stood in the file; "" for none."""
    words = words_of(["", *(option.id for option in question.options)])
    return Words(words.words, words.codes[answers.values.astype(np.int32) + 1])
