"""Hedges' g by hand, and what leaves it as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.effects import hedges_g


def test_by_hand():
    """(1, 2, 3, 4) against (2, 4, 6): difference -1.5, s_p^2 = (5 + 8) / 5 = 2.6, correction 1 - 3 / 19.

    Variance of d: 7 / 12 + d^2 / 14.
    """
    found = hedges_g(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0]), 0.95)
    plain = -1.5 / math.sqrt(2.6)
    error = (16 / 19) * math.sqrt(7 / 12 + plain**2 / 14)
    assert found.value == pytest.approx(plain * 16 / 19, rel=1e-14)
    assert found.error == pytest.approx(error, rel=1e-14)
    assert found.high - found.value == pytest.approx(1.959963984540054 * error, rel=1e-12)


def test_the_correction_is_near_the_exact_one():
    """Hedges (1981): J = gamma(m / 2) / (sqrt(m / 2) gamma((m - 1) / 2)); the formula is within 0.0004 from m = 10."""
    for m in (10, 30, 100):
        exact = math.exp(math.lgamma(m / 2) - math.lgamma((m - 1) / 2)) / math.sqrt(m / 2)
        assert 1 - 3 / (4 * m - 1) == pytest.approx(exact, abs=4e-4)


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1000, 1000))
def test_affine_changes_of_scale_leave_it(seed, factor, shift):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(1, 1, 6), rng.normal(0, 1, 9)
    there, changed = hedges_g(first, second, 0.95), hedges_g(factor * first + shift, factor * second + shift, 0.95)
    assert changed.value == pytest.approx(there.value, rel=1e-7, abs=1e-9)
    turned = hedges_g(second, first, 0.95)
    assert (turned.value, turned.low) == (-there.value, -there.high)


def test_what_has_none():
    with pytest.raises(NotComputable, match="two members"):
        hedges_g(np.array([1.0]), np.array([1.0, 2.0]), 0.95)
    with pytest.raises(NotComputable, match="no variation"):
        hedges_g(np.ones(3), np.zeros(3), 0.95)
