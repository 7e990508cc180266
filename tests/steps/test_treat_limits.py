"""Limits of percentiles, fences and median deviations. Oracles: numpy.percentile, scipy.stats, closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import iqr, median_abs_deviation

from dtindex.steps.treat.mad import mad_limits
from dtindex.steps.treat.percentile import percentile_limits
from dtindex.steps.treat.tukey import tukey_limits
from dtindex.steps.treat.winsorise import winsorise_limits

VALUES = arrays(np.float64, st.integers(4, 40), elements=st.floats(-100, 100).map(lambda x: round(x, 3)), unique=True)
METHODS = {"percentile": percentile_limits, "tukey": tukey_limits, "mad": mad_limits}


def one(settings: str) -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, scale: open, normalise: {{method: none}}, "
        f"treat: {{method: {settings}}}}}]"
    )


@given(VALUES, st.floats(0, 50), st.floats(50.5, 100))
def test_percentiles(values, low, high):
    assert percentile_limits(values, low, high) == pytest.approx(tuple(np.percentile(values, [low, high])), abs=1e-12)


def test_percentiles_are_not_winsorisation():
    """Of ten values the 5th percentile lies between the two lowest; floor(10 * 0.05) = 0 of them are winsorised."""
    values = np.arange(1.0, 11)
    assert percentile_limits(values, 5, 95) == pytest.approx((1.45, 9.55))
    assert winsorise_limits(values, 0.05, 0.05) == (1, 10)


@given(VALUES, st.sampled_from([1.5, 3.0]))
def test_fences(values, k):
    lower, upper = tukey_limits(values, k)
    quartiles = np.percentile(values, [25, 75])
    assert (lower, upper) == pytest.approx((quartiles[0] - k * iqr(values), quartiles[1] + k * iqr(values)), abs=1e-9)


@given(VALUES)
def test_median_deviations(values):
    middle, reach = np.median(values), 3.5 * 1.4826 * median_abs_deviation(values)
    assert mad_limits(values) == pytest.approx((middle - reach, middle + reach), abs=1e-9)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("percentile, low: 25, high: 75", [2, 2, 3, 4, 4]),  # the quartiles of 1, 2, 3, 4, 100
        ("percentile, high: 80, low: 0", [1, 2, 3, 4, 23.2]),  # 4 + 0.2 * 96
        ("tukey", [1, 2, 3, 4, 7]),  # 4 + 1.5 * 2
        ("tukey, k: 3", [1, 2, 3, 4, 10]),
        ("mad", [1, 2, 3, 4, 3 + 3.5 * 1.4826]),  # the median of |x - 3| is 1
        ("mad, k: 1", [3 - 1.4826, 2, 3, 4, 3 + 1.4826]),
    ],
)
def test_values_statuses_and_report(score, settings, expected):
    cells = [1, 2, 3, 4, 100]
    scores = score(one(settings), {"a": cells})
    assert scores.column("a") == pytest.approx(expected, abs=1e-12)
    moved = [row for row in range(5) if scores.column("a")[row] != cells[row]]
    assert [row for row in range(5) if scores.status["a"].iloc[row] == "treated"] == moved
    assert scores.treated["unit"].tolist() == [f"u{row}" for row in moved]
    assert scores.treated["after"].tolist() == scores.column("a")[moved].tolist()
    assert set(scores.treated["method"]) == {settings.split(",")[0]}


@pytest.mark.parametrize("method", METHODS)
def test_limits_are_those_of_the_reference(fitted, table, method):
    lower, upper = METHODS[method](np.arange(11.0), **({"low": 5, "high": 95} if method == "percentile" else {}))
    scores = fitted(one(method), {"a": list(range(11))}).score(table({"a": [-1e6, 5, 1e6]}))
    assert scores.column("a").tolist() == [lower, 5, upper]


@pytest.mark.parametrize("method", ["tukey", "mad"])
def test_with_more_than_half_of_the_values_equal_nothing_is_an_outlier(score, method):
    """A fence of width 0 would move every other value."""
    cells = [3, 3, 3, 3, 3, 0.1 + 0.2, 9]
    assert score(one(method), {"a": cells}).column("a").tolist() == cells


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_sample_has_no_limits(method):
    arguments = (5, 95) if method == "percentile" else ()
    assert METHODS[method](np.zeros(0), *arguments) == (-np.inf, np.inf)


def test_percentiles_that_change_places_are_refused(methodology):
    with pytest.raises(Exception, match="`low` is below `high`"):
        methodology(one("percentile, low: 95, high: 5"))
