"""Imputation by group. Oracles: pandas groupby; COINr's Impute in tests/conformance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.status import Status

CELLS = [1.0, None, 4.0, 10.0, None, 40.0, None]
GROUPS = ["a", "a", "a", "b", "b", "b", "c"]


def one(method: str, by: str | None = "region", more: str = "") -> str:
    group = "" if by is None else f", by: {by}"
    return (
        "units: {kind: unit, key: unit, groups: [region]}\nscale: [0, 100]\nnodes: [{id: index}]\nindicators:\n"
        f"  - {{id: x, parent: index, normalise: {{method: none}}, impute: {{method: {method}{group}}}{more}}}\n"
    )


@pytest.mark.parametrize(("method", "statistic"), [("group-mean", "mean"), ("group-median", "median")])
def test_pandas_groupby(score, method, statistic):
    series = pd.Series(CELLS, dtype=float)
    expected = series.fillna(series.groupby(GROUPS).transform(statistic))
    scores = score(one(method), {"x": CELLS}, texts={"region": GROUPS})
    assert scores.column("x") == pytest.approx(expected.to_numpy(), nan_ok=True, abs=1e-12)
    assert scores.status["x"].tolist() == ["normal", "imputed", "normal", "normal", "imputed", "normal", "missing"]


@pytest.mark.parametrize(("statistic", "expected"), [("mean", 13.75), ("median", 7)])
def test_all_units_are_one_group_without_by(score, statistic, expected):
    scores = score(one(f"group-{statistic}", None), {"x": CELLS})
    assert scores.column("x")[[1, 4, 6]].tolist() == [expected] * 3


def test_only_what_is_missing_is_filled(score):
    """Withheld and not applicable are answers."""
    cells = [10, 20, Status.MISSING, Status.WITHHELD, Status.NOT_APPLICABLE]
    scores = score(one("group-mean", None), {"x": cells})
    assert scores.column("x")[:3].tolist() == [10, 20, 15]
    assert np.isnan(scores.column("x")[3:]).all()
    assert scores.status["x"].tolist() == ["normal", "normal", "imputed", "withheld", "not applicable"]


def test_a_derived_value_of_withheld_and_missing_parts_is_not_filled(score):
    blocks = """\
        nodes: [{id: index}]
        indicators:
          - {id: a}
          - {id: b}
          - id: x
            parent: index
            derive: {method: ratio, of: a, to: b}
            impute: {method: group-mean}
            normalise: {method: none}
        """
    scores = score(blocks, {"a": [1, 4, Status.WITHHELD, Status.MISSING], "b": [1, 2, Status.MISSING, 1]})
    assert scores.column("x")[[0, 1, 3]].tolist() == [1, 2, 1.5]
    assert np.isnan(scores.column("x")[2])


def test_a_frozen_index_fills_with_the_reference(fitted, table):
    index = fitted(one("group-mean"), {"x": CELLS}, texts={"region": GROUPS})
    scores = index.score(table({"x": [None, None, None, 99]}, texts={"region": ["a", "b", "new", "a"]}))
    assert scores.column("x")[[0, 1, 3]].tolist() == [2.5, 25, 99]
    assert scores.status["x"].tolist() == ["imputed", "imputed", "missing", "normal"]


def test_imputation_comes_first(score):
    """Mean 50 of 0 and 100 is filled in, then normalised; it moves neither end."""
    blocks = "nodes: [{id: index}]\nindicators: [{id: x, parent: index, impute: {method: group-mean}}]"
    assert score(blocks, {"x": [0, 100, None]}).column("x").tolist() == [0, 100, 50]


def test_imputed_values_show_on_every_node_above(score):
    blocks = """\
        nodes: [{id: index}, {id: pillar, parent: index}]
        indicators: [{id: x, parent: pillar, impute: {method: group-mean}}]
        """
    scores = score(blocks, {"x": [0, 100, None]})
    assert [bool(flags & dti.Status.IMPUTED) for flags in scores.flags[:, 0]] == [False, False, True]
