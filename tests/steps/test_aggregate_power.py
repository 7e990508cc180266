"""The power mean. Oracles: scipy.stats.pmean, decimals, limits; COINr a_genmean in tests/conformance."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy.stats import gmean, pmean

from dtindex.spec.methods import Power
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.power import PowerMean


def combine(rows, p, weights=None):
    columns = [np.array(column, dtype=float) for column in zip(*rows, strict=True)]
    ids = [f"x{k}" for k in range(len(columns))]
    inputs = Inputs(
        ids, columns, weights or [1.0] * len(columns), [False] * len(columns), lambda item: (columns[0], "open")
    )
    return PowerMean(Power(method="power", p=p)).combine(inputs, {}, None)


@pytest.mark.parametrize(
    ("p", "expected"), [(-1, 0.3636364), (0, 0.4308869), (0.5, 0.4663741), (1, 0.5), (2, 0.5567764)]
)
def test_published_values(p, expected):
    """x = (.2, .5, .8), equal weights."""
    assert combine([(0.2, 0.5, 0.8)], p) == pytest.approx([expected], abs=5e-8)


@pytest.mark.parametrize("p", [-3, -1, -0.5, 0.5, 1, 2, 3])
def test_scipy_pmean(p):
    rows = np.random.default_rng(2).uniform(0.1, 100, (20, 4))
    assert combine(rows, p, [1.0, 2.0, 3.0, 0.5]) == pytest.approx(
        pmean(rows, p, axis=1, weights=[1, 2, 3, 0.5]), rel=1e-12
    )


@pytest.mark.parametrize("p", [-0.1, -0.05, -1e-3, -1e-6, -1e-9, 1e-12, 1e-7, 1e-4, 0.02, 0.0999, 0.1])
def test_exponents_near_zero_to_twelve_digits(p):
    """Against 60-digit decimals: x^p is 1 but for the last digits, and the geometric mean is not near enough."""
    getcontext().prec = 60
    row = (2.0, 50.0, 97.5)
    exact = sum(Decimal(x) ** Decimal(p) for x in row) / 3
    expected = float(exact ** (1 / Decimal(p)))
    assert combine([row], p)[0] == pytest.approx(expected, rel=2e-14)


@pytest.mark.parametrize("p", [-1e6, -400, -155, 155, 400, 1e6])
def test_large_exponents_neither_vanish_nor_overflow(p):
    """Towards the minimum and the maximum: M_p of n equal weights lies within n^(-1/p) of it."""
    row = (1.0, 40.0, 100.0)
    limit = 100.0 if p > 0 else 1.0
    assert combine([row], p)[0] == pytest.approx(limit * 3 ** (-1 / p), rel=1e-9)


def test_it_grows_with_its_exponent_from_the_minimum_to_the_maximum():
    row = (0.1, 0.4, 0.9)
    means = [combine([row], p)[0] for p in (-50, -2, -1, -0.05, 0, 1e-8, 0.05, 0.5, 1, 2, 50)]
    assert means == sorted(means)
    assert means[0] >= 0.1
    assert means[-1] <= 0.9


def test_it_is_homogeneous():
    row = np.array([0.1, 0.4, 0.9])
    assert combine([row * 37], 2.5) == pytest.approx(37 * combine([row], 2.5), rel=1e-14)


@pytest.mark.parametrize("p", [-2, -1e-3, 0])
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_one_zero_makes_it_zero_for_p_up_to_zero(p, zero):
    assert combine([(zero, 0.5), (0.5, zero), (zero, 0.0)], p).tolist() == [0, 0, 0]


@pytest.mark.parametrize("p", [1e-3, 0.5, 2, 300])
def test_a_zero_is_a_score_for_p_above_zero(p):
    found = combine([(0.0, 0.5), (0.0, -0.0)], p)
    assert found[0] == pytest.approx(0.5 * 0.5 ** (1 / p))
    assert found[1] == 0


@pytest.mark.parametrize("p", [-2, 0, 0.5, 2])
def test_missing_and_negative(p):
    found = combine([(np.nan, 2.0), (-1.0, 2.0), (np.nan, np.nan)], p)
    assert found[0] == pytest.approx(2)
    assert np.isnan(found[1:]).all()


def test_zero_is_the_geometric_mean():
    rows = np.random.default_rng(2).uniform(0.1, 100, (20, 4))
    assert combine(rows, 0) == pytest.approx(gmean(rows, axis=1), rel=1e-13)


def test_in_an_index(score):
    blocks = """\
        defaults: {normalise: {method: none}}
        nodes: [{id: index, aggregate: {method: power, p: 2}}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}]
        """
    assert score(blocks, {"a": [30, 0], "b": [40, 0]}).column("index") == pytest.approx([np.sqrt(1250), 0])
