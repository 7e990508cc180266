"""The regression against its formula written out, and R's survey package for what a design adds."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.means import moments, welch
from dtindex.analysis.groups.regression import Control, regression


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    member = rng.random(80) < 0.3
    control = rng.normal(size=80) + member
    values = 2 + 1.5 * member + 0.7 * control + rng.normal(size=80) * (1 + member)
    return values, member, control, rng.uniform(0.5, 3, 80), rng.integers(0, 12, 80)


def _pieces(values, member, control, weights):
    design = np.column_stack([np.ones(len(values)), member, control])
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    coefficients = bread @ design.T @ (weights * values)
    return design, bread, coefficients, values - design @ coefficients


def test_hc3_written_out(data):
    """(X'WX)^-1 X'W diag(e^2 / (1 - h)^2) WX (X'WX)^-1 (METHODS, section 8)."""
    values, member, control, weights, _ = data
    design, bread, coefficients, residuals = _pieces(values, member, control, weights)
    leverage = np.einsum("ij,jk,ik->i", design, bread, design) * weights
    meat = design * (weights * residuals / (1 - leverage))[:, None]
    error = math.sqrt((bread @ meat.T @ meat @ bread)[1, 1])
    found = regression(values, member, (Control("x", control[:, None]),), weights)
    assert (found.value, found.error) == pytest.approx((coefficients[1], error), rel=1e-10)
    assert found.freedom == 77


def test_cr1_written_out(data):
    """G / (G - 1) (n - 1) / (n - k) times the sandwich of cluster sums."""
    values, member, control, weights, clusters = data
    design, bread, _, residuals = _pieces(values, member, control, weights)
    scores = design * (weights * residuals)[:, None]
    sums = np.array([scores[clusters == one].sum(axis=0) for one in np.unique(clusters)])
    count = len(sums)
    factor = count / (count - 1) * 79 / 77
    error = math.sqrt(factor * (bread @ sums.T @ sums @ bread)[1, 1])
    found = regression(values, member, (Control("x", control[:, None]),), weights, clusters)
    assert found.error == pytest.approx(error, rel=1e-10)
    assert (found.freedom, found.method) == (count - 1, f"{count} clusters, CR1")


def test_without_controls_the_coefficient_is_the_weighted_difference(data):
    """HC3 divides by 1 - w / W where the linearised error has n / (n - 1): near it, and never below by much."""
    values, member, _, weights, _ = data
    found = regression(values, member, (), weights)
    sides = [moments(values[rows], weights[rows]) for rows in (member, ~member)]
    other = welch(*sides, 0.95)
    assert found.value == pytest.approx(other.value, rel=1e-12)
    assert found.error == pytest.approx(other.error, rel=0.05)


def test_the_api_schools(reference_data):
    """R survey: svyttest(api00 ~ sch.wide, apistrat): difference 82.7835854422, t = 3.868381908, df 196.

    The weighted regression gives the difference. Its own error knows neither strata nor the population's size, so its t
    is another; the same residuals, centred in their strata and with the finite population correction, give R's.
    """
    with (reference_data / "survey_api" / "apistrat.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values, weights, size = (np.array([float(row[name]) for row in rows]) for name in ("api00", "pw", "fpc"))
    member = np.array([row["sch.wide"] == "Yes" for row in rows])
    strata = np.array([row["stype"] for row in rows])
    found = regression(values, member, (), weights)
    assert found.value == pytest.approx(82.7835854422, abs=5e-9)
    assert found.value / found.error == pytest.approx(3.868381908, rel=0.1)
    design = np.column_stack([np.ones(200), member])
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    residuals = values - design @ bread @ design.T @ (weights * values)
    influence = (design * (weights * residuals)[:, None] @ bread)[:, 1]
    variance = 0.0
    for stratum in "EHM":
        own = influence[strata == stratum]
        n = len(own)
        variance += (1 - n / size[strata == stratum][0]) * n / (n - 1) * ((own - own.mean()) ** 2).sum()
    assert found.value / math.sqrt(variance) == pytest.approx(3.868381908, abs=1e-6)


def test_gaps_of_controls_leave_their_rows_out(data):
    values, member, control, _, _ = data
    gapped = control.copy()
    gapped[:9] = np.nan
    found = regression(values, member, (Control("x", gapped[:, None]),))
    rest = regression(values[9:], member[9:], (Control("x", control[9:, None]),))
    assert found == rest
    assert found.n == 71


@pytest.mark.parametrize(
    ("member", "control", "said"),
    [
        ([1, 0, 0, 0, 0, 0], None, "two members"),
        ([1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], "determine each other: x"),
        ([1, 1, 0, 0, 0, 0], [3, 3, 3, 3, 3, 3], "determine each other: x"),
    ],
)
def test_what_has_none(member, control, said):
    held = () if control is None else (Control("x", np.array(control, dtype=float)[:, None]),)
    with pytest.raises(NotComputable, match=said):
        regression(np.arange(6.0), np.array(member, dtype=bool), held)


def test_no_variation_and_one_cluster():
    member = np.array([True, True, False, False, False])
    with pytest.raises(NotComputable, match="all values are the same"):
        regression(np.ones(5), member)
    with pytest.raises(NotComputable, match="two clusters"):
        regression(np.arange(5.0), member, clusters=np.zeros(5, dtype=np.int64))
