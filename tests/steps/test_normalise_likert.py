"""Answers on points. Oracle: (y - 1) / (k - 1), and (k - y) / (k - 1) reversed."""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti


def one(settings: str, direction: str = "higher", more: str = "") -> str:
    return (
        "nodes: [{id: index}]\nindicators:\n"
        f"  - {{id: a, parent: index, direction: {direction}, normalise: {{method: likert, {settings}}}{more}}}\n"
    )


@pytest.mark.parametrize("points", [2, 5, 7, 11])
@pytest.mark.parametrize("first", [0, 1, -3])
def test_closed_form(score, points, first):
    answers = np.arange(points) + first
    expected = 100 * np.arange(points) / (points - 1)
    settings = f"points: {points}, first: {first}"
    assert score(one(settings), {"a": answers}).column("a") == pytest.approx(expected, abs=1e-12)
    assert score(one(settings, "lower"), {"a": answers}).column("a") == pytest.approx(expected[::-1], abs=1e-12)


@pytest.mark.parametrize("answer", [0, 6, 2.5])
def test_an_answer_that_was_not_offered_is_refused(codes_of, answer):
    assert codes_of(one("points: 5"), {"a": [1, answer, 3]}) == ["DT224"]


def test_no_variation_is_needed(score):
    assert score(one("points: 5"), {"a": [3, 3, None]}).column("a")[:2].tolist() == [50, 50]


def test_an_imputed_answer_is_the_mean_of_answers_and_need_not_be_one(score):
    scores = score(one("points: 5", more=", impute: {method: group-mean}"), {"a": [1, 4, None]})
    assert scores.column("a").tolist() == [0, 75, 37.5]
    assert scores.flags[2, 1] == dti.Status.IMPUTED
