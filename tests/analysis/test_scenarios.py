"""Scenarios side by side: a toy by hand, ASEM by matrix arithmetic, another index, and what cannot be computed."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.scenarios import change_of, scenarios
from dtindex.analysis.uncertainty.variants import Change, Workshop
from dtindex.spec.methods import EqualWeights, Geometric, MinMax, RankNormalise, ZScore
from dtindex.spec.model import Methodology
from dtindex.spec.uncertainty import Scenario
from dtindex.tables.table import Table

_SPEC = importlib.util.spec_from_file_location("asem_index", Path(__file__).parent / "uncertainty" / "asem_index.py")
assert _SPEC is not None
assert _SPEC.loader is not None
asem = sys.modules.setdefault("asem_index", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(asem)

TOY = {"x": [90, 10], "y": [30, 60], "z": [70, 40]}
BLOCKS: dict[str, Any] = {
    "schema_version": 1,
    "id": "toy",
    "title": "toy",
    "units": {"kind": "unit", "key": "unit"},
    "defaults": {"normalise": {"method": "none"}},
    "nodes": [{"id": "index"}],
    "indicators": [{"id": "a", "parent": "index", "weight": 3}, {"id": "b", "parent": "index", "weight": 1}],
    "tiers": [{"node": "index", "method": "thresholds", "levels": [{"id": "high", "at_least": 50}, {"id": "low"}]}],
    "classes": [{"id": "strong", "when": {"id": "index", "at_least": 65}}, {"id": "weak"}],
    "uncertainty": {
        "scenarios": [
            {"id": "even", "label": {"en": "Equal weights", "zh": "等权"}, "weights": {"index": {"method": "equal"}}},
            {"id": "turned", "weights": {"index": {"a": 1, "b": 3}}},
            {"id": "product", "aggregate": {"method": "geometric", "zeros": "allow"}},
            {"id": "alone", "exclude": ["a"]},
            {"id": "open", "normalise": {"method": "z-score"}},
        ]
    },
}


def methodology_of(**blocks: Any) -> Methodology:
    return Methodology.model_validate_json(json.dumps({**BLOCKS, **blocks}), strict=True)


def table_of(values: dict[str, list[float]], names: list[str] | None = None) -> Table:
    return Table.from_arrays(list(values), names or ["a", "b"], list(values.values()))


def index_of(values: dict[str, list[float]] = TOY, **blocks: Any) -> dti.CompositeIndex:
    return dti.CompositeIndex(methodology_of(**blocks)).fit(table_of(values))


@pytest.fixture(scope="module")
def toy():
    return scenarios(index_of())


# --- by hand ---


def test_scores_side_by_side(toy):
    """3:1 gives 70, 37.5, 62.5; even 50, 45, 55; 1:3 30, 52.5, 47.5; the product is a^3/4 b^1/4."""
    scores = toy.scores
    assert list(scores.columns) == ["nominal", "even", "turned", "product", "alone", "open"]
    assert scores[["nominal", "even", "turned", "alone"]].to_dict("list") == {
        "nominal": [70, 37.5, 62.5],
        "even": [50, 45, 55],
        "turned": [30, 52.5, 47.5],
        "alone": [10, 60, 40],
    }
    product = [a**0.75 * b**0.25 for a, b in TOY.values()]
    assert scores["product"].tolist() == pytest.approx(product, rel=1e-12)


def test_ranks_and_tiers_side_by_side(toy):
    assert toy.ranks[["nominal", "even", "turned", "alone"]].to_dict("list") == {
        "nominal": [1, 3, 2],
        "even": [2, 3, 1],
        "turned": [3, 1, 2],
        "alone": [3, 1, 2],
    }
    assert toy.tiers.drop(columns="product").to_dict("list") == {
        "nominal": ["high", "low", "high"],
        "even": ["high", "low", "high"],
        "turned": ["low", "high", "low"],
        "alone": ["low", "high", "low"],
    }
    assert toy.classes["class"]["nominal"].tolist() == ["strong", "weak", "weak"]
    assert toy.classes["class"]["even"].tolist() == ["weak", "weak", "weak"]


def test_summary(toy):
    """Of three pairs, `even` turns one: tau 1/3, rho 1 - 6 (1 + 1) / 24; `turned` turns all but one: -1/3, and -1."""
    found = toy.summary.loc[["even", "turned"]]
    assert found["label"].tolist() == ["Equal weights", "turned"]
    assert found["tau"].tolist() == pytest.approx([1 / 3, -1])
    assert found["rho"].tolist() == pytest.approx([0.5, -1])
    assert found["mean_shift"].tolist() == pytest.approx([2 / 3, 4 / 3])
    assert found["largest_shift"].tolist() == [1, 2]
    assert found["moved_most"].tolist() == ["x", "x"]
    assert found["tiers"].tolist() == [0, 3]
    assert found["classes"].tolist() == [1, 1]
    assert (found["reason"] == "").all()
    assert toy.summary_in("zh").loc["even", "label"] == "等权"


def test_tiers_of_another_scale_are_not_compared(toy):
    """A threshold of 50 points says nothing of z-scores."""
    assert math.isnan(toy.summary["tiers"].astype(float)["open"])
    assert "open" not in toy.tiers.columns


def test_dictionary(toy):
    """z-scores of a and b, weighed 3:1: 0.39, -0.59, 0.20."""
    told = json.loads(json.dumps(toy.to_dict(), allow_nan=False))
    assert told["units"][0]["ranks"] == {"nominal": 1, "even": 2, "turned": 3, "product": 2, "alone": 3, "open": 1}
    assert told["units"][0]["tiers"]["turned"] == "low"
    assert [row["scenario"] for row in told["scenarios"]] == list(toy.ids)
    assert told["scenarios"][4]["tiers"] is None
    assert repr(toy) == "<Scenarios of toy: index, 5 of 5 scenarios>"


# --- what a scenario of the file means ---


def test_of_all_that_it_can_hold_for():
    methodology = methodology_of(
        nodes=[{"id": "index"}, {"id": "pair", "parent": "index"}, {"id": "one", "parent": "index"}],
        indicators=[{"id": item, "parent": node} for item, node in (("a", "pair"), ("b", "pair"), ("c", "one"))],
        uncertainty=None,
    )
    z, product = ZScore(method="z-score"), Geometric(method="geometric")
    every = change_of(Scenario(id="s", normalise=z, aggregate=product), methodology.tree)
    assert every == Change(normalise=(("a", z), ("b", z), ("c", z)), aggregate=(("index", product), ("pair", product)))
    some = Scenario(
        id="s", normalise=z, of=("c",), aggregate=product, nodes=("one",), weights={"pair": {"a": 1.0}}, exclude=("b",)
    )
    assert change_of(some, methodology.tree) == Change(
        normalise=(("c", z),), aggregate=(("one", product),), weights=(("pair", (("a", 1.0),)),), exclude=("b",)
    )
    even = EqualWeights(method="equal")
    assert change_of(Scenario(id="s", weights={"pair": even}), methodology.tree).weights == (("pair", even),)


def test_changes_by_name():
    changes = {"even": Change(weights=(("index", EqualWeights(method="equal")),)), "same": Change()}
    found = scenarios(index_of(), changes=changes)
    assert found.ids == ("even", "same")
    assert found.scores["even"].tolist() == [50, 45, 55]
    assert found.summary.loc["same", ["tau", "rho", "mean_shift", "tiers", "classes"]].tolist() == [1, 1, 0, 0, 0]
    assert found.summary.loc["same", "moved_most"] == ""


def test_without_scenarios():
    with pytest.raises(dti.UsageError, match="no scenarios"):
        scenarios(index_of(uncertainty=None))
    assert scenarios(index_of(), changes={}).ids == ()


def test_what_cannot_be_computed_is_named():
    """The others stand."""
    own = [
        {"id": "wrong", "aggregate": {"method": "geometric", "within": [1, 100]}, "normalise": {"method": "z-score"}},
        {"id": "fine", "normalise": {"method": "rank"}},
    ]
    found = scenarios(index_of(uncertainty={"scenarios": own}))
    assert list(found.ranks.columns) == ["nominal", "fine"]
    assert "its scale is open" in found.summary.loc["wrong", "reason"]
    assert found.findings.codes == ["DT391"]
    assert not found.findings.errors
    assert found.findings[0].place.name == "wrong"
    assert found.to_dict()["scenarios"][0]["reason"]


def test_a_node_that_a_scenario_leaves_out():
    nodes = [{"id": "index"}, {"id": "pair", "parent": "index"}, {"id": "one", "parent": "index"}]
    indicators = [{"id": "a", "parent": "pair"}, {"id": "b", "parent": "one"}]
    index = index_of(nodes=nodes, indicators=indicators, uncertainty={"scenarios": [{"id": "no", "exclude": ["pair"]}]})
    assert scenarios(index, node="pair").summary.loc["no", "reason"] == "pair is left out"
    assert scenarios(index).summary.loc["no", "reason"] == ""


# --- other indices ---


def test_another_index():
    """Fitted, an edition, or to be fitted on the reference of the first."""
    other = methodology_of(id="other", nodes=[{"id": "total"}], tiers=[], classes=[], uncertainty=None, indicators=[
        {"id": "a", "parent": "total"}, {"id": "b", "parent": "total"},
    ])  # fmt: skip
    fitted = dti.CompositeIndex(other).fit(table_of(TOY))
    changes = {"fitted": fitted, "edition": fitted.freeze("other"), "plain": dti.CompositeIndex(other)}
    found = scenarios(index_of(), changes=changes)
    for name in changes:
        assert found.scores[name].tolist() == [50, 45, 55]
        assert found.summary.loc[name, "tau"] == pytest.approx(1 / 3)
    assert found.summary[["tiers", "classes"]].isna().all(axis=None)


def test_another_index_of_other_rows():
    """It is brought to the units of the first: w is not asked for, and z has no rank there."""
    other = dti.CompositeIndex(methodology_of(id="other", uncertainty=None)).fit(
        table_of({"w": [80, 80], "y": [90, 90], "x": [10, 10]})
    )
    found = scenarios(index_of(), changes={"other": other})
    assert found.scores["other"].tolist()[:2] == [10, 90]
    assert math.isnan(found.scores["other"].iloc[2])
    row = found.summary.loc["other"]
    assert (row["units"], row["lost"], row["gained"], row["tiers"]) == (2, 1, 0, 2)
    assert found.ranks["other"].tolist()[:2] == [2, 1]
    assert found.classes["class"]["other"].tolist() == ["weak", "strong", None]


def test_another_index_of_nobody_here():
    other = dti.CompositeIndex(methodology_of(id="other")).fit(table_of({"v": [1, 2], "w": [3, 4]}))
    found = scenarios(index_of(), changes={"other": other})
    assert "no unit in common" in found.summary.loc["other", "reason"]


def test_a_table_for_both():
    frame = pd.DataFrame({"unit": ["x", "y"], "a": [10.0, 20.0], "b": [90.0, 20.0]})
    other = dti.CompositeIndex(methodology_of(id="other", uncertainty=None, indicators=[
        {"id": "b", "parent": "index"},
    ])).fit(table_of({"v": [1], "w": [3]}, ["b"]))  # fmt: skip
    found = scenarios(index_of(), frame, {"other": other})
    assert found.scores.to_dict("list") == {"nominal": [30, 20], "other": [90, 20]}


def test_an_edition_without_its_table():
    index = index_of()
    found = scenarios(index.freeze("toy", include_table=False), index.reference_)
    whole = scenarios(index)
    computed = ["nominal", "even", "turned", "product", "alone"]
    assert list(found.scores.columns) == computed
    assert found.scores.equals(whole.scores[computed])
    assert "without its table" in found.summary.loc["open", "reason"]


# --- ASEM ---


def composite(normalised: pd.DataFrame, meta: pd.DataFrame, mean: Any) -> pd.Series:
    """The root of the tree in ``meta``: each node ``mean(children, weights)``, level by level."""
    columns = {code: normalised[code].to_numpy() for code in normalised.columns}
    for level in sorted(set(meta["Level"]))[1:]:
        for node in meta.index[meta["Level"] == level]:
            children = [code for code in meta.index[meta["Parent"] == node] if code in columns]
            weights = meta.loc[children, "Weight"].to_numpy(dtype=float)
            columns[node] = mean(np.column_stack([columns[child] for child in children]), weights / weights.sum())
    return pd.Series(columns["Index"], index=normalised.index)


def linear(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return columns @ weights


@pytest.fixture(scope="module")
def asem_side_by_side(reference_data):
    index, meta = asem.asem_index(reference_data)
    nodes = tuple(index.methodology.tree.nodes)
    changes: dict[str, Any] = {
        "dropped": Change(exclude=("LPI", "Forest")),
        "product": Change(
            aggregate=tuple((node, Geometric(method="geometric", within=(1.0, 100.0))) for node in nodes)
        ),
        "ranks": Scenario(id="ranks", normalise=RankNormalise(method="rank")),
        "reweighted": Change(weights=(("Index", (("Conn", 0.8), ("Sust", 0.2))),)),
        "same": Scenario(id="same", normalise=MinMax(method="min-max")),
    }
    codes = meta.index[meta["Level"] == 1]
    return scenarios(Workshop(index), changes=changes), meta, codes


def expected_scores(folder: Path, meta: pd.DataFrame, codes: pd.Index) -> dict[str, pd.Series]:
    """From COINr's normalised and treated data, by pandas and matrix products alone."""
    normalised = asem.read(folder, "chain/Normalised.csv")[codes]
    treated = asem.read(folder, "chain/Treated.csv")[codes]
    mild = 1 + 0.99 * normalised
    product = composite(mild, meta, lambda columns, weights: np.exp(np.log(columns) @ weights))
    signed = treated * meta.loc[codes, "Direction"].to_numpy(dtype=float)
    reweighted = meta.copy()
    reweighted.loc[["Conn", "Sust"], "Weight"] = [0.8, 0.2]
    return {
        "nominal": composite(normalised, meta, linear),
        "dropped": composite(normalised.drop(columns=["LPI", "Forest"]), meta, linear),
        "product": (product - 1) / 0.99,
        "ranks": composite(signed.rank(method="average"), meta, linear),
        "reweighted": composite(normalised, reweighted, linear),
        "same": composite(normalised, meta, linear),
    }


