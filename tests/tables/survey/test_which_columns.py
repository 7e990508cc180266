"""Which column answers which question: by name and wording, in any order; what is only near is proposed."""

from __future__ import annotations

import random

import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.findings import Severity
from dtindex.output import long_csv
from dtindex.spec import Methodology
from dtindex.tables.read import read_table
from dtindex.tables.table import Table

PLAN = "3、贵企业是否制定了数字化规划？"
STAFF = "9、从事数字化工作的人数"


@pytest.fixture
def of(every_kind: Methodology):
    return exports.sample(every_kind, 20, gaps=0.0)


def scores_csv(table: Table | None, methodology: Methodology) -> bytes:
    assert table is not None
    return long_csv(dti.CompositeIndex(methodology).fit(table).score(table))


@pytest.fixture
def right(of, every_kind: Methodology, check) -> bytes:
    """The scores of an export in which nothing was changed."""
    return scores_csv(check(exports.wjx(of), every_kind)[0], every_kind)


def headed(findings, code: str) -> list[tuple[str | None, str]]:
    return [(one.place.name, one.message) for one in findings if one.code == code]


def test_questions_in_another_order(of, every_kind: Methodology, check, right: bytes) -> None:
    grid = exports.wjx(of)
    columns = list(range(len(grid.heads[0])))
    random.Random(1).shuffle(columns)
    assert scores_csv(check(grid.take(columns), every_kind)[0], every_kind) == right


def test_questions_numbered_anew_are_found_by_their_wording(of, every_kind: Methodology, check, right: bytes) -> None:
    grid = exports.wjx(of).rename(PLAN, "9、贵企业是否制定了数字化规划？").rename(STAFF, "3、从事数字化工作的人数")
    table, findings = check(grid, every_kind)
    assert scores_csv(table, every_kind) == right
    assert not headed(findings, "DT231") + headed(findings, "DT232")


@pytest.mark.parametrize(
    "heading",
    [
        "3、贵企业是否制定了数字化规划？ [单选题]",
        "*3. 贵企业是否制定了数字化规划（必答）",
        "03：贵企业是否制定了数字化规划",
        "Q1",
        "Is there a plan?",
    ],
)
def test_headings_that_mean_the_same(of, every_kind: Methodology, check, right: bytes, heading: str) -> None:
    table, _ = check(exports.wjx(of).rename(PLAN, heading), every_kind)
    assert scores_csv(table, every_kind) == right


def test_ids_and_wordings_that_disagree(of, every_kind: Methodology, check) -> None:
    grid = exports.qualtrics(of)
    heads = grid.heads[0]
    first, second = grid.column("Q1"), grid.column("sector")
    heads[first], heads[second] = "sector", "Q1"
    table, findings = check(grid, every_kind)
    assert table is None
    errors = headed(findings.errors, "DT232")
    assert [name for name, _ in errors] == ["sector", "Q1"]
    assert 'which is the question "Q1" and not "sector"' in errors[0][1]


def test_ids_and_wordings_of_rows_that_disagree(of, every_kind: Methodology, check) -> None:
    grid = exports.limesurvey(of, full=True)
    heads = grid.heads[0]
    first, second = (
        next(i for i, head in enumerate(heads) if head.startswith(f"Q4[{row}]")) for row in ("fast", "manual")
    )
    heads[first], heads[second] = heads[first].replace("fast", "manual"), heads[second].replace("manual", "fast")
    _, findings = check(grid, every_kind)
    assert [name for name, _ in headed(findings.errors, "DT232")] == ["Q4[manual]", "Q4[fast]"]


def test_rows_numbered_in_another_order_are_found_by_their_wording(of, every_kind, check, right: bytes) -> None:
    grid = exports.qualtrics(of)
    heads = grid.heads[0]
    first, second = grid.column("Q4_1"), grid.column("Q4_2")
    heads[first], heads[second] = heads[second], heads[first]
    assert scores_csv(check(grid, every_kind)[0], every_kind) == right


