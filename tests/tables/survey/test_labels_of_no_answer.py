"""A value on a scale that an SPSS file labels as no answer becomes no score unless the methodology says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from dtindex.findings import Findings
from dtindex.spec import parse_methodology
from dtindex.status import Status
from dtindex.tables.read import check_table
from dtindex.tables.table import Table

HEAD = """
schema_version: 1
id: made-up
title: Made up
units: {kind: firm, key: id}
nodes: [{id: index}]
indicators: [{id: a, parent: index, from: Q}]
"""


def read(
    folder: Path, values: list[int], labels: Mapping[int, str], settings: str = "points: 10", **missing: list[int]
) -> tuple[Table | None, Findings]:
    found, findings = parse_methodology((HEAD + f"questions: [{{id: Q, type: scale, {settings}}}]").encode(), "m.yaml")
    assert found is not None, list(findings)
    frame = pd.DataFrame({"id": [f"x{row}" for row in range(len(values))], "Q": [float(value) for value in values]})
    path = folder / "answers.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"Q": dict(labels)}, missing_ranges=missing)
    return check_table(path, found)


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("Don't know", "missing"),
        ("拒绝回答", "missing"),
        ("Not applicable", "not-applicable"),
        ("不适用", "not-applicable"),
    ],
)
def test_it_is_refused_and_what_to_do_is_said(tmp_path: Path, found, label: str, status: str) -> None:
    table, findings = read(tmp_path, [1, 9, 10], {1: "Not at all", 9: label})
    assert table is None
    [one] = found(findings, "DT224", "error")
    assert f"found '9', which the file labels {label!r}, which is no degree of the scale" in one.message
    remedy = f'codes: {{"9": {{status: {status}}}}}'
    assert f"declare `{remedy}`" in one.message
    table, findings = read(tmp_path, [1, 9, 10], {1: "Not at all", 9: label}, f"points: 10, {remedy}")
    assert not findings.errors
    assert table is not None
    np.testing.assert_array_equal(table.answers["Q", ""].values, [1, np.nan, 10])


def test_a_declared_value_or_label_is_a_degree(tmp_path: Path) -> None:
    labels = {1: "few", 2: "unknown", 3: "many"}
    for settings in ('points: 3, codes: {"2": {value: 2}}', "points: 3, labels: [few, unknown, many]"):
        table, findings = read(tmp_path, [1, 2, 3], labels, settings)
        assert not findings.errors
        assert table is not None
        assert table.answers["Q", ""].values.tolist() == [1, 2, 3]


def test_what_the_file_declares_missing_is_missing(tmp_path: Path) -> None:
    table, findings = read(tmp_path, [1, 9, 10], {9: "Don't know"}, Q=[9])
    assert not findings.errors
    assert table is not None
    assert table.answers["Q", ""].status.tolist() == [Status.NORMAL, Status.MISSING, Status.NORMAL]


def test_the_middle_of_a_scale_may_be_worded_so(tmp_path: Path) -> None:
    agree = ["完全不同意", "不太同意", "说不清", "比较同意", "完全同意"]
    table, findings = read(tmp_path, [1, 3, 5], dict(enumerate(agree, 1)), "points: 5")
    assert not findings.errors
    assert table is not None
    assert table.answers["Q", ""].values.tolist() == [1, 3, 5]


def test_the_same_word_at_the_end_is_no_degree(tmp_path: Path) -> None:
    agree = ["完全不同意", "不太同意", "比较同意", "完全同意", "说不清"]
    table, findings = read(tmp_path, [1, 3, 5], dict(enumerate(agree, 1)), "points: 5")
    assert table is None
    assert [one.code for one in findings.errors] == ["DT224"]
