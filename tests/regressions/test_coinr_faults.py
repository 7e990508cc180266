"""Faults found by running COINr 1.1.14, each as a test that dtindex does not have it. One function a fault."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dtindex as dti
from dtindex.analysis.simulate import simulate
from dtindex.analysis.uncertainty.inputs import level_of
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

HEAD = "schema_version: 1\nid: faults\ntitle: Faults\n"
UNITS = "units: {kind: unit, key: unit}\n"


def _index(blocks: str) -> dti.Methodology:
    methodology, findings = parse_methodology(HEAD + blocks, "faults.yaml")
    findings.raise_errors()
    assert methodology is not None
    return methodology


def test_fault_2_optimised_weights_meet_their_own_targets_or_say_so() -> None:
    """`get_opt_weights` read targets in another order than weights, gave negative ones, and called no end a success."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(80, 3)) + np.outer(rng.normal(size=80), [0.2, 1.0, 2.0])
    table = Table.from_arrays([f"u{at}" for at in range(80)], "abc", values)

    def weighed(targets: str) -> dti.Scores:
        methodology = _index(
            UNITS + "scale: open\ndefaults: {normalise: {method: z-score}}\n"
            f"nodes: [{{id: index, weights: {{method: importance-matching, targets: {targets}}}}}]\n"
            "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]\n"
        )
        return dti.CompositeIndex(methodology).fit(table).score(table)

    scores = weighed("{c: 0.5, a: 0.2, b: 0.3}")
    r = {item: np.corrcoef(scores.column(item), scores.column("index"))[0, 1] ** 2 for item in "abc"}
    shares = {item: value / sum(r.values()) for item, value in r.items()}
    assert shares == pytest.approx({"a": 0.2, "b": 0.3, "c": 0.5}, abs=1e-5)
    # Out of reach: said, and no weight below zero.
    values[:, 0] = -values[:, 2]
    table = Table.from_arrays([f"u{at}" for at in range(80)], "abc", values)
    scores = weighed("{a: 0.6, b: 0.2, c: 0.2}")
    assert min(scores.effective.values()) >= 0
    assert "DT348" in scores.findings.codes


def test_fault_3_copeland_with_missing_values_in_any_order_of_rows() -> None:
    """`a_copeland` counted a pair that no indicator knows for the unit that is listed second."""
    methodology = _index(
        UNITS + "scale: [0, 10]\ndefaults: {normalise: {method: none}}\n"
        "nodes: [{id: index, aggregate: {method: copeland}, coverage: {at_least: 0}}]\n"
        "indicators: [{id: a, parent: index, weight: 1}, {id: b, parent: index, weight: 2}]\n"
    )
    nan = np.nan
    values = np.array([[5, nan], [nan, 5], [4, nan], [nan, nan], [3, 9]])

    def scored(order: list[int]) -> list[float]:
        table = Table.from_arrays([f"u{at}" for at in order], "ab", values[order])
        found = dti.CompositeIndex(methodology).fit(table).score(table).column("index")
        return [float(found[order.index(at)]) for at in range(5)]

    first = scored([0, 1, 2, 3, 4])
    # u0 beats u2 and u4; nothing compares it with u1: a tie, for neither.
    assert first[0] == 10 * (2 + 3) / 6
    assert np.isnan(first[3])
    for order in ([4, 3, 2, 1, 0], [1, 0, 3, 4, 2], [2, 4, 0, 1, 3]):
        np.testing.assert_array_equal(scored(order), first)


def test_fault_7_imputation_over_time_with_rows_in_any_order() -> None:
    """`impute_panel(cols = ...)` on rows that are not sorted by time changed 251 observed cells."""
    rng = np.random.default_rng(20250101)
    units = np.repeat([f"u{unit}" for unit in range(20)], 5)
    periods = np.tile([str(year) for year in range(2018, 2023)], 20)
    values = np.where(rng.random((100, 3)) < 0.4, np.nan, rng.normal(size=(100, 3)))
    methodology = _index(
        "units: {kind: u, key: u, period: t}\nscale: open\n"
        "defaults: {normalise: {method: none}, impute: {method: panel, fill: linear-constant}}\n"
        "nodes: [{id: index, coverage: {at_least: 0}}]\n"
        "indicators: [{id: a, parent: index, scale: open}, {id: b, parent: index, scale: open}, "
        "{id: c, parent: index, scale: open}]\n"
    )

    def scored(order: np.ndarray) -> tuple[np.ndarray, dti.Scores]:
        table = Table.from_arrays(list(units[order]), "abc", values[order], periods=list(periods[order]))
        scores = dti.CompositeIndex(methodology).fit(table).score(table)
        return np.column_stack([scores.column(item) for item in "abc"]), scores

    sorted_rows, reference = scored(np.arange(100))
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(100)
        filled, scores = scored(order)
        known = ~np.isnan(values[order])
        assert filled[known].tobytes() == values[order][known].tobytes()
        assert filled.tobytes() == sorted_rows[order].tobytes()
        # The table of sources stands in its own fixed order, each value with its keys.
        assert scores.imputed.equals(reference.imputed)


