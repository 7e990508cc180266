"""`estimate`: what must hold whatever the sample, what is refused, what is said instead of a NaN, and coverage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.engine.clusters import Clusters, DomainTotals, Stage
from dtindex.findings import InputError, UsageError
from dtindex.spec import parse_methodology

FIXED = "{method: goalposts, worst: 0, best: 100}"


def methodology(
    normalise: str = FIXED, survey: str = "weight: w, suppress_below: 0", more: str = ""
) -> dti.Methodology:
    text = f"""
schema_version: 1
id: toy
title: Toy
units: {{kind: firm, key: firm}}
survey: {{{survey}}}
questions:
  - {{id: size, type: single, options: [{{id: small, label: S}}, {{id: large, label: L}}, {{id: huge, label: H}}]}}
  - {{id: tools, type: multiple, options: [{{id: none, alone: true}}, {{id: cloud}}, {{id: ai}}]}}
nodes: [{{id: index}}, {{id: part, parent: index}}]
indicators:
  - {{id: x, parent: part, normalise: {normalise}}}
  - {{id: y, parent: index, normalise: {FIXED}}}
  - {{id: staff}}
classes:
  - {{id: top, when: {{id: index, at_least: 60}}}}
  - {{id: rest}}
{more}
"""
    found, findings = parse_methodology(text, "toy.yaml")
    assert found is not None, findings
    return found


def frame(rows: int = 60, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ticks = np.array(["none", "cloud", "cloud┋ai", "ai"])
    return pd.DataFrame(
        {
            "firm": [f"f{one:03d}" for one in rng.permutation(rows)],
            "x": rng.integers(5, 95, rows).astype(str),
            "y": rng.integers(5, 95, rows).astype(str),
            "staff": rng.integers(10, 900, rows).astype(str),
            "size": np.array(["small", "large"])[rng.integers(0, 2, rows)],
            "tools": ticks[rng.integers(0, 4, rows)],
            "w": [f"{one:.3f}" for one in rng.gamma(3.0, 10.0, rows)],
            "stratum": np.array(["a", "b", "c"])[np.arange(rows) % 3],
            "psu": [f"p{one}" for one in np.arange(rows) // 4],
            "pool": "500",
        }
    )


def scored(table: pd.DataFrame, **settings: str) -> dti.Scores:
    own = methodology(**settings)
    return dti.CompositeIndex(own).fit(dti.read_table(table, own)).score()


def numbers(found: dti.Estimates, *columns: str) -> np.ndarray:
    return found.frame[list(columns)].to_numpy(dtype=float, na_value=np.nan)


@pytest.fixture(scope="module")
def scores() -> dti.Scores:
    return scored(frame())


def never_a_nan(found: dti.Estimates) -> None:
    """Missing is <NA>, and a reason stands beside it."""
    for name in found.frame.columns:
        assert not any(isinstance(value, float) and value != value for value in found.frame[name].tolist()), name
    lacking = found.frame[found.frame["se"].isna()]
    assert (lacking["note"] != "").all()


# --- what must hold ---


def test_means_are_weighted_means(scores):
    weights = scores.table.weights
    found = dti.estimate(scores).frame.set_index("item")["estimate"]
    for node in ("index", "part"):
        assert found[node] == pytest.approx(np.average(scores.column(node), weights=weights), rel=1e-13)


@pytest.mark.parametrize("factor", [0.001, 7.0])
def test_scaled_weights_change_no_mean_nor_its_error(scores, factor):
    scaled = replace(scores, table=replace(scores.table, weights=scores.table.weights * factor))
    for by in (None, "size"):
        columns = ("estimate", "se", "low", "high", "deff", "df")
        np.testing.assert_allclose(
            numbers(dti.estimate(scaled, by=by), *columns), numbers(dti.estimate(scores, by=by), *columns), rtol=1e-11
        )


@pytest.mark.parametrize("replicates", [None, "jkn", "bootstrap"])
def test_the_order_of_the_rows_changes_no_bit(replicates):
    table = frame()
    asked: dict[str, Any] = {
        "by": "size",
        "design": {"strata": "stratum"},
        "replicates": replicates,
        "of": ["index", "class", "tools", "staff/y"],
    }
    first = dti.estimate(scored(table), **asked)
    other = dti.estimate(scored(table.sample(frac=1, random_state=3)), **asked)
    pd.testing.assert_frame_equal(first.frame, other.frame, check_exact=True)


def test_the_stratified_jackknife_of_a_mean_is_taylor():
    """Of a stratified mean with equal weights within strata, whose sum no replicate changes."""
    own = scored(frame().assign(w="10"))
    design = {"strata": "stratum"}
    np.testing.assert_allclose(
        numbers(dti.estimate(own, design=design, replicates="jkn"), "estimate", "se"),
        numbers(dti.estimate(own, design=design), "estimate", "se"),
        rtol=1e-11,
    )


def test_without_a_design_it_is_a_simple_random_sample():
    own = scored(frame(), survey="suppress_below: 0")
    found = dti.estimate(own, of="index")
    values = own.column("index")
    assert numbers(found, "se")[0, 0] == pytest.approx(values.std(ddof=1) / np.sqrt(60), rel=1e-13)
    assert numbers(found, "deff")[0, 0] == pytest.approx(1.0, rel=1e-12)
    assert "DT358" in found.findings.codes


def test_weights_follow_from_populations():
    """500 of each stratum, 20 drawn: 25 each."""
    own = scored(frame(), survey="suppress_below: 0")
    found = dti.estimate(own, of="x", kind="total", design={"strata": "stratum", "population": ["pool"]})
    assert numbers(found, "weighted")[0, 0] == pytest.approx(1500)
    assert found.sample["finite_population"]


def test_shares_of_classes_and_options_add_up(scores):
    classes = dti.estimate(scores, of="class").frame
    assert classes["category"].tolist() == ["top", "rest"]
    assert classes["estimate"].sum() == pytest.approx(1.0)
    weights = scores.table.weights
    expected = weights[scores.class_values["class"] == "top"].sum() / weights.sum()
    assert classes["estimate"][0] == pytest.approx(expected, rel=1e-13)
    assert ((classes["low"] > 0) & (classes["high"] < 1)).all()


def test_ticks_by_group(scores):
    found = dti.estimate(scores, of="tools", by="size").frame
    table = frame().astype({"w": float})
    for row in found[found["size"] != "huge"].itertuples():
        own = table[table["size"] == row.size]
        ticked = own["tools"].str.split("┋").map(lambda chosen, option=row.category: option in chosen)
        assert row.estimate == pytest.approx(np.average(ticked, weights=own["w"]), rel=1e-12)
        assert row.low < row.estimate < row.high


def test_a_respondent_without_a_value_stays_in_the_design():
    """The variance is that of a ratio, the row counted as zero, and not that of a smaller sample."""
    table = frame()
    table.loc[[3, 10], "staff"] = ""
    own = scored(table)
    found = dti.estimate(own, of="staff", design={"strata": "stratum"})
    order = own.sorted_rows()
    values, weights = own.measured_columns["staff"][order], own.table.weights[order]
    known = ~np.isnan(values)
    mean = np.average(values[known], weights=weights[known])
    linear = np.where(known, weights * (values - mean), 0.0) / weights[known].sum()
    strata = own.table.texts["stratum"][order]
    expected = sum(
        (n := (strata == one).sum()) / (n - 1) * ((z := linear[strata == one]) - z.mean()) @ (z - z.mean())
        for one in "abc"
    )
    assert numbers(found, "n", "estimate")[0].tolist() == pytest.approx([58, mean])
    assert numbers(found, "se")[0, 0] ** 2 == pytest.approx(expected, rel=1e-12)


def test_careless_respondents_take_no_part():
    careless = "careless: [{id: odd, method: test-rows, column: stratum, contains: [c], action: exclude}]"
    own = scored(frame(), survey=f"weight: w, suppress_below: 0, {careless}")
    found = dti.estimate(own, of="index", design={"strata": "stratum"})
    assert (found.sample["respondents"], found.sample["left_out"], found.sample["strata"]) == (40, 20, 2)


def test_calibration_meets_its_totals_in_the_estimates(scores):
    margins = {"size": {"small": 900, "large": 600}}
    for method in ("post-stratify", "rake", "linear", "multiplicative"):
        found = dti.estimate(scores, of="size", kind="total", calibrate={"method": method, "margins": margins})
        assert numbers(found, "estimate")[:2, 0] == pytest.approx([900, 600], rel=1e-9)
        assert numbers(found, "se")[:2, 0] == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("replicates", ["taylor", "jk1", "bootstrap"])
def test_post_stratified_equals_calibrated_on_the_same_cells(scores, replicates):
    margins = {"size:stratum": {f"{a}:{b}": 100.0 for a in ("small", "large") for b in "abc"}}
    found = [
        numbers(
            dti.estimate(scores, calibrate={"method": method, "margins": margins}, replicates=replicates),
            "estimate",
            "se",
        )
        for method in ("post-stratify", "linear")
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-8)


def test_the_kish_effect(scores):
    """n sum w^2 / (sum w)^2 (Kish 1965)."""
    weights = scores.table.weights
    expected = 60 * (weights**2).sum() / weights.sum() ** 2
    assert dti.estimate(scores).sample["kish"] == pytest.approx(expected, rel=1e-11)


# --- benchmarks ---


def test_a_share_against_a_benchmark():
    """33 of 100 against 52 %: t = (0.33 - 0.52) / sqrt(0.33 * 0.67 / 99) = -4.02, and far beyond one in a thousand."""
    table = frame(100).assign(w="1", tools=["cloud"] * 33 + ["none"] * 67)
    found = dti.estimate(scored(table), of="tools", benchmark={"cloud": 0.52}).frame.set_index("category")
    error = np.sqrt(0.33 * 0.67 / 99)
    row = found.loc["cloud"]
    assert (row["estimate"], row["difference"]) == (pytest.approx(0.33), pytest.approx(-0.19))
    assert row["t"] == pytest.approx(-0.19 / error, rel=1e-12)
    assert row["p"] == pytest.approx(2 * 5.75e-5, rel=0.02)  # R: 2 * pt(-4.0204, 99) = 1.14e-4
    assert row["difference_high"] == pytest.approx(-0.19 + 1.9842169 * error, rel=1e-7)  # R: qt(0.975, 99)
    assert found.loc["ai", "benchmark"] is pd.NA


def test_a_benchmark_with_its_own_error(scores):
    alone = dti.estimate(scores, of="index", benchmark=50.0).frame.loc[0]
    joint = dti.estimate(scores, of="index", benchmark=(50.0, 2.0)).frame.loc[0]
    assert joint["t"] == pytest.approx(alone["difference"] / np.hypot(alone["se"], 2.0))


# --- which method ---


def test_what_was_fitted_on_the_sample_is_bootstrapped_and_fitted_anew():
    own = scored(frame(), normalise="{method: min-max}")
    found = dti.estimate(own, of=["part", "y"], replicates=None, seed=5)
    methods = dict(zip(found.frame["item"], found.frame["method"], strict=True))
    assert methods["y"] == "Taylor"
    assert methods["part"].startswith("Rao-Wu bootstrap, 200 replicates, each fitted anew: the normalisation of x was")
    assert "DT357" in found.findings.codes
    again = dti.estimate(own, of=["part", "y"], seed=5)
    pd.testing.assert_frame_equal(found.frame, again.frame, check_exact=True)
    assert numbers(dti.estimate(own, of="part", seed=6), "se")[0, 0] != numbers(found, "se")[0, 0]
    never_a_nan(found)


def test_an_edition_scores_another_sample_with_constants():
    own = methodology("{method: min-max}")
    edition = dti.CompositeIndex(own).fit(dti.read_table(frame(), own)).freeze("toy")
    other = edition.score(dti.read_table(frame(seed=2), own))
    assert set(dti.estimate(other, of="part").frame["method"]) == {"Taylor"}


def test_a_class_relative_to_the_sample_is_fitted_anew():
    text = "  - {id: best, scheme: rank, when: {id: index, quantile: 0.9}}\n  - {id: others, scheme: rank}"
    own = scored(frame(), more=text)
    found = dti.estimate(own, of="rank").frame
    assert found["method"].str.contains("each fitted anew").all()
    plain = dti.estimate(own, of="rank", replicates="taylor").frame
    assert found["se"][0] < plain["se"][0]  # the share of the best tenth hardly moves when the tenth moves along


def test_replicates_of_the_file_and_of_the_call():
    own = scored(frame(), survey="weight: w, design: {strata: stratum, replicates: {method: jkn}}, suppress_below: 0")
    assert dti.estimate(own, of="index").frame["method"][0] == "JKn, 60 replicates"
    assert dti.estimate(own, of="index", replicates=64).frame["method"][0] == "Rao-Wu bootstrap, 64 replicates"
    assert dti.estimate(own, of="index", replicates="taylor").frame["method"][0] == "Taylor"


def test_quantiles_by_the_bootstrap(scores):
    found = dti.estimate(scores, of="index", kind="quantile", replicates=300).frame
    taylor = dti.estimate(scores, of="index", kind="quantile").frame
    assert found["estimate"].tolist() == taylor["estimate"].tolist()
    assert found["se"].tolist() == pytest.approx(taylor["se"].tolist(), rel=0.6)


# --- bad input ---


def codes(error: pytest.ExceptionInfo[Any]) -> list[str]:
    return error.value.findings.codes


@pytest.mark.parametrize(
    ("design", "code", "said"),
    [
        ({"strata": "stratumm"}, "DT350", "nearest is 'stratum'"),
        ({"population": ["nowhere"]}, "DT350", "nowhere"),
        ({"clusters": ["psu"], "strata": "stratum"}, "DT352", "nest: true"),
        ({"strata": "stratum", "population": ["staff"]}, "DT352", "not one number"),
        ({"fractions": ["pool"]}, "DT352", "a share above 0"),
        ({"strata": "firm"}, "DT353", "60 strata with a single PSU"),
    ],
)
def test_designs_that_do_not_hold(scores, design, code, said):
    with pytest.raises(InputError, match=said) as refused:
        dti.estimate(scores, design=design)
    assert code in codes(refused)


def test_a_population_smaller_than_its_sample():
    with pytest.raises(InputError, match="at least as many as were drawn"):
        dti.estimate(scored(frame().assign(pool="7")), design={"population": ["pool"]})


def test_several_remarks_on_a_design_come_at_once(scores):
    with pytest.raises(InputError) as refused:
        dti.estimate(scores, design={"strata": "nobody", "population": ["nowhere"]}, weight="nothing")
    assert codes(refused) == ["DT350"] * 3


def test_names_of_clusters_may_begin_anew_in_each_stratum(scores):
    found = dti.estimate(
        scores, of="index", design={"clusters": ["psu"], "strata": "stratum", "nest": True, "lonely": "adjust"}
    )
    assert found.sample["psus"] > 15


@pytest.mark.parametrize("lonely", ["certainty", "adjust", "average"])
def test_a_lonely_stratum_by_policy_is_noted(lonely):
    table = frame()
    table.loc[0, "stratum"] = "z"
    own = scored(table)
    with pytest.raises(InputError, match="1 stratum with a single PSU: z"):
        dti.estimate(own, design={"strata": "stratum"})
    found = dti.estimate(own, design={"strata": "stratum", "lonely": lonely})
    assert [(one.code, str(one.severity)) for one in found.findings] == [("DT353", "note")]
    never_a_nan(found)


def with_weights(weights: np.ndarray) -> dti.Scores:
    own = scored(frame())
    return replace(own, table=replace(own.table, weights=weights))


def test_weights_that_are_no_weights():
    for bad in (-1.0, np.nan):
        weights = np.ones(60)
        weights[7] = bad
        with pytest.raises(InputError) as refused:
            dti.estimate(with_weights(weights))
        assert codes(refused) == ["DT351"]
    with pytest.raises(InputError, match="all weights are zero"):
        dti.estimate(with_weights(np.zeros(60)))


def test_a_weight_of_zero_counts_in_no_estimate_and_stays_in_the_design():
    weights = np.ones(60)
    weights[0] = 0.0
    own = with_weights(weights)
    found = dti.estimate(own, of="index")
    assert [(one.code, str(one.severity)) for one in found.findings] == [("DT351", "warning")]
    assert numbers(found, "n", "estimate")[0].tolist() == pytest.approx([59, own.column("index")[1:].mean()])


def test_an_extreme_weight_is_felt_in_the_design_effect():
    weights = np.ones(60)
    weights[0] = 1e6
    found = dti.estimate(with_weights(weights), of="index")
    assert found.sample["kish"] == pytest.approx(60, rel=1e-3)
    never_a_nan(found)


def test_an_empty_group_and_a_group_of_one():
    table = frame()
    table.loc[5, "size"] = "huge"
    own = scored(table)
    found = dti.estimate(own, of=["index", "class", "tools"], by=["size", "stratum"])
    never_a_nan(found)
    notes = set(found.frame["note"])
    assert "not computable: no respondent" in notes
    assert "standard error not computable: a single respondent" in notes
    assert "DT354" in found.findings.codes


def test_a_group_within_one_psu():
    own = scored(frame())
    found = dti.estimate(own, of="index", by="psu", design={"clusters": ["psu"]})
    assert set(found.frame["note"]) == {"standard error not computable: all respondents are of one PSU"}
    never_a_nan(found)


def test_nobody_and_everybody_have_an_exact_interval():
    """Clopper and Pearson: 1 - 0.025^(1/60) for none of 60."""
    table = frame().assign(tools="cloud", w="1")
    found = dti.estimate(scored(table), of="tools").frame.set_index("category")
    assert (found.loc["ai", "estimate"], found.loc["cloud", "estimate"]) == (0.0, 1.0)
    assert found.loc["ai", "high"] == pytest.approx(1 - 0.025 ** (1 / 60))
    assert found.loc["cloud", "low"] == pytest.approx(0.025 ** (1 / 60))
    assert found.loc["ai", "note"].startswith("nobody: interval after Clopper and Pearson for 60")


def test_no_variation():
    found = dti.estimate(scored(frame().assign(staff="12")), of="staff", by="size")
    assert set(found.frame["note"]) == {"no variation: all values are the same", "not computable: no respondent"}
    assert found.frame["se"].dropna().tolist() == [0.0, 0.0]
    never_a_nan(found)


def test_a_ratio_to_nothing():
    found = dti.estimate(scored(frame().assign(staff="0")), of="y/staff")
    assert found.frame["note"][0] == "not computable: the sum to divide by is zero"
    never_a_nan(found)


def test_small_cells_are_suppressed_and_said_so():
    own = scored(frame(), survey="weight: w")
    found = dti.estimate(own, of="index", by=["size", "psu"])
    small = found.frame[(found.frame["n"] > 0) & (found.frame["n"] < 5)]
    assert len(small) > 10
    assert small["estimate"].isna().all()
    assert set(small["note"]) == {"suppressed: fewer than 5 respondents"}
    assert "DT355" in found.findings.codes
    assert dti.estimate(own, of="index", by="size", suppress_below=40).frame["estimate"].notna().sum() < 2


@pytest.mark.parametrize(
    ("calibrate", "said"),
    [
        ({"method": "post-stratify", "margins": {"size": {"small": 10}}}, "categories of 'size' without a total"),
        (
            {"method": "rake", "margins": {"size": {"small": 9, "large": 9, "huge": 2}}},
            "no respondent with a weight in huge",
        ),
        (
            {"method": "rake", "margins": {"size": {"small": 9, "large": 9}, "stratum": {"a": 1, "b": 1, "c": 1}}},
            "totals contradict each other",
        ),
        (
            {"method": "logit", "bounds": [0.99, 1.01], "margins": {"size": {"small": 9, "large": 9000}}},
            "widen `bounds`",
        ),
        ({"method": "linear", "numbers": {"nothing": 3}}, "no column 'nothing'"),
    ],
)  # fmt: skip
def test_totals_that_cannot_be_met(scores, calibrate, said):
    with pytest.raises(InputError, match=said) as refused:
        dti.estimate(scores, calibrate=calibrate)
    assert set(codes(refused)) <= {"DT356", "DT350"}


def test_negative_calibrated_weights_are_warned_of(scores):
    total = float((scores.table.weights * scores.measured_columns["staff"]).sum())
    found = dti.estimate(scores, calibrate={"method": "linear", "numbers": {"staff": total / 3}, "size": 1800})
    assert [one.code for one in found.findings.warnings] == ["DT356"]


def test_replicates_for_another_design(scores):
    for replicates, said in (("brr", "two PSUs a stratum"), ("jk1", "take `jkn`")):
        with pytest.raises(InputError, match=said) as refused:
            dti.estimate(scores, design={"strata": "stratum"}, replicates=replicates)
        assert codes(refused) == ["DT359"]


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "indx"},
        {"of": "index", "by": "sice"},
        {"kind": "median"},
        {"kind": "ratio"},
        {"of": "index", "kind": "share"},
        {"of": "tools", "kind": "mean"},
        {"quantiles": [1.5]},
        {"confidence": 1.0},
        {"suppress_below": -1},
        {"seed": -1},
        {"period": "2020"},
        {"replicates": "jackknife"},
        {"design": {"strat": "stratum"}},
        {"calibrate": {"method": "post-stratify"}},
        {"benchmark": {"nobody": 0.5}},
        {"benchmark": float("nan")},
    ],
)
def test_usage(scores, asked):
    with pytest.raises(UsageError) as refused:
        dti.estimate(scores, **asked)
    assert set(codes(refused)) <= {"DT024", "DT902"}


def test_a_missing_design_column_is_remarked_on_when_the_table_is_read():
    own = methodology(survey="weight: w, design: {strata: region}")
    table = dti.read_table(frame(), own)
    assert [one.message for one in table.findings if one.code == "DT350"]
    with pytest.raises(InputError, match="no column 'region'"):
        dti.estimate(dti.CompositeIndex(own).fit(table).score())


DESIGN = "design: {strata: stratum, clusters: [psu], nest: true, lonely: adjust}"
CALIBRATE = "calibrate: {method: rake, margins: {size: {small: 900, large: 600}}}"


def test_an_edition_keeps_the_design(tmp_path):
    own = scored(frame(), survey=f"weight: w, {DESIGN}, {CALIBRATE}, suppress_below: 0")
    index = dti.CompositeIndex(own.methodology).fit(own.table)
    edition = dti.load_edition(index.freeze("toy").save(tmp_path / "toy.dtindex"))
    again = dti.estimate(edition, by="size")
    assert again.sample["calibrated"]
    pd.testing.assert_frame_equal(again.frame, dti.estimate(own, by="size").frame, check_exact=True)


def test_the_design_is_part_of_a_methodology_and_of_no_score():
    plain, designed = methodology(), methodology(survey=f"weight: w, {DESIGN}, {CALIBRATE}, suppress_below: 0")
    assert plain.scores_hash == designed.scores_hash
    assert plain.hash != designed.hash


def test_a_sheet_keeps_the_design(tmp_path):
    from dtindex.spec import load_methodology
    from dtindex.spec.sheet import write_sheet

    own = methodology(survey=f"weight: w, {DESIGN}, {CALIBRATE}")
    write_sheet(own, tmp_path / "toy.xlsx")
    assert load_methodology(str(tmp_path / "toy.xlsx")).hash == own.hash


def test_to_dict_is_json(scores):
    import json

    found = dti.estimate(scores, of=["index", "class"], by="size", benchmark={"index": 50})
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["estimates"][0]["item"] == "index"


# --- coverage ---


def test_intervals_cover_in_95_of_100_samples():
    """2,000 stratified cluster samples from a population that is known: 95 % intervals hold 93 to 97 % of the time."""
    rng = np.random.default_rng(20240607)
    samples, strata, psus, members = 2000, 4, 12, 5
    centres = np.array([10.0, 20.0, 35.0, 50.0])
    between = rng.normal(0.0, 4.0, (samples, strata, psus, 1))
    values = centres[None, :, None, None] + between + rng.normal(0.0, 6.0, (samples, strata, psus, members))
    weights = np.repeat(np.array([1.0, 2.0, 3.0, 4.0]), psus * members)
    flat = values.reshape(samples, -1)
    truth = np.average(centres, weights=[1.0, 2.0, 3.0, 4.0])
    means = flat @ weights / weights.sum()
    linear = weights * (flat - means[:, None]) / weights.sum()
    # The samples as disjoint domains would share strata; each has strata of its own.
    units = np.arange(samples * strata * psus)
    first = Stage(np.repeat(units, members), units // psus, np.zeros(samples * strata), np.ones(samples * strata))
    domain = np.repeat(np.arange(samples), strata * psus * members)
    totals = DomainTotals(Clusters((first,)), domain, samples)
    errors = np.sqrt(totals.variances(linear.ravel()))
    reached, met = totals.degrees(np.ones(len(domain), dtype=bool))
    assert set((reached - met).tolist()) == {strata * psus - strata}
    covered = np.abs(means - truth) <= 2.0153676 * errors  # R: qt(0.975, 44)
    assert 0.93 <= covered.mean() <= 0.97


def test_logit_intervals_cover_in_95_of_100_samples():
    """2,000 simple random samples of 150 with a share of 12 %."""
    from dtindex.analysis.survey.intervals import logit_share, student

    rng = np.random.default_rng(11)
    counts = rng.binomial(150, 0.12, 2000)
    shares = counts / 150
    errors = np.sqrt(shares * (1 - shares) / 149)
    low, high = logit_share(shares, errors, student(0.95, np.array([149])))
    assert 0.93 <= ((low <= 0.12) & (high >= 0.12)).mean() <= 0.97