def test_asem(asem_side_by_side, reference_data):
    found, meta, codes = asem_side_by_side
    expected = expected_scores(reference_data, meta, codes)
    for name in ("nominal", "dropped", "product", "reweighted", "same"):
        own = found.scores[name]
        assert own.to_numpy() == pytest.approx(expected[name][own.index].to_numpy(), rel=1e-9), name
    shifts = expected["nominal"].rank(ascending=False) - expected["dropped"].rank(ascending=False)
    row = found.summary.loc["dropped"]
    assert row["mean_shift"] == pytest.approx(shifts.abs().mean(), rel=1e-9)
    assert row["largest_shift"] == shifts.abs().max()
    assert row["tau"] == pytest.approx(expected["nominal"].corr(expected["dropped"], method="kendall"), rel=1e-9)


def test_asem_by_ranks(asem_side_by_side, reference_data):
    """Kendall's tau with the ranks of indicators in the place of their values; an affine change leaves it as it is."""
    found, meta, codes = asem_side_by_side
    expected = expected_scores(reference_data, meta, codes)
    assert found.summary.loc["ranks", "tau"] == pytest.approx(
        expected["nominal"].corr(expected["ranks"], method="kendall"), rel=1e-9
    )
    assert found.scores["ranks"].corr(expected["ranks"]) == pytest.approx(1, abs=1e-12)


def test_a_list_of_scenarios_goes_by_their_ids() -> None:
    index = dti.CompositeIndex("caict-computing-power-1.0").fit()
    one = dti.Scenario(id="without", exclude=["application"])
    assert scenarios(index, changes=[one]).ranks.equals(scenarios(index, changes={"without": one}).ranks)
