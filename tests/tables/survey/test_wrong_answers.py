"""Answers that cannot be: each with its code, its severity, its cell and its respondent."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.findings import Finding
from dtindex.spec import Methodology
from dtindex.status import Status

PLAN = "3、贵企业是否制定了数字化规划？"
TOOLS = "4、已使用下列哪些工具？（可多选）"
TRUST = "5、大家并不信任数据。"
SPENDING = "8、数字化投入占营收的百分比"
STAFF = "9、从事数字化工作的人数"
FIRST = "10、最优先的是？"


@pytest.fixture
def of(every_kind: Methodology):
    return exports.sample(every_kind, 20, gaps=0.0).with_answers(0, Q2=("erp",), sector="machines")


def at(one: Finding) -> tuple[int | None, int | None, str | None]:
    return one.place.line, one.place.column, one.place.unit


@pytest.mark.parametrize(
    ("heading", "cell", "code", "says"),
    [
        (PLAN, "有规化", "DT224", "the nearest option is '有规划'"),
        (PLAN, "zzz", "DT224", "the options are 'none', 'draft'"),
        (PLAN, "有规划┋没有规划", "DT225", "2 answers ('plan' and 'none')"),
        (PLAN, "有规划┋啥", "DT225", "several answers"),
        (TRUST, "一般┋比较同意", "DT225", "several answers"),
        (TRUST, "6", "DT224", "a whole number from 1 to 5"),
        (TRUST, "2.5", "DT224", "a whole number from 1 to 5"),
        (TRUST, "非常同意", "DT224", "'Strongly disagree' to 'Strongly agree'"),
        (TOOLS, "云┋云端", "DT224", "'云端' in it"),
        (TOOLS, "云┋以上均无", "DT230", "'None of these' is ticked beside other options"),
        (FIRST, "人才→数据→人才", "DT230", "an option in two places"),
        (FIRST, "人才→钱", "DT224", "'钱' is none of the options"),
        (SPENDING, "101", "DT223", "expected 0 to 100"),
        (SPENDING, "一成", "DT220", "a percentage such as 45%"),
        (STAFF, "几个人", "DT220", "found '几个人'"),
    ],
)
def test_one_cell(of, every_kind: Methodology, check, found, heading: str, cell: str, code: str, says: str) -> None:
    grid = exports.wjx(of).put(3, heading, cell)
    table, findings = check(grid, every_kind)
    assert table is None
    [one] = findings.errors
    assert (one.code, at(one)) == (code, (5, grid.column(heading) + 1, "企业003"))
    assert says in one.message


def test_in_a_workbook_the_cell_is_named(of, every_kind: Methodology, check) -> None:
    grid = exports.wjx(of, codes=True)
    for head in [head for head in grid.heads[0] if head.startswith("第4题")]:
        grid.put(5, head, 1)
    _, findings = check(grid, every_kind, "codes.xlsx")
    [one] = findings.errors
    assert (one.code, one.place.cell, one.place.unit) == ("DT230", "O7", "企业005")


@pytest.mark.parametrize("cell", ["-1", "9", "第一"])
def test_a_place_that_there_is_not(of, every_kind: Methodology, check, cell: str) -> None:
    _, findings = check(exports.wjx(of, codes=True).put(2, "第10题(人才)", cell), every_kind)
    [one] = findings.errors
    assert (one.code, one.place.line, one.place.unit) == ("DT224", 4, "企业002")
    assert "a place from 1 to 4" in one.message


def test_two_options_in_one_place(of, every_kind: Methodology, check) -> None:
    grid = exports.wjx(of, codes=True).put(4, "第10题(人才)", 1).put(4, "第10题(数据)", 1)
    _, findings = check(grid, every_kind)
    assert {(one.code, one.place.line, one.place.unit) for one in findings.errors} == {("DT230", 6, "企业004")}
    grid = exports.limesurvey(of).put(4, "Q8[1]", "people").put(4, "Q8[2]", "people").put(4, "Q8[3]", "data")
    _, findings = check(grid, every_kind)
    [one] = findings.errors
    assert (one.code, one.place.name, one.place.unit) == ("DT230", "Q8[2]", "企业004")


@pytest.mark.parametrize("question", ["Q1", "Q3", "Q7", "Q6", "Q5 design"])
def test_codes_for_blanks_are_never_points(of, every_kind: Methodology, check, question: str) -> None:
    headings = {"Q1": PLAN, "Q3": TRUST, "Q7": STAFF, "Q6": SPENDING, "Q5 design": "第7题(设计)"}
    grid = exports.wjx(of, codes=True).put(2, headings[question], -2).put(3, headings[question], -3)
    table, findings = check(grid, every_kind)
    assert not findings.errors
    name, _, row = question.partition(" ")
    answers = table.answers[name, row]
    assert answers.status[2:4].tolist() == [Status.MISSING, Status.NOT_APPLICABLE]
    assert not answers.given[2:4].any()
    scores = dti.CompositeIndex(every_kind).fit(table).score(table)
    item = {"Q1": "plan", "Q3": "trust", "Q7": "staff", "Q6": "spending", "Q5 design": "design"}[question]
    assert np.isnan(scores.column(item)[2:4]).all()
    assert scores.status[item].iloc[2:4].tolist() == ["missing", "not applicable"]


def test_blanks_of_ticks_and_places(of, every_kind: Methodology, check) -> None:
    grid = exports.wjx(of, codes=True)
    for start, row, blank in (("第4题", 2, -2), ("第4题", 3, -3), ("第10题", 2, -2), ("第10题", 3, -3)):
        for head in [head for head in grid.heads[0] if head.startswith(start)]:
            grid.put(row, head, blank)
    table, _ = check(grid, every_kind)
    for key in (("Q2", ""), ("Q8", "")):
        assert table.answers[key].status[2:4].tolist() == [Status.MISSING, Status.NOT_APPLICABLE]
        assert not table.answers[key].values[2:4].any()


@pytest.mark.parametrize(
    ("closed", "points"),
    [("right", [0, 0, 1, 1, 2, 3, 4, 0, 4]), ("left", [0, 1, 1, 2, 2, 4, 4, 0, 4])],
)
def test_a_band_edge(of, load, check, closed: str, points: list[int]) -> None:
    """x <= 10 with `closed: right`, x < 10 with `closed: left`; the written edge is the edge."""
    methodology = load(("closed: right", f"closed: {closed}"))
    grid = exports.wjx(of)
    for row, cell in enumerate(["9.99", "10", "10.01", "20", "20.000001", "60", "60.1", "0", "100"]):
        grid.put(row, SPENDING, cell)
    table, _ = check(grid, methodology)
    measured = dti.CompositeIndex(methodology).fit(table).score(table).measured["spending"]
    assert measured.iloc[: len(points)].tolist() == points


def test_percent_signs_full_width_digits_and_chosen_bands(of, every_kind: Methodology, check, found) -> None:
    grid = exports.wjx(of)
    for row, cell in enumerate(["12.5%", "１２．５％", "12.5", "10%至20%", "10 to 20 %"]):
        grid.put(row, SPENDING, cell)
    table, findings = check(grid, every_kind)
    measured = dti.CompositeIndex(every_kind).fit(table).score(table).measured["spending"]
    assert measured.iloc[:5].tolist() == [1.0] * 5
    assert table.answers["Q6", ""].values[:3].tolist() == [12.5] * 3
    assert len(found(findings, "DT228")) == 1


@pytest.mark.parametrize(
    "cells",
    [
        ["完全不同意", "不太同意", "一般", "比较同意", "完全同意"],
        ["Strongly disagree", "disagree", "NEITHER", " Agree ", "Strongly  agree"],
        ["1", "2分", "３", "4.0", "5"],
    ],
)
def test_words_of_a_scale(of, every_kind: Methodology, check, cells: list[str]) -> None:
    grid = exports.wjx(of)
    for row, cell in enumerate(cells):
        grid.put(row, TRUST, cell)
    table, _ = check(grid, every_kind)
    assert table.answers["Q3", ""].values[:5].tolist() == [1, 2, 3, 4, 5]
    scores = dti.CompositeIndex(every_kind).fit(table).score(table)
    assert scores.column("trust")[:5].tolist() == [100, 75, 50, 25, 0]  # reversed: disagreeing is best


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("是", "否"),
        ("Y", "N"),
        ("TRUE", "FALSE"),
        ("√", ""),
        ("1.0", "0.0"),
        ("１", "０"),
        ("选中", "未选中"),
        (1, None),
    ],
)
def test_ticks_by_any_name(of, every_kind: Methodology, check, yes: object, no: object) -> None:
    plain, _ = check(exports.wjx(of, codes=True), every_kind)
    grid = exports.wjx(of, codes=True)
    columns = [grid.column(head) for head in grid.heads[0] if head.startswith("第4题")]
    for row in grid.rows:
        for column in columns:
            row[column] = {1: yes, 0: no}.get(row[column], row[column])
    table, _ = check(grid, every_kind, "ticks.xlsx")
    assert (table.answers["Q2", ""].values == plain.answers["Q2", ""].values).all()


def test_ticks_mixed_with_other_words(of, every_kind: Methodology, check) -> None:
    grid = exports.wjx(of, codes=True).put(0, "第4题(云)", "是").put(1, "第4题(云)", "也许").put(2, "第4题(云)", 2)
    _, findings = check(grid, every_kind)
    assert [(one.code, one.place.line, one.place.unit) for one in findings.errors] == [
        ("DT224", 3, "企业001"),
        ("DT224", 4, "企业002"),
    ]


def test_nothing_ticked_is_an_answer_only_where_it_is_said(of, every_kind: Methodology, check) -> None:
    """Zeros throughout say no to each option; blanks say nothing. Where an option means none, nobody means zeros."""
    grid = exports.wjx(of.with_answers(0, Q1="plan", Q10=()).with_answers(1, Q2=()), codes=True)
    table, _ = check(grid, every_kind)
    assert table.answers["Q10", ""].given[0]
    assert not table.answers["Q2", ""].given[1]
    table, _ = check(exports.qualtrics(of.with_answers(0, Q1="plan", Q10=())), every_kind)
    assert not table.answers["Q10", ""].given[0]


def test_what_was_typed_beside_an_option(of, every_kind: Methodology, check) -> None:
    grid = (
        exports.wjx(of)
        .put(0, TOOLS, "云┋其他〖A；B，C〗")
        .put(1, TOOLS, "其他〖〗")
        .put(2, "2、您所在的行业是？", "其他〖纺织〗")
    )
    table, _ = check(grid, every_kind)
    ids = [option.id for option in every_kind.tree.questions["Q2"].options]
    assert table.answers["Q2", ""].values[:2].tolist() == [
        [one in ("cloud", "other") for one in ids],
        [one == "other" for one in ids],
    ]
    assert table.texts["sector"][2] == "other"
    assert "纺织" not in repr(table.texts)
    table, _ = check(exports.wjx(of, codes=True).put(0, "第4题(其他)", "1〖ERP〗"), every_kind)
    assert table.answers["Q2", ""].values[0, ids.index("other")]
    grid = exports.limesurvey(of).put(0, "Q2[other]", "自建").put(1, "sector", "-oth-")
    table, _ = check(grid, every_kind)
    assert table.answers["Q2", ""].values[0, ids.index("other")]
    assert table.texts["sector"][1] == "other"


def test_answered_though_it_was_skipped(of, every_kind: Methodology, check, found) -> None:
    grid = exports.wjx(of.with_answers(2, Q1="none", Q9=3, Q10=("staff",)))
    table, findings = check(grid, every_kind)
    first, second = found(findings, "DT234", "warning")
    assert (first.place.name, second.place.name) == ("11、规划细化到第几级?", "12、谁参与规划?")
    assert "1 answered it: 企业002" in first.message
    for name in ("Q9", "Q10"):
        assert table.answers[name, ""].status[2] == Status.NOT_APPLICABLE
    same, _ = check(exports.wjx(of.with_answers(2, Q1="none", Q9=exports.SKIPPED, Q10=exports.SKIPPED)), every_kind)
    scores = [dti.CompositeIndex(every_kind).fit(one).score(one) for one in (table, same)]
    assert (scores[0].scores.fillna(-1) == scores[1].scores.fillna(-1)).all(axis=None)


def test_many_wrong_cells_are_counted(every_kind: Methodology, check, found) -> None:
    of = exports.sample(every_kind, 40, gaps=0.0)
    grid = exports.wjx(of)
    for row in range(40):
        grid.put(row, PLAN, "啥")
    _, findings = check(grid, every_kind)
    wrong = found(findings, "DT224")
    assert len(wrong) == 21
    assert any("20 more rows likewise (40 in all)" in one.message for one in wrong)


@pytest.mark.parametrize(("cells", "severity", "says"), [
    ([-1], "error", "a negative weight: correct it: 企业000"),
    ([""], "error", "no weight: fill it in: 企业000"),
    ([0], "warning", "a weight of 0"),
    ([100.5], "warning", "a weight above 100, 100 times the median"),
])  # fmt: skip
def test_sampling_weights(of, every_kind, check, found, cells: list[object], severity: str, says: str) -> None:
    grid = exports.wjx(dataclasses.replace(of, beside={"weight": [*cells, *[1] * 19]}))
    table, findings = check(grid, every_kind)
    [one] = found(findings, "DT210")
    assert (one.severity.value, at(one)) == (severity, (2, grid.column("weight") + 1, "企业000"))
    assert says in one.message
    assert (table is None) == (severity == "error")


def test_weights_at_the_limit_and_without_a_column(of, every_kind: Methodology, check, found) -> None:
    table, findings = check(exports.wjx(dataclasses.replace(of, beside={"weight": [100, *[1] * 19]})), every_kind)
    assert not found(findings, "DT210")
    assert table.weights.tolist() == [100, *[1] * 19]
    table, findings = check(exports.wjx(dataclasses.replace(of, beside={})), every_kind)
    [one] = found(findings, "DT210", "warning")
    assert one.place.name == "weight"
    assert table.weights is None