def test_fault_9_the_mean_of_a_group_without_a_value() -> None:
    """`i_mean_grp` of a group that is all missing gives NaN and no word; here the units still missing are named."""
    methodology = _index(
        "units: {kind: u, key: u, groups: [region]}\nnodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, impute: {method: group-mean, by: region}}]\n"
    )
    regions = ["west", "west", "east", "east"]
    cells = [[1.0], [2.0], [np.nan], [np.nan]]
    table = Table.from_arrays(["p", "q", "r", "s"], ["a"], cells, texts={"region": regions})
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    said = [finding for finding in scores.findings if finding.code == "DT308"]
    assert [(one.severity.value, one.place.name, one.message) for one in said] == [
        ("warning", "a", "group-mean found no value for r, s")
    ]
    assert scores.status["a"].tolist() == ["normal", "normal", "missing", "missing"]


def test_fault_9_a_constant_indicator_does_not_leave_in_silence() -> None:
    """COINr turns it into NaN and averages the rest of its group; here it stops, or the file says its score."""
    blocks = (
        "units: {{kind: u, key: u}}\nnodes: [{{id: index}}]\n"
        "indicators: [{{id: a, parent: index}}, {{id: b, parent: index{0}}}]\n"
    )
    table = Table.from_arrays(["p", "q"], ["a", "b"], [[0.0, 7.0], [1.0, 7.0]])
    with pytest.raises(dti.InputError, match="DT301") as raised:
        dti.CompositeIndex(_index(blocks.format(""))).fit(table)
    assert raised.value.findings.errors[0].place.name == "b"
    said = dti.CompositeIndex(_index(blocks.format(", constant: 50"))).fit(table).score(table)
    assert said.column("index").tolist() == [25, 75]


def test_fault_9_zero_weights_in_a_group_are_refused() -> None:
    """COINr gives NaN."""
    blocks = (
        "units: {kind: u, key: u}\nnodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, weight: 0}, {id: b, parent: index, weight: 0}]\n"
    )
    _, findings = parse_methodology(HEAD + blocks, "faults.yaml")
    assert "DT021" in findings.errors.codes


def test_fault_1_a_fraction_of_the_maximum_follows_the_direction() -> None:
    """`n_fracmax` scores a lower-is-better indicator by x / max of -x: worse scores more, or nothing is finite."""
    methodology = _index(
        "units: {kind: u, key: u}\nnodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, direction: lower, normalise: {method: fraction-of-maximum}}]\n"
    )
    table = Table.from_arrays(["p", "q", "r"], ["a"], [[10.0], [20.0], [40.0]])
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    assert scores.column("a").tolist() == [100, 50, 25]  # min / x
    zero = Table.from_arrays(["p", "q"], ["a"], [[0.0], [20.0]])
    with pytest.raises(dti.InputError, match="p a: DT304"):
        dti.CompositeIndex(methodology).fit(zero)


def test_fault_4_the_logarithm_of_the_global_innovation_index() -> None:
    """`log_GII` works out ln((max - 1) (x - min) / (max - min) + 1) and returns x."""
    methodology = _index(
        "units: {kind: u, key: u}\nnodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index, scale: open, transform: {method: gii-log}, normalise: {method: none}}]\n"
    )
    table = Table.from_arrays(["p", "q", "r"], ["a"], [[1.0], [10.0], [100.0]])
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    assert scores.column("a") == pytest.approx(np.log([1, 10, 100]), abs=1e-14)  # (99)(x - 1) / 99 + 1 = x