@pytest.mark.parametrize(
    ("said", "warned"),
    [
        ("贵公司有没有成文的数字化方案？", True),
        ("贵企业是否制定了人才发展规划？", True),  # begins alike
        ("贵企业是否制定了数字化规划，并已落实到部门？", True),  # asks more
        ("贵企业是否制定了数字", False),  # cut off by the file
        ("贵企业是", True),  # too short to tell
    ],
)
def test_another_wording_under_the_same_id(of, every_kind, check, right: bytes, said: str, warned: bool) -> None:
    grid = exports.qualtrics(of)
    grid.heads[1][grid.column("Q1")] = said
    table, findings = check(grid, every_kind)
    told = [(one.severity, one.place.name) for one in findings if one.code == "DT231"]
    assert told == ([(Severity.WARNING, "Q1")] if warned else [])
    assert not headed(findings, "DT232")
    assert scores_csv(table, every_kind) == right


def test_a_renamed_question_is_proposed_and_not_taken(of, every_kind: Methodology, load, check, right: bytes) -> None:
    renamed = "3、贵企业制定了数字化规划吗？"
    grid = exports.wjx(of).rename(PLAN, renamed)
    table, findings = check(grid, every_kind)
    assert table is None
    [one] = findings.errors
    assert (one.code, one.place.name) == ("DT202", "Q1")
    assert "the nearest heading is '3、贵企业制定了数字化规划吗?', which is not taken by itself" in one.message
    methodology = load(("  - id: Q1\n", f"  - id: Q1\n    column: {renamed}\n"))
    assert scores_csv(check(grid, methodology)[0], methodology) == right


def test_two_columns_that_ask_the_same(of, every_kind: Methodology, check) -> None:
    grid = exports.wjx(of).add("14、贵企业是否制定了数字化规划？", ["有规划"] * 20)
    table, findings = check(grid, every_kind)
    assert table is None
    [one] = findings.errors
    assert (one.code, one.place.name) == ("DT232", "14、贵企业是否制定了数字化规划?")


@pytest.mark.parametrize(
    ("heading", "name", "severity"),
    [
        (STAFF, "Q7", Severity.ERROR),
        (PLAN, "Q1", Severity.ERROR),
        ("13、您还有什么建议？", None, Severity.NOTE),
    ],
)
def test_a_question_that_is_not_there(
    of, every_kind, check, heading: str, name: str | None, severity: Severity
) -> None:
    table, findings = check(exports.wjx(of).drop(heading), every_kind)
    [one] = [one for one in findings if one.code == "DT202"]
    assert (one.severity, one.place.name) == (severity, name)
    assert (table is None) == (severity is Severity.ERROR)


def test_a_question_that_only_measures_is_a_warning(of, load, check) -> None:
    methodology = load(
        (
            "  - {id: share_cloud, from: {question: Q2, option: cloud}}",
            "  - {id: sector_is, from: {question: sector, option: machines}}",
        )
    )
    table, findings = check(exports.wjx(of).drop("2、您所在的行业是？"), methodology)
    [one] = [one for one in findings if one.code == "DT202" and one.place.name == "sector"]
    assert one.severity is Severity.WARNING
    assert table is not None


def test_an_option_without_a_column(of, every_kind: Methodology, check) -> None:
    _, findings = check(exports.wjx(of, codes=True).drop("第4题(云)"), every_kind)
    [one] = findings.errors
    assert one.code == "DT202"
    assert one.message == "no column for 'cloud' of the question \"Q2\": add it, with 0 where nobody chose it"


def test_a_column_for_an_option_that_there_is_not(of, every_kind: Methodology, check) -> None:
    cells = [0, 1, *[0] * 18]
    _, findings = check(exports.wjx(of, codes=True).add("第4题(云端)", cells), every_kind)
    [one] = findings.errors
    assert (one.code, one.place.line, one.place.unit) == ("DT224", 3, "企业001")
    assert "the question \"Q2\" has no option '云端'" in one.message
    table, findings = check(exports.wjx(of, codes=True).add("第4题(云端)", [0] * 20), every_kind)
    assert table is not None  # nobody chose it


