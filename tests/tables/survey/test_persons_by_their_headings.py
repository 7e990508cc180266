"""Columns that identify a person under the headings that people give them, and late in a file."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from dtindex.spec import parse_methodology
from dtindex.tables.read import check_table
from dtindex.tables.survey.personal import is_personal

METHODOLOGY = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: a, parent: index, from: Q, normalise: {method: goalposts, worst: 0, best: 10}}]
questions: [{id: Q, type: number}]
"""


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "姓名",
            "您的姓名（选填）：",
            "填表人姓名",
            "企业联系人",
            "联系方式",
            "3、联系电话",
            "负责人手机号",
            "公司邮箱",
            "微信",
        ),
        *("Respondent name", "Your phone number", "Contact e-mail", "Q5. Email:", "IP Address"),
    ],
)
def test_a_person_is_told_by_the_heading(heading: str) -> None:
    assert is_personal(heading, ["x"]) == "its heading"


@pytest.mark.parametrize(
    "heading",
    [
        *("企业名称", "是否使用企业微信", "贵企业是否通过微信开展营销", "有无联系人", "通过哪些电话", "产品名称"),
        *("Company name", "Brand name", "Mobile payment", "Skip", "Group", "Q1", "Time"),
    ],
)
def test_a_firm_and_a_question_are_no_person(heading: str) -> None:
    assert is_personal(heading, ["x"]) is None


@pytest.mark.parametrize("wording", ["您的姓名（选填）：", "Mobile phone", "Contact e-mail"])
def test_a_person_is_told_by_the_wording(wording: str) -> None:
    assert is_personal("Q90", ["x"], wording) == "its wording"


@pytest.mark.parametrize("wording", ["", "Company name", "是否使用企业微信"])
def test_other_wordings_are_no_person(wording: str) -> None:
    assert is_personal("Q90", ["x"], wording) is None


@pytest.mark.parametrize(
    "cell", ["0571-88888888", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "fe80::1ff:fe23:4567:890a"]
)
def test_a_person_is_told_by_what_stands_there(cell: str) -> None:
    assert is_personal("Q9", [cell]) == "what stands in it"


@pytest.mark.parametrize("cell", ["12:30:45", "2024-01-02", "0571", "3.1.2"])
def test_times_dates_and_codes_are_no_person(cell: str) -> None:
    assert is_personal("Q9", [cell]) is None


def test_a_column_that_is_filled_in_late_is_looked_at() -> None:
    assert is_personal("Q9", [""] * 5_000 + ["13800000001"] * 5) == "what stands in it"


def test_a_remark_on_the_encoding_shows_no_cell_of_a_person(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("id,name,Q\nx1,张三丰,3\nx2,李四光,4\n".encode("gb18030"))
    wanted, _ = parse_methodology(METHODOLOGY.encode(), "made-up.yaml")
    assert wanted is not None
    table, findings = check_table(path, wanted)
    assert [one.code for one in findings] == ["DT120", "DT236"]
    assert not any("张三丰" in one.message for one in findings)
    assert table is not None
    assert "张三丰".encode() not in pickle.dumps(table)
