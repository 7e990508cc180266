"""What `inspect` proposes of an export: pasted into a methodology, it reads the same export back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import survey_exports as exports

from dtindex.findings import Severity
from dtindex.spec import Methodology, load_methodology, parse_methodology
from dtindex.spec.base import text
from dtindex.spec.questions import MatrixQuestion
from dtindex.tables.answers import Answers
from dtindex.tables.names import fold
from dtindex.tables.read import read_source, read_table
from dtindex.tables.survey.propose import Proposal, propose, questions_yaml, serves
from dtindex.tables.survey.reading import read_survey

TYPED = {"other": "自建系统"}
COUNT = 50
HEAD = """\
schema_version: 1
id: pasted
title: Pasted
units: {kind: enterprise, key: respondent}
nodes:
  - {id: index, column: score}
"""
MAY = ("DT233", "DT236", "DT238")
"""What is said of every export: its dialect, columns that identify a person, by which column respondents are known."""
CODES = ("wjx-codes", "qualtrics-numeric")
"""Exports that hold codes of choices and not their words."""


def pasted(proposal: Proposal, language: Any = "en") -> Methodology:
    methodology, findings = parse_methodology(HEAD + questions_yaml(proposal, language), "pasted.yaml")
    assert methodology is not None, findings
    assert [one for one in findings if one.severity is not Severity.NOTE] == []
    return methodology


def proposed(grid: Any, path: Path) -> Proposal:
    return propose(read_source(exports.write(grid, path)))


def by_id(proposal: Proposal) -> dict[str, dict[str, Any]]:
    return {question["id"]: question for question in proposal.questions}


# --- the way round ---


SHIPPED = ("accenture-reinvention-2023", "miit-sme-digital-2024")
DIALECTS = ("wjx-text-xlsx", "wjx-codes-xls", "qualtrics-text", "qualtrics-numeric", "spss", "limesurvey-full", "plain")


@pytest.mark.parametrize(
    ("subject", "name"),
    [*(("every-kind", name) for name in exports.FORMATS), *((one, name) for one in SHIPPED for name in DIALECTS)],
)
def test_what_is_proposed_reads_the_same_answers_back(
    subject: str, name: str, every_kind: Methodology, tmp_path: Path
) -> None:
    questionnaire = every_kind if subject == "every-kind" else load_methodology(subject)
    of = exports.sample(questionnaire, COUNT, typed=TYPED)
    path = exports.FORMATS[name](of, tmp_path)
    methodology = pasted(propose(read_source(path)))
    reading = read_survey(read_source(path), methodology)
    assert [f"{one.code} {one.message}" for one in reading.findings if one.code not in MAY] == []
    true, table = read_table(path, questionnaire).answers, reading.answers
    names = _same_questions(questionnaire, methodology)
    for question in questionnaire.questions:
        if question.type == "text":
            continue
        same = next(one for one in methodology.questions if one.id == names[question.id])
        if isinstance(question, MatrixQuestion):
            assert isinstance(same, MatrixQuestion), question.id
            for row, other in zip(question.rows, same.rows, strict=True):
                mine, yours = true[question.id, row.id], table[same.id, other.id]
                _compare(mine, question.row(row.id), yours, same.row(other.id), name, (question.id, row.id))
        else:
            _compare(true[question.id, ""], question, table[same.id, ""], same, name, question.id)


def _same_questions(true: Methodology, methodology: Methodology) -> dict[str, str]:
    """By question the one that was proposed for it: of the same id, else of its number in the questionnaire."""
    ids = {question.id for question in methodology.questions}
    if {question.id for question in true.questions} <= ids:
        return {question.id: question.id for question in true.questions}
    return {question.id: f"Q{number}" for number, question in enumerate(true.questions, 1)}


def _compare(mine: Answers, question: Any, yours: Answers, found: Any, file: str, where: Any) -> None:
    """The same answers, options under their true ids; of what stands as codes, by position."""
    if found.type != question.type:
        # Codes alone do not tell a choice from a scale, nor do words of the questionnaire's own.
        unknown = ("single", "scale") if file.startswith(CODES) else ("scale", "single")
        assert (question.type, found.type) == unknown, where
    meanings = _meanings(question)
    assert _spelt(mine, question, meanings) == _spelt(yours, found, meanings), where


def _meanings(question: Any) -> dict[str, str | None]:
    """What each id, word, code or value stands for: an id or a value; None for no answer."""
    if question.type == "scale":
        return {fold(text(label, "zh")): f"{question.first + at}" for at, label in enumerate(question.labels)}
    found: dict[str, str | None] = {}
    for position, option in enumerate(getattr(question, "options", ()), 1):
        names = (option.id, text(option.label, "zh"), str(option.code or position))
        found |= {fold(name): None if option.status else option.id for name in names if name}
    return found


def _spelt(answers: Answers, question: Any, meanings: Mapping[str, str | None]) -> list[Any]:
    options = getattr(question, "options", ())
    names = [fold(text(option.label, "zh") or option.id) for option in options]
    told = [meanings.get(name, name) for name in names]
    none = answers.status != 0
    if answers.kind == "number":
        values = [meanings.get(f"{value:g}", f"{value:g}") for value in answers.values.tolist()]
        return [None if gone else value for value, gone in zip(values, none, strict=True)]
    if answers.kind == "choice":
        return [None if gone else told[value] for value, gone in zip(answers.values.tolist(), none, strict=True)]
    return [
        None if gone else sorted((int(place), told[at]) for at, place in enumerate(row) if place)
        for row, gone in zip(answers.values.tolist(), none, strict=True)
    ]


# --- single cases ---


def plain_of(columns: Mapping[str, list[Any]], path: Path) -> Proposal:
    names = list(columns)
    return proposed(exports.Grid([names], [list(row) for row in zip(*columns.values(), strict=True)]), path)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["同意", "非常同意", "不同意", "一般"], ["不同意", "一般", "同意", "非常同意"]),
        (["300-1000人", "1000人以上", "300人以下"], ["300人以下", "300-1000人", "1000人以上"]),
        (["1亿元以上", "2000万元以下", "2000万-1亿元"], ["2000万元以下", "2000万-1亿元", "1亿元以上"]),
        (["B. 二", "C. 三", "A. 一"], ["A. 一", "B. 二", "C. 三"]),
        (["是", "否"], ["否", "是"]),
        (["其他", "机械", "化工", "不知道"], ["机械", "化工", "其他", "不知道"]),
    ],
)
def test_options_are_in_the_order_that_their_words_tell(cells: list[str], expected: list[str], tmp_path: Path) -> None:
    question = by_id(plain_of({"a": cells * 5}, tmp_path / "a.csv"))["a"]
    assert question["type"] == "single"
    assert [option["label"] for option in question["options"]] == expected


def test_a_degree_is_not_taken_for_no_answer(tmp_path: Path) -> None:
    found = by_id(
        plain_of({"a": ["很清楚", "清楚", "不清楚"] * 5, "b": ["有", "没有", "不清楚"] * 5}, tmp_path / "a.csv")
    )
    assert not any("status" in option for option in found["a"]["options"])
    assert [option.get("status") for option in found["b"]["options"]] == [None, None, "missing"]


def test_whole_sets_of_degrees_are_a_scale_from_the_least(tmp_path: Path) -> None:
    cells = ["Agree", "Strongly agree", "Disagree", "Strongly disagree", "Neither agree nor disagree", "Don't know"]
    question = by_id(plain_of({"a": cells * 3}, tmp_path / "a.csv"))["a"]
    assert (question["type"], question["points"]) == ("scale", 5)
    assert question["labels"] == [cells[3], cells[2], cells[4], cells[0], cells[1]]
    assert question["codes"] == {"Don't know": {"status": "missing"}}


@pytest.mark.parametrize("joint", ["┋", ";", ","])
def test_codes_joined_in_a_cell_are_ticks_and_their_words_are_said_to_be_unknown(joint: str, tmp_path: Path) -> None:
    cells = [joint.join(codes) for codes in ("13", "1", "25", "135", "3", "12")] * 2
    proposal = plain_of({"a": cells}, tmp_path / "a.xlsx")
    question = by_id(proposal)["a"]
    assert (question["type"], len(question["options"])) == ("multiple", 5)  # 4 lies between codes that were chosen
    assert any("codes only" in text(note) for note in proposal.notes["a"])
    reading = read_survey(proposal.export.raw, pasted(proposal))
    assert reading.answers["a", ""].values[0].tolist() == [True, False, True, False, False]


def test_commas_in_answers_join_nothing(tmp_path: Path) -> None:
    question = by_id(plain_of({"a": ["A plan, and it is followed", "A plan", "No plan"] * 4}, tmp_path / "a.csv"))["a"]
    assert question["type"] == "single"


def test_numbers_keep_their_format_and_words_for_none(tmp_path: Path) -> None:
    columns = {"a": [f"{n}.5%" for n in range(20)], "b": [*(str(n * 37) for n in range(19)), "不知道"],
               "c": [f"{n},500.00" for n in range(1, 21)]}  # fmt: skip
    found = by_id(plain_of(columns, tmp_path / "a.csv"))
    assert found["a"] == {"id": "a", "type": "number", "format": "percent"}
    assert found["b"] == {"id": "b", "type": "number", "codes": {"不知道": {"status": "missing"}}}
    assert found["c"] == {"id": "c", "type": "number", "format": "thousands"}


@pytest.mark.parametrize("cells", [list("01234"), list("12345"), list("0"), [*"12345", "9"], [*map(str, range(11))]])
def test_few_whole_numbers_are_a_scale_and_the_file_does_not_tell_how_far_it_goes(
    cells: list[str], tmp_path: Path
) -> None:
    proposal = plain_of({"a": cells * 4}, tmp_path / "a.csv")
    question = by_id(proposal)["a"]
    if len(cells) == 1:
        assert question["type"] == "number"
        return
    assert question["type"] == "scale"
    assert question.get("first", 1) == (1 if cells[0] == "1" else 0)
    assert question["points"] == len(cells) - ("9" in cells and len(cells) == 6)
    assert any("no words" in text(note) for note in proposal.notes["a"])
    assert ("codes" in question) == (len(cells) == 6)


def test_columns_of_numbers_or_texts_of_one_code_are_no_matrix(tmp_path: Path) -> None:
    columns = {f"share_{n}": [str(n * 13 + m * 7.5) for m in range(20)] for n in (1, 2)}
    columns |= {f"why[{n}]": [f"because {n} {m}" for m in range(20)] for n in "ab"}
    proposal = plain_of(columns, tmp_path / "a.csv")
    assert [(one["id"], one["type"]) for one in proposal.questions] == [
        ("share_1", "number"), ("share_2", "number"), ("Q3", "text"), ("Q4", "text"),
    ]  # fmt: skip
    assert [one.code for one in read_survey(proposal.export.raw, pasted(proposal)).findings] == []


def test_headings_of_any_script_and_equal_wordings_are_found_again(tmp_path: Path) -> None:
    cells = ["甲", "乙", "丙"] * 5
    columns = {"您的行业？": cells, "您的行业": cells, "Q1": cells, "？？": cells, "Sector of work": cells}
    proposal = plain_of(columns, tmp_path / "a.csv")
    assert len({one["id"] for one in proposal.questions}) == 5
    methodology = pasted(proposal)
    reading = read_survey(proposal.export.raw, methodology)
    assert [one for one in reading.findings if one.code in ("DT202", "DT224", "DT232")] == []
    assert len(reading.answers) == 5


def test_spss_labels_of_ends_and_codes_beside_numbers(every_kind: Methodology, tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame(
        {"nps": [float(n % 11) for n in range(33)], "income": [1000.0 * n for n in range(32)] + [999.0]}
    )
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), column_labels={"nps": "Would you recommend us?", "income": "Your income"},
        variable_value_labels={"nps": {0: "not at all", 10: "surely"}, "income": {999: "refused"}},
    )  # fmt: skip
    proposal = propose(read_source(tmp_path / "a.sav"))
    found = by_id(proposal)
    assert (found["nps"]["type"], found["nps"]["points"], found["nps"]["first"]) == ("scale", 11, 0)
    assert any("0 = not at all, 10 = surely" in text(note) for note in proposal.notes["nps"])
    assert found["income"]["type"] == "number"
    assert found["income"]["codes"] == {"999": {"status": "missing"}}
    reading = read_survey(proposal.export.raw, pasted(proposal))
    assert np.isnan(reading.answers["income", ""].values[-1])
    assert reading.answers["nps", ""].values[:3].tolist() == [0, 1, 2]


def test_incomplete_degrees_that_spss_labels_stay_a_choice_in_their_order(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({"a": [float(n % 3 + 1) for n in range(30)]})
    labels = {1: "Agree", 2: "Strongly agree", 3: "Disagree"}
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_value_labels={"a": labels})
    question = by_id(propose(read_source(tmp_path / "a.sav")))["a"]
    assert [option["label"] for option in question["options"]] == list(labels.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_notes_are_comments_in_either_language(language: str, every_kind: Methodology, tmp_path: Path) -> None:
    path = exports.FORMATS["wjx-codes-csv"](exports.sample(every_kind, COUNT), tmp_path)
    proposal = propose(read_source(path))
    written = questions_yaml(proposal, language)
    pasted(proposal, language)
    assert written.startswith("# ")
    assert ("no words" in written) == (language == "en")
    assert ("没有文字" in written) == (language == "zh")


# --- who answered, and what a methodology makes of it ---


def test_columns_that_identify_a_person_are_told_by_their_wording_too(every_kind: Methodology, tmp_path: Path) -> None:
    grid = exports.qualtrics(exports.sample(every_kind, 20))
    grid.add("Q90", [f"王{n}" for n in range(20)], "您的姓名", '{"ImportId":"QID90_TEXT"}')
    grid.add("Q91", [f"1391234{n:04}" for n in range(20)], "怎样联系您？", '{"ImportId":"QID91_TEXT"}')
    proposal = proposed(grid, tmp_path / "export.csv")
    names = {proposal.export.raw.header[index] for index in proposal.personal}
    assert {"Q90", "Q91", "IPAddress", "RecipientEmail"} <= names
    roles = dict(zip(proposal.export.raw.header, map(text, proposal.roles), strict=True))
    assert roles["Q90"] == roles["Q91"] == roles["IPAddress"]
    assert "dropped" in roles["Q90"]
    assert "王" not in questions_yaml(proposal)
    assert "1391234" not in questions_yaml(proposal)


def test_a_methodology_says_question_row_and_option_and_the_nearest_of_what_lacks(
    every_kind: Methodology, tmp_path: Path
) -> None:
    grid = exports.wjx(exports.sample(every_kind, 20), codes=True)
    grid.rename("3、贵企业是否制定了数字化规划？", "3、贵企业制定数字化规划了吗？")
    grid.rename("第6题(决策很快。)", "第6题(决策非常快。)")
    uses, near = serves(read_source(exports.write(grid, tmp_path / "export.csv")), every_kind)
    assert uses["第4题(云)"] == "Q2 (multiple, option cloud)"
    assert uses["第7题(设计)"] == "Q5 (matrix, row design)"
    assert uses["8、数字化投入占营收的百分比"] == "Q6 (number)"
    assert uses["weight"] == "sampling weight"
    assert near["3、贵企业制定数字化规划了吗?"] == "Q1 (Is there a plan?)"
    assert near["第6题(决策非常快。)"] == "Q4 (matrix, row fast)"
    lime = read_source(exports.FORMATS["limesurvey"](exports.sample(every_kind, 20), tmp_path))
    assert serves(lime, every_kind)[0]["Q8[2]"] == "Q8 (ranking, place 2)"
