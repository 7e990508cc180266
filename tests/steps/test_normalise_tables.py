"""Balance, categories, maturity and top boxes. Oracles: METHODS section 1 by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.normalise.balance import balance
from dtindex.steps.normalise.categories import look_up


def one(settings: str, direction: str = "", scale: str = "") -> str:
    return (
        f"{scale}nodes: [{{id: index}}]\n"
        f"indicators: [{{id: a, parent: index{direction}, normalise: {{method: {settings}}}}}]"
    )


LOWER = ", direction: lower"


# --- balance ---


@given(st.floats(0.1, 1000), st.floats(0.1, 1000), st.floats(-0.5, 0.5))
def test_balance_of_a_growth(before, now, p):
    """sign(x_t / x_(t-1) - (1 + p)), of the growth in per cent."""
    expected = np.sign(now / before - (1 + p))
    found = balance(np.array([100 * (now / before - 1)]), 100 * p)[0]
    assert found == expected or abs(now / before - (1 + p)) < 1e-9


def test_a_growth_of_five_per_cent_is_five_per_cent():
    """100 * (1.05 - 1) is 5.000000000000004."""
    assert balance(np.array([100 * (1.05 - 1), 5.1, 4.9, np.nan]), 5)[:3].tolist() == [0, 1, -1]


def test_balance_over_time(score):
    """Growth by `derive`, so that no row's score needs another row's; the first period has none."""
    blocks = """\
        units: {kind: unit, key: unit, period: year}
        scale: [-1, 1]
        nodes: [{id: index}]
        indicators:
          - {id: x}
          - {id: g, parent: index, derive: {method: growth, of: x}, normalise: {method: balance, at: 2}}
        """
    found = score(
        blocks, {"x": [100, 100, 103, 102, 101]}, units=list("abaca"), periods=["1", "1", "2", "2", "3"]
    ).column("g")
    assert found[[2, 4]].tolist() == [1, -1]
    assert np.isnan(found[[0, 1, 3]]).all()


@pytest.mark.parametrize(("direction", "expected"), [("", [0, 50, 50, 100]), (LOWER, [100, 50, 50, 0])])
def test_balance_on_the_scale(score, direction, expected):
    found = score(one("balance, at: 10, within: 1", direction), {"a": [8, 9, 11, 11.5]})
    assert found.column("a").tolist() == expected


# --- categories ---


LEVELS = "categories, levels: [{value: 3, score: 20}, {value: 1, score: 100}, {value: 2, score: 0}]"


def test_categories(score):
    assert score(one(LEVELS), {"a": [1, 2, 3, None]}).column("a")[:3].tolist() == [100, 0, 20]


def test_an_unknown_category_is_refused_with_its_cell(codes_of):
    assert codes_of(one(LEVELS), {"a": [1, 2.5]}) == ["DT224"]


@given(st.lists(st.integers(-5, 5), min_size=1, unique=True), st.integers(-6, 6))
def test_look_up(known, value):
    scores = np.array(known) ** 2.0
    found = look_up(np.array([value, np.nan]), np.array(known, float), scores)
    assert found[0] == value**2 if value in known else np.isnan(found[0])
    assert np.isnan(found[1])


def test_rules_on_categories(methodology):
    assert methodology(one(LEVELS, LOWER)).findings.codes == ["DT029"]
    with pytest.raises(Exception, match="outside the scale"):
        methodology(one(LEVELS, scale="scale: [0, 10]\n"))
    with pytest.raises(Exception, match="each `value` stands once"):
        methodology(one("categories, levels: [{value: 1, score: 1}, {value: 1, score: 2}]"))


# --- maturity ---


@pytest.mark.parametrize(
    ("settings", "direction", "expected"),
    [
        ("levels: 5", "", [0, 25, 50, 75, 100]),
        ("levels: 5", LOWER, [100, 75, 50, 25, 0]),
        ("scores: [0, 10, 10, 60, 100]", "", [0, 10, 10, 60, 100]),
        ("scores: [0, 10, 10, 60, 100]", LOWER, [100, 60, 10, 10, 0]),  # the table from its other end
    ],
)
def test_maturity(score, settings, direction, expected):
    assert score(one(f"maturity, {settings}", direction), {"a": [1, 2, 3, 4, 5]}).column("a").tolist() == expected


def test_levels_from_zero(score):
    assert score(one("maturity, levels: 3, first: 0"), {"a": [0, 1, 2]}).column("a").tolist() == [0, 50, 100]


@pytest.mark.parametrize("value", [0, 2.5, 6])
def test_what_is_no_level_is_refused(codes_of, value):
    assert codes_of(one("maturity, levels: 5"), {"a": [1, value]}) == ["DT224"]


def test_an_imputed_level_stands_between_its_neighbours(score):
    blocks = one("maturity, scores: [0, 10, 100]").replace(
        "parent: index", "parent: index, impute: {method: group-mean}"
    )
    assert score(blocks, {"a": [2, 3, None]}).column("a").tolist() == [10, 100, 55]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("scores: [0, 50, 40]", "rise"),
        ("scores: [5, 5]", "rise"),
        ("levels: 3, scores: [0, 1]", "one of"),
        ("first: 1", "one of"),
    ],
)
def test_levels_never_fall(methodology, settings, message):
    with pytest.raises(Exception, match=message):
        methodology(one(f"maturity, {settings}"))


# --- top box ---


@pytest.mark.parametrize(
    ("settings", "direction", "expected"),
    [
        ("points: 5", "", [0, 0, 0, 100, 100]),
        ("points: 5, top: 1", "", [0, 0, 0, 0, 100]),
        ("points: 5", LOWER, [100, 100, 0, 0, 0]),
    ],
)
def test_top_box(score, settings, direction, expected):
    found = score(one(f"top-box, {settings}", direction), {"a": [1, 2, 3, 4, 5, None]}).column("a")
    assert found[:5].tolist() == expected
    assert np.isnan(found[5])


@pytest.mark.parametrize("value", [0, 2.5, 6])
def test_what_is_no_answer_is_refused(codes_of, value):
    assert codes_of(one("top-box, points: 5"), {"a": [1, value]}) == ["DT224"]


def test_not_every_box_is_a_top_box(methodology):
    with pytest.raises(Exception, match="less than"):
        methodology(one("top-box, points: 5, top: 5"))


@pytest.mark.parametrize("settings", [LEVELS, "maturity, levels: 3", "top-box, points: 3", "balance, at: 2"])
@pytest.mark.parametrize("fit", ["pooled", "each_period", "base"])
def test_nothing_is_learned(fitted, table, settings, fit):
    """However it is fitted, also for a period that was not there."""
    base = "base_period: 1\n" if fit == "base" else ""
    blocks = f"units: {{kind: unit, key: unit, period: year}}\nfit: {fit}\n{base}{one(settings)}"
    index = fitted(blocks, {"a": [1, 2]}, units=["p", "p"], periods=["1", "2"])
    plain = fitted(one(settings), {"a": [3, 3]})
    scored = index.score(table({"a": [1, 2, 3]}, units=list("pqr"), periods=["9", "9", "1"])).column("a")
    assert (scored == plain.score(table({"a": [1, 2, 3]})).column("a")).all()
