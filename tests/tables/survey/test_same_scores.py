"""The same answers give the same scores, to the byte, whatever platform they were exported from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.findings import Severity
from dtindex.output import long_csv, wide_csv
from dtindex.scores import Scores
from dtindex.spec import Methodology, load_methodology
from dtindex.spec.questions import MatrixQuestion
from dtindex.status import Status
from dtindex.tables.read import read_table
from dtindex.tables.table import Table

TYPED = {"other": "自建系统"}
ASSUMED = {"accenture-reinvention-2023": "instrument-v1"}
COUNT = 50


@pytest.fixture(params=["every-kind", "accenture-reinvention-2023", "miit-sme-digital-2024"])
def questionnaire(request: pytest.FixtureRequest) -> Methodology:
    return request.getfixturevalue("every_kind") if request.param == "every-kind" else load_methodology(request.param)


def scored(table: Table, methodology: Methodology) -> Scores:
    index = dti.CompositeIndex(methodology, assume=ASSUMED.get(methodology.id))
    return index.fit(table).score(table)


def test_every_export_of_the_same_answers_gives_the_same_bytes(questionnaire: Methodology, tmp_path: Path) -> None:
    of = exports.sample(questionnaire, COUNT, typed=TYPED)
    files: dict[str, tuple[bytes, bytes, str]] = {}
    for name, make in exports.FORMATS.items():
        scores = scored(read_table(make(of, tmp_path), questionnaire), questionnaire)
        files[name] = long_csv(scores), wide_csv(scores), scores.classes.sort_index().to_csv()
        assert not scores.screening.size, name
        assert np.isfinite(scores.column(scores.root)).sum() > COUNT / 4, name
    first = next(iter(files))
    assert [name for name in files if files[name] != files[first]] == []


@pytest.mark.parametrize("name", exports.FORMATS)
def test_answers_are_read_as_they_were_given(questionnaire: Methodology, name: str, tmp_path: Path) -> None:
    of = exports.sample(questionnaire, COUNT, typed=TYPED)
    table = read_table(exports.FORMATS[name](of, tmp_path), questionnaire)
    key = questionnaire.units.key
    people = {str(person.get(key) or of.beside[key][row]): person for row, person in enumerate(of.people)}
    assert sorted(table.units) == sorted(people)
    for row, unit in enumerate(table.units.tolist()):
        for question in questionnaire.questions:
            if question.type != "text":
                assert _read(table, row, question) == _given(question, people[unit][question.id]), (unit, question.id)
    beyond_notes = {one.code for one in table.findings if one.severity is not Severity.NOTE}
    assert beyond_notes <= {"DT216", "DT120"}  # a few did not tell their sector; GB18030 does not say that it is it


def _read(table: Table, row: int, question: Any) -> Any:
    """What the table holds, as it is spelt in :mod:`exports`."""
    if isinstance(question, MatrixQuestion):
        return {one.id: _of_one(table, row, question.id, one.id, question.row(one.id)) for one in question.rows}
    return _of_one(table, row, question.id, "", question)


def _of_one(table: Table, row: int, name: str, part: str, question: Any) -> Any:
    answers = table.answers[name, part]
    value, status = answers.values[row], Status(int(answers.status[row]))
    if answers.kind == "number":
        assert np.isnan(value) == bool(status)
        return status if status else float(value)
    ids = [option.id for option in question.options]
    if answers.kind == "choice":
        return ids[value] if value >= 0 else status
    if answers.kind == "ticks":
        return status if status else {option for option, tick in zip(ids, value, strict=True) if tick}
    return status if status else [ids[at] for at in np.argsort(value, kind="stable").tolist() if value[at]]


def _given(question: Any, answer: Any) -> Any:
    if isinstance(question, MatrixQuestion):
        rows = answer if isinstance(answer, Mapping) else {row.id: answer for row in question.rows}
        return {row.id: _given(question.row(row.id), rows[row.id]) for row in question.rows}
    if answer is None:
        return Status.MISSING
    if answer == exports.SKIPPED:
        return Status.NOT_APPLICABLE
    if question.type == "scale" and isinstance(answer, str):
        return Status.MISSING if question.codes[answer].status == "missing" else Status.NOT_APPLICABLE
    if question.type == "single":
        return answer
    if question.type in ("multiple", "ranking"):
        return set(answer) if question.type == "multiple" else list(answer)
    return float(answer)
