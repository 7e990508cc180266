"""Derived indicators: each formula by hand, and what makes a derived value missing."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dtindex.spec.model import Indicator
from dtindex.status import Status
from dtindex.steps.derive import Column, Panel, derive, period_order

UNITS = np.array(["a", "b", "c"], dtype=object)


def column(*cells: float | Status | None) -> Column:
    values = np.array([math.nan if cell is None or isinstance(cell, Status) else cell for cell in cells])
    flags = [Status.MISSING if cell is None else cell if isinstance(cell, Status) else 0 for cell in cells]
    return Column(values, np.array(flags, dtype=np.uint16))


def derived(spec: dict[str, object], columns: dict[str, Column], panel: Panel | None = None):
    indicator = Indicator.model_validate_json(json.dumps({"id": "x", "derive": spec}))
    rows = len(next(iter(columns.values())).values)
    found, problems = derive([indicator], columns, panel or Panel(np.arange(rows).astype(str).astype(object)))
    return found["x"], problems


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"method": "ratio", "of": "a", "to": "b"}, [0.2, 2, 0.3]),
        ({"method": "per", "of": "a", "per": "b"}, [0.2, 2, 0.3]),
        ({"method": "per", "of": "a", "per": "b", "times": 10000}, [2000, 20000, 3000]),
        ({"method": "share", "of": "a", "in": "b"}, [20, 200, 30]),
        ({"method": "share", "of": "a"}, [100 * 2 / 13, 100 * 8 / 13, 100 * 3 / 13]),
        ({"method": "growth", "of": "a", "since": "b"}, [-80, 100, -70]),
        ({"method": "sum", "of": ["a", "b", "b"]}, [22, 16, 23]),
        ({"method": "difference", "of": "a", "minus": "b"}, [-8, 4, -7]),
        ({"method": "point-change", "of": "a", "since": "b"}, [-8, 4, -7]),
        ({"method": "net-addition", "of": "a", "since": "b"}, [-8, 4, -7]),
        ({"method": "net-addition", "of": "a", "growth": "b"}, [2 * 10 / 110, 8 * 4 / 104, 3 * 10 / 110]),
    ],
)
def test_by_hand(spec, expected):
    found, problems = derived(spec, {"a": column(2, 8, 3), "b": column(10, 4, 10)})
    assert found.values == pytest.approx(expected, rel=1e-15)
    assert not found.flags.any()
    assert not problems


def test_net_addition_is_what_growth_says():
    """110 after growth of 10 % is 100 and 10 more."""
    found, _ = derived({"method": "net-addition", "of": "a", "growth": "g"}, {"a": column(110), "g": column(10)})
    assert found.values.tolist() == [10]


@pytest.mark.parametrize("method", ["ratio", "per", "share", "growth"])
@pytest.mark.parametrize(("when_zero", "expected"), [(None, None), (1, 1.0)])
def test_zero_divisors(method, when_zero, expected):
    over = {"ratio": "to", "per": "per", "share": "in", "growth": "since"}[method]
    spec = {"method": method, "of": "a", over: "b"} | ({} if when_zero is None else {"when_zero": when_zero})
    found, problems = derived(spec, {"a": column(2, 0), "b": column(0, 0)})
    if expected is None:
        assert np.isnan(found.values).all()
        assert (found.flags == Status.MISSING).all()
        assert [(one.code, one.rows) for one in problems] == [("DT315", (0, 1))]
    else:
        assert found.values.tolist() == [expected] * 2
        assert not problems


def test_when_zero_is_for_zero_and_not_for_missing():
    found, _ = derived(
        {"method": "ratio", "of": "a", "to": "b", "when_zero": 1}, {"a": column(2, None), "b": column(None, 0)}
    )
    assert np.isnan(found.values).all()


def test_a_part_without_a_value_leaves_none_and_hands_on_why():
    parts = {
        "a": column(None, Status.WITHHELD, Status.NOT_APPLICABLE, 1, 1),
        "b": column(1, 1, 1, Status.WITHHELD, None),
    }
    found, problems = derived({"method": "sum", "of": ["a", "b"]}, parts)
    assert np.isnan(found.values).all()
    assert found.flags.tolist() == [
        Status.MISSING,
        Status.WITHHELD,
        Status.NOT_APPLICABLE,
        Status.WITHHELD,
        Status.MISSING,
    ]
    assert not problems


def test_flags_of_the_parts_are_inherited():
    part = Column(np.array([1.0]), np.array([Status.ESTIMATED | Status.BREAK], dtype=np.uint16))
    found, _ = derived({"method": "sum", "of": ["a", "b"]}, {"a": part, "b": column(1)})
    assert found.flags.tolist() == [Status.ESTIMATED | Status.BREAK]


PANEL = Panel(
    np.array(["a", "b", "a", "b", "a"], dtype=object), np.array(["2019", "2019", "2020", "2020", "2022"], dtype=object)
)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("growth", [None, None, 50, -50, 100]),
        ("point-change", [None, None, 5, -10, 15]),
        ("net-addition", [None, None, 5, -10, 15]),
    ],
)
def test_against_the_period_before(method, expected):
    """The period before is the one that the table has: 2020 for 2022."""
    found, _ = derived({"method": method, "of": "x0"}, {"x0": column(10, 20, 15, 10, 30)}, PANEL)
    assert found.values == pytest.approx([math.nan if one is None else one for one in expected], nan_ok=True)
    assert (found.flags[:2] == Status.MISSING).all()


def test_without_periods_there_is_no_period_before():
    found, problems = derived({"method": "growth", "of": "a"}, {"a": column(1, 2)})
    assert np.isnan(found.values).all()
    assert [one.code for one in problems] == ["DT315"]


def test_shares_are_of_the_period_without_its_totals():
    panel = Panel(
        np.array(["a", "b", "all", "a", "b"], dtype=object),
        np.array(["1", "1", "1", "2", "2"], dtype=object),
        np.array([False, False, True, False, False]),
    )
    found, _ = derived({"method": "share", "of": "x0"}, {"x0": column(1, 3, 4, 5, 5)}, panel)
    assert found.values.tolist() == [25, 75, 100, 50, 50]


@pytest.mark.parametrize("rows", [3, 5000])
def test_a_share_of_an_incomplete_sum_is_missing(rows):
    """Also where the sum has so many terms that another algorithm adds them, and whatever `when_zero` says."""
    cells = column(*[1.0] * (rows - 1), None)
    found, _ = derived({"method": "share", "of": "a", "when_zero": 7}, {"a": cells})
    assert np.isnan(found.values).all()


def test_derived_from_derived_in_any_order():
    specs = [
        {"id": "y", "derive": {"method": "sum", "of": ["x", "a"]}},
        {"id": "x", "derive": {"method": "ratio", "of": "a", "to": "b"}},
    ]
    indicators = [Indicator.model_validate_json(json.dumps(spec)) for spec in specs]
    found, problems = derive(indicators, {"a": column(6), "b": column(3)}, Panel(UNITS[:1]))
    assert found["y"].values.tolist() == [8]
    assert not problems


def test_a_circle_is_refused():
    specs = [
        {"id": "a", "derive": {"method": "sum", "of": ["b"]}},
        {"id": "b", "derive": {"method": "sum", "of": ["a"]}},
    ]
    indicators = [Indicator.model_validate_json(json.dumps(spec)) for spec in specs]
    _, problems = derive(indicators, {}, Panel(UNITS))
    assert [one.code for one in problems] == ["DT314"]


def test_overflow_is_missing_and_said():
    found, problems = derived({"method": "ratio", "of": "a", "to": "b"}, {"a": column(1e308), "b": column(1e-308)})
    assert np.isnan(found.values).all()
    assert [one.code for one in problems] == ["DT315"]


@pytest.mark.parametrize(
    ("periods", "order"),
    [
        (["10", "9", "2"], ["2", "9", "10"]),
        (["2020Q2", "2020Q1"], ["2020Q1", "2020Q2"]),
        (["2020", "2019", "2020"], ["2019", "2020"]),
    ],
)
def test_periods_in_order(periods, order):
    assert period_order(np.array(periods, dtype=object)) == order
