"""The skew and kurtosis rule. Oracles: METHODS section 2.1, scipy.stats; COINr in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from dtindex.engine.spread import skew_and_kurtosis
from dtindex.steps.treat.skew_kurtosis import passes, winsorise_by_shape

OPEN = (
    "nodes: [{{id: index}}]\n"
    "indicators: [{{id: a, parent: index, scale: open, normalise: {{method: none}}, "
    "treat: {{method: skew-kurtosis{}}}}}]"
)
SIX = [1.0, 2, 4, 8, 16, 100]


def test_one_point_of_six():
    """METHODS section 2.1: (1, 2, 4, 8, 16, 100) has G1 = 2.344335 and G2 = 5.574863; one winsorisation passes."""
    assert skew_and_kurtosis(np.array(SIX)) == pytest.approx((2.344335, 5.574863), abs=5e-7)
    found = winsorise_by_shape(np.array(SIX))
    assert (found.limits.tolist(), found.low, found.high, found.passed) == ([-np.inf, 16], 0, 1, True)


def test_a_lone_outlier_of_five():
    """METHODS section 2.1: (0, 0, 0, 0, 1) has G1 = sqrt(5) and G2 = 5; below five values nothing is an outlier."""
    assert skew_and_kurtosis(np.array([0.0, 0, 0, 0, 1])) == pytest.approx((5**0.5, 5), abs=1e-12)
    assert not passes(skew_and_kurtosis(np.array([0.0, 0, 0, 0, 1])))
    assert passes(skew_and_kurtosis(np.array([0.0, 0, 0, 1e9])))


@given(arrays(np.float64, st.integers(4, 40), elements=st.floats(-100, 100).map(lambda x: round(x, 3)), unique=True))
def test_scipy(values):
    expected = (stats.skew(values, bias=False), stats.kurtosis(values, bias=False))
    assert skew_and_kurtosis(np.sort(values)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("factor", [1e-200, 1e-3, 1e3, 1e200])
def test_neither_vanishes_nor_overflows(factor):
    assert skew_and_kurtosis(np.array(SIX) * factor) == pytest.approx(skew_and_kurtosis(np.array(SIX)), rel=1e-12)


def test_constants_and_few_values_have_no_shape():
    for values in ([], [1], [1, 2, 3], [3, 3, 3, 3, 3], [0.3, 0.1 + 0.2, 0.3, 0.3, 0.3]):
        ordered = np.sort(np.array(values, float))
        assert np.isnan(skew_and_kurtosis(ordered)).all()
        assert winsorise_by_shape(ordered).limits.tolist() == [-np.inf, np.inf]


@given(
    arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 5).map(float) | st.floats(0, 1e6)),
    st.integers(0, 8),
    st.randoms(),
)
def test_limits_are_observations_and_no_order_matters(values, at_most, random):
    found = winsorise_by_shape(values, at_most=at_most)
    again = winsorise_by_shape(np.array(random.sample(values.tolist(), len(values))), at_most=at_most)
    assert (found.limits.tolist(), found[1:4]) == (again.limits.tolist(), again[1:4])
    assert set(found.limits[np.isfinite(found.limits)]) <= set(values)
    clipped = np.clip(values, *found.limits)
    assert passes(skew_and_kurtosis(np.sort(clipped))) == found.passed
    assert (clipped != values).sum() == found.low + found.high


def test_tied_extremes_move_together():
    """Two of 100 are one step, and count as two points."""
    found = winsorise_by_shape(np.array([*range(20), 1000.0, 1000.0]), at_most=1)
    assert (found.high, found.limits[1], found.passed) == (2, 19, True)


def test_the_side_follows_the_skew():
    found = winsorise_by_shape(-np.array(SIX))
    assert (found.low, found.high, found.limits.tolist()) == (1, 0, [-16, np.inf])


def test_values_statuses_and_report(score):
    scores = score(OPEN.format(""), {"a": [*SIX, None]})
    assert scores.column("a")[:6].tolist() == [1, 2, 4, 8, 16, 16]
    assert scores.status["a"].tolist() == ["normal"] * 5 + ["treated", "missing"]
    assert scores.treated.to_numpy().tolist() == [["u5", "", "a", 100, 16, "skew-kurtosis: winsorised"]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (SIX, np.log(np.array(SIX) - 1 + 0.99)),
        ([-x for x in SIX], -np.log(np.array(SIX) - 1 + 0.99)),
    ],
)
def test_the_logarithm_of_the_original_values_where_points_do_not_help(score, cells, expected):
    """ln(x - min + 0.01 (max - min)); of the low tail where the skew is negative."""
    scores = score(OPEN.format(", at_most: 0"), {"a": cells})
    assert scores.column("a") == pytest.approx(expected, abs=1e-12)
    assert set(scores.treated["method"]) == {"skew-kurtosis: log-shift"}
    assert scores.treated["before"].tolist() == cells


def test_box_cox_instead(score):
    scores = score(OPEN.format(", at_most: 0, otherwise: box-cox"), {"a": SIX})
    assert scores.column("a") == pytest.approx(stats.boxcox(np.array(SIX))[0], rel=1e-5)


def test_nothing_instead(score):
    """The winsorised values stand, and the report says that they still fail."""
    cells = [*range(20), 500, 1000]
    scores = score(OPEN.format(", at_most: 1, otherwise: none"), {"a": cells})
    assert scores.column("a").tolist() == [*range(20), 500, 500]
    assert scores.treated["method"].tolist() == ["skew-kurtosis: winsorised, and still fails"]


def test_box_cox_of_what_is_not_positive_is_refused_with_its_cell(codes_of):
    assert codes_of(OPEN.format(", at_most: 0, otherwise: box-cox"), {"a": [0.0, *SIX]}) == ["DT304"]


def test_what_was_learned_is_frozen(fitted, table):
    index = fitted(OPEN.format(""), {"a": SIX})
    assert index.score(table({"a": [-1000, 20, 1e6]})).column("a").tolist() == [-1000, 16, 16]
    index = fitted(OPEN.format(", at_most: 0"), {"a": SIX})
    assert index.score(table({"a": [8]})).column("a") == pytest.approx([np.log(7.99)], abs=1e-12)


def test_goalposts_stay_in_raw_units_when_the_treatment_falls_back_on_a_logarithm(score):
    blocks = (
        "nodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, treat: {method: skew-kurtosis, at_most: 0}, "
        "normalise: {method: goalposts, worst: 1, best: 100}}]"
    )
    found = score(blocks, {"a": SIX}).column("a")
    assert found[[0, 5]].tolist() == [0, 100]
    assert found[3] == pytest.approx(100 * (np.log(7.99) - np.log(0.99)) / (np.log(99.99) - np.log(0.99)), abs=1e-12)
