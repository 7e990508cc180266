"""The logistic curve. Oracle: scipy.special.expit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from dtindex.steps.normalise.logistic import logistic


def one(settings: str = "", direction: str = "higher") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, normalise: {{method: logistic{settings}}}}}]"
    )


@given(arrays(np.float64, 5, elements=st.floats(-1e6, 1e6)), st.floats(-10, 10), st.floats(0.01, 100), st.booleans())
def test_scipy_expit(values, midpoint, spread, falls):
    signed = -spread if falls else spread
    assert logistic(values, midpoint, signed) == pytest.approx(
        expit((values - midpoint) / signed), rel=1e-12, abs=1e-300
    )


@pytest.mark.parametrize(("direction", "sign"), [("higher", 1), ("lower", -1)])
def test_fitted_and_given(score, tai, direction, sign):
    cells = np.array(tai["columns"]["i1"])
    fitted = score(one(direction=direction), {"a": cells}).column("a")
    assert fitted == pytest.approx(100 * expit(sign * (cells - cells.mean()) / cells.std(ddof=1)), abs=1e-11)
    given = score(one(", midpoint: 100, spread: 50", direction), {"a": cells}).column("a")
    assert given == pytest.approx(100 * expit(sign * (cells - 100) / 50), abs=1e-11)


def test_scores_never_leave_the_scale(fitted, table):
    found = fitted(one(), {"a": [1, 2, 3]}).score(table({"a": [-1e300, 2, 1e300]})).column("a")
    assert found.tolist() == [0, 50, 100]


def test_a_midpoint_in_raw_units(score):
    blocks = one(", midpoint: 10, spread: 1").replace("normalise:", "transform: {method: log}, normalise:")
    assert score(blocks, {"a": [1, 10, 100]}).column("a")[1] == 50


def test_a_constant_column(codes_of, score):
    assert codes_of(one(), {"a": [3, 3, 3]}) == ["DT301"]
    assert codes_of(one(), {"a": [3, None]}) == ["DT301"]
    assert score(one(", midpoint: 3, spread: 1"), {"a": [3, 3]}).column("a").tolist() == [50, 50]
