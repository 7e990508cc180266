"""Ordered weighted averages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.spec.methods import Owa
from dtindex.steps.aggregate.owa import OrderedMean, orness


def blocks(aggregate, names="abc", weights=(1, 1, 1), coverage=1):
    indicators = ", ".join(
        f"{{id: {name}, parent: index, weight: {weight}}}" for name, weight in zip(names, weights, strict=False)
    )
    return f"""\
        scale: [0, 10]
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, aggregate: {{method: owa, {aggregate}}}, coverage: {{at_least: {coverage}}}}}]
        indicators: [{indicators}]
        """


ROWS = {"a": [1, 2, 4], "b": [5, 2, 4], "c": [3, 9, 4]}


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("places: [0.5, 0.3, 0.2]", [3.6, 5.5, 4]),  # .5 * 5 + .3 * 3 + .2 * 1
        ("places: [5, 3, 2]", [3.6, 5.5, 4]),
        ("places: [1, 0, 0]", [5, 9, 4]),  # the maximum
        ("places: [0, 0, 1]", [1, 2, 4]),  # the minimum
        ("places: [1, 1, 1]", [3, 13 / 3, 4]),
        ("quantifier: 1", [3, 13 / 3, 4]),
        ("quantifier: 2", [(5 + 3 * 3 + 5 * 1) / 9, (9 + 3 * 2 + 5 * 2) / 9, 4]),  # (k/3)^2 - ((k-1)/3)^2
    ],
)
def test_by_hand(score, aggregate, expected):
    assert score(blocks(aggregate), ROWS).column("index") == pytest.approx(expected)


def test_weights_of_members_widen_their_places(score):
    """With places along r itself it is the weighted mean (Torra's WOWA)."""
    found = score(blocks("places: [1, 1, 1]", weights=(3, 1, 2)), ROWS).column("index")
    assert found == pytest.approx([(3 * 1 + 5 + 2 * 3) / 6, (6 + 2 + 18) / 6, 4])


def test_what_is_missing_leaves_its_place_to_the_rest(score):
    text = blocks("places: [1, 0]", coverage=0)
    assert score(text, {"a": [1, None], "b": [5, None], "c": [None, 2]}).column("index") == pytest.approx([5, 2])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"places": (1, 0, 0)}, 1),
        ({"places": (0, 0, 1)}, 0),
        ({"places": (1, 1, 1)}, 0.5),
        ({"places": (2, 1, 0)}, 5 / 6),
    ],
)
def test_orness_of_places(said, expected):
    """Yager (1988): sum (m - k) v_k / (m - 1)."""
    assert orness(Owa(method="owa", **said)) == pytest.approx(expected)
    assert orness(Owa(method="owa", quantifier=3.0)) == 0.25


@pytest.mark.parametrize(
    "wrong", ["", "places: [1], quantifier: 1", "places: [0, 0]", "places: [1, -1]", "quantifier: 0"]
)
def test_what_says_nothing_or_too_much_is_refused(codes_of, wrong):
    assert codes_of(blocks(wrong), ROWS) == ["DT010"] or codes_of(blocks(wrong), ROWS)


X = st.lists(st.floats(0, 100), min_size=4, max_size=4)


@given(x=X, places=st.lists(st.floats(0.01, 5), min_size=1, max_size=6), seed=st.randoms())
def test_between_least_and_greatest_and_whatever_the_order(x, places, seed):
    method = OrderedMean(Owa(method="owa", places=tuple(places)))
    column, w = np.array(x)[:, None], np.ones((4, 1))
    found = method.formula(column, w, {}, None)[0]
    assert min(x) - 1e-9 <= found <= max(x) + 1e-9
    shuffled = list(x)
    seed.shuffle(shuffled)
    assert method.formula(np.array(shuffled)[:, None], w, {}, None)[0] == pytest.approx(found)
