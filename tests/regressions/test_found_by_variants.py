"""Faults that variants of indices met: what a file may say, and what became of it."""

from __future__ import annotations

import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec.loader import parse_methodology

HEAD = "schema_version: 1\nid: small\ntitle: Small\nunits: {kind: region, key: unit}\n"


def methodology(text: str):
    found, findings = parse_methodology(HEAD + text, "small.yaml")
    return found, findings


def test_an_interval_on_an_open_scale_is_refused_at_loading() -> None:
    found, findings = methodology(
        "nodes:\n  - {id: index, scale: open, aggregate: {method: geometric, within: [1, 100]}}\n"
        "indicators:\n  - {id: a, parent: index, normalise: {method: z-score}}\n"
        "  - {id: b, parent: index, normalise: {method: z-score}}\n"
    )
    assert found is None
    assert "DT028" in findings.codes


def test_a_column_without_variation_below_a_node_that_the_table_gives() -> None:
    found, findings = methodology(
        "nodes:\n  - {id: index}\n  - {id: part, parent: index, column: part}\n"
        "indicators:\n  - {id: a, parent: part}\n  - {id: b, parent: index, normalise: "
        "{method: goalposts, worst: 0, best: 10}}\n"
    )
    assert found is not None, findings
    table = dti.read_table(
        pd.DataFrame({"unit": ["x", "y", "z"], "part": [10.0, 20.0, 30.0], "a": [5.0, 5.0, 5.0], "b": [1.0, 2.0, 3.0]}),
        found,
    )
    scores = dti.CompositeIndex(found).fit(table).score()
    assert scores.scores["index"].tolist() == [10.0, 20.0, 30.0]
    assert scores.scores["a"].isna().all()


def test_weights_of_zero_below_a_node_that_takes_one_case() -> None:
    found, findings = methodology(
        "nodes:\n  - {id: index, aggregate: {method: cases, cases: [{take: a}]}}\n"
        "indicators:\n  - {id: a, parent: index, weight: 0, normalise: {method: goalposts, worst: 0, best: 10}}\n"
        "  - {id: b, parent: index, weight: 0, normalise: {method: goalposts, worst: 0, best: 10}}\n"
    )
    if found is None:
        pytest.fail(str(findings))
    table = dti.read_table(pd.DataFrame({"unit": ["x", "y"], "a": [1.0, 2.0], "b": [3.0, 1.0]}), found)
    scores = dti.CompositeIndex(found).fit(table).score()
    assert scores.scores["index"].tolist() == [10.0, 20.0]
    assert set(scores.effective.values()) == {0.0}
