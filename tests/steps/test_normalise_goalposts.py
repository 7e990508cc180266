"""Goalposts. Oracles: UNDP technical note 1 (Norway 2021), closed form; COINr and DESI in tests/conformance."""

from __future__ import annotations

import math

import pytest

import dtindex as dti


def one(settings: str, scale: str = "[0, 100]") -> str:
    return f"scale: {scale}\nnodes: [{{id: index}}]\nindicators: [{{id: a, parent: index, {settings}}}]"


def posts(worst: object, best: object, clip: str = "both") -> str:
    return f"normalise: {{method: goalposts, worst: {worst}, best: {best}, clip: {clip}}}"


@pytest.mark.parametrize(("worst", "best", "expected"), [(0, 20, [0, 50, 100]), (20, 0, [100, 50, 0])])
def test_direction_follows_from_the_goalposts(score, worst, best, expected):
    assert score(one(posts(worst, best)), {"a": [0, 10, 20]}).column("a").tolist() == expected


@pytest.mark.parametrize(
    ("clip", "expected"), [("both", [0, 100]), ("none", [-50, 150]), ("worst", [0, 150]), ("best", [-50, 100])]
)
@pytest.mark.parametrize("reverse", [False, True])
def test_clip(score, clip, expected, reverse):
    """`worst` cuts at the low end of the scale, whichever way the goalposts run."""
    settings, cells = (posts(20, 0, clip), [30, -10]) if reverse else (posts(0, 20, clip), [-10, 30])
    scores = score(one(settings), {"a": cells})
    assert scores.column("a").tolist() == expected
    assert [bool(flags & dti.Status.CLIPPED) for flags in scores.flags[:, 1]] == [
        value in (0, 100) for value in expected
    ]


def test_undp_human_development_report_2021_norway(score):
    """Technical note 1: life expectancy 83.2339 between 20 and 85, income 64,660 between ln 100 and ln 75,000."""
    health = score(one(posts(20, 85), "[0, 1]"), {"a": [83.2339]}).column("a")[0]
    income = score(one("transform: {method: log}, " + posts(100, 75000), "[0, 1]"), {"a": [64660.10622]}).column("a")[0]
    assert health == pytest.approx((83.2339 - 20) / 65, abs=1e-12)
    assert income == pytest.approx(math.log(646.6010622) / math.log(750), abs=1e-12)


def test_percentile_goalposts(score):
    """The 10th and 90th percentile of 0, 10, ..., 100 are 10 and 90."""
    settings = posts("{percentile: 10}", "{percentile: 90}", "none")
    scores = score(one(settings), {"a": list(range(0, 101, 10))})
    assert scores.column("a")[[0, 1, 5, 9, 10]] == pytest.approx([-12.5, 0, 50, 100, 112.5], abs=1e-12)


def test_percentile_goalposts_stand_in_raw_units(score):
    """With a logarithm the percentile is of the raw values, then its logarithm is taken."""
    cells = [1.0, 2.0, 3.0, 4.0, 100.0]
    settings = "transform: {method: log}, " + posts("{percentile: 0}", "{percentile: 50}", "none")
    assert score(one(settings), {"a": cells}).column("a") == pytest.approx(
        [100 * math.log(x) / math.log(3) for x in cells], abs=1e-9
    )


def test_one_given_one_fitted(score):
    settings = "direction: lower, " + posts("{percentile: 100}", 0)
    assert score(one(settings), {"a": [0, 5, 20]}).column("a").tolist() == [100, 75, 0]


def test_a_fitted_goalpost_on_the_wrong_side_is_refused(codes_of):
    """`best: 10` with a worst percentile of 30 would turn the indicator around without a word."""
    assert codes_of(one(posts("{percentile: 50}", 10)), {"a": [20, 30, 40]}) == ["DT025"]


@pytest.mark.parametrize("cells", [[7, 7, 7], [7, 7, 7, 7, 8]])
def test_percentiles_that_coincide(codes_of, cells):
    assert codes_of(one(posts("{percentile: 25}", "{percentile: 50}")), {"a": cells}) == ["DT301"]


@pytest.mark.parametrize("worst", [0, -5])
def test_a_goalpost_without_a_logarithm_is_refused(codes_of, worst):
    """ln 0 as the low end would leave every unit without a score, in silence."""
    assert codes_of(one("transform: {method: log}, " + posts(worst, 100)), {"a": [1, 50]}) == ["DT304"]


def test_given_goalposts_need_no_variation(score):
    assert score(one(posts(0, 10)), {"a": [5, 5]}).column("a").tolist() == [50, 50]


def test_a_unit_of_measure_makes_no_difference(score):
    """Metres or kilometres, with the goalposts in the same unit."""
    metres = score(one(posts(100, 900)), {"a": [123.0, 777.7, 500.1]})
    kilometres = score(one(posts(0.1, 0.9)), {"a": [0.123, 0.7777, 0.5001]})
    assert metres.keys("index").tolist() == kilometres.keys("index").tolist()
