"""Squared correlations against closed forms and the Handbook example; the curve against shapes whose share is known."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.importance import correlation_ratio, squared_correlation


def test_handbook_example(tai):
    """TAI-23, equal weights on z-scores (METHODS of the reference folder, section 3.11)."""
    values = ((tai - tai.mean()) / tai.std()).to_numpy()
    found = [squared_correlation(one, values.mean(axis=1)) for one in values.T]
    assert found == pytest.approx([0.208, 0.462, 0.500, 0.012, 0.650, 0.544, 0.382, 0.201], abs=5e-4)


def test_uncorrelated_children_by_the_squares_of_their_weights():
    """Paruolo, Saisana & Saltelli (2013): S_j = (Sigma w)_j^2 / (sigma_j^2 w' Sigma w), here w_j^2 / sum w^2."""
    square = np.linalg.qr(np.column_stack([np.ones(50), np.random.default_rng(2).normal(size=(50, 3))]))[0][:, 1:]
    weights = np.array([0.5, 0.3, 0.2])
    found = [squared_correlation(one, square @ weights) for one in square.T]
    assert found == pytest.approx(weights**2 / (weights**2).sum(), abs=1e-12)


def test_a_straight_line_is_all_of_it():
    x = np.random.default_rng(1).normal(size=40)
    assert correlation_ratio(x, 3 * x - 1) == pytest.approx(1, abs=1e-9)


def test_a_parabola_that_no_correlation_sees():
    """x uniform on -1 ... 1, y = x^2 + noise: Var E[y | x] = 4 / 45."""
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, 20_000)
    y = x**2 + rng.normal(0, 0.3, x.size)
    assert squared_correlation(x, y) < 0.001
    assert correlation_ratio(x, y) == pytest.approx((4 / 45) / (4 / 45 + 0.09), abs=0.01)


def test_a_smooth_curve_without_noise_is_nearly_all():
    x = np.linspace(0, 1, 60)
    assert correlation_ratio(x, np.sin(5 * x)) > 0.999


def test_unrelated_columns_have_next_to_none():
    rng = np.random.default_rng(9)
    found = [correlation_ratio(rng.normal(size=31), rng.normal(size=31)) for _ in range(200)]
    assert np.mean(found) < 0.08


def test_ties_and_outliers_do_no_harm():
    x = np.array([0.0] * 20 + [1.0, 2.0, 3.0, 4.0, 1000.0])
    assert correlation_ratio(x, x) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("child", "node", "said"),
    [
        (np.arange(9.0), np.arange(9.0), "9 rows with both; 10 are needed"),
        (np.arange(12.0) % 4, np.arange(12.0), "4 distinct values"),
        (np.ones(12), np.arange(12.0), "no variation in the child"),
        (np.arange(12.0), np.ones(12), "no variation in the node"),
    ],
)
def test_what_no_curve_can_say(child, node, said):
    with pytest.raises(NotComputable, match=said):
        correlation_ratio(child, node)
