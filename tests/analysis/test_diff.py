"""What came between two editions: data, weights, method, without a residual."""

from __future__ import annotations

import math
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.analysis.diff import diff
from dtindex.findings import UsageError
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

CAUSES = ["data", "weights", "method"]
TOLERANCE = 1e-9
HEAD = "schema_version: 1\nid: test-index\ntitle: t\nunits: {kind: unit, key: unit}\nscale: [0, 1]\n"
TWO = (
    "nodes: [{{id: index, aggregate: {{method: {how}}}}}]\n"
    "indicators:\n"
    "  - {{id: a, parent: index, weight: {a}, normalise: {{method: goalposts, worst: 0, best: {top}, clip: none}}}}\n"
    "  - {{id: b, parent: index, weight: {b}, normalise: {{method: goalposts, worst: 0, best: 1, clip: none}}}}\n"
)


def scored(blocks: str, values, *, units=None, periods=None, names=("a", "b"), head=HEAD, fit=None) -> dti.Scores:
    methodology, findings = parse_methodology(head + blocks, "test.yaml")
    findings.raise_errors()
    values = np.array(values, dtype=float)
    units = [f"u{row}" for row in range(len(values))] if units is None else units
    table = Table.from_arrays(units, list(names), values, periods=periods)
    return dti.CompositeIndex(methodology).fit(table).score()


def two(a=1, b=1, top=1, how="arithmetic") -> str:
    return TWO.format(a=a, b=b, top=top, how=how)


def by_item(found, cause: str) -> dict[str, float]:
    frame = found.items[found.items["unit"] == found.items["unit"].iloc[0]]
    return dict(zip(frame["item"], frame[cause], strict=True))


# --- closed forms ---


def test_weights_and_data_of_an_arithmetic_mean_are_bennets():
    """w (.5, .5) to (.3, .7), x (.4, .6) to (.5, .9): data (.04, .18), weights (-.09, .15), in all .28."""
    found = diff(scored(two(1, 1), [[0.4, 0.6]]), scored(two(3, 7), [[0.5, 0.9]]))
    assert found.changed == ("data", "weights")
    assert found.units[["data", "weights", "method", "change"]].to_numpy()[0] == pytest.approx([0.22, 0.06, 0, 0.28])
    data, weights = by_item(found, "data"), by_item(found, "weights")
    assert [data["a"], data["b"]] == pytest.approx([0.04, 0.18])
    assert [weights["a"], weights["b"]] == pytest.approx([-0.09, 0.15])
    assert found.residual < TOLERANCE


def test_data_of_a_geometric_mean_are_told_by_logarithmic_means():
    """w (.3, .7), x (.4, .6) to (.5, .9): LMDI-I gives .042601 and .180621, in all .2232221339."""
    found = diff(scored(two(3, 7, how="geometric"), [[0.4, 0.6]]), scored(two(3, 7, how="geometric"), [[0.5, 0.9]]))
    assert found.changed == ("data",)
    data = by_item(found, "data")
    assert [data["a"], data["b"]] == pytest.approx([0.042601, 0.180621], abs=5e-7)
    assert found.units["data"].iloc[0] == pytest.approx(0.2232221339, abs=5e-11)


def test_shapley_values_of_three_causes_by_their_six_orders():
    """a's goalpost moves from 1 to 2 as well: f(d, w, m) written out, and averaged over the orders of d, w and m."""
    weights, data, tops = ((0.5, 0.5), (0.3, 0.7)), ((0.4, 0.6), (0.5, 0.9)), (1.0, 2.0)

    def f(d, w, m):
        return weights[w][0] * data[d][0] / tops[m] + weights[w][1] * data[d][1]

    expected = np.zeros(3)
    for order in permutations(range(3)):
        now = [0, 0, 0]
        for cause in order:
            before = f(*now)
            now[cause] = 1
            expected[cause] += (f(*now) - before) / 6
    found = diff(scored(two(1, 1), [[0.4, 0.6]]), scored(two(3, 7, top=2), [[0.5, 0.9]]))
    assert found.changed == ("data", "weights", "method")
    assert found.units[CAUSES].to_numpy()[0] == pytest.approx(expected)
    assert by_item(found, "method") == pytest.approx({"index": 0, "a": expected[2], "b": 0}, abs=1e-12)


