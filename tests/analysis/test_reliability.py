"""Alpha and what belongs to it, against R's psych and the recomputed Handbook example."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.reliability import (
    alpha_if_deleted,
    cronbach_alpha,
    feldt_interval,
    item_total,
    mean_inter_item,
)


def correlations(covariances: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diag(covariances))
    return covariances / np.outer(scale, scale)


def test_alpha_of_five_answers_to_three_items():
    """R: psych::alpha(data.frame(1:5, c(2,2,3,5,4), c(1,3,3,4,5)))."""
    values = np.array([(1, 2, 3, 4, 5), (2, 2, 3, 5, 4), (1, 3, 3, 4, 5)], dtype=float).T
    covariances = np.cov(values, rowvar=False)
    assert cronbach_alpha(covariances) == pytest.approx(0.945086705, abs=5e-10)
    assert cronbach_alpha(correlations(covariances)) == pytest.approx(0.945547198, abs=5e-10)


def test_holzinger(holzinger):
    """R: psych::alpha on lavaan's HolzingerSwineford1939, x1 to x9 (Feldt .72-.80) and x4 to x6."""
    assert cronbach_alpha(holzinger) == pytest.approx(0.760488596, abs=5e-10)
    assert cronbach_alpha(correlations(holzinger)) == pytest.approx(0.760402219, abs=5e-10)
    assert feldt_interval(cronbach_alpha(holzinger), 301, 9) == pytest.approx((0.72, 0.80), abs=0.005)
    textual = holzinger[3:6, 3:6]
    assert cronbach_alpha(textual) == pytest.approx(0.882706913, abs=5e-10)
    assert cronbach_alpha(correlations(textual)) == pytest.approx(0.884843520, abs=5e-10)


def test_feldt_interval_is_the_ratio_of_two_mean_squares():
    """Closed form with scipy's F distribution: (1 - rho) F = 1 - alpha, F with n - 1 and (n - 1)(k - 1) degrees."""
    from scipy.stats import f

    low, high = feldt_interval(0.8, 41, 6, confidence=0.9)
    assert [(1 - 0.8) / (1 - one) for one in (low, high)] == pytest.approx(
        [1 / f.ppf(q, 40, 200) for q in (0.95, 0.05)]
    )


def test_handbook_example(tai):
    """Handbook TAI-23, recomputed by two implementations (METHODS of the reference folder, section 0)."""
    found = np.corrcoef(tai.to_numpy(), rowvar=False)
    assert cronbach_alpha(found) == pytest.approx(0.7035, abs=5e-5)
    assert mean_inter_item(found) == pytest.approx(0.2288, abs=5e-5)
    assert alpha_if_deleted(found) == pytest.approx([0.704, 0.644, 0.635, 0.774, 0.602, 0.625, 0.662, 0.706], abs=5e-4)
    assert item_total(found) == pytest.approx([0.258, 0.531, 0.568, -0.110, 0.705, 0.608, 0.452, 0.248], abs=5e-4)


def test_item_total_is_the_correlation_with_the_sum_of_the_others(tai):
    values = tai.to_numpy()
    plain = [np.corrcoef(one, values.sum(axis=1) - one)[0, 1] for one in values.T]
    assert item_total(np.cov(values, rowvar=False)) == pytest.approx(plain, abs=1e-12)


def test_two_items_give_spearman_and_brown():
    found = np.array([[1, 0.4], [0.4, 1]])
    assert cronbach_alpha(found) == pytest.approx(2 * 0.4 / 1.4)
    assert np.isnan(alpha_if_deleted(found)).all()


def test_items_that_cancel_out_have_no_alpha():
    with pytest.raises(NotComputable, match="no variance"):
        cronbach_alpha(np.array([[1.0, -1.0], [-1.0, 1.0]]))


@given(st.floats(-0.3, 0.95), st.integers(2, 12), st.floats(0.01, 100))
def test_alpha_does_not_see_a_common_unit_and_has_a_closed_form(r, items, unit):
    if 1 + (items - 1) * r < 0.05:
        return
    found = np.full((items, items), r) + (1 - r) * np.eye(items)
    assert cronbach_alpha(found * unit) == pytest.approx(items * r / (1 + (items - 1) * r), abs=1e-9)
