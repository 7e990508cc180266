"""KMO, Bartlett and VIF against R's psych, the Handbook example, and regressions."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.analysis.computable import NotComputable, require_rank
from dtindex.analysis.sampling import bartlett, kmo, variance_inflation


def correlations(covariances: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diag(covariances))
    return covariances / np.outer(scale, scale)


def test_handbook_example(tai):
    """Handbook TAI-23, recomputed (METHODS of the reference folder, section 0)."""
    found = np.corrcoef(tai.to_numpy(), rowvar=False)
    overall, each = kmo(found)
    assert overall == pytest.approx(0.5006, abs=5e-5)
    assert each == pytest.approx([0.260, 0.349, 0.683, 0.376, 0.520, 0.593, 0.526, 0.557], abs=6e-4)  # .55650
    test = bartlett(found, 23)
    assert (test.statistic, test.freedom) == (pytest.approx(85.931, abs=5e-4), 28)
    assert test.p_value == pytest.approx(8.6e-8, rel=0.05)


def test_holzinger(holzinger):
    """R: psych::KMO and psych::cortest.bartlett on lavaan's HolzingerSwineford1939."""
    found = correlations(holzinger)
    overall, each = kmo(found)
    assert overall == pytest.approx(0.75, abs=0.005)
    assert each == pytest.approx([0.81, 0.78, 0.73, 0.76, 0.74, 0.81, 0.59, 0.68, 0.79], abs=0.005)
    test = bartlett(found, 301)
    assert (test.statistic, test.freedom) == (pytest.approx(904.097051, abs=5e-7), 36)


def test_variance_inflation_is_that_of_regressions(tai):
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    values = tai.to_numpy()
    design = np.column_stack([np.ones(len(values)), values])
    expected = [variance_inflation_factor(design, column) for column in range(1, 9)]
    assert variance_inflation(np.corrcoef(values, rowvar=False)) == pytest.approx(expected, rel=1e-9)


def test_two_items_have_a_kmo_of_one_half():
    overall, each = kmo(np.array([[1, 0.7], [0.7, 1]]))
    assert (overall, *each) == pytest.approx((0.5, 0.5, 0.5))


def test_a_singular_matrix_is_not_inverted_and_names_who_makes_it_so():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20, 4))
    values[:, 3] = values[:, 0] + 2 * values[:, 2]
    with pytest.raises(NotComputable, match="a, c, d determine each other"):
        require_rank(np.corrcoef(values, rowvar=False), 20, ["a", "b", "c", "d"])


def test_more_items_than_rows():
    with pytest.raises(NotComputable, match="3 rows for 3 items"):
        require_rank(np.eye(3), 3, ["a", "b", "c"])


def test_an_impossible_pairwise_matrix_is_said_to_be_one():
    with pytest.raises(NotComputable, match="not positive semi-definite"):
        require_rank(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), 50, ["a", "b", "c"])
