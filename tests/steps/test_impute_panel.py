"""Imputation over time. Oracles: pandas' ffill, bfill and interpolate within each unit; COINr's impute_panel in
tests/conformance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtindex as dti
from dtindex.status import Status

UNITS = ["x"] * 5 + ["y"] * 5 + ["z"] * 5
PERIODS = ["2018", "2019", "2020", "2022", "2024"] * 3
CELLS = [None, 10.0, None, None, 40.0, 1.0, None, 3.0, None, None, None, None, None, None, None]
YEARS = np.array([int(period) for period in PERIODS])
FILLS = ["last", "constant", "linear", "linear-constant"]


def one(fill: str, more: str = "", blocks: str = "") -> str:
    return (
        "units: {kind: unit, key: unit, period: year, groups: [region]}\n" + blocks + "nodes: [{id: index}]\n"
        "indicators:\n"
        f"  - {{id: x, parent: index, normalise: {{method: none}}, impute: {{method: panel, fill: {fill}{more}}}}}\n"
    )


def keys(units=UNITS, periods=PERIODS):
    return {"units": units, "periods": periods}


def by_pandas(fill: str) -> pd.Series:
    series = pd.Series(CELLS, index=pd.MultiIndex.from_arrays([UNITS, YEARS]), dtype=float)

    def within(unit: pd.Series) -> pd.Series:
        own = unit.droplevel(0)
        if fill == "last":
            return own.ffill()
        if fill == "constant":
            return own.ffill().bfill()
        inside = own.interpolate("index", limit_area="inside")
        return inside if fill == "linear" else inside.ffill().bfill()

    return pd.concat([within(unit) for _, unit in series.groupby(level=0)])


@pytest.mark.parametrize("fill", FILLS)
def test_pandas_within_each_unit(score, fill):
    scores = score(one(fill), {"x": CELLS}, **keys())
    assert scores.column("x") == pytest.approx(by_pandas(fill).to_numpy(), nan_ok=True, abs=1e-12)
    new = np.isnan(np.array(CELLS, float)) & ~np.isnan(scores.column("x"))
    assert (scores.status["x"] == "imputed").tolist() == new.tolist()


def test_each_value_names_the_periods_that_it_comes_from(score):
    frame = score(one("linear"), {"x": CELLS}, **keys()).imputed
    assert frame[["unit", "period", "indicator", "method", "source"]].values.tolist() == [
        ["x", "2020", "x", "panel linear", "2019+2024"],
        ["x", "2022", "x", "panel linear", "2019+2024"],
        ["y", "2019", "x", "panel linear", "2018+2020"],
    ]
    assert frame["value"].tolist() == [16, 28, 2]
    assert score(one("last"), {"x": CELLS}, **keys()).imputed["source"].tolist() == [
        "2019",
        "2019",
        "2018",
        "2020",
        "2020",
    ]


@pytest.mark.parametrize(
    ("fill", "at_most", "filled"),
    [
        ("last", 1, [2, 6]),
        ("last", 2, [2, 6, 8]),
        ("last", 4, [2, 3, 6, 8, 9]),
        ("constant", 1, [0, 2, 6]),
        ("linear", 2, [6]),
        ("linear", 3, [3, 6]),
        ("linear", 4, [2, 3, 6]),
        ("linear-constant", 1, [0, 2, 6]),
    ],
)
def test_no_source_is_too_far_away(score, fill, at_most, filled):
    """Distances are years, though the table has no 2021 and no 2023."""
    scores = score(one(fill, f", at_most: {at_most}"), {"x": CELLS}, **keys())
    assert np.flatnonzero(scores.status["x"] == "imputed").tolist() == filled


def test_periods_that_are_no_numbers_are_counted(score):
    cells = {"x": [1, None, None, 7]}
    keyed = {"units": ["u"] * 4, "periods": ["2020Q1", "2020Q3", "2021Q1", "2021Q2"]}
    assert score(one("linear"), cells, **keyed).column("x").tolist() == [1, 3, 5, 7]
    assert score(one("last", ", at_most: 1"), cells, **keyed).status["x"].tolist()[1:3] == ["imputed", "missing"]


def test_only_what_is_missing_is_filled_and_only_what_was_observed_is_a_source(score):
    cells = [5, Status.WITHHELD, Status.NOT_APPLICABLE, Status.MISSING, None]
    scores = score(one("last"), {"x": cells}, units=["u"] * 5, periods=PERIODS[:5])
    assert scores.status["x"].tolist() == ["normal", "withheld", "not applicable", "imputed", "imputed"]
    assert scores.imputed["source"].tolist() == ["2018", "2018"]


def test_what_an_observed_cell_is_marked_with_goes_along(table, fitted):
    index = fitted(one("last"), {"x": [1, 2]}, units=["u", "v"], periods=["1", "1"])
    marked = table({"x": [5, None]}, units=["u", "u"], periods=["1", "2"])
    marked.status[0, 0] = Status.ESTIMATED
    assert index.score(marked).status["x"].tolist() == ["estimated", "imputed+estimated"]


def test_a_filled_value_is_fitted_on_and_normalised_like_any_other(score):
    blocks = "nodes: [{id: index}]\nindicators: [{id: x, parent: index, impute: {method: panel}}]"
    head = "units: {kind: unit, key: unit, period: year}\n"
    scores = score(head + blocks, {"x": [0, None, 100, 50]}, units=list("aabb"), periods=["1", "2", "1", "2"])
    assert scores.column("x").tolist() == [0, 0, 100, 50]
    assert scores.measured["x"].isna().tolist() == [False, True, False, False]


def test_each_period_has_its_own_fit(score):
    """In period 2 the values are 10 (filled) and 30; without filling there would be no variation."""
    blocks = """\
        units: {kind: u, key: u, period: t}
        fit: each_period
        nodes: [{id: index}]
        indicators: [{id: x, parent: index, impute: {method: panel}}]
        """
    scores = score(blocks, {"x": [10, None, 20, 30]}, units=list("aabb"), periods=["1", "2", "1", "2"])
    assert scores.column("x").tolist() == [0, 0, 100, 100]


def test_screened_rows_are_sources_and_are_not_filled(score):
    blocks = """\
        units: {kind: u, key: u, period: t}
        screening: {units: {at_least: 0.6}}
        defaults: {normalise: {method: none}, impute: {method: panel}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]
        """
    cells = {"a": [7, None, 1], "b": [None, 2, 2], "c": [None, 3, 3]}
    scores = score(blocks, cells, units=["u", "u", "v"], periods=["1", "2", "2"])
    assert np.isnan(scores.values[0]).all()
    assert scores.scores.loc[("u", "2")].tolist() == [4, 7, 2, 3]


def test_what_is_still_missing_is_named(score):
    scores = score(one("last"), {"x": CELLS}, **keys())
    said = next(finding.message for finding in scores.findings if finding.code == "DT308")
    assert said == "panel found no value for x 2018, z 2018, z 2019, z 2020, z 2022, z 2024"


def test_without_periods_nothing_is_filled(fitted, table):
    index = fitted(one("last"), {"x": CELLS}, **keys())
    assert np.isnan(index.score(table({"x": [None]})).column("x")[0])
    single = index.freeze("e").score_unit({}, period="2019")
    assert single.status["x"] == "missing"


def test_an_edition_fills_a_new_table_from_itself(fitted, table, tmp_path):
    index = fitted(one("last"), {"x": CELLS}, **keys())
    index.freeze("e").save(tmp_path / "e.dtindex")
    edition = dti.load_edition(tmp_path / "e.dtindex")
    assert edition.verify().holds
    new = table({"x": [90.0, None]}, units=["x", "x"], periods=["2030", "2031"])
    assert edition.score(new).column("x").tolist() == [90, 90]


@given(
    st.lists(st.one_of(st.none(), st.integers(-100, 100)), min_size=8, max_size=8),
    st.sampled_from(FILLS),
    st.one_of(st.none(), st.integers(1, 3)),
    st.permutations(range(8)),
)
def test_observed_cells_never_change_and_shuffles_change_no_byte(score, cells, fill, at_most, order):
    more = "" if at_most is None else f", at_most: {at_most}"
    units, periods = ["u", "v"] * 4, ["1", "1", "2", "2", "4", "4", "8", "8"]
    columns = {"x": [0.5, *cells]}
    own = score(one(fill, more), columns, units=["w", *units], periods=["1", *periods])
    moved = score(
        one(fill, more),
        {"x": [0.5, *(cells[row] for row in order)]},
        units=["w", *(units[row] for row in order)],
        periods=["1", *(periods[row] for row in order)],
    )
    raw = np.array([np.nan if cell is None else cell for cell in columns["x"]], dtype=float)
    shown = own.column("x")
    assert np.array_equal(shown[~np.isnan(raw)], raw[~np.isnan(raw)])
    assert shown[[0, *(1 + row for row in order)]].tobytes() == moved.column("x").tobytes()
    assert own.imputed.equals(moved.imputed)
    for unit in "uv":
        mine = np.array([False, *(name == unit for name in units)])
        seen = raw[mine & ~np.isnan(raw)]
        known = shown[mine & ~np.isnan(shown)]
        assert not known.size or (seen.min() <= known.min() and known.max() <= seen.max())
