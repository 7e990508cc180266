"""One unit at a time. That it scores as a table of one row, to the bit: tests/properties/test_same_bits.py."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

HEAD = "schema_version: 1\nid: test\ntitle: Test\n"
UNITS = "units: {kind: unit, key: unit}\n"
TWO = UNITS + "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]\n"


def edition(blocks: str, columns: dict[str, list[float | None]], periods: list[str] | None = None) -> dti.Edition:
    methodology, findings = parse_methodology(HEAD + blocks, "test.yaml")
    findings.raise_errors()
    assert methodology is not None
    values = np.array(list(columns.values()), dtype=float).T
    units = [f"u{row}" for row in range(len(values))]
    return (
        dti.CompositeIndex(methodology)
        .fit(Table.from_arrays(units, list(columns), values, periods=periods))
        .freeze("x")
    )


@pytest.fixture(scope="module")
def two() -> dti.Edition:
    return edition(TWO, {"a": [0, 5, 10], "b": [0, 10, 20]})


def test_score_rank_and_percentile_by_hand(two):
    """The reference scores 0, 50 and 100; 62.5 would be second, above two of three."""
    found = two.score_unit({"a": 7.5, "b": 10})
    assert found.scores == {"index": 62.5, "a": 75, "b": 50}
    assert found.ranks == {"index": 2, "a": 2, "b": 2}
    assert found.percentiles["index"] == pytest.approx(200 / 3)
    assert found.percentiles["b"] == pytest.approx(50)
    assert found.coverage == {"index": 1, "a": 1, "b": 1}
    assert found.status == {"index": "normal", "a": "normal", "b": "normal"}


@pytest.mark.parametrize("missing", [{}, {"b": None}, {"b": float("nan")}])
def test_what_is_not_named_is_missing(two, missing):
    found = two.score_unit({"a": 5, **missing})
    assert found.scores == {"index": None, "a": 50, "b": None}
    assert found.ranks["index"] is None
    assert found.coverage["index"] == 0.5
    assert found.status == {"index": "missing", "a": "normal", "b": "missing"}


def test_clipped_values_say_so(two):
    found = two.score_unit({"a": 99, "b": -1})
    assert found.scores == {"index": 50, "a": 100, "b": 0}
    assert found.status == {"index": "clipped", "a": "clipped", "b": "clipped"}


def test_an_unknown_name_is_refused_with_the_nearest(two):
    with pytest.raises(dti.UsageError) as raised:
        two.score_unit({"aa": 1})
    assert raised.value.code == "DT214"
    assert "'a'" in str(raised.value)


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), 10**400])
def test_infinity_is_not_a_value(two, value):
    with pytest.raises(dti.InputError) as raised:
        two.score_unit({"a": value})
    assert raised.value.code == "DT222"


@pytest.mark.parametrize(
    ("settings", "value", "code"),
    [
        ("transform: {method: log}", 0, "DT304"),
        ("normalise: {method: likert, points: 5}", 7, "DT224"),
        ("normalise: {method: goalposts, worst: 0, best: 1, clip: none}", 1e300, "DT306"),
        ("normalise: {method: goalposts, worst: 0, best: 1, clip: none}", -1e308, "DT306"),
    ],
)
def test_what_a_formula_cannot_take(settings, value, code):
    found = edition(
        UNITS + f"nodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, {settings}}}]\n", {"a": [1, 2]}
    )
    with pytest.raises(dti.InputError) as raised:
        found.score_unit({"a": value})
    assert raised.value.code == code


PANEL = "units: {kind: unit, key: unit, period: year}\n"


def test_a_panel_ranks_in_the_period_that_is_named_or_the_latest():
    """Period 10 is later than period 9."""
    blocks = PANEL + "nodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: none}}]\n"
    found = edition(blocks, {"a": [10, 20, 50, 60]}, ["9", "9", "10", "10"])
    assert [found.score_unit({"a": 15}, period=period).ranks["index"] for period in ("9", "10", None, "77")] == [
        2,
        3,
        3,
        3,
    ]


def test_parameters_of_each_period_need_the_period():
    blocks = PANEL + "fit: each_period\nnodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n"
    found = edition(blocks, {"a": [10, 20, 50, 60]}, ["9", "9", "10", "10"])
    assert found.score_unit({"a": 15}, period="9").scores["index"] == 50
    with pytest.raises(dti.UsageError) as raised:
        found.score_unit({"a": 15})
    assert raised.value.code == "DT215"


def test_a_node_s_value():
    blocks = UNITS + "nodes: [{id: index}, {id: p, parent: index, column: p}]\nindicators: [{id: a, parent: p}]\n"
    found = edition(blocks, {"p": [None, 30], "a": [0, 10]})
    assert found.score_unit({"p": 30, "a": 10}).scores == {"index": 30, "p": 30, "a": 100}
    assert found.score_unit({"a": 10}).scores == {"index": 100, "p": 100, "a": 100}
    assert found.score_unit({"p": 30}).status["p"] == "observed"


def test_derived_indicators_are_computed():
    blocks = UNITS + (
        "nodes: [{id: index}]\nindicators:\n  - {id: a}\n  - {id: b}\n"
        "  - {id: x, parent: index, derive: {method: ratio, of: a, to: b}}\n"
    )
    found = edition(blocks, {"a": [0, 10], "b": [1, 1]})
    assert found.score_unit({"a": 10, "b": 2}).scores == {"index": 50, "x": 50}
    assert found.score_unit({"a": 10, "b": 0}).scores == {"index": None, "x": None}


def test_rounded_ranks():
    blocks = (
        UNITS
        + "rank: {decimals: 1}\nnodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: none}}]\n"
    )
    found = edition(blocks, {"a": [73.95, 73.9]})
    assert found.score_unit({"a": 74.04}).ranks["index"] == 1
    assert found.score_unit({"a": 73.949}).ranks["index"] == 2