@pytest.mark.parametrize(
    ("old", "new", "question", "parts"),
    [
        ("第4题(云)", "第4题(云端)", "Q2", "5 of its 6 parts"),
        ("第6题(决策很快。)", "第6题(决策迅速。)", "Q4", "2 of its 3 parts"),
    ],
)
def test_a_renamed_part_is_proposed_and_not_taken(of, every_kind, load, check, old, new, question, parts) -> None:
    grid = exports.wjx(of, codes=True).rename(old, new)
    _, findings = check(grid, every_kind)
    [one] = findings.errors
    assert (one.code, one.place.name) == ("DT202", question)
    number = old[:3]
    assert f"the columns {number} have {parts}" in one.message
    methodology = load((f"  - id: {question}\n", f"  - id: {question}\n    column: {number}\n"))
    _, findings = check(grid, methodology)
    assert sorted({one.code for one in findings.errors}) == ["DT202", "DT224"]  # the part lacks, and is a strange one


def test_a_longer_option_is_not_taken_for_a_shorter_one(of, load, check) -> None:
    """私有云 ends in 云, and is none of it."""
    methodology = load(('      - {id: private_cloud, label: {en: "Private cloud", zh: 私有云}, points: 1.5}\n', ""))
    for grid in (exports.wjx(of, codes=True), exports.qualtrics(of, numeric=True)):
        _, findings = check(grid, methodology)
        assert {one.code for one in findings.errors} == {"DT224"}
        assert all("私有云" in one.message for one in findings.errors)


def test_options_that_punctuation_alone_tells_apart(of, load, check) -> None:
    methodology = load(
        ("label: {en: Staff, zh: 员工}", "label: {en: few, zh: <300}"),
        ("label: {en: Suppliers, zh: 供应商}", "label: {en: many, zh: '>300'}"),
    )
    sample = exports.sample(methodology, 20, gaps=0.0)
    for grid in (exports.wjx(sample, codes=True), exports.qualtrics(sample, numeric=True)):
        table, findings = check(grid, methodology)
        assert not findings.errors
        given = [one["Q10"] if one["Q10"] != exports.SKIPPED else () for one in sample.people]
        assert table.answers["Q10", ""].values[:, 0].tolist() == ["staff" in one for one in given]
        assert table.answers["Q10", ""].values[:, 1].tolist() == ["suppliers" in one for one in given]


def test_matrices_with_the_same_rows_are_told_apart_by_their_column_only(of, load, check) -> None:
    same = """  - id: Q5b
    type: matrix
    label: {en: "Who checks them?", zh: 由谁核对？}
    options: [{id: nobody, label: {zh: 无人使用}}, {id: some, label: {zh: 部分人员}}, {id: all, label: {zh: 全体人员}}]
    rows: [{id: design, label: {en: Design, zh: 设计}}, {id: sales, label: {en: Sales, zh: 销售}}]
"""
    methodology = load(("classes:\n", f"{same}classes:\n"))
    sample = exports.sample(methodology, 20, gaps=0.0)
    _, findings = check(exports.wjx(sample), methodology)
    assert [one.code for one in findings.errors] == ["DT232", "DT232", "DT202"]
    methodology = load(("classes:\n", f"{same}classes:\n"), ("  - id: Q5\n", "  - id: Q5\n    column: 第7题\n"))
    table, findings = check(exports.wjx(sample), methodology)
    assert not findings.errors
    for row in ("design", "sales"):
        ids = [option.id for option in methodology.tree.questions["Q5b"].options]
        assert [ids[value] for value in table.answers["Q5b", row].values] == [one["Q5b"][row] for one in sample.people]


def test_the_platforms_number_stands_in_for_the_key(of, every_kind: Methodology, check) -> None:
    table, findings = check(exports.wjx(of).drop("1、贵企业的名称是？"), every_kind)
    [(name, message)] = headed(findings, "DT238")
    assert (name, table.units[:2].tolist()) == ("序号", ["1", "2"])
    assert "respondents are known by '序号'" in message


# --- dialects ---


