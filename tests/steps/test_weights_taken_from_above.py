"""Sums that take the leaf weights of a node above, and effective weights of sums and of ragged trees."""

from __future__ import annotations

import numpy as np
import pytest

LEARNED = ", weights: {method: inverse-sd}"
TREE = """\
    scale: [0, 10]
    defaults: {{normalise: {{method: none}}}}
    nodes:
      - {{id: index, aggregate: {{method: arithmetic, over: leaves}}{weights}}}
      - {{id: p, parent: index, aggregate: {{method: sum}}}}
      - {{id: q, parent: p{q}}}
    indicators:
      - {{id: a, parent: q}}
      - {{id: b, parent: q}}
      - {{id: c, parent: p}}
      - {{id: d, parent: index}}
    """
CELLS = {"a": [0, 2, 9], "b": [1, 1, 3], "c": [9, 4, 2], "d": [5, 0, 8]}


@pytest.fixture
def columns():
    return {name: np.array(cells, dtype=float) for name, cells in CELLS.items()}


def test_a_sum_adds_up_its_part_of_the_leaves(score, columns):
    scores = score(TREE.format(weights=LEARNED, q=", aggregate: {method: sum}"), CELLS)
    weights = scores.effective
    assert sum(weights.values()) == pytest.approx(1)
    part = sum(weights[leaf] * columns[leaf] for leaf in "ab")
    assert scores.column("q") == pytest.approx(part)
    assert scores.column("p") == pytest.approx(part + weights["c"] * columns["c"])
    assert scores.column("index") == pytest.approx(scores.column("p") + weights["d"] * columns["d"])
    assert scores.methodology.tree.scale("p") == scores.methodology.tree.scale("q") == (0, 10)


def test_a_mean_between_weighs_what_its_leaves_weigh(score, columns):
    scores = score(TREE.format(weights=LEARNED, q=""), CELLS)
    weights = scores.effective
    assert scores.column("q") == pytest.approx((columns["a"] + columns["b"]) / 2)
    expected = (weights["a"] + weights["b"]) * scores.column("q") + weights["c"] * columns["c"]
    assert scores.column("p") == pytest.approx(expected)


@pytest.mark.parametrize("weights", ["", ", weights: {method: equal}", ", weights: {method: given}"])
def test_below_weights_that_nobody_finds_a_sum_counts_one_each(score, columns, weights):
    text = TREE.format(weights=weights, q=", aggregate: {method: sum}")
    if "given" in weights:
        text = text.replace("{id: d, parent: index", "{id: d, weight: 1, parent: index")
        text = text.replace("{id: p, ", "{id: p, weight: 1, ")
    scores = score(text, CELLS)
    assert scores.column("p") == pytest.approx(columns["a"] + columns["b"] + columns["c"])


def test_weights_of_its_own_stay_its_own(score, columns):
    text = TREE.format(weights=LEARNED, q=", aggregate: {method: sum}, weight: 2").replace(
        "{id: c,", "{id: c, weight: 3,"
    )
    scores = score(text, CELLS)
    assert scores.column("p") == pytest.approx(2 * scores.column("q") + 3 * columns["c"])


def test_what_is_missing_is_filled_by_the_mean_of_the_rest(score, columns):
    loose = TREE.replace("defaults: {{", "defaults: {{coverage: {{at_least: 0.1}}, ")
    scores = score(loose.format(weights=LEARNED, q=", aggregate: {method: sum}"), {**CELLS, "a": [0, None, 9]})
    weights = scores.effective
    assert scores.column("q")[1] == pytest.approx((weights["a"] + weights["b"]) * columns["b"][1])
    assert scores.coverage["q"].iloc[1] == pytest.approx(weights["b"] / (weights["a"] + weights["b"]))


def test_a_sum_with_learned_weights_stays_on_the_scale(score):
    text = """\
        scale: [0, 10]
        defaults: {normalise: {method: none}}
        nodes: [{id: index, aggregate: {method: sum}, weights: {method: inverse-sd}}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}]
        """
    scores = score(text, {"a": [0, 10], "b": [2, 10]})
    assert scores.methodology.tree.scale("index") == (0, 10)
    assert scores.column("index")[1] == pytest.approx(10)


def test_the_scale_of_a_sum_over_leaves(methodology):
    """2 x 3 x 10 + 2 x 1 x 10 + 1 x 10."""
    tree = methodology("""\
        scale: [0, 10]
        defaults: {normalise: {method: none}}
        nodes:
          - {id: index, aggregate: {method: sum, over: leaves}, weights: {method: given}}
          - {id: p, parent: index, weight: 2}
        indicators:
          - {id: a, parent: p, weight: 3}
          - {id: b, parent: p, weight: 1}
          - {id: c, parent: index, weight: 1}
        """).tree
    assert tree.scale("index") == (0, 90)
    assert tree.given_weights("index") == {"c": 1, "a": 6, "b": 2}


def test_effective_weights_of_sums_of_sums(score):
    """(a + b) + c: one third each; c on a scale twice as wide: one half."""
    text = """\
        scale: [0, 10]
        defaults: {normalise: {method: none}}
        nodes: [{id: index, aggregate: {method: sum}}, {id: p, parent: index, aggregate: {method: sum}}]
        indicators: [{id: a, parent: p}, {id: b, parent: p}, {id: c, parent: index}]
        """
    cells = {"a": [1], "b": [2], "c": [3]}
    assert score(text, cells).effective == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    wide = text.replace("{id: c, parent: index}", "{id: c, parent: index, scale: [0, 20]}")
    assert score(wide, cells).effective == pytest.approx({"a": 1 / 4, "b": 1 / 4, "c": 1 / 2})


@pytest.mark.parametrize("root", ["arithmetic", "sum"])
def test_effective_weights_are_what_a_leaf_adds(score, root):
    """A leaf from the low to the high end of its scale moves the index by its share of what all leaves move."""
    text = f"""\
        scale: [0, 10]
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - {{id: index, aggregate: {{method: {root}}}}}
          - {{id: p, parent: index, weight: 3, aggregate: {{method: sum}}}}
          - {{id: q, parent: p, weight: 0.5}}
        indicators:
          - {{id: a, parent: q, weight: 1, scale: [0, 5]}}
          - {{id: b, parent: q, weight: 3}}
          - {{id: c, parent: p, weight: 2, scale: [0, 40]}}
          - {{id: d, parent: index, weight: 4}}
        """
    tops = {"a": 5, "b": 10, "c": 40, "d": 10}
    rows = {leaf: [0.0, *(top if leaf == other else 0.0 for other in tops), top] for leaf, top in tops.items()}
    scores = score(text, rows)
    index = scores.column("index")
    moved = (index[1:5] - index[0]) / (index[5] - index[0])
    assert [scores.effective[leaf] for leaf in tops] == pytest.approx(list(moved))
