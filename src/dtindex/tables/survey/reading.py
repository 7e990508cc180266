"""An export against a questionnaire: dialect, columns, answers, who answered carelessly, what identifies a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, Severity, finding
from dtindex.spec.model import Methodology
from dtindex.spec.questions import Question
from dtindex.spec.survey import Duplicates, Survey, TestRows
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.convert import MOST
from dtindex.tables.names import fold, shown
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.survey.by_name import ByName
from dtindex.tables.survey.careless import Respondents, careless
from dtindex.tables.survey.decode import decode
from dtindex.tables.survey.dialect import DIALECTS, Export, recognise
from dtindex.tables.survey.headings import Heading, parse_heading
from dtindex.tables.survey.match import Matched, Matching, match_questions
from dtindex.tables.survey.personal import hashed, is_personal
from dtindex.tables.survey.rest import Rest
from dtindex.tables.survey.skip import skip
from dtindex.tables.survey.vocabulary import encoded
from dtindex.tables.survey.wanted import SYNTHETIC, reserved, wanted
from dtindex.tables.survey.weights import lacking_design, sampling_weights
from dtindex.tables.table import FloatArray

__all__ = ["SYNTHETIC", "SurveyReading", "is_survey", "matched_columns", "read_survey"]

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
        self.by_name = ByName(self.raw)
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
        weights = sampling_weights(self.raw, self.survey, self.by_name, self.units, self.findings)
        self.findings += lacking_design(self.raw, self.methodology, columns)
        rest = Rest(self.export, self.methodology, self.by_name, self.hash_key, self.key, self.key_cells, self.findings)
        raw, used = rest.table(matching.matched, answers)
        self._synthetic()
        return SurveyReading(raw, answers, named, weights, self.findings, used)

    def matching(self) -> Matching:
        """Which columns answer which question."""
        return match_questions(
            self.methodology.questions, self._free(), self.raw, wanted(self.methodology, self.by_name)
        )

    def _place(self) -> Place:
        return Place(file=self.raw.file, sheet=self.raw.sheet)

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
        taken = {fold(name) for name in reserved(self.methodology)} - asked
        taken |= self.export.dialect.meta - asked
        return [heading for heading in self.headings if fold(heading.name) not in taken]

    # --- who ---

    def _units(self, matched: Mapping[str, Matched]) -> list[str]:
        self.key = self._key(matched)
        self.key_cells = None if self.key is None else self._cells_of_key(self.key)
        if self.key_cells is None:
            return [f"row {line}" for line in self.raw.rows.tolist()]
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
        index = self.by_name(key)
        if index is not None:
            return index
        if key in matched and matched[key].whole is not None:
            return matched[key].headings[0].index
        for name in self.export.dialect.keys:
            if name in self.by_name:
                index = self.by_name.folded[name]
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
        found = {name: self.raw.columns[index] for name, index in self.by_name.folded.items()}
        for name in self._looked_at():
            index = self.by_name(name)
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

    def _synthetic(self) -> None:
        index = self.by_name.folded.get(SYNTHETIC)
        if index is not None:
            said = next((cell for cell in texts_of(self.raw.columns[index]) if cell), "")
            if said:
                self.findings.append(finding("DT239", f"made up, not answered: {shown(said, 120)}", self._place()))