def test_another_aggregation_is_method_and_stays_at_the_node():
    """One table, the arithmetic mean .5 against the geometric one 0.4899: everything is method."""
    found = diff(scored(two(), [[0.4, 0.6]]), scored(two(how="geometric"), [[0.4, 0.6]]))
    assert found.changed == ("method",)
    assert found.units[CAUSES].to_numpy()[0] == pytest.approx([0, 0, math.sqrt(0.24) - 0.5])
    assert by_item(found, "method")["index"] == pytest.approx(math.sqrt(0.24) - 0.5)


@pytest.mark.parametrize("asked", ["b", "c"])
def test_cases_in_the_place_of_a_mean_are_method(asked):
    """Mean of a and b (.5) before; after b (.6), where an item above .1 says so, which only the second has or both."""
    cases = f"cases, cases: [{{when: {{id: {asked}, above: 0.1}}, take: b}}, {{take: a}}]"
    other = "  - {id: c, parent: rest, normalise: {method: none}}\n".replace("parent: rest", "parent: other")
    after = two(how=cases).replace("indicators:", "  - {id: other}\nindicators:").replace("nodes: [", "nodes:\n  - ")
    after = after.replace("}]}}]\n", "}]}}\n") + other
    found = diff(scored(two(), [[0.4, 0.6]]), scored(after, [[0.4, 0.6, 0.3]], names=("a", "b", "c")))
    assert found.units[CAUSES].to_numpy()[0] == pytest.approx([0, 0, 0.1])
    assert found.residual < TOLERANCE


def test_nothing_changed():
    same = scored(two(), [[0.4, 0.6], [0.1, 0.2]])
    found = diff(same, same)
    assert found.changed == ()
    assert found.units[[*CAUSES, "change", "together"]].to_numpy().tolist() == [[0.0] * 5] * 2


def test_weights_count_by_their_proportions():
    """A harmonic mean with weights 1:1 to 30:70, and with .5:.5 to .3:.7."""
    data = [[[0.4, 0.6]], [[0.5, 0.9]]]
    large, small = (
        diff(scored(two(*first, how="harmonic"), data[0]), scored(two(*second, how="harmonic"), data[1]))
        for first, second in (((1, 1), (30, 70)), ((0.5, 0.5), (0.3, 0.7)))
    )
    for cause in CAUSES:
        assert by_item(large, cause) == pytest.approx(by_item(small, cause), abs=1e-14)
    assert large.residual < TOLERANCE


@pytest.mark.parametrize("second", [(1, 3), (10, 30), (0.1, 0.3)])
def test_the_same_proportions_are_the_same_weights(second):
    """Of a mean; a sum of scores in the proportions of 10 to 30 is ten times as large as in those of 1 to 3."""
    data = [[0.4, 0.6]]
    assert diff(scored(two(1, 3), data), scored(two(*second), data)).changed == ()
    as_sum = diff(scored(two(1, 3, how="sum"), data), scored(two(*second, how="sum"), data))
    assert as_sum.changed == (() if second == (1, 3) else ("weights",))


# --- two years of a panel ---

YEARS = HEAD.replace("key: unit", "key: unit, period: year")
FITTED = "nodes: [{id: index}]\nindicators: [{id: a, parent: index}, {id: b, parent: index}]\n"
PANEL = [[0, 0], [1, 2], [3, 4], [0, 1], [2, 3], [6, 4]]
UNITS, PERIODS = list("xyzxyz"), ["2021"] * 3 + ["2022"] * 3


def test_two_years_under_one_set_of_goalposts_differ_by_data_alone():
    scores = scored(FITTED, PANEL, units=UNITS, periods=PERIODS, head=YEARS + "fit: pooled\n")
    found = diff(scores, scores, periods=("2021", "2022"))
    assert (found.changed, found.periods) == (("data",), ("2021", "2022"))
    assert found.units.index.tolist() == ["x", "y", "z"]
    assert found.units["data"].tolist() == pytest.approx([0.125, 1 / 12 + 0.125, 0.25])


