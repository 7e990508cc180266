"""Fitting: what is learned from which rows, and every finding that stands in the way of a score."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import numpy as np
import pytest

import dtindex as dti
from dtindex import fitted as fitting
from dtindex.spec import parse_methodology
from dtindex.steps import plan
from dtindex.tables.table import Table

ONE = "nodes: [{id: index}]\nindicators: [{id: a, parent: index}]"
TWO = "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]"
PANEL = "units: {kind: unit, key: unit, period: year}\n"


def methodology(blocks: str) -> dti.Methodology:
    head = "schema_version: 1\nid: test\ntitle: Test\n"
    text = dedent(blocks).lstrip()
    units = "" if text.startswith("units:") else "units: {kind: unit, key: unit}\n"
    found, findings = parse_methodology(head + units + text, "test.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def table(
    columns: dict[str, list[float | None]], periods: list[str] | None = None, units: list[str] | None = None
) -> Table:
    values = np.array(list(columns.values()), dtype=float).T
    return Table.from_arrays(units or [f"u{row}" for row in range(len(values))], list(columns), values, periods=periods)


def fit(blocks: str, columns: dict[str, list[float | None]], **keys) -> fitting.Fitted:
    return fitting.fit(methodology(blocks), table(columns, **keys))


def errors(blocks: str, columns: dict[str, list[float | None]], **keys) -> list[str]:
    rows = table(columns, **keys)
    with pytest.raises(dti.InputError) as raised:
        fitting.score(fitting.fit(methodology(blocks), rows), rows)
    return raised.value.findings.errors.codes


# --- which rows ---


def test_totals_are_not_fitted():
    rows = replace(table({"a": [1, 2, 3, 6]}), totals=np.array([False, False, False, True]))
    fitted = fitting.fit(methodology(ONE), rows)
    scores = fitting.score(fitted, rows)
    assert scores.column("a")[:3].tolist() == [0, 50, 100]
    assert scores.rank("index").tolist() == [3, 2, 1, 0]
    assert len(fitted.reference["index"][""]) == 3


PERIODS = ["1", "1", "2", "2"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("pooled", [0, 25, 50, 100]),
        ("each_period", [0, 100, 0, 100]),
        ("base\nbase_period: '1'", [0, 100, 200, 400]),
    ],
)
def test_modes_of_fitting(mode, expected):
    blocks = PANEL + f"fit: {mode}\ndefaults: {{normalise: {{method: min-max, clip: none}}}}\n" + ONE
    rows = table({"a": [0, 10, 20, 40]}, periods=PERIODS, units=list("uvuv"))
    assert fitting.score(fitting.fit(methodology(blocks), rows), rows).column("a").tolist() == expected


def test_an_indicator_s_own_mode():
    blocks = (
        PANEL + "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index, fit: each_period}]"
    )
    rows = table({"a": [0, 10, 20, 40], "b": [0, 10, 20, 40]}, periods=PERIODS, units=list("uvuv"))
    scores = fitting.score(fitting.fit(methodology(blocks), rows), rows)
    assert scores.column("a").tolist() == [0, 25, 50, 100]
    assert scores.column("b").tolist() == [0, 100, 0, 100]


def test_a_later_year_changes_no_earlier_score_with_a_base_period():
    blocks = PANEL + "fit: base\nbase_period: '1'\n" + ONE
    short = table({"a": [0, 10, 5, 8]}, periods=PERIODS, units=list("uvuv"))
    longer = table({"a": [0, 10, 5, 8, 90, -3]}, periods=[*PERIODS, "3", "3"], units=list("uvuvuv"))
    index = methodology(blocks)
    before = fitting.score(fitting.fit(index, short), short).column("index")
    after = fitting.score(fitting.fit(index, longer), longer).column("index")
    assert (after[:4] == before).all()


def test_an_indicator_that_begins_later_is_missing_before():
    blocks = PANEL + "fit: each_period\ndefaults: {coverage: {at_least: 0.5}}\n" + TWO
    rows = table({"a": [1, 2, 1, 5], "b": [None, None, 4, 6]}, periods=PERIODS, units=list("uvuv"))
    fitted = fitting.fit(methodology(blocks), rows)
    scores = fitting.score(fitted, rows)
    assert scores.column("index").tolist() == [0, 100, 0, 100]
    assert scores.status["b"].tolist() == ["missing", "missing", "normal", "normal"]
    assert "DT312" not in scores.findings.codes
    filled = table({"a": [1.5], "b": [5]}, periods=["1"])
    assert "DT312" in fitting.score(fitted, filled).findings.codes


def test_a_period_that_was_not_fitted():
    blocks = PANEL + "fit: each_period\n" + ONE
    fitted = fit(blocks, {"a": [1, 2, 1, 5]}, periods=PERIODS, units=list("uvuv"))
    scores = fitting.score(fitted, table({"a": [1.5, 3]}, periods=["1", "9"]))
    assert scores.column("a")[0] == 50
    assert np.isnan(scores.column("a")[1])
    (found,) = [one for one in scores.findings if one.code == "DT312"]
    assert (found.severity, found.place.unit, found.place.period) == ("warning", "u1", "9")


# --- what stands in the way ---


@pytest.mark.parametrize(
    ("blocks", "columns", "codes"),
    [
        (ONE, {"a": [3, 3]}, ["DT301"]),
        (ONE, {"a": [None, None]}, ["DT302"]),
        (ONE, {"a": [5]}, ["DT301"]),
        (
            ONE.replace(
                "index}]\nindicators: [{id: a, parent: index",
                "index}]\nindicators: [{id: a, parent: index, normalise: {method: z-score}",
            ),
            {"a": [7, 7]},
            ["DT301"],
        ),
        (
            ONE.replace("parent: index}", "parent: index, normalise: {method: likert, points: 5}}"),
            {"a": [1, 9]},
            ["DT224"],
        ),
        (ONE.replace("parent: index}", "parent: index, transform: {method: log}}"), {"a": [1, 10, 0]}, ["DT304"]),
        (
            ONE.replace("parent: index}", "parent: index, normalise: {method: min-max, clip: none}, power: 2}"),
            {"a": [1, 10, 3]},
            [],
        ),
    ],
)
def test_findings_of_a_column(blocks, columns, codes):
    if codes:
        assert errors(blocks, columns) == codes
    else:
        fit(blocks, columns)


def test_all_errors_come_at_once():
    blocks = "nodes: [{id: index}]\nindicators:\n" + "".join(f"  - {{id: {code}, parent: index}}\n" for code in "abc")
    assert sorted(errors(blocks, {"a": [3, 3], "b": [None, None], "c": [1, 2]})) == ["DT301", "DT302"]


def test_an_empty_indicator_whose_weight_others_carry_is_a_warning():
    blocks = "nodes: [{id: index}]\nindicators:\n" + "".join(f"  - {{id: {code}, parent: index}}\n" for code in "abc")
    columns = {"a": [1, 2], "b": [2, 4], "c": [None, None]}
    fitted = fit(blocks, columns)
    assert [(one.code, one.severity) for one in fitted.findings] == [("DT302", "warning")]
    assert fitting.score(fitted, table(columns)).column("index").tolist() == [0, 100]


def test_a_method_that_the_format_knows_and_this_version_does_not_compute(monkeypatch):
    monkeypatch.delitem(plan.AGGREGATIONS, "harmonic")
    blocks = TWO.replace("{id: index}", "{id: index, aggregate: {method: harmonic, zeros: allow}}")
    blocks = blocks.replace("parent: index", "parent: index, normalise: {method: none}")
    assert errors(blocks, {"a": [1], "b": [1]}) == ["DT030"]


def test_unpublished_weights_are_refused_and_an_assumption_is_named():
    blocks = TWO.replace("parent: index", "parent: index, weight: unpublished")
    rows = table({"a": [1, 2], "b": [4, 1]})
    with pytest.raises(dti.InputError) as raised:
        dti.CompositeIndex(methodology(blocks)).fit(rows)
    assert raised.value.code == "DT050"
    scores = dti.CompositeIndex(methodology(blocks), assume="equal").fit(rows).score(rows)
    assert scores.column("index").tolist() == [50, 50]
    assert scores.assumptions == ("equal",)
    assert "DT053" in scores.findings.codes


def test_a_base_period_that_the_table_lacks():
    blocks = PANEL + "fit: base\nbase_period: '7'\n" + ONE
    assert errors(blocks, {"a": [1, 2]}, periods=["1", "2"], units=["u", "u"]) == ["DT313"]


@pytest.mark.parametrize("constant", [50, 0, 100])
def test_a_constant_that_is_declared(constant):
    """Also where not one unit has a value in the reference."""
    blocks = TWO.replace("{id: a,", f"{{id: a, constant: {constant},")
    fitted = fit(blocks, {"a": [None, None], "b": [1, 2]})
    scores = fitting.score(fitted, table({"a": [3, None], "b": [1, 2]}))
    assert scores.column("a")[0] == constant
    assert np.isnan(scores.column("a")[1])


OPEN_ENDED = """\
    nodes: [{id: index}]
    indicators: [{id: a, parent: index, normalise: {method: goalposts, worst: 0, best: 1, clip: none}}]
    """


@pytest.mark.parametrize("value", [1e300, -1e300, 1e308, 1e9])
def test_overflow_in_a_table_that_is_scored(value):
    fitted = fit(OPEN_ENDED, {"a": [0, 1]})
    with pytest.raises(dti.InputError) as raised:
        fitting.score(fitted, table({"a": [0.5, value]}))
    assert set(raised.value.findings.errors.codes) == {"DT306"}
    assert raised.value.findings.errors[0].place.unit == "u1"


@pytest.mark.parametrize("value", [1e300, -1e300, 1e308, 1e9])
def test_overflow_in_the_reference_table(value):
    """A score has no key beyond a million times its scale; that is a finding, and no crash."""
    with pytest.raises(dti.InputError) as raised:
        fit(OPEN_ENDED, {"a": [0.5, value]})
    assert set(raised.value.findings.errors.codes) == {"DT306"}


def test_overflow_behind_a_clip():
    """`times:` comes after the clip, and a code's score passes it by."""
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, times: 1.0e+9}]"
    with pytest.raises(dti.InputError) as raised:
        fit(blocks, {"a": [1, 2]})
    assert set(raised.value.findings.errors.codes) == {"DT306"}


