"""Faults that variants of indices met: what a file may say, and what became of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.spec.loader import parse_methodology
from dtindex.spec.methods import Geometric
from dtindex.steps.aggregate import aggregator
from dtindex.steps.aggregate.base import Inputs

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


def test_a_reversed_mean_at_the_end_of_its_scale_is_no_negative_score() -> None:
    """Before, weights in about one of five of these gave -1e-14, which a geometric mean above refused (DT304)."""
    mean = aggregator(Geometric(method="geometric", within=(10.0, 1.0)))
    rng = np.random.default_rng(1)
    ends = [np.array([0.0, 100.0])] * 6
    for _ in range(200):
        weights = rng.random(6).tolist()
        inputs = Inputs(tuple("abcdef"), ends, weights, [True] * 6, lambda item: (ends[0], (0.0, 100.0)))
        found = mean.combine(inputs, {}, (0.0, 100.0))
        assert found.min() >= 0.0
        assert found.max() <= 100.0
        assert found.tolist() == pytest.approx([0.0, 100.0], abs=1e-12)
