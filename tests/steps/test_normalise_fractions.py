"""Fractions of the maximum and of the sum. Oracles: by hand; COINr n_fracmax, where it is right, in conformance."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.steps.normalise.fraction_of_sum import share


def one(method: str, direction: str = "higher", more: str = "") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: {method}{more}}}}}]"
    )


@pytest.mark.parametrize(
    ("method", "direction", "expected"),
    [
        ("fraction-of-maximum", "higher", [25, 50, 100]),
        ("fraction-of-maximum", "lower", [100, 50, 25]),
        ("fraction-of-sum", "higher", [100 / 7, 200 / 7, 400 / 7]),
        ("fraction-of-sum", "lower", [400 / 7, 200 / 7, 100 / 7]),  # 1/10, 1/20, 1/40 are 4, 2, 1 fortieths
    ],
)
def test_by_hand(score, method, direction, expected):
    scores = score(one(method, direction), {"a": [10, 20, 40, None]})
    assert scores.column("a")[:3] == pytest.approx(expected, abs=1e-12)
    assert scores.status["a"].iloc[3] == "missing"


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_shares_sum_to_one(tai, direction):
    cells = np.array(tai["columns"]["i1"])
    total = cells.sum() if direction == "higher" else (1 / cells).sum()
    assert share(cells, total, direction).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("clip", "expected"), [("both", [0, 100]), ("none", [0, 150]), ("worst", [0, 150]), ("best", [0, 100])]
)
def test_new_values_beyond_the_maximum(fitted, table, clip, expected):
    index = fitted(one("fraction-of-maximum", more=f", clip: {clip}"), {"a": [1, 2]})
    assert index.score(table({"a": [0, 3]})).column("a").tolist() == expected


def test_a_negative_value_is_a_negative_fraction_of_the_maximum(score):
    assert score(one("fraction-of-maximum", more=", clip: none"), {"a": [-1, 2]}).column("a").tolist() == [-50, 100]
    assert score(one("fraction-of-maximum"), {"a": [-1, 2]}).column("a").tolist() == [0, 100]


@pytest.mark.parametrize(
    ("method", "direction", "cells"),
    [
        ("fraction-of-maximum", "higher", [-1, 0]),
        ("fraction-of-maximum", "lower", [0, 1, 2]),
        ("fraction-of-maximum", "lower", [-1, 1, 2]),
        ("fraction-of-sum", "higher", [-1, 1, 2]),
        ("fraction-of-sum", "higher", [0, 0]),
        ("fraction-of-sum", "lower", [0, 1, 2]),
    ],
)
def test_what_is_not_positive(codes_of, method, direction, cells):
    assert codes_of(one(method, direction), {"a": cells}) == ["DT304"]


@pytest.mark.parametrize(("method", "expected"), [("fraction-of-maximum", [100, 100]), ("fraction-of-sum", [50, 50])])
def test_a_constant_column_has_fractions(score, method, expected):
    """Nothing is divided by a spread."""
    assert score(one(method), {"a": [7, 7]}).column("a").tolist() == expected


def test_the_sum_is_order_free(fitted):
    cells = [1e16, 1.0, 1e-3, 7.0]
    learned = [
        fitted(one("fraction-of-sum"), {"a": order}).fitted_.parameters.indicators["a"][""]["normalise"]["total"][0]
        for order in (cells, cells[::-1], sorted(cells))
    ]
    assert len(set(learned)) == 1
