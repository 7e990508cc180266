"""Aggregates over leaves, past the nodes between."""

from __future__ import annotations

import pytest

TREE = """\
    scale: [0, 10]
    defaults: {{normalise: {{method: none}}}}
    nodes:
      - {{id: index, aggregate: {{method: {method}, over: leaves}}{weights}}}
      - {{id: p, parent: index{p}}}
      - {{id: q, parent: p{q}}}
    indicators:
      - {{id: a, parent: q{a}}}
      - {{id: b, parent: q{b}}}
      - {{id: c, parent: p{c}}}
      - {{id: d, parent: index{d}}}
    """
CELLS = {"a": [1], "b": [2], "c": [4], "d": [8]}


def tree(method: str, weights: str = "", **given: float) -> str:
    named = {item: f", weight: {given[item]}" if item in given else "" for item in "pqabcd"}
    return TREE.format(method=method, weights=weights, **named)


def test_equal_weights_are_equal_among_leaves(score):
    scores = score(tree("arithmetic", ", weights: {method: equal}"), CELLS)
    assert scores.column("index").tolist() == [15 / 4]
    assert scores.column("p").tolist() == [(1.5 + 4) / 2]
    assert scores.effective == {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}


def test_given_weights_are_products_down_a_ragged_tree(score):
    """p 3/4 and d 1/4; q 2/3 and c 1/3 of p; a 1/4 and b 3/4 of q."""
    scores = score(tree("arithmetic", ", weights: {method: given}", p=3, d=1, q=2, c=1, a=1, b=3), CELLS)
    expected = {"a": 3 / 4 * 2 / 3 / 4, "b": 3 / 4 * 2 / 3 * 3 / 4, "c": 3 / 4 / 3, "d": 1 / 4}
    assert scores.effective == pytest.approx(expected)
    assert scores.column("index") == pytest.approx([sum(w * CELLS[leaf][0] for leaf, w in expected.items())])


def test_a_geometric_mean_of_leaves(score):
    """The fourth root of 1 * 2 * 4 * 8 = 64."""
    assert score(tree("geometric", ", weights: {method: equal}"), CELLS).column("index") == pytest.approx([64**0.25])


def test_coverage_counts_the_leaves(score):
    scores = score(tree("arithmetic", ", weights: {method: equal}, coverage: {at_least: 0.75}"), {**CELLS, "a": [None]})
    assert scores.column("index") == pytest.approx([14 / 3])
    assert scores.coverage["index"].tolist() == [0.75]
    # q and p keep their own rule: of q one half is known, which is less than 0.65.
    assert scores.status[["index", "p", "q"]].to_numpy().tolist() == [["partial", "missing", "missing"]]


def test_a_value_of_a_node_between_is_passed_by(score):
    text = tree("arithmetic", ", weights: {method: equal}").replace(
        "{id: p, parent: index}", "{id: p, parent: index, column: p}"
    )
    scores = score(text, {**CELLS, "p": [10]})
    assert scores.column("p").tolist() == [10]
    assert scores.column("index").tolist() == [15 / 4]
