"""The probability of a box: closed forms, quadrature, scipy, simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from dtindex.analysis.classes.calibration import joint_share, joint_share_of
from dtindex.analysis.classes.normal_box import normal_box

INF = np.inf


def equal(correlation: float, items: int = 5) -> np.ndarray:
    return np.full((items, items), correlation) + (1 - correlation) * np.eye(items)


def test_one_dimension_is_phi() -> None:
    ends = np.linspace(-8, 8, 33)[:, None]
    assert normal_box(ends, np.full_like(ends, INF), np.eye(1)) == pytest.approx(norm.sf(ends[:, 0]), rel=1e-12)
    assert normal_box(-np.abs(ends), np.abs(ends), np.eye(1)) == pytest.approx(
        norm.cdf(np.abs(ends[:, 0])) - norm.cdf(-np.abs(ends[:, 0])), abs=1e-15
    )
    tail = normal_box(np.array([[8.0]]), np.array([[9.0]]), np.eye(1))[0]
    assert tail == pytest.approx(norm.sf(8) - norm.sf(9), rel=1e-12)  # from the tail: 1 - Phi would have lost it


@pytest.mark.parametrize("correlation", [-0.9, -0.5, 0.0, 0.3, 0.5, 0.8, 0.99])
def test_the_orthant_of_two(correlation: float) -> None:
    """Sheppard (1899): 1/4 + arcsin(r) / 2 pi."""
    found = normal_box(np.zeros((1, 2)), np.full((1, 2), INF), equal(correlation, 2))[0]
    assert found == pytest.approx(0.25 + np.arcsin(correlation) / (2 * np.pi), abs=5e-4)


@pytest.mark.parametrize("correlation", [0.25, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("share", [0.05, 0.25, 0.6, 0.9])
def test_five_equicorrelated_against_quadrature(correlation: float, share: float) -> None:
    found = joint_share_of(np.full(5, share), equal(correlation))
    assert found == pytest.approx(joint_share(share, correlation), abs=2e-4)


def test_against_scipy_and_simulation() -> None:
    rng = np.random.default_rng(5)
    root = rng.standard_normal((4, 4))
    covariance = root @ root.T + np.eye(4)
    spread = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(spread, spread)
    ends = rng.standard_normal((6, 4))
    found = normal_box(np.full_like(ends, -INF), ends, correlations)
    for row, upper in enumerate(ends):
        assert found[row] == pytest.approx(multivariate_normal.cdf(upper, cov=correlations), abs=5e-4)
    drawn = rng.multivariate_normal(np.zeros(4), correlations, 200_000)
    lower = ends - 1.5
    share = [(np.all((drawn > low) & (drawn < high), axis=1)).mean() for low, high in zip(lower, ends, strict=True)]
    assert normal_box(lower, ends, correlations) == pytest.approx(share, abs=5e-3)


def test_a_singular_matrix_is_no_obstacle() -> None:
    """Two items that are one: the box of one. A total beside its two parts: by quadrature."""
    ends = np.array([[-0.3, 0.4], [0.4, -0.3]])
    assert normal_box(ends, np.full_like(ends, INF), np.ones((2, 2))) == pytest.approx(norm.sf(0.4), abs=1e-4)
    load = np.array([[1, 0], [0, 1], [np.sqrt(0.5), np.sqrt(0.5)]])
    lower = np.array([[-1.0, -1.0, 0.5]])
    turn = 0.5 * np.sqrt(2) + 1
    exact = quad(lambda x: norm.pdf(x) * norm.sf(max(-1.0, turn - 1 - x)), -1, 10, points=[turn])[0]
    # The integrand has a step, which a lattice meets less exactly.
    assert normal_box(lower, np.full_like(lower, INF), load @ load.T)[0] == pytest.approx(exact, abs=1e-3)


def test_far_away_it_is_one_or_nothing() -> None:
    lower = np.array([[-40.0] * 5, [40.0] + [-40.0] * 4, [-INF] * 5])
    for matrix in (np.eye(5), equal(0.6)):
        assert normal_box(lower, np.full_like(lower, INF), matrix) == pytest.approx([1, 0, 1], abs=1e-12)


def test_a_row_has_one_answer_in_any_company() -> None:
    ends = np.random.default_rng(2).standard_normal((300, 5))
    upper = np.full_like(ends, INF)
    whole = normal_box(ends, upper, equal(0.5))
    order = np.random.default_rng(3).permutation(300)
    assert np.array_equal(normal_box(ends[order], upper, equal(0.5)), whole[order])
    assert normal_box(ends[7:8], upper[7:8], equal(0.5))[0] == whole[7]
    assert len(normal_box(ends[:0], upper[:0], equal(0.5))) == 0