def test_a_code_s_score_out_of_proportion():
    rows = replace(table({"a": [1, 2, None]}), coded={"a": np.array([np.nan, np.nan, 1e12])})
    with pytest.raises(dti.InputError) as raised:
        fitting.fit(methodology(ONE), rows)
    assert set(raised.value.findings.errors.codes) == {"DT306"}


# --- widths, weights, small tables ---


def test_open_scales_take_a_power_of_ten_from_the_reference():
    blocks = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, scale: open, normalise: {method: none}}]"
    fitted = fit(blocks, {"a": [-250, 30]})
    assert fitted.widths == {"index": 1000, "a": 1000}
    assert fitting.score(fitted, table({"a": [7000]})).keys("index").tolist() == [7_000_000_000_000]


@pytest.mark.parametrize("rows", [1, 2])
def test_one_unit_and_two(rows):
    fitted = fit(OPEN_ENDED, {"a": [0.25, 0.5][:rows]})
    scores = fitting.score(fitted, table({"a": [0.25, 0.5][:rows]}))
    assert scores.column("index").tolist() == [25, 50][:rows]
    assert scores.rank("index").tolist() == [[1], [2, 1]][rows - 1]


def test_an_empty_table_scores_to_nothing():
    fitted = fit(OPEN_ENDED, {"a": [0, 1]})
    scores = fitting.score(fitted, table({"a": []}))
    assert len(scores) == 0
    assert scores.scores.shape == (0, 2)


def test_a_column_that_the_table_lacks_is_missing():
    fitted = fit(TWO, {"a": [0, 1], "b": [0, 1]})
    scores = fitting.score(fitted, table({"a": [0.5]}))
    assert scores.status.iloc[0].tolist() == ["missing", "normal", "missing"]
    assert "DT307" in scores.findings.codes


def test_several_roots():
    blocks = "nodes: [{id: one}, {id: two}]\nindicators: [{id: a, parent: one}, {id: b, parent: two}]"
    fitted = fit(blocks, {"a": [0, 1], "b": [1, 0]})
    scores = fitting.score(fitted, table({"a": [0, 1], "b": [1, 0]}))
    assert scores.root == "one"
    assert scores.rank_values[:, :2].tolist() == [[2, 1], [1, 2]]
    assert fitted.effective_weights("two") == {"b": 1}
