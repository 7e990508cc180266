"""Calibrated weights: totals are met, cells agree with post-stratification, and what cannot be met is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.engine.calibration import NotMet, calibrated, indicators, post_stratified, raked, regression_residuals

RNG = np.random.default_rng(7)
ROWS = 300
WEIGHTS = RNG.gamma(3.0, 10.0, ROWS)
A, B = RNG.integers(0, 3, ROWS), RNG.integers(0, 2, ROWS)
NUMBERS = RNG.normal(50.0, 10.0, ROWS)
SIZE = WEIGHTS.sum()
OF_A, OF_B = SIZE * np.array([0.5, 0.3, 0.2]), SIZE * np.array([0.45, 0.55])
AUXILIARY = np.column_stack([indicators(A, 3), indicators(B, 2), NUMBERS])
TOTALS = np.concatenate([OF_A, OF_B, [SIZE * 51.0]])
DISTANCES = [("linear", None), ("multiplicative", None), ("logit", (0.3, 3.0))]


@pytest.mark.parametrize(("distance", "bounds"), DISTANCES)
def test_totals_are_met(distance, bounds):
    """Margins of two columns determine each other, and that is no obstacle."""
    factors = calibrated(WEIGHTS, AUXILIARY, TOTALS, bounds, distance)
    np.testing.assert_allclose(AUXILIARY.T @ (WEIGHTS * factors), TOTALS, rtol=1e-10)
    if bounds is not None:
        assert factors.min() > bounds[0]
        assert factors.max() < bounds[1]
    if distance == "multiplicative":
        assert factors.min() > 0


@pytest.mark.parametrize(("distance", "bounds"), DISTANCES)
def test_calibration_on_cells_is_post_stratification(distance, bounds):
    factors = calibrated(WEIGHTS, indicators(A, 3), OF_A, bounds, distance)
    np.testing.assert_allclose(WEIGHTS * factors, post_stratified(WEIGHTS, A, OF_A), rtol=1e-10)


def test_raking_is_calibration_by_the_raking_distance():
    """Deville, Särndal & Sautory (1993): iterative proportional fitting minimises it."""
    found = raked(WEIGHTS, [(A, OF_A), (B, OF_B)], 1e-13)
    factors = calibrated(WEIGHTS, AUXILIARY[:, :5], TOTALS[:5], None, "multiplicative")
    np.testing.assert_allclose(found, WEIGHTS * factors, rtol=1e-9)


def test_linear_calibration_is_the_regression_estimator():
    """g = 1 + x'(X'WX)^-1 (T - X'w), by numpy's own solver on columns that are independent."""
    independent = AUXILIARY[:, [0, 1, 2, 3, 5]]
    totals = TOTALS[[0, 1, 2, 3, 5]]
    gram = independent.T @ (independent * WEIGHTS[:, None])
    expected = 1 + independent @ np.linalg.solve(gram, totals - independent.T @ WEIGHTS)
    np.testing.assert_allclose(calibrated(WEIGHTS, AUXILIARY, TOTALS, None, "linear"), expected, rtol=1e-9)


def test_what_cannot_be_met_is_refused():
    with pytest.raises(NotMet):
        raked(WEIGHTS, [(A, OF_A), (B, OF_B * 1.1)], rounds=50)
    with pytest.raises(NotMet):
        post_stratified(np.where(A == 2, 0.0, WEIGHTS), A, OF_A)
    with pytest.raises(NotMet):
        calibrated(WEIGHTS, AUXILIARY, np.concatenate([OF_A, OF_B, [SIZE * 90.0]]), (0.9, 1.1), "logit")
    with pytest.raises(NotMet):
        calibrated(WEIGHTS, AUXILIARY, np.concatenate([OF_A, OF_B, [SIZE * 900.0]]), None, "multiplicative")
    with pytest.raises(NotMet):
        calibrated(WEIGHTS, AUXILIARY, np.concatenate([OF_A, OF_B * 2, TOTALS[-1:]]), None, "linear")


def test_residuals_have_no_weighted_part_along_the_auxiliaries():
    residuals = regression_residuals(np.column_stack([NUMBERS**2, NUMBERS]), AUXILIARY, WEIGHTS)
    assert np.abs(AUXILIARY.T @ (residuals * WEIGHTS[:, None])).max() < 1e-6
    assert np.abs(residuals[:, 1]).max() < 1e-9
