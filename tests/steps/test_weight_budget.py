"""Budget allocation."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.steps.weight.budget import allocation


def blocks(experts):
    return f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - id: index
            weights: {{method: budget, order: [b, a, c], experts: [{experts}]}}
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """


COLUMNS = {"a": [10], "b": [20], "c": [30]}


def test_the_mean_of_two_experts(score):
    """a (30 + 50) / 2, b (50 + 40) / 2, c (20 + 10) / 2, in the order of the file, not of `order`."""
    scores = score(blocks("{name: Li, points: [50, 30, 20]}, {name: Wu, points: [40, 50, 10]}"), COLUMNS)
    assert scores.effective == pytest.approx({"a": 0.4, "b": 0.45, "c": 0.15})
    assert scores.column("index") == pytest.approx([0.4 * 10 + 0.45 * 20 + 0.15 * 30])


def test_what_misses_100_is_rescaled_and_told(methodology, score):
    text = blocks("{name: Li, points: [5, 3, 2]}, {name: Wu, points: [40, 50, 10], weight: 3}")
    assert [one.code for one in methodology(text).findings] == ["DT020"]
    assert score(text, COLUMNS).effective == pytest.approx({"a": 0.45, "b": 0.425, "c": 0.125})


def test_how_far_experts_differ():
    """Shares .3 and .5 of one item: mean .4, deviation .1 sqrt 2."""
    mean, spread = allocation(np.array([[30.0, 70.0], [50.0, 50.0]]), np.ones(2))
    assert mean == pytest.approx([0.4, 0.6])
    assert spread == pytest.approx([0.1 * 2**0.5] * 2)
    assert np.isnan(allocation(np.array([[30.0, 70.0]]), np.ones(1))[1]).all()


def test_disagreement_is_told(score):
    """Coefficients of variation: a .354, b .157, c .471 against the usual limit of .25."""
    scores = score(blocks("{name: Li, points: [50, 30, 20]}, {name: Wu, points: [40, 50, 10]}"), COLUMNS)
    (told,) = [one for one in scores.findings if one.code == "DT343"]
    assert told.severity == "note"
    assert told.message.endswith("; the experts are apart on a, c")
