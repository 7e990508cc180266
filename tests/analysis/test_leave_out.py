"""Everything left out in turn: COINr's `remove_elements`, a toy by hand, and units whose rank is lost on the way."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dtindex as dti
from dtindex.analysis.leave_out import leave_one_out
from dtindex.analysis.uncertainty.variants import Change, Workshop
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table

_SPEC = importlib.util.spec_from_file_location("asem_index", Path(__file__).parent / "uncertainty" / "asem_index.py")
assert _SPEC is not None
assert _SPEC.loader is not None
asem = sys.modules.setdefault("asem_index", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(asem)

# Means 40, 50, 60. Without a: 15, 60, 60. Without b: 55, 40, 70. Without c: 50, 50, 50.
TOY = {"x": [90, 10, 20], "y": [30, 70, 50], "z": [60, 40, 80]}
BLOCKS: dict[str, Any] = {
    "schema_version": 1,
    "id": "toy",
    "title": "toy",
    "units": {"kind": "unit", "key": "unit"},
    "defaults": {"normalise": {"method": "none"}},
    "nodes": [{"id": "index"}],
    "indicators": [{"id": item, "parent": "index"} for item in "abc"],
    "tiers": [{"node": "index", "method": "thresholds", "levels": [{"id": "high", "at_least": 55}, {"id": "low"}]}],
    "classes": [{"id": "strong", "when": {"id": "index", "at_least": 50}}, {"id": "weak"}],
}


def index_of(values: dict[str, list[float]], periods: list[str] | None = None, **blocks: Any) -> dti.CompositeIndex:
    methodology = Methodology.model_validate_json(json.dumps({**BLOCKS, **blocks}), strict=True)
    names = [item.id for item in methodology.indicators]
    units = [name.split()[0] for name in values]
    return dti.CompositeIndex(methodology).fit(Table.from_arrays(units, names, list(values.values()), periods=periods))


# --- by hand ---


@pytest.fixture(scope="module")
def toy():
    return leave_one_out(index_of(TOY))


def test_scores_and_ranks(toy):
    assert toy.scores.to_dict("list") == {
        "nominal": [40, 50, 60],
        "a": [15, 60, 60],
        "b": [55, 40, 70],
        "c": [50, 50, 50],
    }
    assert toy.ranks.to_dict("list") == {"nominal": [3, 2, 1], "a": [3, 1, 1], "b": [2, 3, 1], "c": [1, 1, 1]}
    assert toy.shifts.to_dict("list") == {"a": [0, 1, 0], "b": [1, -1, 0], "c": [2, 1, 0]}
    assert toy.scores.index.tolist() == ["x", "y", "z"]


def test_agreement(toy):
    """Tau-b of (3, 2, 1) and (3, 1, 1): 2 concordant pairs of 3, one tied on one side. Of (2, 3, 1): 2 - 1 of 3."""
    summary = toy.summary
    assert summary["tau"].tolist() == pytest.approx([2 / math.sqrt(2 * 3), 1 / 3, math.nan], nan_ok=True)
    # Deviations of ranks (1, 0, -1) against (1, -1/2, -1/2); 1 - 6 sum d^2 / (n^3 - n) with d^2 = 1 + 1.
    assert summary["rho"].tolist() == pytest.approx([1.5 / math.sqrt(2 * 1.5), 0.5, math.nan], nan_ok=True)


def test_shifts(toy):
    summary = toy.summary
    assert summary["mean_shift"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert summary["largest_shift"].tolist() == [1, 1, 2]
    assert summary["moved_most"].tolist() == ["y", "y", "x"], "of x and y, the one that the index ranks best"
    assert summary["weight"].tolist() == pytest.approx([1 / 3] * 3)
    assert summary[["units", "lost", "gained"]].to_numpy().tolist() == [[3, 0, 0]] * 3


def test_tiers_and_classes(toy):
    """From (low, low, high) to (low, high, high), (high, low, high), (low, low, low); classes likewise, from 50."""
    assert toy.summary["tiers"].tolist() == [1, 1, 1]
    assert toy.summary["classes"].tolist() == [0, 2, 1]


def test_without_tiers_and_classes_there_is_nothing_to_count():
    found = leave_one_out(index_of(TOY, tiers=[], classes=[])).summary
    assert found["tiers"].isna().all()
    assert found["classes"].isna().all()


def test_dictionary(toy):
    told = json.loads(json.dumps(toy.to_dict(), allow_nan=False))
    assert told["units"][1] == {
        "unit": "y",
        "name": "y",
        "scores": {"nominal": 50, "a": 60, "b": 40, "c": 50},
        "ranks": {"nominal": 2, "a": 1, "b": 3, "c": 1},
    }
    assert told["items"][2]["item"] == "c"
    assert told["items"][2]["tau"] is None
    assert (told["node"], told["level"], told["items"][0]["tiers"]) == ("index", "indicators", 1)
    assert repr(toy) == "<LeaveOneOut of toy: index, 3 of 3 items>"


def test_labels_in_both_languages():
    labels = [{"id": "a", "parent": "index", "label": {"en": "A", "zh": "甲"}}, *BLOCKS["indicators"][1:]]
    found = leave_one_out(index_of(TOY, indicators=labels))
    assert found.summary["label"].tolist() == ["A", "b", "c"]
    assert found.summary_in("zh")["label"].tolist() == ["甲", "b", "c"]


# --- who is compared ---


def test_ranks_of_the_same_units_on_both_sides():
    """The best unit lacks c: without a it has half of what is needed, and no rank. The others rank 2, 3, 4 nominally
    and 1, 2, 3 without a, which is no movement: COINr's sensitivity analysis would tell a shift of one for each.
    """
    values = {"best": [99, 99, math.nan], "p": [60, 80, 90], "q": [60, 60, 60], "r": [60, 20, 30]}
    found = leave_one_out(index_of(values, nodes=[{"id": "index", "coverage": {"at_least": 0.6}}], classes=[]))
    assert found.ranks["nominal"].tolist() == [1, 2, 3, 4]
    assert found.ranks["a"].isna().tolist() == [True, False, False, False]
    assert found.ranks["a"].tolist()[1:] == [1, 2, 3]
    row = found.summary.loc["a"]
    assert (row["units"], row["lost"], row["gained"], row["mean_shift"], row["tau"]) == (3, 1, 0, 0, 1)
    assert found.shifts["a"].isna().tolist() == [True, False, False, False]
    row = found.summary.loc["c"]
    assert (row["units"], row["lost"], row["gained"]) == (4, 0, 0)


def test_who_gains_a_rank_is_not_compared_either():
    values = {"gap": [math.nan, 99, 99], "p": [60, 80, 90], "q": [70, 60, 60], "r": [80, 20, 30]}
    found = leave_one_out(index_of(values, nodes=[{"id": "index", "coverage": {"at_least": 1}}], classes=[]))
    row = found.summary.loc["a"]
    assert (row["units"], row["lost"], row["gained"], row["largest_shift"]) == (3, 0, 1, 0)
    assert found.ranks["a"].tolist()[1:] == [1, 2, 3]
    assert not np.isnan(found.scores.loc["gap", "a"]), "it has a score"


def test_screening_decides_anew():
    """The share of cells that a unit must have is asked of what is left."""
    values = {"gap": [math.nan, math.nan, 90], "p": [60, 80, 95], "q": [70, 60, 60], "r": [80, 20, 30]}
    nodes = [{"id": "index", "coverage": {"at_least": 0}}]
    found = leave_one_out(index_of(values, nodes=nodes, screening={"units": {"at_least": 0.5}}, classes=[])).summary
    assert found["gained"].tolist() == [1, 1, 0]


def test_a_class_of_who_takes_part_on_one_side_only_is_not_another_class():
    values = {"gap": [math.nan, math.nan, 90], "p": [60, 80, 95], "q": [70, 60, 60], "r": [80, 20, 30]}
    nodes = [{"id": "index", "coverage": {"at_least": 0}}]
    found = leave_one_out(index_of(values, nodes=nodes, screening={"units": {"at_least": 0.5}}))
    # Means 78, 63, 43. Without a: 87, 60, 25. Without b: 77, 65, 55, so that r is strong. Without c: 70, 65, 50, too.
    assert found.summary["classes"].tolist() == [0, 1, 1]


def test_periods_are_ranked_by_themselves():
    """Tau of a panel is the mean over its periods: here that of the toy, and 1."""
    values = {**{f"{unit} 1": row for unit, row in TOY.items()}, "x 2": [9, 9, 9], "y 2": [5, 5, 5], "z 2": [1, 1, 1]}
    units = {"kind": "unit", "key": "unit", "period": "year"}
    found = leave_one_out(index_of(values, periods=["2020"] * 3 + ["2021"] * 3, units=units))
    assert found.ranks["b"].tolist() == [2, 3, 1, 1, 2, 3]
    assert found.summary["tau"].tolist() == pytest.approx([(2 / math.sqrt(6) + 1) / 2, 2 / 3, 1])
    assert found.summary["mean_shift"].tolist() == pytest.approx([1 / 6, 1 / 3, 1 / 2])
    assert found.summary["moved_most"].tolist() == ["y 2020", "y 2020", "x 2020"]
    assert json.dumps(found.to_dict())


# --- what is left out ---

DEEP: dict[str, Any] = {
    "nodes": [{"id": "index"}, {"id": "one", "parent": "index"}, {"id": "two", "parent": "index"}],
    "indicators": [
        {"id": "a", "parent": "one"},
        {"id": "b", "parent": "two"},
        {"id": "c", "parent": "two"},
    ],
}


def test_levels():
    index = index_of(TOY, **DEEP)
    assert leave_one_out(index).items == ("a", "b", "c")
    assert leave_one_out(index, level="dimensions").items == ("one", "two")
    both = leave_one_out(index, level="both")
    assert both.items == ("one", "a", "two", "b", "c")
    assert both.summary["level"].tolist() == ["node", "indicator", "node", "indicator", "indicator"]
    assert both.summary["weight"].tolist() == pytest.approx([0.5, 0.5, 0.5, 0.25, 0.25])
    assert both.scores["one"].tolist() == both.scores["a"].tolist() == [15, 60, 60]


def test_the_weight_of_a_node_whose_value_the_table_gives():
    """Its children are not there; leaving them out changes nothing, leaving it out does."""
    nodes = [*DEEP["nodes"][:2], {"id": "two", "parent": "index", "column": "two"}]
    methodology = Methodology.model_validate_json(json.dumps({**BLOCKS, **DEEP, "nodes": nodes}), strict=True)
    table = Table.from_arrays(["x", "y", "z"], ["a", "two"], [[90, 10], [30, 60], [60, 50]])
    found = leave_one_out(dti.CompositeIndex(methodology).fit(table), level="both")
    assert found.summary["weight"].tolist() == pytest.approx([0.5, 0.5, 0.5, 0.25, 0.25])
    assert found.scores["b"].tolist() == found.scores["nominal"].tolist() == [50, 45, 55]
    assert found.scores["two"].tolist() == [90, 30, 60]


def test_below_a_node():
    found = leave_one_out(index_of(TOY, **DEEP), node="two")
    assert found.items == ("b", "c")
    assert found.scores.to_dict("list") == {"nominal": [15, 60, 60], "b": [20, 50, 80], "c": [10, 70, 40]}
    assert found.summary["tiers"].isna().all(), "the index has tiers, and not this node"
    assert found.summary["weight"].tolist() == pytest.approx([0.5, 0.5]), "of this node, whose two children are b and c"


def test_what_cannot_be_left_out_is_named():
    index = index_of(TOY, **DEEP)
    found = leave_one_out(index, node="one")
    assert found.items == ("a",)
    assert list(found.ranks.columns) == ["nominal"]
    assert found.summary.loc["a", "reason"] == 'nothing would be left of "one"'
    assert found.summary.loc["a", ["units", "largest_shift"]].isna().all()
    assert found.findings.codes == ["DT391"]
    assert found.findings[0].place.name == "a"
    assert not found.findings.errors, "the others stand"
    assert found.to_dict()["items"][0]["reason"]


def test_a_case_that_needs_it():
    cases = {"method": "cases", "cases": [{"take": "a", "when": {"id": "b", "above": 50}}, {"take": "c"}]}
    found = leave_one_out(index_of(TOY, nodes=[{"id": "index", "aggregate": cases}]))
    assert list(found.variants) == []
    assert [one.place.name for one in found.findings] == ["a", "b", "c"]
    assert all("cases of" in one.message for one in found.findings)


def test_classes_that_need_it():
    classes = [{"id": "good", "scheme": "by_b", "when": {"id": "b", "at_least": 50}}, {"id": "bad", "scheme": "by_b"}]
    found = leave_one_out(index_of(TOY, classes=classes))
    assert found.summary["classes"].isna().tolist() == [False, True, False]
    assert found.findings.codes == ["DT392"]
    assert list(found.ranks.columns) == ["nominal", "a", "b", "c"]


def test_an_item_of_the_name_of_the_column():
    indicators = [{"id": item, "parent": "index"} for item in ("nominal", "b", "c")]
    found = leave_one_out(index_of(TOY, indicators=indicators))
    assert list(found.scores.columns) == ["(nominal)", "nominal", "b", "c"]


def test_an_unknown_node():
    with pytest.raises(dti.UsageError, match="no node"):
        leave_one_out(index_of(TOY), node="a")


def test_an_unknown_level():
    with pytest.raises(dti.UsageError, match="expected one of indicators, dimensions, both") as raised:
        leave_one_out(index_of(TOY), level="dims")  # type: ignore[arg-type]
    assert raised.value.findings.codes == ["DT902"]


def test_another_table():
    found = leave_one_out(index_of(TOY), Table.from_arrays(["p", "q"], ["a", "b", "c"], [[0, 50, 70], [60, 30, 30]]))
    assert found.scores.to_dict("list") == {"nominal": [40, 40], "a": [60, 30], "b": [35, 45], "c": [25, 45]}
    assert found.ranks["nominal"].tolist() == [1, 1]
    assert found.summary["tau"].isna().all(), "two units"


def test_editions():
    index = index_of(TOY)
    table = index.reference_
    whole = leave_one_out(index).scores
    assert leave_one_out(index.freeze("toy")).scores.equals(whole)
    assert leave_one_out(index.freeze("toy", include_table=False), table).scores.equals(whole)
    with pytest.raises(dti.InputError, match="give one to score"):
        leave_one_out(index.freeze("toy", include_table=False))


def test_learned_parameters_are_fitted_again():
    """Entropy weights without an indicator are those of an index that never had it."""
    rng = np.random.default_rng(5)
    rows = {f"u{k}": row for k, row in enumerate(rng.uniform(1, 100, (12, 3)).tolist())}
    node = [{"id": "index", "weights": {"method": "entropy"}}]
    found = leave_one_out(index_of(rows, nodes=node))
    without = index_of({unit: row[:2] for unit, row in rows.items()}, nodes=node, indicators=BLOCKS["indicators"][:2])
    assert found.scores["c"].tolist() == without.score().scores["index"].tolist()


def test_a_workshop_remembers():
    workshop = Workshop(index_of(TOY))
    leave_one_out(workshop)
    worked_out = workshop.distinct_leaves
    found = leave_one_out(workshop, level="both")
    assert workshop.distinct_leaves == worked_out == 3
    assert found.ranks["b"].tolist() == workshop.design(Change(exclude=("b",))).rank("index").tolist()
    with pytest.raises(ValueError, match="its own table"):
        leave_one_out(workshop, Table.from_arrays(["p"], ["a", "b", "c"], [[1, 2, 3]]))


# --- COINr ---


@pytest.fixture(scope="module")
def left_out(reference_data):
    return leave_one_out(asem.asem_index(reference_data)[0], level="both")


@pytest.mark.parametrize("level", [1, 2, 3])
def test_coinr(left_out, reference_data, level):
    """COINr 1.1.14 `remove_elements(coin, Level, dset = "Aggregated", iCode = "Index")` on ASEM: 49, 8 and 2 elements.

    It sets a weight to zero; min-max of one indicator does not depend on another, so that fitting again is the same.
    """
    read = {
        name: asem.read(reference_data, f"audit/remove_L{level}_{name}.csv")
        for name in ("Scores", "Ranks", "RankDiffs", "RankAbsDiffs")
    }
    elements = [code for code in read["Ranks"].columns if code != "Nominal"]
    assert len(elements) == {1: 49, 2: 8, 3: 2}[level]
    expected = {name: frame.loc[left_out.units, elements].to_numpy() for name, frame in read.items()}
    assert left_out.scores[elements].to_numpy() == pytest.approx(expected["Scores"], rel=1e-9)
    assert (left_out.ranks[elements].to_numpy() == expected["Ranks"]).all()
    assert (left_out.shifts[elements].to_numpy() == expected["RankDiffs"]).all()
    means = asem.read(reference_data, f"audit/remove_L{level}_MeanAbsDiff.csv", "name")["value"]
    summary = left_out.summary.loc[elements]
    assert summary["mean_shift"].to_numpy() == pytest.approx(means[elements].to_numpy(), rel=1e-9)
    assert (summary["largest_shift"].to_numpy() == expected["RankAbsDiffs"].max(axis=0)).all()


def test_coinr_agreement(left_out, reference_data):
    """Tau-b and rho of COINr's scores, by pandas."""
    scores = asem.read(reference_data, "audit/remove_L2_Scores.csv")
    for method, column in (("kendall", "tau"), ("spearman", "rho")):
        expected = scores.corr(method=method)["Nominal"].drop("Nominal")
        own = left_out.summary.loc[expected.index, column]
        assert own.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
