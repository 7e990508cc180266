"""Transformations. Oracles: closed forms, scipy.stats.boxcox and yeojohnson; COINr in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special, stats

from dtindex.steps.transform.asinh import asinh
from dtindex.steps.transform.box_cox import box_cox, box_cox_lambda
from dtindex.steps.transform.gii_log import gii_log
from dtindex.steps.transform.log_shift import log_shift
from dtindex.steps.transform.yeo_johnson import yeo_johnson, yeo_johnson_lambda

ANY = arrays(np.float64, st.integers(2, 30), elements=st.floats(-50, 50))
POSITIVE = arrays(np.float64, st.integers(2, 30), elements=st.floats(0.01, 100))
POWERS = st.floats(-3, 4) | st.sampled_from([0.0, 1e-9, 1.0, 2.0])
TAI = [1.0, 2, 4, 8, 16, 100]


def one(settings: str, direction: str = "higher", normalise: str = "method: min-max") -> str:
    return (
        f"nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index, direction: {direction}, transform: {{method: {settings}}}, "
        f"normalise: {{{normalise}}}}}]"
    )


@given(ANY, st.floats(0.01, 100))
def test_asinh_is_its_logarithm(values, c):
    share = np.abs(values) / c
    assert asinh(values, c) == pytest.approx(np.sign(values) * np.log(share + np.sqrt(share**2 + 1)), abs=1e-9)


def test_log_shift_by_hand():
    """COIN Tool: ln(x - min + 0.01 (max - min)); for a low tail -ln(max - x + 0.01 (max - min))."""
    values = np.array([0.0, 99, 100])
    assert log_shift(values, 0, 100) == pytest.approx(np.log([1, 100, 101]), abs=1e-15)
    assert log_shift(values, 0, 100, "low") == pytest.approx(-np.log([101, 2, 1]), abs=1e-15)


def test_gii_log_by_hand():
    """0 at the smallest value, the logarithm of the largest at the largest."""
    assert gii_log(np.array([0.0, 50, 101]), 0, 101) == pytest.approx(np.log([1, 1 + 100 * 50 / 101, 101]), abs=1e-14)
    assert gii_log(np.array([0.0, 1]), 0, 1, factor=10) == pytest.approx(np.log([1, 10]), abs=1e-14)


@given(POSITIVE, POWERS)
def test_box_cox_is_scipys(values, power):
    assert box_cox(values, power) == pytest.approx(special.boxcox(values, power), rel=1e-7, abs=1e-7)
    assert box_cox(values - 5, power, 5) == pytest.approx(special.boxcox(values - 5 + 5, power), rel=1e-7, abs=1e-7)


@given(ANY, POWERS)
def test_yeo_johnson_is_scipys(values, power):
    expected = stats.yeojohnson(values, lmbda=power)
    assert yeo_johnson(values, power) == pytest.approx(expected, rel=1e-7, abs=1e-6)


def test_the_likeliest_powers_are_scipys(tai):
    patents = np.array(tai["columns"]["i1"])
    assert box_cox_lambda(patents[::-1]) == pytest.approx(stats.boxcox(patents)[1], abs=1e-6)
    assert yeo_johnson_lambda(patents[::-1] - 100) == pytest.approx(stats.yeojohnson(patents - 100)[1], abs=1e-6)
    assert box_cox_lambda(patents) == box_cox_lambda(np.random.default_rng(1).permutation(patents))


@given(st.data(), st.sampled_from(["asinh", "log-shift", "low", "gii", "box-cox", "yeo-johnson"]), POWERS)
def test_no_transformation_changes_an_order(data, name, power):
    values = np.sort(data.draw(POSITIVE)) + 1
    low, high = 1.0, 200.0
    found = {
        "asinh": lambda: asinh(values, 3),
        "log-shift": lambda: log_shift(values, low, high),
        "low": lambda: log_shift(values, low, high, "low"),
        "gii": lambda: gii_log(values, low, high),
        "box-cox": lambda: box_cox(values, power),
        "yeo-johnson": lambda: yeo_johnson(values, power),
    }[name]()
    assert (np.diff(found) >= -1e-12 * np.abs(found).max(initial=1)).all()


@pytest.mark.parametrize("direction", ["higher", "lower"])
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("asinh, c: 2", lambda x: np.arcsinh(x / 2)),
        ("log-shift", lambda x: np.log(x - 1 + 0.99)),
        ("log-shift, tail: low", lambda x: -np.log(100 - x + 0.99)),
        ("gii-log", lambda x: np.log((x - 1) + 1)),
        ("gii-log, factor: 2", lambda x: np.log(199 * (x - 1) / 99 + 1)),
        ("box-cox", lambda x: stats.boxcox(x)[0]),
        ("box-cox, lambda: 0.5", lambda x: 2 * (np.sqrt(x) - 1)),
        ("box-cox, lambda: 0, plus: 1", np.log1p),
        ("yeo-johnson", lambda x: stats.yeojohnson(x)[0]),
        ("yeo-johnson, lambda: 0", np.log1p),
    ],
)
def test_through_an_index(score, settings, expected, direction):
    """Min-max of the transformed values; the direction turns the scores and not the values."""
    bent = expected(np.array(TAI))
    share = (bent - bent.min()) / (bent.max() - bent.min())
    found = score(one(settings, direction), {"a": [*TAI, None]}).column("a")[:6]
    assert found == pytest.approx(100 * (share if direction == "higher" else 1 - share), abs=1e-4)


@pytest.mark.parametrize("settings", ["asinh", "log-shift", "gii-log", "box-cox", "yeo-johnson"])
def test_goalposts_stay_in_raw_units(score, settings):
    found = score(one(settings, normalise="method: goalposts, worst: 2, best: 16, clip: none"), {"a": TAI}).column("a")
    assert found[[1, 4]] == pytest.approx([0, 100], abs=1e-12)
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("settings", ["log-shift", "gii-log", "box-cox", "yeo-johnson", "asinh, c: 5"])
def test_what_was_learned_is_frozen(fitted, table, settings):
    index = fitted(one(settings), {"a": TAI})
    whole = index.score(table({"a": TAI})).column("a")
    for value, expected in zip(TAI, whole, strict=True):
        assert index.score(table({"a": [value]})).column("a").tolist() == [expected]
        assert index.freeze("x").score_unit({"a": value}).scores["a"] == expected


@pytest.mark.parametrize(
    ("settings", "cells"),
    [
        ("box-cox", [0, 1, 2, 3]),
        ("box-cox, lambda: 2", [-1, 1, 2, 3]),
        ("gii-log", [0.1, 0.5, 0.9]),  # the largest value is no more than 1
        ("log", [0, 1, 2]),
    ],
)
def test_what_has_no_logarithm_is_refused(codes_of, settings, cells):
    assert codes_of(one(settings), {"a": cells}) == ["DT304"]


@pytest.mark.parametrize("settings", ["log-shift", "gii-log"])
def test_a_new_value_too_far_below_the_reference_is_refused_with_its_cell(fitted, table, settings):
    import dtindex as dti

    index = fitted(one(settings), {"a": [10, 20, 110]})
    with pytest.raises(dti.InputError) as raised:
        index.score(table({"a": [50, -50]}))
    assert raised.value.findings.errors.codes == ["DT304"]
    assert "u1" in str(raised.value)


@pytest.mark.parametrize("settings", ["log-shift", "gii-log", "box-cox", "yeo-johnson"])
def test_a_constant_has_no_range(codes_of, score, settings):
    assert codes_of(one(settings), {"a": [3, 3, 3]}) == ["DT301"]
    blocks = one(settings).replace("parent: index,", "parent: index, constant: 50,")
    assert score(blocks, {"a": [3, 3, 3]}).column("a").tolist() == [50, 50, 50]


@pytest.mark.parametrize("fit", ["pooled", "each_period", "base"])
@pytest.mark.parametrize("settings", ["log-shift", "gii-log", "box-cox", "yeo-johnson"])
def test_each_way_of_fitting(score, fit, settings):
    """The same figures in both periods: however they are fitted, the scores are the same."""
    base = "base_period: 1\n" if fit == "base" else ""
    blocks = f"units: {{kind: unit, key: unit, period: year}}\nfit: {fit}\n{base}{one(settings)}"
    keys = {"units": list("abcdef") * 2, "periods": ["1"] * 6 + ["2"] * 6}
    found = score(blocks, {"a": TAI * 2}, **keys).column("a")
    assert (found[:6] == found[6:]).all()
    assert found[:6] == pytest.approx(score(one(settings), {"a": TAI}).column("a"), abs=1e-5)
    doubled = score(blocks, {"a": [*TAI, *(2 * x for x in TAI)]}, **keys).column("a")
    assert (found[:6] == doubled[:6]).all() == (fit != "pooled")