def test_goalposts_of_each_year_are_a_change_of_method():
    """x: both 0 in 2021. In 2022 a stays at the least (0), b is 1 in 1..4: by 2021's goalposts 1/4, by 2022's 0."""
    scores = scored(FITTED, PANEL, units=UNITS, periods=PERIODS, head=YEARS + "fit: each_period\n")
    found = diff(scores, scores, periods=("2021", "2022"))
    assert found.changed == ("data", "method")
    x = found.units.loc["x"]
    # b by (data, method): f(0,0) = 0, f(1,0) = 1/4, f(0,1) = (0 - 1)/3 clipped to 0, f(1,1) = 0; half of each counts.
    assert x[["change", "data", "method"]].tolist() == pytest.approx([0, 0.0625, -0.0625])
    assert found.residual < TOLERANCE


def test_pairs_of_unit_and_period_are_matched_without_periods():
    head = YEARS + "fit: pooled\n"
    first = scored(FITTED, PANEL, units=UNITS, periods=PERIODS, head=head)
    second = scored(FITTED, PANEL[:5], units=UNITS[:5], periods=PERIODS[:5], head=head)
    found = diff(first, second)
    assert found.units.index.names == ["unit", "period"]
    assert len(found.units) == 5
    assert found.only == (("z 2022",), ())
    assert "DT394" in found.findings.codes
    assert found.residual < TOLERANCE


# --- what is not in both ---


def test_an_indicator_that_only_one_edition_has_is_method():
    """Before the mean of a and b, after of a and c: c enters and b leaves by the method, a's data are data."""
    before = scored(two(), [[0.4, 0.6], [0.1, 0.3]])
    after = scored(two().replace("id: b", "id: c"), [[0.8, 0.2], [0.1, 0.3]], names=("a", "c"))
    found = diff(before, after)
    assert found.units[["data", "weights", "method"]].to_numpy()[0] == pytest.approx([0.2, 0, -0.2])
    assert {"DT394", "DT395"} <= set(found.findings.codes)
    assert set(found.items["item"]) == {"index", "a", "b", "c"}
    assert found.residual < TOLERANCE


def test_units_in_one_only_are_listed():
    found = diff(scored(two(), [[1, 1], [0, 1]], units=["x", "y"]), scored(two(), [[1, 0], [0, 1]], units=["y", "z"]))
    assert (found.units.index.tolist(), found.only) == (["y"], (("x",), ("z",)))
    assert found.findings.codes == ["DT394", "DT394"]


def test_a_unit_that_a_mixture_has_no_score_for_is_told_together():
    """After: logarithms. Before's value of the second unit is zero, which has none."""
    text = two().replace("top", "")
    logs = text.replace("id: a, parent: index,", "id: a, parent: index, transform: {method: log},").replace(
        "worst: 0, best: 1, clip: none}}", "worst: 0.1, best: 1, clip: none}}", 1
    )
    found = diff(scored(text, [[0.5, 0.5], [0, 0.5]]), scored(logs, [[0.6, 0.5], [0.5, 0.5]]))
    assert found.units["together"].tolist()[0] == 0
    assert found.units["together"].iloc[1] == found.units["change"].iloc[1] != 0
    assert found.units[CAUSES].iloc[1].isna().all()
    assert "DT395" in found.findings.codes
    assert found.residual < TOLERANCE


@pytest.mark.parametrize("periods", [("2020", "2022"), ("2021", "2023")])
def test_an_unknown_period(periods):
    scores = scored(FITTED, PANEL, units=UNITS, periods=PERIODS, head=YEARS + "fit: pooled\n")
    with pytest.raises(UsageError, match="DT396"):
        diff(scores, scores, periods=periods)


def test_nobody_in_both():
    with pytest.raises(UsageError, match="DT396"):
        diff(scored(two(), [[1, 1]], units=["x"]), scored(two(), [[1, 0]], units=["y"]))


# --- real ones, and random ones ---


def published(reference_data: Path, definition: str, file: str, old: str = "", new: str = "") -> dti.Scores:
    text = (Path(__file__).parents[1] / "conformance" / definition).read_text(encoding="utf-8")
    assert old in text
    methodology, findings = parse_methodology(text.replace(old, new), definition)
    findings.raise_errors()
    frame = pd.read_csv(reference_data / file, dtype=str, keep_default_na=False)
    if "iso3" in frame:
        frame = frame.assign(ranked=np.where(frame["iso3"].str.startswith("ZZ"), "no", "yes"))
    table = dti.read_table(frame.drop(columns="country", errors="ignore"), methodology)
    return dti.CompositeIndex(methodology).fit(table).score()