def test_fault_10_goalposts_follow_the_direction() -> None:
    """`n_goalposts` given directly scores every lower-is-better indicator 0."""
    blocks = (
        "units: {{kind: u, key: u}}\nnodes: [{{id: index}}]\n"
        "indicators: [{{id: a, parent: index, normalise: {{method: goalposts, worst: {0}, best: {1}}}}}]\n"
    )
    table = Table.from_arrays(["p", "q", "r"], ["a"], [[0.0], [25.0], [150.0]])
    lower = dti.CompositeIndex(_index(blocks.format(100, 0))).fit(table).score(table)
    assert lower.column("a").tolist() == [100, 75, 0]
    both = blocks.format(0, 100).replace("parent: index,", "parent: index, direction: lower,")
    _, findings = parse_methodology(HEAD + both, "faults.yaml")
    assert findings.errors.codes == ["DT025"]


def test_fault_9_a_constant_indicator_gets_no_learned_weight() -> None:
    """A constant indicator becomes NaN and leaves its group in silence; here it has weight 0, and a warning says so."""
    methodology = _index(
        "units: {kind: u, key: u}\ndefaults: {normalise: {method: min-max}}\n"
        "nodes: [{id: index, weights: {method: entropy}}]\n"
        "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index, constant: 50}]\n"
    )
    table = Table.from_arrays(["p", "q", "r"], "abc", np.array([[1.0, 5, 7], [2, 3, 7], [4, 1, 7]]))
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    assert scores.effective["c"] == 0
    assert ("DT341", "c") in [(finding.code, finding.place.name) for finding in scores.findings.warnings]
    assert not np.isnan(scores.column("index")).any()


def test_fault_11_signs_of_principal_component_weights() -> None:
    """Loadings of either sign were used as weights as they came; here the sign has a rule, and none is negative."""
    methodology = _index(
        "units: {kind: u, key: u}\ndefaults: {normalise: {method: min-max}}\n"
        "nodes: [{id: index, weights: {method: pca}}]\n"
        "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}, {id: d, parent: index}]\n"
    )
    common = np.arange(12.0)
    noise = np.random.default_rng(11).normal(size=(12, 4))
    values = np.column_stack([common, common, common, -common]) + noise
    for sign in (1, -1):  # which way the eigenvector comes out of the library makes no difference
        table = Table.from_arrays([f"u{k}" for k in range(12)], "abcd", sign * values)
        scores = dti.CompositeIndex(methodology).fit(table).score(table)
        assert min(scores.effective.values()) == scores.effective["d"] == 0
        assert min(scores.effective[item] for item in "abc") > 0.3
        assert [finding.place.name for finding in scores.findings if finding.code == "DT342"] == ["d"]


def test_fault_11_strongly_negative_pairs_are_flagged() -> None:
    """`get_corr_flags("high")` compares r, not its size, with the threshold: a pair at -0.99 passes without a word."""
    base = np.arange(20.0)
    wave = np.sin(base)
    values = np.column_stack([base + wave, -base + wave, base - wave])
    methodology = _index(
        "units: {kind: u, key: u}\nscale: open\ndefaults: {normalise: {method: none}}\nnodes: [{id: index}]\n"
        "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]\n"
    )
    table = Table.from_arrays([f"u{row}" for row in range(20)], "abc", values)
    flags = dti.validity(dti.CompositeIndex(methodology).fit(table)).flags
    pairs = flags[(flags["relation"] == "siblings") & (flags["statistic"] == "pearson")]
    assert {(row.first, row.second): row.flag for row in pairs.itertuples()} == {
        ("a", "b"): "strongly negative",
        ("a", "c"): "high",
        ("b", "c"): "strongly negative",
    }


def test_fault_4_a_generalised_mean_leaves_out_what_is_missing() -> None:
    """COINr's `a_genmean` gives NA as soon as one value is missing, against its own documentation."""
    methodology, _ = parse_methodology(
        HEAD + UNITS + "defaults: {normalise: {method: none}}\n"
        "nodes: [{id: index, aggregate: {method: power, p: 2, zeros: allow}}]\n"
        "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]\n",
        "x.yaml",
    )
    assert methodology is not None
    table = Table.from_arrays(["u"], ["a", "b", "c"], [[30.0, 40.0, np.nan]])
    scores = dti.CompositeIndex(methodology).fit(table).score(table)
    assert scores.column("index")[0] == pytest.approx((0.5 * 30**2 + 0.5 * 40**2) ** 0.5, rel=1e-12)


