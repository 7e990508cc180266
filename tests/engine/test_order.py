"""Order statistics against numpy and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from scipy.stats.mstats import mquantiles

from dtindex.engine.order import average_rank, median, percentile

VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda x: x + 0.0), min_size=1, max_size=30)


@given(VALUES, st.sampled_from([0, 5, 25, 50, 90, 100]))
def test_percentiles_interpolate_linearly(values, share):
    """Hyndman & Fan type 7, which scipy's mquantiles gives for alphap = betap = 1."""
    expected = mquantiles(values, [share / 100], alphap=1, betap=1)[0]
    assert percentile(np.array(values), share) == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_median_in_closed_form():
    assert median(np.array([3.0, 1.0, 2.0])) == 2
    assert median(np.array([4.0, 1.0, 2.0, 3.0])) == 2.5
    assert math.isnan(median(np.zeros(0)))


@given(VALUES)
def test_average_ranks_in_the_own_sample_are_scipys(values):
    array = np.array(values)
    assert (average_rank(array, np.sort(array)) == rankdata(array, method="average")).all()


def test_a_new_value_stands_half_way():
    reference = np.array([1.0, 2.0, 2.0, 5.0])
    found = average_rank(np.array([0.0, 1.0, 1.5, 2.0, 3.0, 5.0, 9.0, np.nan]), reference)
    assert found[:-1].tolist() == [0.5, 1.0, 1.5, 2.5, 3.5, 4.0, 4.5]
    assert np.isnan(found[-1])
