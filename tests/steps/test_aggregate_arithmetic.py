"""The arithmetic mean. Oracles: numpy.average; COINr a_amean in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.aggregate.base import weighted_mean


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0.01, 100)), min_size=1, max_size=12))
def test_numpy_average(pairs):
    values, weights = zip(*pairs, strict=True)
    columns = [np.array([value]) for value in values]
    found = weighted_mean(columns, weights, [True] * len(columns))
    assert found[0] == pytest.approx(np.average(values, weights=weights), rel=1e-12, abs=1e-9)


def test_what_is_missing_is_left_out():
    columns = [np.array([1.0, np.nan, np.nan]), np.array([5.0, 5.0, np.nan])]
    found = weighted_mean(columns, [1, 3], [False, False])
    assert found[:2].tolist() == [4, 5]
    assert np.isnan(found[2])


def test_a_row_does_not_depend_on_what_others_lack():
    """To the bit, whether a column is known to be complete or not."""
    rng = np.random.default_rng(3)
    columns = [rng.random(50) for _ in range(7)]
    weights = rng.random(7).tolist()
    whole = weighted_mean(columns, weights, [True] * 7)
    assert (weighted_mean(columns, weights, [False] * 7) == whole).all()


def test_columns_without_weight_are_nothing():
    assert np.isnan(weighted_mean([np.ones(2)], [0.0], [True])).all()