def test_fault_12_a_step_that_stands_twice_is_an_error() -> None:
    """COINr runs two normalisations and replays only the last; here the second one is refused where it stands."""
    _, findings = parse_methodology(
        HEAD + UNITS + "nodes: [{id: index}]\nindicators:\n  - id: a\n    parent: index\n"
        "    normalise: {method: z-score}\n    normalise: {method: min-max}\n",
        "x.yaml",
    )
    assert [one.code for one in findings.errors] == ["DT002"]


# --- uncertainty ---

UNCERTAIN = (
    "units: {kind: u, key: u}\nnodes: [{id: index}]\n"
    "indicators: [{id: a, parent: index, scale: open, normalise: {method: z-score}}, "
    "{id: b, parent: index, scale: open, normalise: {method: z-score}}]\n"
)


def _factor(**block: object) -> Factor:
    return Factor.model_validate_json(json.dumps(block))


def test_fault_5_runs_that_fail_are_counted_and_spoil_nothing() -> None:
    """Failed runs stay as columns of NA without a count, and sensitivity is NaN if there is one.

    A geometric mean of z-scores has no value for who is below the mean.
    """
    table = Table.from_arrays([f"u{row}" for row in range(9)], "ab", np.random.default_rng(1).normal(size=(9, 2)))
    index = dti.CompositeIndex(_index(UNCERTAIN)).fit(table)
    means = [{"method": "arithmetic"}, {"method": "geometric", "zeros": "allow"}]
    found = simulate(index, factors=[_factor(id="mean", aggregate=means), _factor(id="w", box=0.5)], runs=600, seed=42)
    assert found.runs + sum(found.failed.values()) == 600
    assert found.runs == pytest.approx(300, abs=5)
    assert len([one for one in found.findings if one.code == "DT381"]) == 1
    assert found.rank_probabilities.to_numpy().sum(axis=1) == pytest.approx(1)
    for frame in (found.rank_intervals, found.score_intervals):
        assert not frame.drop(columns="name").isna().any(axis=None)


def test_fault_6_alternatives_do_not_hang_on_the_range_of_the_sample() -> None:
    """`cut()` over what was drawn gives both alternatives of draws between .40 and .42; the law gives the first."""
    assert level_of(np.array([0.40, 0.41, 0.42]), 2).tolist() == [0, 0, 0]
    assert level_of(np.array([0.97, 0.98, 0.99]), 3).tolist() == [2, 2, 2]
    # Of any number of runs, which alternative a run has does not change with how many there are.
    index = dti.CompositeIndex(_index(UNCERTAIN)).fit(
        Table.from_arrays(["p", "q", "r"], "ab", [[1.0, 5.0], [4.0, 2.0], [3.0, 9.0]])
    )
    chosen = [
        _factor(id="norm", normalise=[{"method": "z-score"}, {"method": "none"}], of=["a"]),
        _factor(id="w", box=0.5),
    ]
    whole = simulate(index, factors=chosen, runs=64, seed=3)._tally.sample
    for runs in (1, 2, 3, 10):
        assert simulate(index, factors=chosen, runs=runs, seed=3)._tally.sample == pytest.approx(
            whole[:runs], rel=1e-12
        )


def test_fault_8_ranks_of_all_runs_are_out_of_the_same_units() -> None:
    """Across a threshold of screening COINr holds ranks out of 31 against ranks out of 51.

    Without `b` the unit q has too little, and is screened out: such a variant is no run, and says who was lost.
    """
    methodology = _index(
        "units: {kind: u, key: u}\nscreening: {units: {at_least: 0.6}}\n"
        "nodes: [{id: index, coverage: {at_least: 0}}]\n"
        "indicators: [{id: a, parent: index}, {id: b, parent: index}, {id: c, parent: index}]\n"
    )
    cells = [[1.0, 2.0, 3.0], [np.nan, 5.0, 8.0], [4.0, 1.0, 1.0], [2.0, 7.0, 4.0]]
    index = dti.CompositeIndex(methodology).fit(Table.from_arrays(["p", "q", "r", "s"], "abc", cells))
    found = simulate(index, factors=[_factor(id="out", exclude=["b"]), _factor(id="w", box=0.4)], runs=256, seed=1)
    assert found.units.tolist() == ["p", "q", "r", "s"]
    (reason,) = found.failed
    assert "q screened out" in reason
    assert (found.runs, found.failed[reason]) == (128, 128)
    assert found.rank_probabilities.to_numpy().sum(axis=0) == pytest.approx(1)
