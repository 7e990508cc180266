"""Permutation tests against brute force, Fisher's table and scipy; uniform under the null."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from dtindex.analysis.groups.permutation import EXACT_SPLITS, permutation_tests


def brute_force(first, second):
    """Every split, by means."""
    pooled = [*first, *second]
    observed = abs(np.mean(first) - np.mean(second))
    found = []
    for chosen in combinations(range(len(pooled)), len(first)):
        inside = [pooled[row] for row in chosen]
        outside = [value for row, value in enumerate(pooled) if row not in chosen]
        found.append(abs(np.mean(inside) - np.mean(outside)) >= observed - 1e-9)
    return np.mean(found)


@pytest.mark.parametrize(("seed", "sizes"), [(1, (1, 9)), (2, (3, 8)), (3, (5, 5)), (4, (6, 3))])
@pytest.mark.parametrize("values", ["normal", "tied", "binary"])
def test_exact_is_brute_force(seed, sizes, values):
    rng = np.random.default_rng(seed)
    draw = {"normal": rng.normal, "tied": lambda n: rng.integers(0, 4, n), "binary": lambda n: rng.integers(0, 2, n)}
    first, second = (np.asarray(draw[values](size=n) if values == "normal" else draw[values](n), float) for n in sizes)
    if len(set(first) | set(second)) == 1:
        first = first + 1
    (found,) = permutation_tests(first[:, None], second[:, None])
    assert found.p == pytest.approx(brute_force(first, second), abs=1e-12)
    assert found.method.startswith("exact")


def test_sleep_data_exactly_against_scipy():
    """All 184,756 splits of ten against ten, symmetric: so this p and scipy's, twice the smaller tail, agree."""
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    (found,) = permutation_tests(first[:, None], second[:, None])
    other = stats.permutation_test(
        (first, second), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis), n_resamples=np.inf, vectorized=True
    )
    assert found.method == "exact, 184,756 splits"
    assert found.p == pytest.approx(other.pvalue, abs=1e-12)


def test_three_of_four_against_a_crowd():
    """Of 4 reinventors 3 say yes, of 40 others 12: hypergeometric, 15 of 44 in all, |k - 15/11| >= 18/11."""
    first, second = np.repeat([1.0, 0.0], [3, 1]), np.repeat([1.0, 0.0], [12, 28])
    (found,) = permutation_tests(first[:, None], second[:, None])
    chances = [math.comb(15, k) * math.comb(29, 4 - k) / math.comb(44, 4) for k in range(5)]
    assert found.p == pytest.approx(chances[3] + chances[4])


def test_random_splits_are_near_the_exact_share():
    rng = np.random.default_rng(6)
    first, second = rng.normal(0.4, 1, (20, 1)), rng.normal(0, 1, (400, 1))
    assert math.comb(420, 20) > EXACT_SPLITS
    (found,) = permutation_tests(first, second, permutations=20_000, seed=1)
    student = stats.ttest_ind(first[:, 0], second[:, 0]).pvalue
    assert found.method == "20,000 random splits"
    assert found.p == pytest.approx(student, abs=4 * math.sqrt(student / 20_000) + 0.1 * student)


def test_the_sizes_alone_say_what_is_drawn():
    """Same seed, same figures: beside other outcomes, in other order, or for fewer permutations of a longer run."""
    rng = np.random.default_rng(7)
    first, second = rng.normal(0.2, 1, (15, 3)), rng.normal(0, 1, (90, 3))
    together = permutation_tests(first, second, permutations=1200, seed=4)
    for column in range(3):
        alone = permutation_tests(first[:, [column]], second[:, [column]], permutations=1200, seed=4)
        assert alone == [together[column]]
    assert permutation_tests(first, second, permutations=1200, seed=5) != together


def test_swapped_groups_have_one_p():
    rng = np.random.default_rng(9)
    first, second = rng.normal(0.4, 1, (15, 1)), rng.normal(0, 1, (70, 1))
    there, back = (permutation_tests(*sides, permutations=2000)[0] for sides in ((first, second), (second, first)))
    assert there.p == back.p
    assert there.value == -back.value


def test_no_variation_and_nobody():
    assert permutation_tests(np.ones((3, 1)), np.ones((5, 1)))[0].reason == "all values are the same"
    assert permutation_tests(np.empty((0, 2)), np.ones((5, 2)))[1].reason == "no value in the group"


def test_rejects_as_often_as_it_says():
    """Three against nine of one skewed population, 2,000 times: exact, so at most 5 %, and near it (220 splits)."""
    rng = np.random.default_rng(10)
    first, second = rng.exponential(size=(3, 2000)), rng.exponential(size=(9, 2000))
    p_values = np.array([one.p for one in permutation_tests(first, second)])
    assert abs((p_values <= 0.05).mean() - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 2000)
