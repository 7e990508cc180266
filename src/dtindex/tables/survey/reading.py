"""An export against a questionnaire: dialect, columns, answers, who answered carelessly, what identifies a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, Severity, finding, nearest
from dtindex.spec.model import Methodology
from dtindex.spec.questions import Question, SingleQuestion, TextQuestion
from dtindex.spec.survey import Attention, Duplicates, StraightLining, Survey, TestRows
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.convert import MOST, Reading, convert
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.careless import Respondents, careless
from dtindex.tables.survey.decode import decode
from dtindex.tables.survey.dialect import DIALECTS, Export, recognise
from dtindex.tables.survey.headings import Heading, parse_heading
from dtindex.tables.survey.match import Matched, Matching, match_questions
from dtindex.tables.survey.personal import hashed, is_personal, personal_columns
from dtindex.tables.survey.skip import skip
from dtindex.tables.survey.vocabulary import encoded
from dtindex.tables.table import FloatArray
from dtindex.tables.words import Words, words_of

__all__ = ["SYNTHETIC", "SurveyReading", "is_survey", "matched_columns", "read_survey"]

SYNTHETIC = "synthetic"
"""The column in which a made-up sample says that it is one."""

_NAMED = 12


@dataclass
class SurveyReading:
    """What an export holds for a questionnaire, row by row of ``raw``."""

    raw: RawTable
    """The columns beside the answers, without what identifies a person; choices and open answers under their ids."""
    answers: dict[AnswerKey, Answers] = field(default_factory=dict)
    careless: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    """By rule, the rows that it names."""
    weights: FloatArray | None = None
    """Sampling weights ``(rows,)``."""
    findings: list[Finding] = field(default_factory=list)
    used: frozenset[str] = frozenset()
    """Names of columns of ``raw`` that the questionnaire accounts for."""


def is_survey(methodology: Methodology) -> bool:
    """Whether tables of a methodology are exports of a questionnaire."""
    return bool(methodology.questions) or methodology.survey is not None


def read_survey(raw: RawTable, methodology: Methodology, hash_key: bytes | None = None) -> SurveyReading:
    """Answers of an export, and the rest of its columns as an ordinary table.

    Parameters
    ----------
    raw
        The file as it was read.
    methodology
        Its questions and its `survey:` block.
    hash_key
        Secret key of the pseudonyms of columns that are hashed; by default the id of the methodology, which hides
        nothing from whoever has a list of what was hashed.

    Returns
    -------
    SurveyReading
        Findings: DT202, DT210, DT224, DT225, DT230 to DT240, DT350.
    """
    return _Reading(raw, methodology, hash_key or methodology.id.encode()).run()


def matched_columns(raw: RawTable, methodology: Methodology) -> tuple[Export, Matching]:
    """The export as it was recognised, and which of its columns answer which question."""
    reading = _Reading(raw, methodology, methodology.id.encode())
    return reading.export, reading.matching()


class _Reading:
    def __init__(self, raw: RawTable, methodology: Methodology, hash_key: bytes) -> None:
        self.methodology = methodology
        self.survey = methodology.survey or Survey()
        self.export: Export = recognise(raw, self.survey.dialect)
        self.raw = self.export.raw
        self.hash_key = hash_key
        self.findings: list[Finding] = []
        dialect = self.export.dialect
        self.by_name = {fold(name): index for index, name in reversed([*enumerate(self.raw.header)])}
        self.exactly = {tidy_name(name): index for index, name in enumerate(self.raw.header)}
        self.headings = [
            parse_heading(index, name, told, dialect.name)
            for index, (name, told) in enumerate(zip(self.raw.header, self.export.wordings, strict=True))
        ]

    def run(self) -> SurveyReading:
        self._recognised()
        if not len(self.raw):
            message = f"there are headings of {self.export.dialect.title} and no answers below them"
            return SurveyReading(self.raw, findings=[finding("DT102", message, self._place())])
        matching = self.matching()
        self.findings += matching.findings
        self.units = self._units(matching.matched)
        decoded = decode(matching.matched, self.export, self.units)
        self.findings += decoded.findings
        answers, against = skip(self.methodology.questions, decoded.answers)
        self._answered_against(against, matching.matched)
        columns = self._columns(matching.matched)
        respondents = self._respondents(answers, columns)
        named = careless(self.survey.careless, respondents)
        self._previews(respondents)
        weights = self._weights()
        self._design(columns)
        raw, used = self._rest(matching.matched, answers)
        self._synthetic()
        return SurveyReading(raw, answers, named, weights, self.findings, used)

    def matching(self) -> Matching:
        """Which columns answer which question."""
        return match_questions(self.methodology.questions, self._free(), self.raw, self._wanted())

    def _index(self, name: str) -> int | None:
        """The column of a name that the methodology says: so spelt if there is one, else in any case and spacing."""
        return self.exactly.get(tidy_name(name), self.by_name.get(fold(name)))

    def _place(self, name: str | None = None) -> Place:
        return Place(file=self.raw.file, sheet=self.raw.sheet, name=name)

    def _recognised(self) -> None:
        dialect, looks_like = self.export.dialect, self.export.looks_like
        if looks_like not in ("plain", "spss", dialect.name):
            title = DIALECTS[looks_like].title
            message = f"`survey:` says that this is an export of {dialect.title}, and its headings are those of {title}"
            remedy = f"correct `dialect:` ({looks_like}), unless they were changed"
            self.findings.append(finding("DT233", f"{message}: {remedy}", self._place(), Severity.WARNING))
            return
        if dialect.name == "plain":
            return
        if self.survey.dialect is None:
            message = f"read as an export of {dialect.title}, by its headings"
        else:
            message = f"read as an export of {dialect.title}, as `survey:` says"
        self.findings.append(finding("DT233", message, self._place()))

    # --- which columns are looked at ---

    def _free(self) -> list[Heading]:
        """Headings that may be a question's: not the unit's, not a figure's, not the dialect's own."""
        asked = {
            fold(name) for question in self.methodology.questions for name in (question.id, question.column) if name
        }
        taken = {fold(name) for name in self._reserved()} - asked
        taken |= self.export.dialect.meta - asked
        return [heading for heading in self.headings if fold(heading.name) not in taken]

    def _reserved(self) -> list[str]:
        units, tree = self.methodology.units, self.methodology.tree
        named = [units.key, units.name, units.period, units.ranked, *units.groups]
        named += [self.survey.weight, self.survey.duration, SYNTHETIC, *self.survey.columns_beside]
        named += [node.column for node in self.methodology.nodes]
        named += [settings.column for settings in tree.indicators.values()]
        named += [item.published for item in tree.items.values()]
        return [name for name in named if name]

    def _wanted(self) -> dict[str, Severity]:
        """How much it weighs where a question is not in the export: scores need it, something else asks for it, or
        nothing does.
        """
        tree = self.methodology.tree
        questions = {question.id: question for question in self.methodology.questions}
        weights = dict.fromkeys(questions, Severity.NOTE)
        rank = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}

        def raise_to(name: str, severity: Severity) -> None:
            if name in weights and rank[severity] > rank[weights[name]]:
                weights[name] = severity
                rule = questions[name].skip_when
                if rule is not None:
                    raise_to(rule.question, severity)

        for rule in self.survey.careless:
            for name in (
                rule.of if isinstance(rule, StraightLining) else (rule.question,) if isinstance(rule, Attention) else ()
            ):
                raise_to(name, Severity.WARNING)
        for indicator in self.methodology.indicators:
            if indicator.answer is not None:
                scored = indicator.parent is not None or indicator.id in tree.operands
                needed = scored and not self._is_given_above(indicator.id)
                raise_to(indicator.answer.question, Severity.ERROR if needed else Severity.WARNING)
        answered = [item for item in self.methodology.indicators if item.answer is not None and item.parent is not None]
        if answered and all(self._is_given_above(item.id) for item in answered):
            return dict.fromkeys(weights, Severity.NOTE)  # a table of dimensions, which holds no answers
        return weights

    def _is_given_above(self, item: str) -> bool:
        """Whether the table has the value of a node above."""
        items = self.methodology.tree.items
        parent = items[item].parent
        while parent is not None:
            column = items[parent].column
            if column is not None and fold(column) in self.by_name:
                return True
            parent = items[parent].parent
        return False

    # --- who ---

    def _units(self, matched: Mapping[str, Matched]) -> list[str]:
        self.key = self._key(matched)
        if self.key is None:
            return [f"row {line}" for line in self.raw.rows.tolist()]
        self.key_cells = self._cells_of_key(self.key)
        return list(texts_of(self.key_cells))

    def _cells_of_key(self, index: int) -> Cells:
        """The key as it is kept: pseudonyms where `personal:` says so; DT236 where it identifies a person and stays."""
        cells, heading = self.raw.columns[index], self.raw.header[index]
        names = {fold(heading), fold(self.methodology.units.key)}
        said = next((action for name, action in self.survey.personal.items() if fold(name) in names), None)
        if said in ("drop", "hash"):
            message = f"respondents are known by pseudonyms of {shown(heading)}, as the methodology says"
            self.findings.append(finding("DT236", message, self.raw.place(None, index)))
            return hashed(cells, self.hash_key)
        reason = is_personal(heading, cells, self.export.wordings[index])
        if said is None and reason is not None:
            stays = f"respondents are known by {shown(heading)}, which identifies a person (by {reason})"
            block = f"survey: {{personal: {{{self.methodology.units.key}: hash}}}}"
            remedy = f"`{block}` makes pseudonyms of it, `keep` keeps it"
            message = f"{stays} and will stand in every output: {remedy}"
            self.findings.append(finding("DT236", message, self.raw.place(None, index), Severity.WARNING))
        return cells

    def _key(self, matched: Mapping[str, Matched]) -> int | None:
        """The column of the unit's key: of its name, of the question of that id, else the respondent's number."""
        key = self.methodology.units.key
        index = self._index(key)
        if index is not None:
            return index
        if key in matched and matched[key].whole is not None:
            return matched[key].headings[0].index
        for name in self.export.dialect.keys:
            if name in self.by_name:
                index = self.by_name[name]
                message = f"there is no column {shown(key)}: respondents are known by {shown(self.raw.header[index])}"
                self.findings.append(finding("DT238", message, self.raw.place(None, index)))
                return index
        return None

    def _answered_against(
        self, against: Sequence[tuple[Question, NDArray[np.intp]]], matched: Mapping[str, Matched]
    ) -> None:
        for question, rows in against:
            rule = question.skip_when
            assert rule is not None
            who = ", ".join(self.units[row] for row in rows[:MOST].tolist()) + (" …" if rows.size > MOST else "")
            after = f"{rule.question} = {' or '.join(map(str, rule.answers))}"
            answered = f"{rows.size:,} answered it: {who}; their answers are not used"
            message = f'"{question.id}" does not apply after {after}, and {answered}'
            self.findings.append(
                finding("DT234", message, self.raw.place(None, matched[question.id].headings[0].index))
            )

    # --- careless respondents ---

    def _columns(self, matched: Mapping[str, Matched]) -> dict[str, Cells]:
        """Columns beside the answers by folded name, and open answers by their id."""
        found = {name: self.raw.columns[index] for name, index in self.by_name.items()}
        for name in self._looked_at():
            index = self._index(name)
            if index is not None:
                found[fold(name)] = self.raw.columns[index]
        for name, one in matched.items():
            if one.whole is not None:
                found.setdefault(fold(name), self.raw.columns[one.whole.index])
        if self.key is not None:
            found.setdefault(fold(self.methodology.units.key), self.raw.columns[self.key])
        return found

    def _looked_at(self) -> Iterator[str]:
        """Names of columns that rules on careless respondents look at."""
        if self.survey.duration is not None:
            yield self.survey.duration
        for rule in self.survey.careless:
            if isinstance(rule, TestRows):
                yield rule.column
            elif isinstance(rule, Duplicates):
                yield from rule.by

    def _respondents(self, answers: Mapping[AnswerKey, Answers], columns: Mapping[str, Cells]) -> Respondents:
        dialect = self.export.dialect
        named = [fold(self.survey.duration)] if self.survey.duration else []
        duration = next((columns[name] for name in (*named, *dialect.durations) if name in columns), None)
        previews = None
        for name, words in dialect.previews.items():
            if name in columns:
                column = encoded(columns[name])
                previews = np.array([fold(word) in words for word in column.words], dtype=bool)[column.codes]
        questions = {question.id: question for question in self.methodology.questions}
        return Respondents(self.units, questions, answers, columns, duration, previews, self.raw.file, self.findings)

    def _previews(self, respondents: Respondents) -> None:
        """DT235 where the export itself marks tests, and no rule asks for them."""
        if respondents.previews is None or any(isinstance(rule, TestRows) for rule in self.survey.careless):
            return
        rows = np.flatnonzero(respondents.previews)
        if rows.size:
            who = ", ".join(self.units[row] for row in rows[:_NAMED].tolist()) + (" …" if rows.size > _NAMED else "")
            message = (
                f"the export marks {rows.size:,} of {len(self.units):,} respondents as tests, and they are kept: {who}"
            )
            remedy = "a rule under `survey: careless:` of `method: test-rows` leaves them out"
            self.findings.append(finding("DT235", f"{message}; {remedy}", self._place()))

    # --- weights ---

    def _weights(self) -> FloatArray | None:
        """Sampling weights: DT210 where one is negative or lacking (error), zero, or far above the median (warning)."""
        name = self.survey.weight
        if name is None:
            return None
        index = self._index(name)
        if index is None:
            message = f"no column {shown(name)} of sampling weights: estimates would take every respondent for one"
            self.findings.append(finding("DT210", message, self._place(name), Severity.WARNING))
            return None
        numbers = convert(self.raw.columns[index], Reading(declares=False))
        for problem in numbers.problems:
            place = self.raw.place(problem.row, index, None if problem.row is None else self.units[problem.row])
            self.findings.append(finding(problem.code, problem.message, place, problem.severity))
        weights = numbers.values
        if np.isnan(weights).all() and not numbers.problems:
            message = (
                f"the column {shown(name)} of sampling weights is empty: estimates would take every respondent for one"
            )
            self.findings.append(finding("DT210", message, self.raw.place(None, index), Severity.WARNING))
            return None
        positive = weights[weights > 0]
        limit = self.survey.weight_at_most * float(np.median(positive)) if positive.size else np.inf
        odd = {problem.row for problem in numbers.problems}
        lacking = np.isnan(weights) & ~np.isin(np.arange(len(weights)), [row for row in odd if row is not None])
        with np.errstate(invalid="ignore"):
            self._odd_weights(index, lacking, "no weight: fill it in", Severity.ERROR)
            self._odd_weights(index, weights < 0, "a negative weight: correct it", Severity.ERROR)
            self._odd_weights(
                index, weights == 0, "a weight of 0, which takes the respondent out of every estimate", Severity.WARNING
            )
            far = f"a weight above {limit:.6g}, {self.survey.weight_at_most:g} times the median: check it, or trim it"
            self._odd_weights(index, weights > limit, far, Severity.WARNING)
        return weights

    def _odd_weights(self, index: int, which: NDArray[np.bool_], what: str, severity: Severity) -> None:
        rows = np.flatnonzero(which)
        if rows.size:
            who = ", ".join(self.units[row] for row in rows[:_NAMED].tolist())
            more = f" and {rows.size - _NAMED:,} more" if rows.size > _NAMED else ""
            place = self.raw.place(int(rows[0]), index, self.units[int(rows[0])])
            self.findings.append(finding("DT210", f"{what}: {who}{more}", place, severity))

    def _design(self, columns: Mapping[str, Cells]) -> None:
        """DT350 for columns of the design or the calibration that the export does not have."""
        items = self.methodology.tree.items.values()
        derived = {*self.methodology.units.groups, *(item.id for item in items)}
        for name in dict.fromkeys(self.survey.columns_beside):
            if ":" in name or name in derived or fold(name) in columns:
                continue
            guess = nearest(name, self.raw.header)
            hint = f"rename {shown(guess)}, which is the nearest" if guess else "add it"
            message = f"no column {shown(name)} of the survey's design: {hint}; scores can do without, estimates cannot"
            self.findings.append(finding("DT350", message, self._place(name), Severity.WARNING))

    # --- what is left of the file ---

    def _rest(
        self, matched: Mapping[str, Matched], answers: Mapping[AnswerKey, Answers]
    ) -> tuple[RawTable, frozenset[str]]:
        """The table without answers and what identifies a person, with choices and open answers under their ids."""
        consumed = {heading.index for one in matched.values() for heading in one.headings}
        own = {tidy_name(name) for name in self._reserved()}
        meta = self.export.dialect.meta
        candidates = {
            index: name
            for index, name in enumerate(self.raw.header)
            if index not in consumed
            and index != self.key
            and (tidy_name(name) not in own or fold(name) in map(fold, self.survey.personal))
        }
        open_answers = {
            one.whole.index: one.whole.name
            for one in matched.values()
            if one.whole is not None and isinstance(one.question, TextQuestion) and one.whole.index != self.key
        }
        personal = self._personal({**candidates, **open_answers})
        figures = {column for settings in self.methodology.tree.indicators.values() if (column := settings.column)}
        beside = (self.survey.weight, self.survey.duration)
        looked_at = {index for name in beside if name and (index := self._index(name)) is not None}
        looked_at -= {index for index in looked_at if self.raw.header[index] in figures}
        kept = [
            index
            for index, name in enumerate(self.raw.header)
            if index not in consumed
            and index not in looked_at
            and (personal.get(index, "keep") != "drop")
            and (fold(name) not in meta or tidy_name(name) in own or index == self.key or index in personal)
        ]
        base = self.raw.keeping(kept)
        columns = [self._as_kept(index, personal) for index in kept]
        added: dict[str, tuple[int, Cells]] = {}
        for name, one in matched.items():
            if one.whole is None or personal.get(one.whole.index) == "drop":
                continue
            if isinstance(one.question, TextQuestion):
                added[name] = (one.whole.index, self._as_kept(one.whole.index, personal))
            elif isinstance(one.question, SingleQuestion):
                added[name] = (one.whole.index, _option_ids(one.question, answers[name, ""]))
        key = self.methodology.units.key
        if self.key is not None and fold(key) not in self.by_name and key not in added:
            added[key] = (self.key, self.key_cells)
        present = set(base.header)
        new = {tidy_name(name): found for name, found in added.items() if tidy_name(name) not in present}
        raw = replace(
            base,
            header=(*base.header, *new),
            columns=(*columns, *(cells for _, cells in new.values())),
            positions=(*base.positions, *(self.raw.position(index) for index, _ in new.values())),
            labels=(),
            findings=self._said_of_the_file(consumed, hides=bool({"drop", "hash"} & {*personal.values()})),
        )
        accounted = {tidy_name(name) for name in (self.survey.weight, self.survey.duration, SYNTHETIC) if name}
        accounted |= {tidy_name(name) for name in self.survey.columns_beside}
        accounted |= {base.header[at] for at, index in enumerate(kept) if index in personal or index == self.key}
        return raw, frozenset({*new, *accounted})

    def _as_kept(self, index: int, personal: Mapping[int, str]) -> Cells:
        if index == self.key:
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
        found = personal_columns(candidates, columns, self.export.wordings, self.survey.personal)
        words = {"drop": "dropped", "hash": "replaced by pseudonyms", "keep": "kept"}
        for action, done in words.items():
            names = [
                f"{shown(candidates[index])} (by {reason})" for index, (one, reason) in found.items() if one == action
            ]
            if names:
                more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                message = f"columns that identify a person were {done}: {', '.join(names[:_NAMED])}{more}"
                self.findings.append(finding("DT236", message, self._place()))
        return {index: action for index, (action, _) in found.items()}

    def _synthetic(self) -> None:
        index = self.by_name.get(SYNTHETIC)
        if index is not None:
            said = next((cell for cell in texts_of(self.raw.columns[index]) if cell), "")
            if said:
                self.findings.append(finding("DT239", f"made up, not answered: {shown(said, 120)}", self._place()))


def _option_ids(question: SingleQuestion, answers: Answers) -> Words:
    """The option of each row by its id, whatever stood in the file; "" for none."""
    words = words_of(["", *(option.id for option in question.options)])
    return Words(words.words, words.codes[answers.values.astype(np.int32) + 1])
