"""Ranks: ties, rounding, periods, who takes part."""

from __future__ import annotations

import numpy as np
import pytest

NONE = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: none}}]"


def test_ties_share_the_better_rank(score):
    scores = score(NONE, {"a": [10, 30, 20, 30, None, 10]})
    assert scores.rank("index").tolist() == [4, 1, 3, 1, 0, 4]
    assert scores.ranks["index"].isna().tolist() == [False] * 4 + [True, False]


def test_published_rounding_makes_ties(score):
    """73.95 prints as 74.0 and 73.949 as 73.9; 74.04 ties with the first."""
    cells = {"a": [73.95, 73.949, 74.04, 73.85]}
    assert score("rank: {decimals: 1}\n" + NONE, cells).rank("index").tolist() == [1, 3, 1, 3]
    assert score(NONE, cells).rank("index").tolist() == [2, 3, 1, 4]


def test_the_last_bits_make_none(score):
    scores = score(NONE.replace("nodes", "scale: [0, 1]\nnodes"), {"a": [0.1 + 0.2, 0.3, 0.1]})
    assert scores.column("index")[0] != scores.column("index")[1]
    assert scores.rank("index").tolist() == [1, 1, 3]


def test_a_node_s_own_rounding(score):
    blocks = """\
        rank: {decimals: 0}
        defaults: {normalise: {method: none}}
        nodes: [{id: index}, {id: p, parent: index, rank: {decimals: 2}}]
        indicators: [{id: a, parent: p}]
        """
    scores = score(blocks, {"a": [10.31, 10.32]})
    assert scores.rank("index").tolist() == [1, 1]
    assert scores.rank("p").tolist() == [2, 1]
    assert scores.rank("a").tolist() == [1, 1]


def test_each_period_is_ranked_by_itself(score):
    scores = score(
        "units: {kind: unit, key: unit, period: year}\n" + NONE,
        {"a": [1, 2, 5, 3]},
        units=["u", "v", "u", "v"],
        periods=["2020", "2020", "2021", "2021"],
    )
    assert scores.rank("index").tolist() == [2, 1, 1, 2]


def test_totals_and_units_that_are_not_ranked_push_nobody_down(score):
    scores = score(NONE, {"a": [10, 90, 20]}, totals=[False, True, False])
    assert scores.rank("index").tolist() == [2, 0, 1]
    blocks = "units: {kind: unit, key: unit, ranked: listed}\n" + NONE
    scores = score(blocks, {"a": [10, 90, 20, 30, 40]}, texts={"listed": ["yes", "no", "1", " No ", ""]})
    assert scores.rank("index").tolist() == [2, 0, 1, 0, 0]
    assert not np.isnan(scores.column("index")).any()


@pytest.mark.parametrize("size", [1, 2])
def test_one_unit_and_two(score, size):
    assert score(NONE, {"a": [10, 20][:size]}).rank("index").tolist() == [[1], [2, 1]][size - 1]


def test_nobody(score):
    """A table of totals only has nobody to rank."""
    scores = score(NONE, {"a": [None, 10]})
    assert scores.rank("index").tolist() == [0, 1]
