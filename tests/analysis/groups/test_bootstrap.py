"""BCa intervals against scipy's own, and how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dtindex.analysis.groups.bootstrap import bca, bootstrap_means, leave_one_out


def difference(first, second, axis):
    return first.mean(axis=axis) - second.mean(axis=axis)


def quotient(first, second, axis):
    return first.mean(axis=axis) / second.mean(axis=axis)


@pytest.mark.parametrize("statistic", [difference, quotient])
def test_scipys_correction_of_the_same_resamples(statistic):
    rng = np.random.default_rng(1)
    first, second = rng.gamma(2, 1, 17), rng.gamma(4, 1, 33)
    other = stats.bootstrap((first, second), statistic, method="BCa", n_resamples=999, rng=np.random.default_rng(2))
    ones = [np.ones(len(values)) for values in (first, second)]
    without = [
        statistic(leave_one_out(first, ones[0])[:, None], second[None, :].mean(axis=1, keepdims=True), 1),
        statistic(np.full((33, 1), first.mean()), leave_one_out(second, ones[1])[:, None], 1),
    ]
    found = bca(other.bootstrap_distribution, statistic(first, second, 0), without, 0.95)
    assert found == pytest.approx(tuple(other.confidence_interval), rel=1e-10)


def test_near_scipys_with_resamples_of_its_own():
    rng = np.random.default_rng(3)
    first, second = rng.gamma(2, 1, 25), rng.gamma(4, 1, 60)
    (found,) = bootstrap_means(first[:, None], second[:, None], resamples=20_000, seed=1)
    for figure, statistic in ((found.difference, difference), (found.ratio, quotient)):
        other = stats.bootstrap(
            (first, second), statistic, method="BCa", n_resamples=20_000, rng=np.random.default_rng(4)
        )
        spread = other.standard_error
        assert (figure.low, figure.high) == pytest.approx(tuple(other.confidence_interval), abs=0.08 * spread)
        assert figure.value == pytest.approx(statistic(first, second, 0))


def test_whole_weights_are_repeated_members_of_the_mean():
    values, weights = np.array([1.0, 2.0, 5.0]), np.array([2.0, 1.0, 1.0])
    assert leave_one_out(values, weights) == pytest.approx([7 / 2, 7 / 3, 4 / 3])


def test_prefix_and_company_change_nothing():
    rng = np.random.default_rng(5)
    first, second = rng.normal(3, 1, (12, 2)), rng.normal(2, 1, (30, 2))
    weights = (rng.uniform(1, 2, 12), rng.uniform(1, 2, 30))
    together = bootstrap_means(first, second, *weights, resamples=130, seed=9)
    assert bootstrap_means(first[:, [1]], second[:, [1]], *weights, resamples=130, seed=9) == [together[1]]
    assert bootstrap_means(first, second, *weights, resamples=130, seed=9) == together
    assert bootstrap_means(first, second, *weights, resamples=130, seed=8) != together


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([1.0], [2.0, 3.0], "two members"),
        ([1.0, 1.0], [1.0, 1.0], "do not vary"),
        ([1.0, 2.0, 3.0], [-1.0, 5.0, 0.0, 1.0], None),
    ],
)
def test_what_has_none(first, second, said):
    (found,) = bootstrap_means(np.array(first)[:, None], np.array(second)[:, None], resamples=200)
    if said is None:
        assert found.difference.low is not None
        assert "not above zero" in found.ratio.reason
    else:
        assert said in found.difference.reason
        assert said in found.ratio.reason


def test_intervals_hold_the_truth():
    """Gamma 4 against gamma 4 twice as large, 30 against 60, 300 samples: ratio 2 in 95 % within 4 standard errors."""
    rng = np.random.default_rng(6)
    first, second = rng.gamma(4, 2, (30, 300)), rng.gamma(4, 1, (60, 300))
    found = bootstrap_means(first, second, resamples=600, seed=2)
    held = np.mean([one.ratio.low <= 2 <= one.ratio.high for one in found])
    assert abs(held - 0.95) < 4 * math.sqrt(0.05 * 0.95 / 300)
