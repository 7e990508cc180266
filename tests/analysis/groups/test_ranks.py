"""Mann-Whitney against R and scipy; superiority and Cliff's delta by counting pairs."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.ranks import cliffs_delta, mann_whitney, superiority

FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_sleep_data():
    """R: wilcox.test(extra ~ group, data = sleep): W = 25.5, p-value = 0.06933, with ties and continuity."""
    found = mann_whitney(FIRST, SECOND)
    assert found.value == 25.5
    assert found.p == pytest.approx(0.0693276, abs=5e-8)


def test_exact_where_small_and_not_tied():
    """Three against three, all higher: 2 of 20 orders are as extreme."""
    found = mann_whitney(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert (found.value, found.method) == (9, "exact")
    assert found.p == pytest.approx(0.1)
    assert mann_whitney(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 4.0])).method != "exact"


def test_by_hand():
    """(2, 3) against (1, 2, 2): pairs above 1 + 3, ties 2, below 0: (4 + 2 / 2) / 6; delta 4 / 6."""
    found = superiority(np.array([2.0, 3.0]), np.array([1.0, 2.0, 2.0]), 0.95)
    assert found.value == pytest.approx(5 / 6)
    assert cliffs_delta(found).value == pytest.approx(4 / 6)


def test_the_variance_is_brunner_and_munzels():
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 9, 14).astype(float), rng.integers(2, 12, 23).astype(float)
    found = superiority(first, second, 0.95)
    other = stats.brunnermunzel(first, second)
    assert (0.5 - found.value) / found.error == pytest.approx(other.statistic, rel=1e-12)
    logit = math.log(found.value / (1 - found.value))
    centre = (math.log(found.low / (1 - found.low)) + math.log(found.high / (1 - found.high))) / 2
    assert centre == pytest.approx(logit)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_counting_every_pair(first, second):
    one, other = np.array(first, dtype=float), np.array(second, dtype=float)
    wins = sum((a > b) + (a == b) / 2 for a, b in product(first, second))
    there, back = superiority(one, other, 0.95), superiority(other, one, 0.95)
    assert there.value == pytest.approx(wins / (len(first) * len(second)))
    assert there.value + back.value == pytest.approx(1)
    if there.low is not None:
        assert there.low + back.high == pytest.approx(1)
    if len(set(first) | set(second)) > 1:
        assert mann_whitney(one, other).value == wins


def test_groups_that_do_not_overlap_have_no_interval():
    found = superiority(np.array([4.0, 5.0]), np.array([1.0, 2.0]), 0.95)
    assert (found.value, found.low, found.reason) == (1.0, None, "the groups do not overlap: no interval")


def test_all_alike():
    with pytest.raises(NotComputable, match="all values are the same"):
        mann_whitney(np.ones(4), np.ones(5))


def test_intervals_hold_the_truth():
    """Normal groups one deviation apart: P = Phi(1 / sqrt(2)); 1,000 samples, 4 standard errors."""
    rng = np.random.default_rng(5)
    truth = stats.norm.cdf(1 / math.sqrt(2))
    found = [superiority(rng.normal(1, 1, 20), rng.normal(0, 1, 40), 0.95) for _ in range(1000)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert abs(held - 0.95) < 4 * math.sqrt(0.05 * 0.95 / 1000)
