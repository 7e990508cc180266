"""Weights of an order alone: `ordinal`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.weight.ordinal import of_places


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("rank-order-centroid", [11 / 18, 5 / 18, 2 / 18]),  # Barron & Barrett (1996), table 1: .6111 .2778 .1111
        ("rank-sum", [3 / 6, 2 / 6, 1 / 6]),
        ("reciprocal", [6 / 11, 3 / 11, 2 / 11]),
    ],
)
def test_three_items(score, by, expected):
    text = f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, weights: {{method: ordinal, order: [c, a, b], by: {by}}}}}]
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """
    found = score(text, {"a": [1], "b": [2], "c": [3]}).effective
    assert found == pytest.approx(dict(zip("cab", expected, strict=True)))


def test_an_order_that_lacks_one_is_refused(codes_of):
    text = """\
        nodes: [{id: index, weights: {method: ordinal, order: [a]}}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}]
        """
    assert codes_of(text, {"a": [1, 2], "b": [2, 1]}) == ["DT028"]


@given(st.integers(1, 40), st.sampled_from(["rank-order-centroid", "rank-sum", "reciprocal"]))
def test_weights_fall_and_are_shares(count, by):
    found = of_places(count, by)
    assert found.sum() == pytest.approx(1)
    assert (np.diff(found) < 0).all()
    assert (found > 0).all()


def test_the_centroid_is_the_mean_of_all_weights_of_that_order():
    rng = np.random.default_rng(1)
    drawn = -np.sort(-rng.dirichlet(np.ones(4), 200_000), axis=1)
    assert of_places(4, "rank-order-centroid") == pytest.approx(drawn.mean(axis=0), abs=2e-3)
