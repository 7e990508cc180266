"""Given and equal weights, effective weights."""

from __future__ import annotations

import pytest

NONE = "defaults: {normalise: {method: none}}\n"


def test_given_weights_are_relative(score):
    blocks = (
        NONE
        + "nodes: [{id: index}]\nindicators: [{id: a, parent: index, weight: 30}, {id: b, parent: index, weight: 10}]"
    )
    scores = score(blocks, {"a": [10], "b": [50]})
    assert scores.column("index").tolist() == [20]
    assert scores.weights == {"index": (30, 10)}
    assert scores.effective == {"a": 0.75, "b": 0.25}


def test_equal_among_siblings_is_not_equal_among_leaves(score):
    blocks = (
        NONE
        + """\
nodes: [{id: index}, {id: p, parent: index}, {id: q, parent: index}]
indicators:
  - {id: a, parent: p}
  - {id: b, parent: p}
  - {id: c, parent: p}
  - {id: d, parent: q}
"""
    )
    scores = score(blocks, {"a": [0], "b": [0], "c": [0], "d": [60]})
    assert scores.column("index").tolist() == [30]
    assert scores.effective == pytest.approx({"a": 1 / 6, "b": 1 / 6, "c": 1 / 6, "d": 1 / 2})


def test_a_weight_of_zero_contributes_nothing(score):
    blocks = (
        NONE
        + "nodes: [{id: index}]\nindicators: [{id: a, parent: index, weight: 1}, {id: b, parent: index, weight: 0}]"
    )
    scores = score(blocks, {"a": [10, None], "b": [None, 50]})
    assert scores.column("index")[0] == 10
    assert scores.status["index"].tolist() == ["normal", "missing"]
    assert scores.coverage["index"].tolist() == [1, 0]


def test_equal_overrides_nothing_given_below_a_default(score):
    """`defaults: {weights: equal}` does not silence weights that stand beside the children."""
    blocks = """\
        defaults: {normalise: {method: none}, weights: {method: equal}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index, weight: 3}, {id: b, parent: index, weight: 1}]
        """
    assert score(blocks, {"a": [0], "b": [40]}).column("index").tolist() == [10]


@pytest.mark.parametrize("factor", [1e-3, 0.1, 3, 7e5])
def test_multiplying_all_weights_changes_nothing(score, factor):
    def blocks(by: float) -> str:
        return (
            NONE
            + "nodes: [{id: index}]\nindicators:\n"
            + "".join(
                f"  - {{id: {code}, parent: index, weight: {weight * by}}}\n"
                for code, weight in zip("abc", (0.2, 0.3, 0.5), strict=True)
            )
        )

    columns = {"a": [11.1, 98.7], "b": [22.2, 0.3], "c": [33.3, 77.7]}
    assert score(blocks(factor), columns).keys("index").tolist() == score(blocks(1), columns).keys("index").tolist()
