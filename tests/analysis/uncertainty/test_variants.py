"""Variants: the same bits as fitting the changed methodology from scratch, each step worked out once."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dtindex as dti
from dtindex.analysis.uncertainty.variants import UNCHANGED, Change, Design, Failure, Workshop, varied
from dtindex.spec.methods import (
    Arithmetic,
    Case,
    Cases,
    CriticWeights,
    EntropyWeights,
    EqualWeights,
    Geometric,
    Goalposts,
    Harmonic,
    ImputeGroupMean,
    ImputeGroupMedian,
    ImputeNone,
    ImputePanel,
    ImputeRowMean,
    ImputeRowMedian,
    MinMax,
    PcaWeights,
    Percentile,
    RankNormalise,
    SumAggregate,
    Topsis,
    TreatNone,
    Tukey,
    Winsorise,
    ZScore,
)
from dtindex.spec.model import Methodology
from dtindex.tables.table import Table

UNITS = {"kind": "unit", "key": "unit", "groups": ["region"], "ranked": "ranked"}
HEAD = {"schema_version": 1, "id": "test", "title": "test", "units": UNITS}
# Learned weights of two kinds, judgements, a cap, a choice, a node of which the table may have the value, tiers and
# classes; screening by nodes.
LEARNED: dict[str, Any] = {
    **HEAD,
    "defaults": {"impute": {"method": "row-mean"}, "coverage": {"at_least": 0.3}},
    "screening": {"units": {"at_least": 0.5}, "nodes": {"c": {"at_least": 0.4}}},
    "nodes": [
        {
            "id": "index",
            "weights": {"method": "ahp", "order": ["a", "b", "c"], "judgements": [["1/2", 3], [4]]},
        },
        {"id": "a", "parent": "index", "weights": {"method": "entropy", "at_most": {"a1": 0.4}}},
        {"id": "b", "parent": "index", "weights": {"method": "critic"}, "column": "b"},
        {"id": "c", "parent": "index", "aggregate": {"method": "geometric", "within": [1, 100]}},
        {
            "id": "choice",
            "parent": "c",
            "aggregate": {
                "method": "cases",
                "cases": [{"take": "c1", "when": {"id": "c2", "above": 50}}, {"take": "c3"}],
            },
        },
    ],
    "indicators": [
        {"id": "a1", "parent": "a"},
        {"id": "a2", "parent": "a", "impute": {"method": "group-mean", "by": "region"}},
        {"id": "a3", "parent": "a", "treat": {"method": "winsorise", "low": 0.1, "high": 0.1}},
        {"id": "a4", "parent": "a", "derive": {"method": "difference", "of": "a1", "minus": "a3"}},
        {"id": "b1", "parent": "b", "impute": {"method": "row-median", "of": "index"}},
        {"id": "b2", "parent": "b", "direction": "lower"},
        {"id": "c1", "parent": "choice"},
        {"id": "c2", "parent": "choice"},
        {"id": "c3", "parent": "choice"},
        {"id": "c4", "parent": "c", "normalise": {"method": "goalposts", "worst": -90, "best": 95}},
        {"id": "measured"},
    ],
    "tiers": [{"node": "index", "method": "thresholds", "levels": [{"id": "high", "at_least": 55}, {"id": "low"}]}],
    "classes": [
        {"id": "strong", "when": {"id": "index", "quantile": 0.6}},
        {"id": "rest"},
        {"id": "good", "scheme": "by_a1", "when": {"id": "a1", "at_least": 50}},
        {"id": "bad", "scheme": "by_a1"},
    ],
}
# A panel, each period with goalposts of its own, gaps filled over time; a sum of weights found over leaves above it.
PANEL: dict[str, Any] = {
    **HEAD,
    "units": {**UNITS, "period": "year"},
    "fit": "each_period",
    "defaults": {"impute": {"method": "panel", "fill": "linear-constant"}},
    "nodes": [
        {
            "id": "index",
            "aggregate": {"method": "arithmetic", "over": "leaves"},
            "weights": {"method": "inverse-sd"},
            "coverage": {"at_least": 0.5},
        },
        {"id": "a", "parent": "index", "aggregate": {"method": "sum"}},
        {"id": "b", "parent": "index", "aggregate": {"method": "sum"}},
    ],
    "indicators": [
        {"id": "a1", "parent": "a"},
        {"id": "a2", "parent": "a", "fit": "pooled"},
        {"id": "a3", "parent": "a", "impute": {"method": "none"}},
        {"id": "b1", "parent": "b"},
        {"id": "b2", "parent": "b", "direction": "lower"},
    ],
}
# Everything is given: an edition needs no table to be varied.
GIVEN: dict[str, Any] = {
    **HEAD,
    "nodes": [
        {"id": "index"},
        {"id": "a", "parent": "index", "weight": 2},
        {"id": "b", "parent": "index", "weight": 1, "aggregate": {"method": "sum"}},
    ],
    "indicators": [
        {"id": "a1", "parent": "a", "weight": 1},
        {"id": "a2", "parent": "a", "weight": 3},
        {"id": "b1", "parent": "b"},
        {"id": "b2", "parent": "b", "direction": "lower"},
    ],
}
KINDS = {"learned": LEARNED, "panel": PANEL, "given": GIVEN}


def methodology_of(blocks: dict[str, Any]) -> Methodology:
    return Methodology.model_validate_json(json.dumps(blocks), strict=True)


def table_of(methodology: Methodology, rows: int, seed: int) -> Table:
    """Values from -100 to 100, gaps, a total, units that may not be ranked; values of a node that has a column."""
    rng = np.random.default_rng(seed)
    names = [item.id for item in methodology.indicators if item.derive is None]
    names += [node.id for node in methodology.nodes if node.column is not None]
    values = np.round(rng.uniform(-100, 100, (rows, len(names))), 2)
    values[rng.random(values.shape) < 0.15] = np.nan
    columns = {
        "region": rng.choice(["east", "west"], rows).tolist(),
        "ranked": np.where(rng.random(rows) < 0.1, "no", "yes").tolist(),
    }
    for name in ("b",):
        if name in names:
            column = values[:, names.index(name)]
            column[:] = np.where(rng.random(rows) < 0.3, np.abs(column), np.nan)
    panel = methodology.units.period is not None
    units = [f"u{row // 3 if panel else row:03d}" for row in range(rows)]
    periods = [str(2020 + row % 3) for row in range(rows)] if panel else None
    table = Table.from_arrays(units, names, values, periods=periods, texts=columns)
    totals = np.zeros(rows, dtype=bool)
    totals[-1] = True
    return replace(table, totals=totals)


NORMALISE = [
    MinMax(method="min-max"),
    ZScore(method="z-score"),
    RankNormalise(method="rank"),
    Goalposts(method="goalposts", worst=Percentile(percentile=10), best=Percentile(percentile=90)),
]
TREAT = [TreatNone(method="none"), Winsorise(method="winsorise", low=0.05, high=0.2), Tukey(method="tukey", k=0.5)]
IMPUTE = [
    ImputeNone(method="none"),
    ImputeGroupMean(method="group-mean"),
    ImputeGroupMedian(method="group-median", by="region"),
    ImputeRowMean(method="row-mean"),
    ImputeRowMedian(method="row-median", of="index"),
    ImputePanel(method="panel", fill="last"),
]
AGGREGATE = [
    Arithmetic(method="arithmetic"),
    Geometric(method="geometric", within=(1.0, 100.0)),
    Harmonic(method="harmonic", over="leaves", within=(1.0, 100.0)),
    SumAggregate(method="sum"),
    Topsis(method="topsis"),
]
WEIGHTS = [
    EqualWeights(method="equal"),
    EntropyWeights(method="entropy"),
    CriticWeights(method="critic", at_most={"a1": 0.3}),
    PcaWeights(method="pca"),
]


@st.composite
def changes(draw: st.DrawFn, blocks: dict[str, Any]) -> Change:
    """Any combination of steps, weights and items left out."""
    tree = methodology_of(blocks).tree
    nodes = [node for node in tree.nodes if tree.children[node]]

    def some(items: Any, specs: Any) -> tuple[tuple[str, Any], ...]:
        found = draw(st.dictionaries(st.sampled_from(list(items)), st.sampled_from(specs), max_size=3))
        return tuple(found.items())

    numbers = {
        node: tuple((child, draw(st.sampled_from([0.0, 0.5, 1.0, 4.0]))) for child in tree.children[node])
        for node in draw(st.sets(st.sampled_from(nodes), max_size=1))
    }
    weights = {**dict(some(nodes, WEIGHTS)), **numbers}
    exclude = draw(st.lists(st.sampled_from([*tree.scored, *nodes]), unique=True, max_size=2))
    return Change(
        normalise=some(tree.scored, NORMALISE),
        treat=some(tree.scored, TREAT),
        impute=some(tree.scored, IMPUTE),
        aggregate=some(nodes, AGGREGATE),
        weights=tuple(weights.items()),
        exclude=tuple(exclude),
    )


def assert_same(design: Design | Failure, methodology: Methodology, change: Change, fitted: Table, table: Table) -> str:
    """As the change made to the methodology, fitted and scored from scratch: to the bit, or for the same reasons."""
    if isinstance(design, Failure):
        with pytest.raises(dti.InputError) as error:
            dti.CompositeIndex(varied(methodology, change)).fit(fitted).score(table)
        assert set(design.findings.errors.codes) == set(error.value.findings.errors.codes)
        assert design.reason
        return "failure"
    whole = dti.CompositeIndex(varied(methodology, change)).fit(fitted).score(table)
    assert design.items == whole.items
    assert design.values.tobytes() == whole.values.tobytes()
    assert (design.ranked == whole.ranked).all()
    for item in design.items:
        assert (design.scores(item).tobytes(), design.rank(item).tobytes()) == (
            whole.column(item).tobytes(),
            whole.rank(item).tobytes(),
        )
        assert design.parts[item].values.tobytes() == whole.column(item)[design.units].tobytes()
    result = design.result
    assert result.flags.tobytes() == whole.flags.tobytes()
    assert result.node_coverage.tobytes() == whole.node_coverage.tobytes()
    assert (result.weights, result.effective, result.widths) == (whole.weights, whole.effective, whole.widths)
    for own, expected in ((result.class_values, whole.class_values), (result.tier_values, whole.tier_values)):
        assert {name: column.tolist() for name, column in own.items()} == {
            name: column.tolist() for name, column in expected.items()
        }
    return "design"


@pytest.fixture(scope="module", params=list(KINDS))
def shop(request: pytest.FixtureRequest) -> tuple[str, Workshop, Workshop, Table, Table]:
    """A small index over its own table and over another, each with a workshop that lives through all tests."""
    methodology = methodology_of(KINDS[request.param])
    fitted, other = table_of(methodology, 60, 1), table_of(methodology, 24, 2)
    index = dti.CompositeIndex(methodology).fit(fitted)
    return request.param, Workshop(index), Workshop(index, other), fitted, other


@settings(max_examples=40)
@given(data=st.data())
def test_the_same_bits_as_from_scratch(shop, data):
    """The oracle is the whole chain, which knows nothing of variants; the workshop remembers all earlier examples."""
    kind, own, others, fitted, other = shop
    change = data.draw(changes(KINDS[kind]))
    assert_same(own.design(change), own.methodology, change, fitted, fitted)
    assert_same(others.design(change), own.methodology, change, fitted, other)


def test_the_small_indices_can_be_varied(shop):
    """That the property above compares scores, and not refusals with refusals."""
    kind, own, _, fitted, _ = shop
    tree = own.methodology.tree
    found = {"design": 0, "failure": 0}
    first, second = tree.scored[:2]
    alone = [Change(normalise=((first, spec),)) for spec in NORMALISE]
    alone += [Change(impute=((second, spec),)) for spec in IMPUTE]
    alone += [Change(treat=((first, spec),)) for spec in TREAT]
    alone += [Change(aggregate=((node, spec),)) for node in tree.nodes for spec in AGGREGATE]
    alone += [Change(weights=((node, spec),)) for node in tree.nodes for spec in WEIGHTS]
    alone += [Change(exclude=(item,)) for item in (*tree.scored, *tree.nodes)]
    for change in alone:
        found[assert_same(own.design(change), own.methodology, change, fitted, fitted)] += 1
    assert found["design"] >= 0.6 * len(alone), (kind, found)


def shipped(name: str) -> tuple[dti.CompositeIndex, Table]:
    """A shipped index, fitted: on its own data, made-up answers to its questions, or made-up figures."""
    methodology = dti.load_methodology(name)
    if methodology.data_ is not None:
        table = methodology.data()
    elif methodology.questions:
        table = dti.read_table(dti.sample(methodology, 40, seed=1).frame, methodology)
    else:
        names = [item.id for item in methodology.indicators if item.derive is None]
        values = np.random.default_rng(1).uniform(1, 100, (31, len(names)))
        table = Table.from_arrays([f"u{row:02d}" for row in range(31)], names, values)
    assume = {"accenture-reinvention-2023": "instrument-v1", "caict-computing-power-2.0": "equal"}.get(name)
    return dti.CompositeIndex(methodology, assume=assume).fit(table), table


@pytest.mark.parametrize("name", dti.shipped_methodologies())
def test_shipped_indices(name):
    index, table = shipped(name)
    workshop = Workshop(index)
    own = workshop.methodology
    assert assert_same(workshop.design(), own, UNCHANGED, table, table) == "design"
    for item in (*own.tree.children[own.tree.roots[0]], *own.tree.scored[:3]):
        change = Change(exclude=(item,))
        assert_same(workshop.design(change), own, change, table, table)
    bend = Change(aggregate=tuple((node, AGGREGATE[1]) for node in own.tree.nodes if own.tree.children[node]))
    assert_same(workshop.design(bend), own, bend, table, table)


# --- what a change does ---


def test_of_the_item_before_the_file_s_default():
    methodology = methodology_of({**GIVEN, "defaults": {"normalise": {"method": "rank"}}})
    found = varied(methodology, Change(normalise=(("a1", NORMALISE[0]),)))
    assert found.tree.indicators["a1"].normalise == NORMALISE[0]
    assert found.tree.indicators["a2"].normalise.method == "rank"
    assert methodology.tree.indicators["a1"].normalise.method == "rank"


def test_left_out_an_indicator_stays_measured():
    methodology = methodology_of(LEARNED)
    found = varied(methodology, Change(exclude=("a1",)))
    assert "a1" not in found.tree.scored
    assert found.tree.indicators["a1"].spec.parent is None
    assert found.tree.nodes["a"].weights.at_most == {}
    assert "a4" in found.tree.scored, "derived from what is left out"


def test_left_out_an_indicator_has_no_published_score():
    """Its raw value would be held against it."""
    blocks = json.loads(json.dumps(GIVEN))
    blocks["indicators"][0]["published"] = "score of a1"
    found = varied(methodology_of(blocks), Change(exclude=("a1",)))
    assert found.tree.items["a1"].published is None
    assert varied(methodology_of(blocks), UNCHANGED).tree.items["a1"].published == "score of a1"


def test_a_node_goes_with_what_is_below_it_and_without_children():
    methodology = methodology_of(LEARNED)
    assert set(varied(methodology, Change(exclude=("c",))).tree.nodes) == {"index", "a", "b"}
    assert set(varied(methodology, Change(exclude=("b1", "b2"))).tree.nodes) == set(methodology.tree.nodes), "a column"
    assert set(varied(methodology, Change(exclude=("a1", "a2", "a3", "a4"))).tree.nodes) == {
        "index",
        "b",
        "c",
        "choice",
    }


def test_judgements_on_what_stays_stand():
    """b against c is 4, whatever stood beside it: of a consistent pair the weights are 4/5 and 1/5."""
    methodology = methodology_of(LEARNED)
    design = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 40, 3))).design(Change(exclude=("a",)))
    assert isinstance(design, Design)
    assert design.parameters.weights["index"] == pytest.approx([0.8, 0.2], rel=1e-12)


def test_points_on_what_stays_are_shares_of_them():
    """Two experts give b and c 30:10 and 10:10; the mean of 3/4 and 1/2 is 5/8."""
    experts = [{"name": "x", "points": [60, 30, 10]}, {"name": "y", "points": [80, 10, 10]}]
    blocks = json.loads(json.dumps(LEARNED))
    blocks["nodes"][0]["weights"] = {"method": "budget", "order": ["a", "b", "c"], "experts": experts}
    methodology = methodology_of(blocks)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 40, 3)))
    design = workshop.design(Change(exclude=("a",)))
    assert isinstance(design, Design)
    assert design.parameters.weights["index"] == pytest.approx([0.625, 0.375], rel=1e-12)


def test_one_that_is_left_has_all_the_weight():
    methodology = methodology_of(LEARNED)
    design = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 40, 3))).design(
        Change(exclude=("a", "b"))
    )
    assert isinstance(design, Design)
    assert (design.scores("index")[design.units] == design.scores("c")[design.units]).sum() > 10


def test_a_child_that_is_not_named_has_no_weight():
    methodology = methodology_of(GIVEN)
    design = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 20, 3))).design(
        Change(weights=(("index", (("b", 5.0),)),))
    )
    assert isinstance(design, Design)
    assert design.effective_weights() == pytest.approx({"a1": 0, "a2": 0, "b1": 0.5, "b2": 0.5})


def test_changes_add_up():
    first = Change(normalise=(("a1", NORMALISE[0]), ("a2", NORMALISE[0])), exclude=("b1",))
    second = Change(normalise=(("a2", NORMALISE[1]),), exclude=("b1", "b2"), weights=(("a", WEIGHTS[2]),))
    both = first + second
    assert both.normalise == (("a1", NORMALISE[0]), ("a2", NORMALISE[1]))
    assert (both.exclude, both.weights) == (("b1", "b2"), second.weights)
    assert not UNCHANGED
    assert both
    assert hash(second) == hash(Change(**{name: getattr(second, name) for name in second.__slots__}))
    assert {first: 1}[Change(normalise=first.normalise, exclude=("b1",))] == 1


# --- what cannot be ---


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Change(exclude=("index",)), "is a root"),
        (Change(exclude=("nowhere",)), "no node or indicator has this id"),
        (Change(exclude=("measured",)), "not a node or a scored indicator"),
        (Change(exclude=("a", "b", "c")), "nothing would be left"),
        (Change(exclude=("c1",)), "the cases of"),
        (Change(exclude=("c2",)), "the cases of"),
        (Change(normalise=(("a", NORMALISE[0]),)), "not a scored indicator"),
        (Change(aggregate=(("a1", AGGREGATE[0]),)), "not a node"),
        (Change(weights=(("a", (("b1", 1.0),)),)), "no child of it"),
        (Change(weights=(("a", (("a1", 0.0),)),)), "are zero"),
        (Change(weights=(("a", (("a1", -1.0), ("a2", 1.0))),)), "zero or more"),
        (Change(impute=(("a1", ImputeRowMean(method="row-mean", of="b")),), exclude=("b",)), "imputed from"),
        (Change(aggregate=(("a", Cases(method="cases", cases=(Case(take="b1"),))),)), "not a child"),
        (Change(normalise=(("c4", NORMALISE[1]),)), "its scale is open"),
        (Change(aggregate=(("a", Geometric(method="geometric")),)), "some unit is sure to have 0"),
    ],
)
def test_refused(change, what):
    methodology = methodology_of(LEARNED)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 30, 3)))
    failure = workshop.design(change)
    assert isinstance(failure, Failure)
    assert failure.findings.codes[0] == "DT391"
    assert what in failure.reason
    with pytest.raises(dti.InputError, match=what):
        varied(methodology, change)


def test_what_fitting_stops_at_is_the_reason():
    """All but one of six values are equal: winsorised they are all equal."""
    methodology = methodology_of({**GIVEN, "units": {"kind": "unit", "key": "unit"}})
    values = [[1, k, k, k] for k in range(5)] + [[2, 9, 9, 9]]
    table = Table.from_arrays(list("abcdef"), ["a1", "a2", "b1", "b2"], values)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table))
    failure = workshop.design(Change(treat=(("a1", Winsorise(method="winsorise", low=0.2, high=0.2)),)))
    assert isinstance(failure, Failure)
    assert failure.findings.errors.codes == ["DT301"]
    assert failure.reason.startswith("a1: ")


def test_classes_that_ask_for_what_is_gone_stay_behind():
    methodology = methodology_of(LEARNED)
    design = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 30, 3))).design(Change(exclude=("a1",)))
    assert isinstance(design, Design)
    assert design.findings.codes.count("DT392") == 1
    assert list(design.result.classes.columns) == ["class"]


def test_not_fitted():
    with pytest.raises(dti.UsageError, match="not fitted"):
        Workshop(dti.CompositeIndex(methodology_of(GIVEN)))


# --- editions ---


def edition_of(blocks: dict[str, Any], table: bool) -> tuple[dti.Edition, Table]:
    methodology = methodology_of(blocks)
    fitted = table_of(methodology, 40, 1)
    return dti.CompositeIndex(methodology).fit(fitted).freeze("test", include_table=table), fitted


def test_an_edition_with_its_table_is_fitted_again(tmp_path):
    edition, fitted = edition_of(LEARNED, True)
    edition = dti.load_edition(edition.save(tmp_path / "test.dtx"))
    own = Workshop(edition)
    for change in (UNCHANGED, Change(exclude=("a1",)), Change(weights=(("b", WEIGHTS[3]),))):
        found = own.design(change)
        assert assert_same(found, edition.methodology, change, fitted, fitted) == "design"


@pytest.mark.parametrize("blocks", [LEARNED, PANEL, GIVEN], ids=list(KINDS))
def test_an_edition_without_its_table_as_it_is(blocks):
    edition, fitted = edition_of(blocks, False)
    design = Workshop(edition, fitted).design()
    assert isinstance(design, Design), design.reason
    assert design.values.tobytes() == edition.score(fitted).values.tobytes()
    assert design.result.tiers.equals(edition.score(fitted).tiers)


@pytest.mark.parametrize(
    "change",
    [
        Change(weights=(("a", (("a1", 1.0), ("a2", 5.0))),)),
        Change(weights=(("index", EqualWeights(method="equal")),)),
        Change(aggregate=(("index", AGGREGATE[1]), ("a", AGGREGATE[2]))),
        Change(exclude=("a1",)),
        Change(exclude=("b",)),
    ],
)
def test_an_edition_without_its_table_where_nothing_is_learned_of_scores(change):
    """The parameters of indicators do not depend on weights and means: frozen or fitted again they are the same."""
    with_table, _ = edition_of(GIVEN, True)
    without, _ = edition_of(GIVEN, False)
    other = table_of(with_table.methodology, 15, 9)
    frozen, again = Workshop(without, other).design(change), Workshop(with_table, other).design(change)
    assert isinstance(frozen, Design), frozen.reason
    assert isinstance(again, Design)
    assert frozen.values.tobytes() == again.values.tobytes()


@pytest.mark.parametrize(
    ("change", "computed"),
    [
        (Change(normalise=(("a2", NORMALISE[3]),)), False),
        (Change(treat=(("a2", TREAT[1]),)), False),
        (Change(weights=(("index", EntropyWeights(method="entropy")),)), False),
        (Change(aggregate=(("index", Topsis(method="topsis")),)), False),
        (Change(exclude=("a2",)), False),  # the entropy of its siblings' scores would be another
        (Change(weights=(("index", (("a", 1.0), ("b", 1.0))),)), True),
        (Change(exclude=("c",)), False),  # b1 is imputed from the scores below the index, which its weight looks at
        (Change(exclude=("c4",)), False),
    ],
)
def test_an_edition_without_its_table_where_weights_are_learned(change, computed):
    edition, fitted = edition_of(LEARNED, False)
    found = Workshop(edition, fitted).design(change)
    assert isinstance(found, Design) is computed
    if isinstance(found, Failure):
        assert found.findings.codes == ["DT391"]
        assert "without its table" in found.reason


def test_an_edition_without_its_table_needs_one_to_score():
    edition, _ = edition_of(GIVEN, False)
    with pytest.raises(dti.InputError, match="give one to score"):
        Workshop(edition)


# --- once ---


def test_each_setting_is_worked_out_once(monkeypatch):
    from dtindex.steps.indicator import IndicatorChain

    methodology = methodology_of(GIVEN)
    table = table_of(methodology, 30, 3)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table))
    called: list[str] = []
    fit, score = IndicatorChain.fit, IndicatorChain.score
    monkeypatch.setattr(IndicatorChain, "fit", lambda self, *rest: called.append("fit") or fit(self, *rest))
    monkeypatch.setattr(IndicatorChain, "score", lambda self, *rest: called.append("score") or score(self, *rest))
    for left_out in ("", "a1", "a2", "b1"):
        for spec in NORMALISE[:3]:
            for aggregate in AGGREGATE[:1] + AGGREGATE[3:4]:
                exclude = (left_out,) if left_out else ()
                steps = tuple((item, spec) for item in ("a1", "b2"))
                assert isinstance(
                    workshop.design(Change(normalise=steps, aggregate=(("a", aggregate),), exclude=exclude)), Design
                )
    # Two indicators in three ways, two in one; the table is the reference, so that fitting and scoring are one.
    assert workshop.distinct_leaves == 8
    assert sorted(called) == ["fit"] * 8 + ["score"] * 8


def test_nobody_can_write_into_the_memory():
    methodology = methodology_of(GIVEN)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 30, 3)))
    design = workshop.design()
    assert isinstance(design, Design)
    with pytest.raises(ValueError, match="read-only"):
        design.parts["a1"].values[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        design.values[0, 0] = 1.0


def test_it_goes_to_other_processes():
    methodology = methodology_of(LEARNED)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 30, 3)))
    first, change = workshop.design(), Change(exclude=("a1",))
    there = pickle.loads(pickle.dumps(workshop))  # its own memory
    assert there.design().values.tobytes() == first.values.tobytes()
    assert there.design(change).values.tobytes() == workshop.design(change).values.tobytes()


def test_designs_leave_nothing_behind():
    """What is kept is a part a setting; a design that is dropped is gone."""
    import gc
    import tracemalloc

    methodology = methodology_of(GIVEN)
    workshop = Workshop(dti.CompositeIndex(methodology).fit(table_of(methodology, 400, 3)))
    variants = [Change(exclude=(item,)) for item in methodology.tree.scored]
    for change in variants:
        workshop.design(change)
    gc.collect()
    tracemalloc.start()
    for k in range(100):
        number = 1.0 + k / 7
        workshop.design(Change(weights=(("a", (("a1", number), ("a2", 1.0))),)) + variants[k % 4])
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 300_000, "a hundred designs of 400 rows are 4 MB"
