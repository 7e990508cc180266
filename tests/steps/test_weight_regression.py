"""Weights by a regression on an outcome: `regression`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.steps.weight.regression import coefficients


def blocks(outcome="growth"):
    return f"""\
        scale: [0, 10]
        defaults: {{normalise: {{method: none}}}}
        nodes:
          - {{id: index, weights: {{method: regression, outcome: {outcome}}}}}
          - {{id: result}}
        indicators:
          - {{id: a, parent: index}}
          - {{id: b, parent: index}}
          - {{id: c, parent: index}}
          - {{id: growth, parent: result}}
        """


def columns(rows=40, slopes=(3.0, 1.0, 0.0), noise=0.0, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 10, size=(rows, 3))
    y = 0.1 * (x @ np.array(slopes)) + 2 + noise * rng.normal(size=rows)
    return {**{name: x[:, at].tolist() for at, name in enumerate("abc")}, "growth": y.tolist()}


def test_weights_are_the_slopes(score):
    scores = score(blocks(), columns())
    assert {name: scores.effective[name] for name in "abc"} == pytest.approx({"a": 0.75, "b": 0.25, "c": 0}, abs=1e-9)
    (told,) = [one for one in scores.findings if one.code == "DT343"]
    assert "R² 1.000 over 40 rows" in told.message


def test_a_slope_below_zero_is_no_weight(score):
    scores = score(blocks(), columns(slopes=(3.0, 1.0, -2.0)))
    assert scores.effective["c"] == 0
    assert "no weight for c" in next(one.message for one in scores.findings if one.code == "DT343")


def test_as_numpy_has_it_where_no_bound_binds():
    data = columns(noise=0.3)
    x = np.array([data[name] for name in "abc"])
    found, explained = coefficients(list(x), np.array(data["growth"]))
    design = np.column_stack([np.ones(40), *x])
    expected, residuals, *_ = np.linalg.lstsq(design, np.array(data["growth"]), rcond=None)
    if (expected[1:] > 0).all():
        assert found == pytest.approx(expected[1:])
        assert explained == pytest.approx(1 - residuals[0] / (40 * np.var(data["growth"])))
    else:
        assert (found >= 0).all()


def test_too_few_rows_and_what_is_no_outcome(codes_of):
    few = {name: column[:4] for name, column in columns().items()}
    assert codes_of(blocks(), few) == ["DT344"]
    assert codes_of(blocks("nothing"), columns()) == ["DT028"]
    assert codes_of(blocks("a"), columns()) == ["DT028"]


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_never_worse_than_any_other_weights_of_zero_or_more(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(3, 12)), rng.normal(size=12)
    found, explained = coefficients(list(x), y)
    assert (found >= 0).all()
    for other in np.abs(rng.normal(size=(20, 3))):
        residual = (y - y.mean()) - (x - x.mean(axis=1, keepdims=True)).T @ other
        assert explained >= 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean())) - 1e-9
