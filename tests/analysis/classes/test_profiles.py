"""Profiles of a Gaussian mixture: R's mclust on iris, closed forms, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from dtindex.analysis.classes.profiles import entropy_r2, fitted_mixture, parameters, profiles
from dtindex.analysis.computable import NotComputable


@pytest.fixture(scope="module")
def iris() -> tuple[np.ndarray, np.ndarray]:
    """Fisher's iris as R has it: rows 35 and 38, of which old copies have others, are as R prints them."""
    found = load_iris()
    assert found.data[[34, 37]].tolist() == [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]
    return found.data, found.target


def bic(values: np.ndarray, number: int, shape: str) -> float:
    """As mclust has it: the higher the better."""
    mixture = fitted_mixture(values, number, shape, 10, (0, 1, number))
    return float(2 * mixture.score_samples(values).sum() - parameters(number, 4, shape) * np.log(len(values)))


@pytest.mark.parametrize(
    ("number", "shape", "published", "tolerance"),
    [
        (1, "full", -829.9782, 5e-5),
        (2, "full", -574.0178, 1e-4),
        (3, "full", -580.8396, 1e-3),
        (3, "tied", -632.9647, 2e-3),
    ],
)
def test_bic_of_mclust(iris, number: int, shape: str, published: float, tolerance: float) -> None:
    """mclust 6.0.0, VVV and EEE. It stops while the likelihood still moves in the fourth digit, and ours goes on."""
    found = bic(iris[0], number, shape)
    assert found == pytest.approx(published, abs=tolerance)
    assert found >= published - 1e-4


def test_a_better_optimum_than_that_of_mclust(iris) -> None:
    """VVI,3 of mclust 6.0.0 has -744.6382, from one start by hierarchical clustering."""
    found = bic(iris[0], 3, "diag")
    assert -744.6382 - 1e-4 <= found < -743.99


def test_the_species(iris) -> None:
    """VVV,3 of mclust: adjusted Rand index 0.9038742, log-likelihood -180.1858."""
    mixture = fitted_mixture(iris[0], 3, "full", 10, (0, 1, 3))
    assert adjusted_rand_score(mixture.predict(iris[0]), iris[1]) == pytest.approx(0.9038742, abs=5e-8)
    assert mixture.score_samples(iris[0]).sum() == pytest.approx(-180.1858, abs=5e-4)


def test_the_number_is_that_of_the_lowest_bic(iris) -> None:
    found = profiles(iris[0], "abcd", resamples=20)
    assert [one.profiles for one in found.candidates] == [1, 2, 3, 4, 5, 6]
    assert len(found.shares) == 2  # of VVV alone, mclust's choice too
    assert found.candidates[1].bic == pytest.approx(574.0178, abs=1e-4)
    assert found.shares.sum() == pytest.approx(1)
    assert found.means[0].mean() > found.means[1].mean()
    assert np.bincount(found.assigned).tolist() == [100, 50]  # setosa lies apart, and is the smallest flower
    assert found.entropy > 0.999
    assert found.jaccard.min() > 0.99
    assert found.agreement > 0.99


def test_parameters_by_counting() -> None:
    """Fraley and Raftery (2002), table 1, with four dimensions."""
    assert [parameters(g, 4, "full") for g in (1, 2, 3)] == [14, 29, 44]
    assert parameters(3, 4, "tied") == 2 + 12 + 10
    assert parameters(3, 4, "diag") == 2 + 12 + 12


def test_entropy() -> None:
    assert entropy_r2(np.eye(3)) == 1
    assert entropy_r2(np.full((5, 4), 0.25)) == pytest.approx(0, abs=1e-15)
    assert np.isnan(entropy_r2(np.ones((5, 1))))
    one = np.array([[0.9, 0.1]])
    assert entropy_r2(one) == pytest.approx(1 + (0.9 * np.log(0.9) + 0.1 * np.log(0.1)) / np.log(2))


def test_one_cloud_is_one_profile() -> None:
    cloud = np.random.default_rng(4).multivariate_normal([50, 50], [[100, 60], [60, 100]], 500)
    found = profiles(cloud, "ab", most=4, resamples=5)
    assert len(found.shares) == 1
    assert np.isnan(found.entropy)
    assert (found.jaccard.tolist(), found.agreement) == ([1.0], 1.0)


def test_two_clouds_are_found_and_found_again() -> None:
    rng = np.random.default_rng(6)
    low, high = rng.normal(30, 5, (150, 3)), rng.normal(80, 5, (50, 3))
    found = profiles(np.vstack([low, high]), "abc", most=4, resamples=10)
    assert found.shares == pytest.approx([0.25, 0.75], abs=1e-3)
    assert found.assigned.tolist() == [1] * 150 + [0] * 50
    assert found.jaccard == pytest.approx([1, 1])


def test_equal_seeds_equal_bits() -> None:
    cloud = np.random.default_rng(1).normal(50, 10, (80, 2))
    one, other = (profiles(cloud, "ab", most=3, resamples=3, seed=9) for _ in range(2))
    assert one.means.tobytes() == other.means.tobytes()
    assert one.jaccard.tobytes() == other.jaccard.tobytes()


def test_what_is_not_computable() -> None:
    cloud = np.random.default_rng(1).normal(50, 10, (9, 3))
    with pytest.raises(NotComputable, match="3 complete rows for 3 dimensions"):
        profiles(cloud[:3], "abc")
    with pytest.raises(NotComputable, match="no variation in b"):
        profiles(np.column_stack([cloud[:, 0], np.full(9, 5.0)]), "ab")
    with pytest.raises(NotComputable, match="too few for one profile"):
        profiles(cloud, "abc")  # nine parameters for nine rows
    found = profiles(np.random.default_rng(1).normal(50, 10, (12, 2)), "ab", resamples=2)
    assert [bool(one.reason) for one in found.candidates] == [False, False, True, True, True, True]
    assert found.candidates[2].reason == "17 parameters for 12 rows"
