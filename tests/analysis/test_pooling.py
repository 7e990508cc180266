"""Rubin's rules, with Barnard and Rubin's degrees of freedom."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti

# METHODS.md, section 2.2: R's mice::pool.scalar with n = 100, k = 1.
Q, U = (10.2, 9.8, 10.5, 10.1, 9.9), (0.25, 0.27, 0.24, 0.26, 0.25)


def test_as_mice_pools() -> None:
    found = dti.pool(Q, U, df=99)
    assert found.estimate == pytest.approx(10.1)
    assert found.within == pytest.approx(0.254)
    assert found.between == pytest.approx(0.075)
    assert found.variance == pytest.approx(0.344)
    assert found.increase == pytest.approx(0.3543307087)
    assert found.df == pytest.approx(32.18953118)
    assert found.missing == pytest.approx(0.3035933477)
    assert found.error == math.sqrt(found.variance)
    half = 2.036473 * math.sqrt(0.344)  # t of .975 with 32.19 degrees of freedom
    assert (found.low, found.high) == pytest.approx((10.1 - half, 10.1 + half), abs=1e-3)


def test_without_the_degrees_of_the_complete_data() -> None:
    """(M - 1) / lambda^2, lambda = .09 / .344."""
    assert dti.pool(Q, U).df == pytest.approx(4 / (0.09 / 0.344) ** 2)


def test_tables_that_agree_have_lost_nothing() -> None:
    found = dti.pool([3, 3, 3], [0.5, 0.5, 0.5], df=20)
    assert (found.between, found.variance, found.df) == (0, 0.5, 20)
    assert json.loads(json.dumps(dti.pool([3, 3], [1, 1]).to_dict()))["df"] is None


@pytest.mark.parametrize(
    ("estimates", "variances", "more"),
    [
        ([1], [1], {}), ([1, 2], [1], {}), ([1, math.nan], [1, 1], {}), ([1, 2], [1, -1], {}),
        ([1, 2], [1, 1], {"df": 0}), ([1, 2], [1, 1], {"confidence": 1}),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled(estimates: list[float], variances: list[float], more: dict[str, float]) -> None:
    with pytest.raises(dti.UsageError, match="DT902"):
        dti.pool(estimates, variances, **more)


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 10)), min_size=2, max_size=20), st.floats(1, 500))
def test_what_holds_of_any(pairs: list[tuple[float, float]], df: float) -> None:
    found = dti.pool(*zip(*pairs, strict=True), df=df)  # type: ignore[arg-type]
    assert found.variance >= found.within - 1e-12
    assert 0 < found.df <= df + 1e-9
    assert 0 <= found.missing <= 1 + 1e-9 or found.df < 1
    assert found.low <= found.estimate <= found.high
