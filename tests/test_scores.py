"""What is said of scores: comparisons, ranks among a reference, percentiles, frames, remarks."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import numpy as np
import pytest

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

NONE = "nodes: [{id: index}]\nindicators: [{id: a, parent: index, normalise: {method: none}}]"


def methodology(blocks: str) -> dti.Methodology:
    head = "schema_version: 1\nid: test\ntitle: Test\n"
    text = dedent(blocks).lstrip()
    units = "" if text.startswith("units:") else "units: {kind: unit, key: unit}\n"
    found, findings = parse_methodology(head + units + text, "test.yaml")
    findings.raise_errors()
    assert found is not None
    return found


def table(columns: dict[str, list[float | None]], **keys) -> Table:
    values = np.array(list(columns.values()), dtype=float).T
    units = keys.pop("units", [f"u{row}" for row in range(len(values))])
    return Table.from_arrays(units, list(columns), values, **keys)


def index(blocks: str, rows: Table) -> dti.CompositeIndex:
    return dti.CompositeIndex(methodology(blocks)).fit(rows)


def scored(blocks: str, columns: dict[str, list[float | None]], **keys) -> dti.Scores:
    rows = table(columns, **keys)
    return index(blocks, rows).score(rows)


# --- published figures ---


@pytest.mark.parametrize(
    ("tolerance", "decimals", "mismatches"),
    [("", 1, 1), ("", 0, 0), ("tolerance: 0.06, ", 1, 0), ("tolerance: 0, ", 1, 2), ("tolerance: 0.05, ", 1, 1)],
)
def test_published_figures_are_compared_and_never_used(tolerance, decimals, mismatches):
    """73.96 against a printed 73.9 is off by more than half a digit; 20.05 against 20.1 by exactly that."""
    blocks = NONE.replace("{id: index}", f"{{id: index, {tolerance}published: printed}}")
    rows = table({"a": [73.96, 20.05, 50, 3]})
    rows = replace(rows, published={"index": np.array([73.9, 20.1, 50, np.nan])}, decimals={"index": decimals})
    scores = index(blocks, rows).score(rows)
    (comparison,) = scores.comparisons
    assert (comparison.kind, comparison.compared, comparison.mismatches) == ("published", 3, mismatches)
    assert comparison.largest_error == pytest.approx(0.06)
    assert scores.column("index").tolist() == [73.96, 20.05, 50, 3]
    assert ("DT310" in scores.findings.codes) == (mismatches > 0)


# --- whom a rank is among ---


def test_the_rank_that_a_unit_would_take_among_the_reference():
    fitted = index(NONE, table({"a": [10, 20, 30, 30, 40]}))
    new = table({"a": [45, 40, 35, 30, 5, None]})
    among = fitted.score(new, ranked_against="reference")
    assert among.rank("index").tolist() == [1, 1, 2, 2, 6, 0]
    assert among.percentiles["index"].tolist()[:5] == [100, 90, 80, 60, 0]
    assert np.isnan(among.percentiles["index"].iloc[5])
    assert fitted.score(new).rank("index").tolist() == [1, 2, 3, 4, 5, 0]


def test_percentiles_among_the_own_table_count_ties_half():
    assert scored(NONE, {"a": [10, 20, 20, 40]}).percentiles["index"].tolist() == [12.5, 50, 50, 87.5]


def test_a_panel_is_ranked_against_its_own_period_and_the_latest_for_others():
    """Period 10 comes after period 9."""
    blocks = "units: {kind: unit, key: unit, period: wave}\n" + NONE
    reference = table({"a": [10, 20, 50, 60]}, periods=["9", "9", "10", "10"], units=list("uvuv"))
    new = table({"a": [15, 15, 15]}, periods=["9", "10", "11"], units=list("uuu"))
    found = index(blocks, reference).score(new, ranked_against="reference")
    assert found.rank("index").tolist() == [2, 3, 3]
    assert found.percentiles["index"].tolist() == [50, 0, 0]


def test_units_that_are_not_ranked_are_no_reference():
    blocks = "units: {kind: unit, key: unit, ranked: listed}\n" + NONE
    rows = table({"a": [10, 20, 30]}, texts={"listed": ["yes", "no", "yes"]})
    found = index(blocks, rows).score(table({"a": [15]}, texts={"listed": ["yes"]}), ranked_against="reference")
    assert found.rank("index").tolist() == [2]


# --- frames ---


def test_frames_have_units_as_rows_and_items_as_columns():
    scores = scored(NONE, {"a": [10, None]})
    assert scores.scores.columns.tolist() == ["index", "a"]
    assert scores.scores.index.tolist() == ["u0", "u1"]
    assert scores.ranks.dtypes.astype(str).tolist() == ["Int64", "Int64"]
    assert scores.status.loc["u1"].tolist() == ["missing", "missing"]
    assert scores.measured["a"].iloc[0] == 10


def test_a_panel_is_indexed_by_unit_and_period():
    blocks = "units: {kind: unit, key: unit, period: year}\n" + NONE
    scores = scored(blocks, {"a": [1, 2]}, periods=["2020", "2021"], units=["u", "u"])
    assert scores.scores.index.names == ["unit", "period"]
    assert scores.scores.loc[("u", "2021"), "a"] == 2


def test_long_form_is_in_the_order_of_keys_and_periods():
    blocks = "units: {kind: unit, key: unit, period: wave}\n" + NONE
    scores = scored(blocks, {"a": [1, 2, 3]}, periods=["10", "9", "9"], units=["v", "v", "u"])
    long = scores.to_long()
    assert long[["unit", "period", "node"]].to_numpy().tolist() == [
        [unit, period, node] for unit, period in (("u", "9"), ("v", "9"), ("v", "10")) for node in ("index", "a")
    ]
    assert long["score"].tolist() == [3, 3, 2, 2, 1, 1]
    assert long["rank"].tolist() == [1, 1, 2, 2, 1, 1]


def test_measured_has_derived_and_unscored_columns():
    blocks = """\
        nodes: [{id: index}]
        indicators:
          - {id: a}
          - {id: b}
          - {id: x, parent: index, derive: {method: ratio, of: a, to: b}}
        """
    scores = scored(blocks, {"a": [1, 6], "b": [2, 3]})
    assert scores.measured.to_numpy().tolist() == [[1, 2, 0.5], [6, 3, 2]]
    assert scores.scores.columns.tolist() == ["index", "x"]


# --- remarks ---


def test_who_is_not_ranked_is_named_with_the_coverage():
    blocks = """\
        defaults: {normalise: {method: none}}
        nodes: [{id: index}]
        indicators: [{id: a, parent: index}, {id: b, parent: index}]
        """
    scores = scored(blocks, {"a": [1, 2], "b": [1, None]})
    (found,) = [one for one in scores.findings if one.code == "DT307"]
    assert "u1 (0.50)" in found.message


def test_clipped_values_are_counted():
    blocks = NONE.replace("{method: none}", "{method: goalposts, worst: 0, best: 10}")
    (found,) = [one for one in scored(blocks, {"a": [5, 11, -1]}).findings if one.code == "DT309"]
    assert found.message.startswith("2 of 3 ")


@pytest.mark.parametrize(
    ("cells", "decimals"), [([1.23, 1.24], 2), ([1.231, 1.232], 3), ([1.2300001, 1.2300002], 6), ([1, 1], 2)]
)
def test_decimals_that_tell_ranks_apart(cells, decimals):
    scores = scored(NONE, {"a": cells})
    assert scores.printed_decimals("index") == decimals
    assert ("DT303" in scores.findings.codes) == (decimals > 2)


def test_rounded_ranks_need_no_further_decimals():
    scores = scored("rank: {decimals: 1}\n" + NONE, {"a": [1.231, 1.239]})
    assert scores.printed_decimals("index") == 1
    assert "DT303" not in scores.findings.codes


def test_scores_that_the_table_gives_beyond_the_scale_are_pointed_out():
    """250 on a scale of 0 to 100 is a slip of units: it is taken as it is, and said."""
    from dtindex.spec import parse_methodology

    text = (
        "schema_version: 1\nid: given\ntitle: Given\nunits: {kind: unit, key: unit}\n"
        "defaults: {normalise: {method: none}}\nnodes: [{id: index}]\nindicators: [{id: a, parent: index}]\n"
    )
    methodology, _ = parse_methodology(text, "given.yaml")
    table = dti.Table.from_arrays(["u", "v"], ["a"], [[250.0], [50.0]])
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    (found,) = [one for one in scores.findings if one.code == "DT223"]
    assert (found.severity, found.place.name) == ("warning", "a")
    assert "u (250)" in found.message