def test_the_revision_of_the_human_development_index_is_one_of_data(reference_data):
    """HDR 2021/22 and 2023/24 have one method; figures of the same years were revised."""
    reports = [published(reference_data, "hdi.yaml", f"hdi/hdr{years}.csv") for years in ("2021_22", "2023_24")]
    found = diff(*reports)
    assert found.changed == ("data",)
    assert found.units.index.names == ["unit", "period"]
    assert found.units["data"].to_numpy() == pytest.approx(found.change, abs=TOLERANCE, nan_ok=True)
    assert found.residual < TOLERANCE


def test_rounding_on_the_way_up_is_method(reference_data):
    """INFORM 2020 as published, and without the rounding of its nodes."""
    file = "inform2020/inform2020.csv"
    found = diff(
        published(reference_data, "inform.yaml", file), published(reference_data, "inform.yaml", file, "  round: 1\n")
    )
    assert found.changed == ("method",)
    assert found.units["method"].to_numpy() == pytest.approx(found.change, abs=TOLERANCE)


def test_an_edition_of_another_year_is_the_same_methodology_fitted_anew():
    """Fitted minima, maxima and entropy weights of other data: all three causes, and nothing left."""
    text = "nodes: [{id: index, weights: {method: entropy}}]\n" + FITTED.split("\n", 1)[1]
    rng = np.random.default_rng(5)
    first, second = (scored(text, rng.uniform(1, 9, (12, 2))) for _ in range(2))
    found = diff(first, second)
    assert found.changed == ("data", "weights", "method")
    assert found.residual < TOLERANCE
    frame = found.items.groupby("unit", sort=False)[CAUSES].sum()
    assert frame.to_numpy() == pytest.approx(found.units.loc[frame.index, CAUSES].to_numpy(), abs=TOLERANCE)
    assert found.summary["share"].sum() == pytest.approx(1)


MEANS = ["arithmetic", "geometric, zeros: allow", "harmonic, zeros: allow", "power, p: 2", "sum", "topsis"]


@st.composite
def editions(draw):
    """Two editions of one tree with any aggregations, weights and goalposts, and tables with gaps."""
    found = []
    for _ in range(2):
        how = [draw(st.sampled_from(MEANS)) for _ in range(2)]
        weight = {item: draw(st.sampled_from([1, 2, 5])) for item in "pabc"}
        top = {item: draw(st.sampled_from([1.0, 1.5])) for item in "abc"}
        parent = {"a": "p", "b": "p", "c": draw(st.sampled_from(["p", "index"]))}
        lines = ["defaults: {coverage: {at_least: 0}}", "nodes:"]
        lines += [f"  - {{id: index, aggregate: {{method: {how[0]}}}}}"]
        lines += [
            f"  - {{id: p, parent: index, weight: {weight['p']}, aggregate: {{method: {how[1]}}}}}",
            "indicators:",
        ]
        lines += [
            f"  - {{id: {item}, parent: {parent[item]}, weight: {weight[item]},"
            f" normalise: {{method: goalposts, worst: 0, best: {top[item]}}}}}"
            for item in "abc"
        ]
        cell = st.one_of(st.just(float("nan")), st.sampled_from([0.0, 1.0]), st.floats(0.01, 1))
        values = [draw(st.lists(cell, min_size=3, max_size=3)) for _ in range(3)]
        values.append([0.2, 0.3, 0.4])
        values.append([0.9, 0.8, 0.7])
        found.append(("\n".join(lines) + "\n", values))
    return found


@settings(max_examples=80)
@given(editions())
def test_parts_sum_to_the_change_whatever_changed(pair):
    before, after = (scored(text, values, names=("a", "b", "c")) for text, values in pair)
    found = diff(before, after)
    assert found.residual < TOLERANCE
    told = found.units["together"].to_numpy() == 0
    parts = found.units[CAUSES].sum(axis=1, skipna=False).to_numpy()
    assert parts[told] == pytest.approx(found.change[told], abs=TOLERANCE, nan_ok=True)
    items = found.items.groupby("unit", sort=False)[CAUSES].sum().to_numpy()
    assert items[told] == pytest.approx(np.nan_to_num(found.units[CAUSES].to_numpy()[told]), abs=TOLERANCE)