def test_headings_only(of, every_kind: Methodology, check) -> None:
    for grid in (exports.wjx(of), exports.qualtrics(of), exports.limesurvey(of)):
        grid.rows = []
        table, findings = check(grid, every_kind)
        assert table is None
        assert [one.code for one in findings.errors] == ["DT102"]


@pytest.mark.parametrize(
    ("make", "declared", "told"),
    [
        (exports.wjx, "qualtrics", "its headings are those of 问卷星: correct `dialect:` (wjx)"),
        (exports.qualtrics, "wjx", "its headings are those of Qualtrics"),
        (exports.limesurvey, "spss", "its headings are those of LimeSurvey"),
        (exports.wjx, "plain", "its headings are those of 问卷星"),
    ],
)
def test_a_dialect_declared_against_what_the_file_is(of, load, check, make, declared: str, told: str) -> None:
    methodology = load(("survey:\n", f"survey:\n  dialect: {declared}\n"))
    _, findings = check(make(of), methodology)
    [one] = [one for one in findings if one.code == "DT233"]
    assert one.severity is Severity.WARNING
    assert told in one.message


@pytest.mark.parametrize("declared", ["", "  dialect: wjx\n"])
def test_the_dialect_is_said(of, load, check, declared: str) -> None:
    _, findings = check(exports.wjx(of), load(("survey:\n", f"survey:\n{declared}")))
    [one] = [one for one in findings if one.code == "DT233"]
    assert one.severity is Severity.NOTE
    assert "问卷星" in one.message
    _, findings = check(exports.plain(of), load())
    assert not headed(findings, "DT233")


def test_qualtrics_with_typed_options_and_without_wordings(of, every_kind: Methodology, check, right: bytes) -> None:
    grid = exports.qualtrics(of)
    grid.heads[1][grid.column("Q1")] += " - Selected Choice"
    grid.rename("Q1", "QID7")  # found by its wording, as question names are optional there
    assert scores_csv(check(grid, every_kind)[0], every_kind) == right
    grid = exports.qualtrics(of, numeric=True)
    del grid.heads[1]
    assert scores_csv(check(grid, every_kind)[0], every_kind) == right


# --- SPSS ---


def spss(of, methodology: Methodology, tmp_path, **labels: dict[int, str]) -> Table:
    return read_table(exports.write_spss(of, tmp_path / "answers.sav", **labels), methodology)


def test_labels_of_values_decide_what_a_code_means(of, every_kind: Methodology, tmp_path) -> None:
    before = spss(of, every_kind, tmp_path)
    labels = {1: "有规划", 2: "正在制定", 3: "没有规划", 4: "有规划，且已落实", 5: "不清楚"}
    after = spss(of, every_kind, tmp_path, Q1=labels)
    swapped = {0: 2, 2: 0}
    given = before.answers["Q1", ""].values.tolist()
    assert after.answers["Q1", ""].values.tolist() == [swapped.get(value, value) for value in given]
    turned = {5: "完全不同意", 4: "不太同意", 3: "一般", 2: "比较同意", 1: "完全同意"}
    after = spss(of, every_kind, tmp_path, Q3=turned)
    assert (after.answers["Q3", ""].values == 6 - before.answers["Q3", ""].values).all()


def test_labels_that_the_questionnaire_does_not_know(of, every_kind: Methodology, tmp_path) -> None:
    with pytest.raises(dti.InputError) as caught:
        spss(of, every_kind, tmp_path, Q1={1: "甲", 2: "乙", 3: "丙", 4: "丁", 5: "戊"})
    first = next(one for one in caught.value.findings if one.code == "DT224")
    assert "which the file labels" in first.message
    assert first.place.name == "Q1"
    assert first.place.unit is not None


def test_codes_that_are_declared_missing(of, every_kind: Methodology, tmp_path) -> None:
    of = of.with_answers(0, Q1="dont_know", Q4={"fast": "8", "manual": "9", "shared": 3})
    table = spss(of, every_kind, tmp_path)
    assert not table.answers["Q1", ""].given[0]
    assert [int(table.answers["Q4", row].status[0]) for row in ("fast", "manual", "shared")] == [32, 64, 0]
