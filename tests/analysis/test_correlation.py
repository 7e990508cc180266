"""Coefficients pair by pair, against pandas and scipy; Holm's adjustment against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dtindex.analysis.correlation import METHODS, covariance, holm, pearson, spearman


@pytest.fixture(scope="module")
def gaps():
    rng = np.random.default_rng(7)
    values = np.round(rng.normal(size=(60, 6)) + rng.normal(size=(60, 1)), 1) * [1, 1e6, 1e-6, 1, 1, 1] + [
        0,
        0,
        0,
        1e6,
        0,
        0,
    ]
    values[rng.random(values.shape) < 0.15] = np.nan
    return values


@pytest.mark.parametrize("method", METHODS)
def test_pairwise_complete_as_pandas_has_it(gaps, method):
    own = METHODS[method](gaps)
    assert np.abs(own.values - pd.DataFrame(gaps).corr(method).to_numpy()).max() < 1e-9


@pytest.mark.parametrize(
    ("method", "test"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr), ("kendall", stats.kendalltau)]
)
def test_p_values_as_scipy_has_them(gaps, method, test):
    own = METHODS[method](gaps)
    both = ~np.isnan(gaps[:, 1]) & ~np.isnan(gaps[:, 4])
    expected = test(gaps[both, 1], gaps[both, 4])
    assert (own.values[1, 4], own.p_values[1, 4]) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-10)
    assert own.rows[1, 4] == both.sum()


def test_covariance_pair_by_pair(gaps):
    found, expected = covariance(gaps), pd.DataFrame(gaps).cov().to_numpy()
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((found - expected) / scale).max() < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_what_has_no_correlation_has_none(method):
    nan = np.nan
    values = np.array([(1, 5, nan, 1e16), (2, 5, 1, 1e16), (4, 5, 2, 1e16), (3, 5, nan, 1e16)], dtype=float)
    own = METHODS[method](values)
    assert np.isnan(own.values[0, 1:]).all()
    assert np.isnan(own.p_values[0, 1:]).all()
    assert own.rows[0].tolist() == [4, 4, 2, 4]


def test_constant_among_shared_rows_only():
    values = np.array([(7, 1), (7, 2), (7, 4), (9, np.nan), (3, np.nan)], dtype=float)
    assert all(np.isnan(method(values).values[0, 1]) for method in METHODS.values())


def test_ranks_are_taken_among_shared_rows():
    values = np.array([(1, 1), (2, 3), (3, 2), (2.5, np.nan), (np.nan, 9)], dtype=float)
    assert spearman(values).values[0, 1] == pytest.approx(0.5)


def test_holm_by_its_definition():
    """Holm (1979): sorted .01 .02 .03 .04 times 4 3 2 1, never falling."""
    assert holm(np.array([0.04, 0.01, np.nan, 0.03, 0.02])) == pytest.approx(
        [0.06, 0.04, np.nan, 0.06, 0.06], nan_ok=True
    )


@given(st.permutations(range(12)), st.floats(0.1, 50), st.floats(-100, 100))
def test_units_of_measure_and_order_of_rows_do_not_matter(order, factor, shift):
    values = np.random.default_rng(3).normal(size=(12, 3))
    plain = pearson(values)
    moved = pearson(values[list(order)] * factor + shift)
    assert np.abs(plain.values - moved.values).max() < 1e-9
    assert np.abs(pearson(-values).values - plain.values).max() < 1e-12
