"""Differences and ratios of means: R's figures, statsmodels, closed forms, and how often intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.means import mean_interval, moments, per_cent, ratio, welch

FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
"""Student's sleep data (1908), as R's `sleep` has them."""


def test_sleep_data():
    """R: t.test(extra ~ group, data = sleep)."""
    found = welch(moments(FIRST), moments(SECOND), 0.95)
    assert found.value / found.error == pytest.approx(-1.860813, abs=5e-7)
    assert found.freedom == pytest.approx(17.77647, abs=5e-6)
    assert found.p == pytest.approx(0.0793941, abs=5e-8)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


@pytest.mark.parametrize("seed", range(5))
def test_welch_is_scipys(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(1, 2, 9), rng.normal(0, 1, 31)
    found = welch(moments(first), moments(second), 0.9)
    other = stats.ttest_ind(first, second, equal_var=False)
    assert (found.p, found.freedom) == pytest.approx((other.pvalue, other.df), rel=1e-12)
    assert (found.low, found.high) == pytest.approx(tuple(other.confidence_interval(0.9)), rel=1e-12)


def test_weighted_moments_by_hand_and_by_statsmodels():
    """Values 1, 2, 4 with weights 1, 1, 2: mean 11/4; z = w (y - mean) / W = (-7, -3, 10) / 16; V = 3/2 * 158 / 256."""
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0])
    found = moments(values, weights)
    assert found.mean == 2.75
    assert found.error == pytest.approx(math.sqrt(1.5 * 158 / 256), rel=1e-14)
    assert found.effective == pytest.approx(16 / 6)
    assert found.sd == pytest.approx(math.sqrt(1.5 * DescrStatsW(values, weights).var), rel=1e-14)


def test_equal_weights_are_no_weights_and_clusters_of_one_too():
    plain = moments(FIRST)
    for other in (moments(FIRST, np.full(10, 3.0)), moments(FIRST, None, np.arange(10), 10)):
        assert (other.mean, other.sd, other.error) == pytest.approx((plain.mean, plain.sd, plain.error), rel=1e-14)


def test_clusters_by_hand():
    """Two clusters of two; values (0, 2), (4, 6), mean 3: z_c = (-4, 4) / 4; V = 2/1 * 2."""
    assert moments(np.array([0.0, 2.0, 4.0, 6.0]), None, np.array([0, 0, 1, 1]), 2).error == pytest.approx(2.0)


def test_one_population_sampled_with_clusters_across_both_groups():
    """sum (z_1c - z_2c)^2 C / (C - 1): what clusters add to both groups alike cancels out of their difference."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(40), 10)
    group = np.tile([True, False], 200)
    values = rng.normal(0, 5, 40)[clusters] + rng.normal(0, 1, 400)
    sides = [moments(values[rows], None, clusters[rows], 40) for rows in (group, ~group)]
    found = welch(sides[0], sides[1], 0.95)
    by_hand = np.bincount(clusters[group], values[group] - values[group].mean(), 40)
    by_hand -= np.bincount(clusters[~group], values[~group] - values[~group].mean(), 40)
    assert found.error == pytest.approx(math.sqrt(40 / 39 * (by_hand**2).sum()) / 200, rel=1e-12)
    assert found.error < 0.5 * welch(moments(values[group]), moments(values[~group]), 0.95).error
    assert found.freedom == 39


def test_ratio_by_the_delta_method():
    """se(log ratio)^2 = cv_1^2 / n_1 + cv_2^2 / n_2, written out."""
    rng = np.random.default_rng(3)
    first, second = rng.gamma(9, 1, 50), rng.gamma(4, 1, 80)
    found = ratio(moments(first), moments(second), 0.95)
    parts = [stats.variation(one, ddof=1) ** 2 / len(one) for one in (first, second)]
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 49 + parts[1] ** 2 / 79)
    width = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    value = first.mean() / second.mean()
    expected = (value, value * math.exp(-width), value * math.exp(width))
    assert (found.value, found.low, found.high) == pytest.approx(expected, rel=1e-12)
    assert per_cent(found).low == pytest.approx(100 * (found.low - 1))


@given(st.integers(0, 10_000))
def test_swapped_groups_turn_difference_and_ratio_round(seed):
    rng = np.random.default_rng(seed)
    sides = [moments(rng.gamma(20, 1, n), rng.uniform(0.5, 2, n)) for n in (7, 12)]
    there, back = welch(*sides, 0.95), welch(*sides[::-1], 0.95)
    assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)
    assert there.p == back.p
    there, back = ratio(*sides, 0.95), ratio(*sides[::-1], 0.95)
    assert (there.value, there.low, there.high) == pytest.approx((1 / back.value, 1 / back.high, 1 / back.low))


def test_shuffled_rows_change_no_bit():
    rng = np.random.default_rng(8)
    values, weights = rng.normal(size=6000), rng.uniform(1, 2, 6000)
    order = rng.permutation(6000)
    one, other = moments(values, weights), moments(values[order], weights[order])
    assert (one.mean, one.sd, one.error, one.effective) == (other.mean, other.sd, other.error, other.effective)


def test_one_member_has_a_difference_and_nothing_else():
    found = welch(moments(np.array([4.0])), moments(np.array([1.0, 2.0])), 0.95)
    assert (found.value, found.low, found.p) == (2.5, None, None)
    assert "one member" in found.reason
    assert mean_interval(moments(np.array([4.0])), 0.95).low is None


def test_without_variation_there_is_no_test():
    found = welch(moments(np.full(5, 0.1 + 0.2)), moments(np.full(4, 0.3)), 0.95)
    assert (found.p, found.low) == (None, None)
    assert "no variation" in found.reason


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([1.0, 2.0], [-3.0, -1.0], "is not above zero"),
        ([1.0, 2.0], [-3.0, 4.0, 1.0], "not told apart from zero"),
        ([], [1.0], "no value"),
    ],
)
def test_no_ratio(first, second, said):
    with pytest.raises(NotComputable, match=said):
        ratio(moments(np.array(first)), moments(np.array(second)), 0.95)


def test_intervals_hold_the_truth_and_p_values_are_uniform():
    """2,000 samples of 15 against 60 with unequal variances: means 10 and 10 (p), ratio 1; within 4 standard errors."""
    rng = np.random.default_rng(20)
    p_values, held = [], 0
    for _ in range(2000):
        sides = moments(rng.normal(10, 3, 15)), moments(rng.normal(10, 1, 60))
        p_values.append(welch(*sides, 0.95).p)
        interval = ratio(*sides, 0.95)
        held += interval.low <= 1 <= interval.high
    error = math.sqrt(0.05 * 0.95 / 2000)
    assert abs(np.mean(np.array(p_values) < 0.05) - 0.05) < 4 * error
    assert abs(held / 2000 - 0.95) < 4 * error
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3
