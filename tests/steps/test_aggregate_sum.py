"""Sums: children keep their own scales."""

from __future__ import annotations

import numpy as np
import pytest


def blocks(scale: str = "", nodes: str = "{id: index, aggregate: {method: sum}}", more: str = "") -> str:
    return f"""\
        scale: [0, 10]
        defaults: {{normalise: {{method: none}}{more}}}
        nodes: [{nodes}]
        indicators:
          - {{id: a, parent: index, scale: [0, 30], weight: 1}}
          - {{id: b, parent: index, scale: [10, 20], weight: 1}}
          - {{id: c, parent: index, weight: 2}}
        """


def test_weights_as_they_stand(score):
    scores = score(blocks(), {"a": [12, 0, 30], "b": [15, 10, 20], "c": [4, 0, 10]})
    assert scores.column("index").tolist() == [12 + 15 + 8, 10, 70]
    assert scores.methodology.tree.scale("index") == (10, 70)
    assert scores.widths["index"] == 60


def test_a_sum_of_whole_numbers_is_whole(score):
    """49 ones are 49, though 1 / 49 * 49 is not 1."""
    text = "scale: [0, 1]\ndefaults: {normalise: {method: none}}\nnodes: [{id: index, aggregate: {method: sum}}]\n"
    text += "indicators:\n"
    text += "".join(f"  - {{id: x{k}, parent: index}}\n" for k in range(49))
    columns = {f"x{k}": [1, 1] for k in range(49)}
    assert score(text, columns).column("index").tolist() == [49, 49]
    columns["x0"] = [1, None]
    found = score(text, columns).column("index")
    assert found[0] == 49
    assert found[1] == pytest.approx(49)


def test_what_is_missing_is_filled_by_the_mean_of_the_rest(score):
    """Of (30, gap, 2 x 10) weighing 1, 1, 2: the mean of what is known, 50 / 3, four times."""
    scores = score(blocks(), {"a": [30], "b": [None], "c": [10]})
    assert scores.column("index") == pytest.approx([50 / 3 * 4])


def test_missing_as_zero_is_the_low_end_of_the_child(score):
    """Of b's own scale that is 10, not the 10 + 0 + 0 that is the low end of the sum."""
    more = ", coverage: {at_least: 0, missing: zero}"
    scores = score(blocks(more=more), {"a": [3, None], "b": [None, 15], "c": [5, 5]})
    assert scores.column("index").tolist() == [3 + 10 + 10, 0 + 15 + 10]


def test_a_sum_over_leaves_takes_products_of_weights_as_they_stand(score):
    text = """\
        scale: [0, 10]
        defaults: {normalise: {method: none}}
        nodes:
          - {id: index, aggregate: {method: sum, over: leaves}, weights: {method: given}}
          - {id: p, parent: index, weight: 2}
        indicators:
          - {id: a, parent: p, weight: 3}
          - {id: b, parent: p, weight: 1}
          - {id: c, parent: index, weight: 1}
        """
    assert score(text, {"a": [1], "b": [2], "c": [3]}).column("index").tolist() == [6 * 1 + 2 * 2 + 3]


def test_open_children_make_an_open_sum(score):
    text = """\
        nodes: [{id: index, aggregate: {method: sum}}]
        indicators:
          - {id: a, parent: index, scale: open, normalise: {method: none}}
          - {id: b, parent: index, scale: open, normalise: {method: none}}
        """
    scores = score(text, {"a": [100, -5], "b": [250, 1]})
    assert scores.column("index").tolist() == [350, -4]
    assert scores.widths["index"] == 1000
    assert np.isnan(score(text, {"a": [100, None], "b": [250, None]}).column("index")[1])
