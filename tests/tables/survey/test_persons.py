"""What identifies a person: dropped, hashed or kept by rule, and said so; it stands in nothing that is written."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pyreadstat
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.output import Run, write_scores
from dtindex.spec import Methodology
from dtindex.tables.read import check_table

SECRETS = ("张三丰", "138123456", "zhang1@", "11010119900307", "1.2.3.")


def with_persons(grid):
    """Columns told by their heading, and columns told by nothing but what stands in them."""
    count = len(grid.rows)
    grid.add("14、您的姓名：", [f"张三丰{row}" for row in range(count)])
    grid.add("15、怎么联系您", [f"138123456{row:02}" for row in range(count)])
    grid.add("备用", [f"zhang{row}@example.org" for row in range(count)])
    return grid.add("16、证件", [f"1101011990030785{row:02}" for row in range(count)])


def told(*things: object) -> list[str]:
    text = "\n".join(map(repr, things))
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture
def of(every_kind: Methodology):
    return exports.sample(every_kind, 20, gaps=0.0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_dropped_unless_said(of, every_kind: Methodology, check, found, tmp_path: Path, encoding: str) -> None:
    table, findings = check(with_persons(exports.wjx(of)), every_kind, written=encoding)
    [one] = found(findings, "DT236", "note")
    assert one.message == (
        "columns that identify a person were dropped: '来自IP' (by its heading), '14、您的姓名:' (by its heading), "
        "'15、怎么联系您' (by what stands in it), '备用' (by what stands in it), '16、证件' (by what stands in it)"
    )
    assert told({name: column.tolist() for name, column in table.texts.items()}, table.raw) == []
    index = dti.CompositeIndex(every_kind).fit(table)
    scores = index.score(table)
    files = write_scores(tmp_path / "out", scores, scores.findings, Run())
    assert told(*(path.read_text(encoding="utf-8") for path in files)) == []
    path = index.freeze("2024").save(tmp_path / "a.dtindex")
    with zipfile.ZipFile(path) as package:
        parts = [package.read(name) for name in package.namelist()]
    assert [secret for secret in SECRETS for part in parts if secret.encode() in part] == []


def test_nor_do_findings_of_other_errors_tell_them(of, every_kind: Methodology, check) -> None:
    grid = with_persons(exports.wjx(of)).put(3, "3、贵企业是否制定了数字化规划？", "?")
    _, findings = check(grid, every_kind, written="gb18030")
    assert findings.errors
    assert told(*map(str, findings)) == []


def test_hashed_and_kept(of, load, check, found) -> None:
    rules = "  weight: weight\n  personal: {来自IP: keep, 怎么联系您: hash, 备用: hash}\n"
    methodology = load(("  weight: weight\n", rules))
    table, findings = check(with_persons(exports.wjx(of)), methodology)
    assert [one.message.split(":")[0] for one in found(findings, "DT236")] == [
        "columns that identify a person were dropped",
        "columns that identify a person were replaced by pseudonyms",
        "columns that identify a person were kept",
    ]
    assert table.texts["来自IP"][1] == "1.2.3.1(北京-北京)"
    pseudonyms = table.texts["15、怎么联系您"].tolist()
    assert len(set(pseudonyms)) == 20
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in pseudonyms)
    assert told(table.texts["备用"].tolist(), list(map(str, findings))) == []
    again, _ = check(with_persons(exports.wjx(of)), methodology)
    assert again.texts["15、怎么联系您"].tolist() == pseudonyms


@pytest.mark.parametrize("make", [exports.wjx, exports.qualtrics, exports.plain])
def test_an_open_question_for_a_telephone_number(of, every_kind: Methodology, check, make) -> None:
    people = tuple({**one, "Q11": f"138123456{row:02}"} for row, one in enumerate(of.people))
    table, findings = check(make(dataclasses.replace(of, people=people)), every_kind)
    assert "Q11" not in table.texts
    assert told(table.texts, table.raw, list(map(str, findings))) == []


def test_dropped_by_the_wording_in_the_second_row_of_qualtrics(
    of, every_kind: Methodology, check, found, tmp_path: Path
) -> None:
    grid = exports.qualtrics(of)
    grid.add("Q90", [f"张三丰{row}" for row in range(20)], "您的姓名", '{"ImportId":"QID90_TEXT"}')
    table, findings = check(grid, every_kind)
    [one] = found(findings, "DT236", "note")
    assert "'Q90' (by its wording)" in one.message
    assert "Q90" not in table.texts
    assert told({name: column.tolist() for name, column in table.texts.items()}, table.raw, findings) == []
    scores = dti.CompositeIndex(every_kind).fit(table).score(table)
    files = write_scores(tmp_path / "out", scores, scores.findings, Run())
    assert told(*(path.read_text(encoding="utf-8") for path in files)) == []


@pytest.mark.parametrize(("action", "kept"), [("keep", True), ("hash", False)])
def test_the_methodology_may_say_otherwise_of_a_wording(of, load, check, action: str, kept: bool) -> None:
    grid = exports.qualtrics(of)
    grid.add("Q90", [f"张三丰{row}" for row in range(20)], "您的姓名", '{"ImportId":"QID90_TEXT"}')
    methodology = load(("  weight: weight\n", f"  weight: weight\n  personal: {{Q90: {action}}}\n"))
    table, _ = check(grid, methodology)
    assert (table.texts["Q90"].tolist()[0] == "张三丰0") is kept


def test_dropped_by_the_label_of_a_variable(of, every_kind: Methodology, found, tmp_path: Path) -> None:
    path = exports.write_spss(of, tmp_path / "answers.sav")
    frame, meta = pyreadstat.read_sav(str(path))
    frame["v90"] = [f"13812 3456{row:02} (after 6)" for row in range(20)]  # no cell of the form of a number
    labels = {**meta.column_names_to_labels, "v90": "Mobile phone"}
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=meta.variable_value_labels)
    table, findings = check_table(path, every_kind)
    assert table is not None
    [one] = found(findings, "DT236", "note")
    assert "'v90' (by its wording)" in one.message
    assert "v90" not in table.texts
    assert "13812" not in "\n".join(map(repr, (table.texts, table.raw, findings)))


@pytest.mark.parametrize("wording", ["您的手机号", "Mobile phone"])
def test_what_answers_a_question_with_points_is_never_dropped(of, load, check, found, wording: str) -> None:
    """Q6 is a number: it stays whatever it is called, and whatever its wording is."""
    chinese = "zh: 数字化投入占营收的百分比"
    methodology = load((chinese, f"zh: {wording}"))
    grid = exports.qualtrics(dataclasses.replace(of, methodology=methodology))
    table, findings = check(grid, methodology)
    assert wording in grid.heads[1]
    assert table.answers["Q6", ""].given.all()
    assert not any("Q6" in one.message for one in found(findings, "DT236"))


def test_a_key_that_is_worded_as_a_name_is_remarked_on(of, load, check, found) -> None:
    methodology = load(("key: company", "key: v1"))
    grid = exports.qualtrics(of).add("v1", [f"p{row}" for row in range(20)], "您的姓名", '{"ImportId":"QID91"}')
    _, findings = check(grid, methodology)
    [one] = found(findings, "DT236", "warning")
    assert "(by its wording) and will stand in every output" in one.message


def test_numbers_in_a_workbook(of, every_kind: Methodology, check) -> None:
    grid = with_persons(exports.wjx(of))
    column = grid.column("15、怎么联系您")
    for row in grid.rows:
        row[column] = int(row[column])
    table, _ = check(grid, every_kind, "persons.xlsx")
    assert told(table.texts, table.raw) == []


def test_a_key_that_identifies_a_person(of, load, check, found) -> None:
    people = tuple({**one, "company": f"138123456{row:02}"} for row, one in enumerate(of.people))
    grid = exports.wjx(dataclasses.replace(of, people=people))
    table, findings = check(grid, load())
    [one] = found(findings, "DT236", "warning")
    assert "will stand in every output" in one.message
    assert table.units[1] == "13812345601"
    for action in ("hash", "drop"):
        methodology = load(("  weight: weight\n", f"  weight: weight\n  personal: {{company: {action}}}\n"))
        grid.put(3, "3、贵企业是否制定了数字化规划？", "有规划")
        table, findings = check(grid, methodology)
        assert len(set(table.units)) == 20
        assert told(table.units.tolist(), table.texts, table.raw, list(map(str, findings))) == []
        _, findings = check(
            exports.wjx(dataclasses.replace(of, people=people)).put(3, "9、从事数字化工作的人数", "?"), methodology
        )
        assert findings.errors
        assert told(list(map(str, findings))) == []
    table, findings = check(grid, load(("  weight: weight\n", "  weight: weight\n  personal: {company: keep}\n")))
    assert not found(findings, "DT236", "warning")
