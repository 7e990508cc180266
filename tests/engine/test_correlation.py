"""Order-free correlations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.engine.correlation import correlation, correlation_matrix

PAIRS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=40)


def test_by_hand():
    """Deviations (-1, 0, 1) and (-1, 1, 0): 1 / 2."""
    assert correlation(np.array([1.0, 2, 3]), np.array([1.0, 3, 2])) == pytest.approx(0.5, abs=1e-15)


def test_straight_lines_are_exactly_one():
    x = np.array([0.1, 0.7, 0.3, 0.9])
    assert correlation(x, 3 * x + 0.1) == 1
    assert correlation(x, 1 - x) == -1


def test_numpy_agrees():
    table = np.random.default_rng(3).normal(size=(200, 6)) @ np.random.default_rng(4).normal(size=(6, 6))
    own = correlation_matrix(list(np.ascontiguousarray(table.T)))
    assert np.abs(own - np.corrcoef(table.T)).max() <= 1e-14
    assert (own == own.T).all()


@pytest.mark.parametrize("factor", [1e-300, 1e300])
def test_magnitudes_make_no_difference(factor):
    x, y = np.array([1.0, 2, 3, 5]), np.array([2.0, 1, 4, 3])
    assert correlation(x * factor, y) == pytest.approx(correlation(x, y), abs=1e-14)


def test_without_variation_there_is_none():
    x = np.array([1.0, 2, np.nan, 4])
    assert math.isnan(correlation(x, np.full(4, 7.0)))
    assert math.isnan(correlation(x, np.array([np.nan, np.nan, 1, 2])))
    assert math.isnan(correlation(np.empty(0), np.empty(0)))


def test_gaps_are_left_out_pair_by_pair():
    x, y, z = np.array([1.0, 2, np.nan, 4, 0]), np.array([3.0, np.nan, 5, 1, 1]), np.array([1.0, 5, 2, 3, 4])
    own = correlation_matrix([x, y, z])
    assert own[0, 1] == pytest.approx(np.corrcoef([1, 4, 0], [3, 1, 1])[0, 1])
    assert own[0, 2] == pytest.approx(np.corrcoef([1, 2, 4, 0], [1, 5, 3, 4])[0, 1])


@given(pairs=PAIRS, seed=st.integers(0, 99))
def test_shuffling_changes_no_bit(pairs, seed):
    x, y = np.array(pairs).T.copy()
    order = np.random.default_rng(seed).permutation(len(x))
    first, second = correlation(x, y), correlation(x[order], y[order])
    assert first == second or (math.isnan(first) and math.isnan(second))
    assert math.isnan(first) or -1 <= first <= 1
