"""The harmonic mean. Oracles: scipy.stats.hmean; COINr a_hmean in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hmean

from dtindex.spec.methods import Harmonic
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.harmonic import HarmonicMean


def combine(rows, weights=None):
    columns = [np.array(column, dtype=float) for column in zip(*rows, strict=True)]
    ids = [f"x{k}" for k in range(len(columns))]
    inputs = Inputs(
        ids, columns, weights or [1.0] * len(columns), [False] * len(columns), lambda item: (columns[0], "open")
    )
    return HarmonicMean(Harmonic(method="harmonic")).combine(inputs, {}, None)


def test_published_value():
    """x = (.2, .5, .8): 0.3636364."""
    assert combine([(0.2, 0.5, 0.8)]) == pytest.approx([0.3636364], abs=5e-8)


def test_scipy_hmean():
    rows = np.random.default_rng(2).uniform(0.1, 100, (20, 4))
    assert combine(rows, [1.0, 2.0, 3.0, 0.5]) == pytest.approx(hmean(rows, axis=1, weights=[1, 2, 3, 0.5]), rel=1e-13)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zeros_of_either_sign_make_it_zero(zero):
    assert combine([(zero, 5.0, 0.0), (5.0, zero, 5.0)]).tolist() == [0, 0]


def test_missing_and_negative():
    found = combine([(np.nan, 2.0), (-1.0, 2.0), (np.nan, np.nan)])
    assert found[0] == 2
    assert np.isnan(found[1:]).all()


def test_in_an_index(score):
    blocks = """\
        defaults: {normalise: {method: none}}
        nodes: [{id: index, aggregate: {method: harmonic, zeros: allow}}]
        indicators: [{id: a, parent: index}, {id: b, parent: index, weight: 2}]
        """.replace("{id: a, parent: index}", "{id: a, parent: index, weight: 1}")
    assert score(blocks, {"a": [20, 0], "b": [40, 5]}).column("index") == pytest.approx([30, 0])
