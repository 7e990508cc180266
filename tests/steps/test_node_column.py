"""A node's value from the table: it is the score where it is present, and the aggregate stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.status import Status
from dtindex.steps.node import NodeStep

BLOCKS = """\
    defaults: {normalise: {method: none}, coverage: {at_least: 1}}
    nodes:
      - {id: index}
      - {id: p, parent: index, column: p}
      - {id: q, parent: index, column: q}
    indicators:
      - {id: a, parent: p}
      - {id: b, parent: p}
    """


def test_the_table_s_value_is_the_score(score):
    scores = score(BLOCKS, {"p": [50, None], "q": [10, 20], "a": [0, 0], "b": [40, 40]})
    assert scores.column("p").tolist() == [50, 20]
    assert scores.column("index").tolist() == [30, 20]
    assert scores.status[["p", "q"]].to_numpy().tolist() == [["observed", "observed"], ["normal", "observed"]]
    assert scores.coverage.iloc[0].tolist() == [1, 1, 1, 1, 1]


def test_the_difference_is_reported(score):
    scores = score(BLOCKS, {"p": [50, None, 25], "q": [10, 20, 30], "a": [0, 0, 10], "b": [40, 40, 40]})
    (comparison,) = scores.comparisons
    assert (comparison.item, comparison.kind, comparison.compared) == ("p", "column", 2)
    assert comparison.difference[[0, 2]].tolist() == [-30, 0]
    assert (comparison.mismatches, comparison.largest_error) == (1, 30)
    assert [one.code for one in scores.findings if one.code == "DT310"] == ["DT310"]


def test_a_tolerance_allows_a_difference(score):
    blocks = BLOCKS.replace("column: p}", "column: p, tolerance: 30}")
    scores = score(blocks, {"p": [50], "q": [10], "a": [0], "b": [40]})
    assert scores.comparisons[0].mismatches == 0
    assert "DT310" not in scores.findings.codes


def test_gaps_below_an_observed_node_do_not_matter(score):
    scores = score(BLOCKS, {"p": [50], "q": [10], "a": [None], "b": [Status.WITHHELD]})
    assert scores.column("index").tolist() == [30]
    assert scores.status["index"].tolist() == ["normal"]
    assert not scores.comparisons


def test_an_observed_node_counts_all_its_leaves_as_known(score):
    """Of three leaves two are behind the value of p; q has none."""
    blocks = BLOCKS.replace("{id: index}", "{id: index, coverage: {at_least: 0.6, by: count}}")
    scores = score(blocks, {"p": [50], "q": [None], "a": [None], "b": [None]})
    assert scores.coverage["index"].tolist() == [2 / 3]
    assert scores.column("index").tolist() == [50]


@pytest.mark.parametrize("node", ["p", "q"])
def test_a_withheld_value_withholds_the_parent(score, node):
    cells = {"p": [50], "q": [10], "a": [0], "b": [40], node: [Status.WITHHELD]}
    scores = score(BLOCKS.replace("{id: index}", "{id: index, coverage: {at_least: 0}}"), cells)
    assert np.isnan(scores.column(node)).all()
    assert "withheld" in scores.status[node].iloc[0]
    assert scores.status["index"].tolist() == ["missing"]


def test_a_node_without_children_is_a_leaf(score):
    scores = score(BLOCKS, {"p": [50, 60], "q": [10, None], "a": [0, 0], "b": [0, 0]})
    assert scores.status["q"].tolist() == ["observed", "missing"]
    assert np.isnan(scores.column("index")[1])
    assert scores.effective == {"a": 0.25, "b": 0.25, "q": 0.5}


def test_flags_of_the_cell_are_kept(methodology):
    step = NodeStep(methodology(BLOCKS).tree.nodes["q"], (), {"q": (0.0, 100.0)})
    part = step.observe(None, np.array([10.0]), np.array([Status.ESTIMATED], dtype=np.uint16), 1)
    assert part.flags.tolist() == [Status.ESTIMATED | Status.OBSERVED]


def test_what_the_aggregate_meets_does_not_matter_where_it_is_not_the_score(score):
    """A geometric mean of a negative score is an error, but the table has p's value."""
    blocks = BLOCKS.replace("column: p}", "column: p, aggregate: {method: geometric, zeros: allow}}")
    scores = score(blocks, {"p": [50], "q": [10], "a": [-1], "b": [40]})
    assert scores.column("p").tolist() == [50]


def test_and_is_refused_where_it_is(codes_of):
    blocks = BLOCKS.replace("column: p}", "column: p, aggregate: {method: geometric, zeros: allow}}")
    assert codes_of(blocks, {"p": [50, None], "q": [10, 10], "a": [-1, -1], "b": [40, 40]}) == ["DT304"]


@pytest.mark.parametrize("answer", [Status.NOT_APPLICABLE, Status.WITHHELD])
def test_a_cell_that_says_why_it_is_empty_is_not_overruled_by_its_children(score, answer):
    scores = score(BLOCKS, {"p": [answer], "q": [10], "a": [0], "b": [40]})
    assert np.isnan(scores.column("p")[0])
    assert scores.flags[0, scores.items.index("p")] & answer
