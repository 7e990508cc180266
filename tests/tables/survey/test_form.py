"""A questionnaire as a sheet to fill in: what it offers, and that what is filled in is read and scored."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.output import wide_csv
from dtindex.spec import Methodology, load_methodology
from dtindex.spec.base import text
from dtindex.spec.questions import MatrixQuestion, MultipleQuestion, RankingQuestion, ScaleQuestion, SingleQuestion
from dtindex.tables.read import check_table, read_table
from dtindex.tables.survey.form import asked_columns
from dtindex.tables.template import write_template

ASSUMED = {"accenture-reinvention-2023": "instrument-v1"}
COUNT = 30


@pytest.fixture(params=["every-kind", "accenture-reinvention-2023", "miit-sme-digital-2024"])
def questionnaire(request: pytest.FixtureRequest) -> Methodology:
    return request.getfixturevalue("every_kind") if request.param == "every-kind" else load_methodology(request.param)


def told(question: Any, answer: Any, language: str) -> Any:
    """An answer as somebody fills it in: by id, or by the words of a language."""
    if answer is None or answer == exports.SKIPPED:
        return None
    if isinstance(question, SingleQuestion):
        return _word(question, answer, language)
    if isinstance(question, MultipleQuestion | RankingQuestion):
        joint = "┋" if isinstance(question, MultipleQuestion) else "→"
        return joint.join(_word(question, name, language) for name in answer)
    if isinstance(question, ScaleQuestion) and language != "id" and question.labels and not isinstance(answer, str):
        return text(question.labels[answer - question.first], language)  # type: ignore[arg-type]
    return answer


def _word(question: Any, name: str, language: str) -> str:
    option = next(option for option in question.options if option.id == name)
    return name if language == "id" else text(option.label, language) or name  # type: ignore[arg-type]


def rows_of(of: Any, header: list[str], language: str) -> list[dict[str, Any]]:
    """A row a respondent, by the headings of the form."""
    rows = []
    for number, person in enumerate(of.people):
        row: dict[str, Any] = {name: cells[number] for name, cells in of.beside.items()}
        row["duration"] = of.seconds[number]
        for question in of.methodology.questions:
            answer = person[question.id]
            if isinstance(question, MatrixQuestion):
                for part in question.rows:
                    given = answer[part.id] if isinstance(answer, dict) else answer
                    row[f"{question.column or question.id}[{part.id}]"] = told(question.row(part.id), given, language)
            else:
                row[question.column or question.id] = told(question, answer, language)
        assert set(row) - set(header) <= {"duration"}
        rows.append(row)
    return rows


def fill_xlsx(methodology: Methodology, of: Any, language: str, folder: Path) -> Path:
    path = write_template(methodology, folder / "form.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["data"]
    header = [str(cell.value) for cell in sheet[1]]
    for line, row in enumerate(rows_of(of, header, language), 2):
        for column, name in enumerate(header, 1):
            if row.get(name) is not None:
                sheet.cell(line, column, row[name])
    book.save(path)
    return path


def fill_csv(methodology: Methodology, of: Any, language: str, folder: Path) -> Path:
    path = write_template(methodology, folder / "form.csv")
    header = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, extrasaction="ignore")
        writer.writerows(rows_of(of, header, language))
    return path


@pytest.mark.parametrize("language", ["id", "en", "zh"])
@pytest.mark.parametrize("fill", [fill_xlsx, fill_csv])
def test_a_form_that_is_filled_in_scores_as_any_export_does(
    questionnaire: Methodology, fill: Callable[..., Path], language: str, tmp_path: Path
) -> None:
    of = exports.sample(questionnaire, COUNT)
    table, findings = check_table(fill(questionnaire, of, language, tmp_path), questionnaire)
    assert [f"{one.code} {one.message}" for one in findings.errors] == []
    assert table is not None
    other = read_table(exports.FORMATS["spss"](of, tmp_path), questionnaire)
    index = dti.CompositeIndex(questionnaire, assume=ASSUMED.get(questionnaire.id)).fit(other)
    assert wide_csv(index.score(table)) == wide_csv(index.score(other))


def test_the_form_asks_every_question_once_and_offers_what_may_be_answered(
    questionnaire: Methodology, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(write_template(questionnaire, tmp_path / "form.xlsx"))
    sheet = book["data"]
    header = [str(cell.value) for cell in sheet[1]]
    assert len(set(header)) == len(header)
    rules = {next(iter(rule.sqref.ranges)).min_col: rule for rule in sheet.data_validations.dataValidation}
    for asked in asked_columns(questionnaire):
        position = header.index(asked.name) + 1
        comment = sheet.cell(1, position).comment.text
        assert asked.zh in comment
        assert asked.en in comment
        rule = rules.get(position)
        assert rule is not None
        assert asked.zh[:40] in rule.prompt
        if isinstance(asked.question, SingleQuestion):
            assert rule.type == "list"
            assert rule.formula1.strip('"').split(",") == [option.id for option in asked.question.options]
            assert all(f"{option.id} = " in comment for option in asked.question.options)
        elif isinstance(asked.question, ScaleQuestion):
            low, high = asked.question.first, asked.question.first + asked.question.points - 1
            assert (rule.type, float(rule.formula1), float(rule.formula2)) == ("whole", low, high)
            # Codes for "don't know" are questioned and not refused.
            assert (rule.errorStyle == "warning") == bool(asked.question.codes)
    notes = list(book["notes"].iter_rows(values_only=True))
    named = {row[0] for row in notes}
    assert {asked.name for asked in asked_columns(questionnaire)} <= named
