"""Order-free sums against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.engine.sums import constant, deviation, exact_sum, mean

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ADVERSE = st.one_of(
    FINITE,
    st.sampled_from([1e308, -1e308, 1.7976931348623157e308, 5e-324, -5e-324, 2.0**53, 1.0, -1.0, 2.0**-53, 1e16, 0.1]),
)


def exactly(values: np.ndarray) -> float:
    total = sum(map(Fraction, values.tolist()), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


@given(st.lists(ADVERSE, max_size=60))
def test_few_terms_sum_as_fractions_do(values):
    assert exact_sum(np.array(values)) == exactly(np.array(values))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(4097, 5000), st.sampled_from([0, 10, 60, 300, 900]))
def test_many_terms_sum_as_fractions_do(seed, size, spread):
    """Beyond 4,096 terms another algorithm adds; magnitudes up to 2^±900 cancel to a rest."""
    rng = np.random.default_rng(seed)
    values = np.ldexp(rng.standard_normal(size), rng.integers(-spread, spread + 1, size))
    values[: size // 3] = -values[size // 3 : 2 * (size // 3)]
    assert exact_sum(values) == exactly(values)
    assert exact_sum(rng.permutation(values)) == exact_sum(values)


@pytest.mark.parametrize(
    "values",
    [
        [1e308, 1e308, -1e308, -1e308],
        [1e308, -1e308, 1e308, -1e308],
        [5e-324] * 3,
        [1e308, 5e-324, -1e308],
        [1.7e308, 1.7e308],
        [-1.7e308, -1.7e308],
        [1.0, 1e100, 1.0, -1e100],
    ],
)
@pytest.mark.parametrize("padding", [0, 5000])
def test_extremes(values, padding):
    """A partial sum may overflow; whether it does depends on the order, and the result must not."""
    array = np.array(values + [0.0] * padding)
    assert exact_sum(array) == exactly(array) == exact_sum(array[::-1].copy())


@pytest.mark.parametrize("size", [3, 5000])
def test_a_missing_term_makes_the_sum_missing(size):
    assert math.isnan(exact_sum(np.array([1.0] * size + [math.nan])))
    assert exact_sum(np.array([1.0] * size + [math.inf])) == math.inf


def test_nothing_sums_to_zero_and_has_no_mean():
    assert exact_sum(np.zeros(0)) == 0
    assert math.isnan(mean(np.zeros(0)))
    assert math.isnan(deviation(np.zeros(0)))
    assert math.isnan(deviation(np.ones(1)))


def test_mean_of_numbers_whose_sum_overflows():
    assert mean(np.array([1.5e308] * 4)) == 1.5e308
    assert mean(np.full(5000, -1.5e308)) == pytest.approx(-1.5e308, rel=1e-15)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.sampled_from([0, 1]))
def test_deviation_is_that_of_exact_arithmetic(values, ddof):
    array = np.array(values)
    if constant(array):
        assert deviation(array, ddof) == 0
        return
    exact = [Fraction(value) for value in values]
    average = sum(exact) / len(exact)
    variance = sum((value - average) ** 2 for value in exact) / (len(exact) - ddof)
    assert deviation(array, ddof) == pytest.approx(math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("magnitude", [1e-300, 1e-200, 1e200, 1e300])
def test_deviation_neither_vanishes_nor_overflows(magnitude):
    """(1, 2, 4) has variance 7/3."""
    assert deviation(np.array([1.0, 2.0, 4.0]) * magnitude) == pytest.approx(math.sqrt(7 / 3) * magnitude, rel=1e-14)


def test_deviation_does_not_change_with_a_power_of_two():
    values = np.array([0.1, 0.7, 3.3, 9.1])
    assert deviation(np.ldexp(values, 40)) == math.ldexp(deviation(values), 40)


def test_constant_but_for_the_last_bits():
    assert constant(np.array([0.3, 0.1 + 0.2]))
    assert constant(np.array([]))
    assert constant(np.array([-7.0, -7.0]))
    assert not constant(np.array([1.0, 1.0 + 1e-12]))
    assert not constant(np.array([0.0, 5e-324]))
    assert not constant(np.array([-1e308, 1e308]))
