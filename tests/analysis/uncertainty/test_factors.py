"""Factors as they are drawn: laws, members and shares as the file states them, and levels of what is chosen."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import dtindex as dti
from dtindex.analysis.uncertainty.factors import Resolved, default_factors, described, factors_of, resolve
from dtindex.analysis.uncertainty.inputs import Alternatives, Cut, Errors, Inputs, Sheet, Weights, level_of
from dtindex.analysis.uncertainty.study import Study
from dtindex.analysis.uncertainty.variants import Change, Design, Workshop
from dtindex.engine.points import block_points
from dtindex.engine.simplex import Dirichlet, Uniform
from dtindex.spec import parse_methodology
from dtindex.spec.methods import MinMax, RankNormalise
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

MADE: dict[str, Any] = {
    "schema_version": 1,
    "id": "made",
    "title": "Made up",
    "units": {"kind": "u", "key": "u"},
    "nodes": [
        {
            "id": "index",
            "weights": {
                "method": "budget",
                "order": ["a", "b", "c"],
                "experts": [{"name": "x", "points": [60, 30, 10]}, {"name": "y", "points": [20, 20, 60], "weight": 3}],
            },
        },
        {"id": "a", "parent": "index"},
        {"id": "b", "parent": "index"},
        {"id": "c", "parent": "index"},
    ],
    "indicators": [
        {"id": "a1", "parent": "a", "weight": 1},
        {"id": "a2", "parent": "a", "weight": 3},
        {"id": "b1", "parent": "b", "weight": 1},
        {"id": "b2", "parent": "b", "weight": 0},
        {"id": "c1", "parent": "c"},
    ],
    "tiers": [{"node": "index", "method": "thresholds", "levels": [{"id": "high", "at_least": 50}, {"id": "low"}]}],
}


def factor(**block: Any) -> Factor:
    return Factor.model_validate_json(json.dumps({"id": "f", **block}))


@pytest.fixture(scope="module")
def index() -> dti.CompositeIndex:
    methodology, findings = parse_methodology(json.dumps(MADE), "made.yaml")
    findings.raise_errors()
    assert methodology is not None
    values = np.random.default_rng(1).uniform(1, 9, (7, 5))
    values[3, 0] = np.nan
    return dti.CompositeIndex(methodology).fit(
        Table.from_arrays([f"u{unit}" for unit in "gfedcba"], ["a1", "a2", "b1", "b2", "c1"], values)
    )


@pytest.fixture(scope="module")
def resolved(index: dti.CompositeIndex):
    def run(*blocks: Factor) -> Resolved:
        return Study(index, None, blocks, None, None, None).resolved

    return run


def drawn(found: Resolved, runs: int = 4096, seed: int = 1):
    points = np.concatenate(list(block_points(found.inputs.dimensions, runs, seed, 0)))
    return found.inputs.realise(found.inputs.sheet(points, found.inputs.streams(seed, 0)))


# Of node `index` w0 is (x + 3 y) / 4 = (.3, .225, .475); of `a` (.25, .75).
W0 = np.array([0.3, 0.225, 0.475])


def test_weights_that_are_drawn_around(resolved):
    """Means are the weights of the index: of Dirichlet(c w0), of a box about w0 that is symmetric."""
    for found in (resolved(factor(node="index", dirichlet=50)), resolved(factor(node="index", box=0.2))):
        weights = drawn(found, 1 << 14).weights["index"]
        assert weights.mean(axis=0) == pytest.approx(W0, abs=5e-3)
        assert weights.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (np.abs(weights / W0 - 1) <= 0.2 + 1e-9).all()
    assert isinstance(resolved(factor(node="index", dirichlet=50)).inputs.inputs[0].law, Dirichlet)


def test_uniform_and_ordered(resolved):
    assert isinstance(resolved(factor(node="index", simplex=True)).inputs.inputs[0].law, Uniform)
    weights = drawn(resolved(factor(node="index", ordinal=["c", "a", "b"])), 1 << 14).weights["index"]
    a, b, c = weights.T
    assert ((c >= a) & (a >= b)).all()
    # E w_(i) = (1/m) sum_{j >= i} 1/j: 11/18, 5/18, 2/18.
    assert weights.mean(axis=0) == pytest.approx([5 / 18, 2 / 18, 11 / 18], abs=2e-3)


def test_bounds_of_members_by_name(resolved):
    ends = {"c": [0.5, 0.6], "a": [0.1, 0.3], "b": [0.2, 0.4]}
    weights = drawn(resolved(factor(node="index", bounds=ends))).weights["index"]
    for position, member in enumerate("abc"):
        low, high = ends[member]
        assert (weights[:, position] >= low - 1e-12).all()
        assert (weights[:, position] <= high + 1e-12).all()


def test_noise_may_leave_the_box(resolved):
    weights = drawn(resolved(factor(node="index", noise=0.5))).weights["index"]
    shares = weights / W0
    # Each times U(.5, 1.5), then divided by the sum: ratios of two are within (1/3, 3).
    assert (shares.max(axis=1) / shares.min(axis=1)).max() <= 3
    assert shares.max() > 1.5


def test_own_experts(resolved):
    """Two experts give 60:30:10 and 20:20:60, and the second is asked three times as often."""
    weights = drawn(resolved(factor(experts="own")), 1 << 12).weights["index"]
    first = (np.abs(weights - [0.6, 0.3, 0.1]) < 1e-12).all(axis=1)
    second = (np.abs(weights - [0.2, 0.2, 0.6]) < 1e-12).all(axis=1)
    assert (first | second).all()
    assert first.mean() == pytest.approx(0.25, abs=1 / (1 << 12))


def test_experts_of_the_factor(resolved):
    """In any unit; a member that is not named has none."""
    experts = [{"name": "p", "weights": {"c": 2, "a": 2}}, {"name": "q", "weights": {"a": 1, "b": 2, "c": 1}}]
    weights = drawn(resolved(factor(node="index", experts=experts))).weights["index"]
    assert {tuple(row) for row in weights.round(12).tolist()} == {(0.5, 0.0, 0.5), (0.25, 0.5, 0.25)}


def test_without_a_node_every_node_with_two_members(resolved):
    found = resolved(factor(box=0.5))
    assert [(one.node, one.name) for one in found.inputs.inputs] == [("index", "f.index"), ("a", "f.a"), ("b", "f.b")]
    weights = drawn(found).weights
    assert (weights["b"] == [1.0, 0.0]).all(), "a box about 0 is 0"
    independent = np.corrcoef(weights["index"][:, 0], weights["a"][:, 0])[0, 1]
    assert abs(independent) < 5 / np.sqrt(4096)


def test_errors(resolved, index):
    """Normal with this standard deviation; uniform within this share of the figure; none where there is no figure."""
    found = resolved(
        Factor(id="n", error=2.0, of=("a1",)), Factor(id="u", error=0.1, of=("a2",), relative=True, law="uniform")
    )
    errors = drawn(found, 1 << 14).errors
    figures = index.reference_.values[::-1]  # units in the order of keys
    assert (errors["a1"][:, 3] == 0).all()
    known = errors["a1"][:, [0, 1, 2, 4, 5, 6]]
    assert known.std() == pytest.approx(2, rel=5 / np.sqrt(2 * known.size))
    reach = np.abs(errors["a2"]).max(axis=0)
    assert (reach <= 0.1 * figures[:, 1]).all()
    assert reach == pytest.approx(0.1 * figures[:, 1], rel=2e-3)


def test_errors_of_one_item_add_up(resolved):
    """Two independent ones of 3 and 4 are one of 5."""
    found = resolved(Factor(id="n", error=3.0, of=("c1",)), Factor(id="m", error=4.0, of=("c1",)))
    own = drawn(found, 1 << 13).errors["c1"]
    assert own.std() == pytest.approx(5, rel=5 / np.sqrt(2 * own.size))


def test_thresholds(resolved):
    cuts = drawn(resolved(factor(tiers="index", cut=2.0)), 1 << 12).cuts
    assert list(cuts) == ["index"]
    assert np.abs(cuts["index"]).max() <= 2
    assert cuts["index"].std() == pytest.approx(2 / np.sqrt(3), rel=1e-2)


# --- what is chosen ---


def test_combinations(resolved):
    """Each is a number whose digits are the levels; each is as likely, and says what it changes."""
    found = resolved(
        Factor(id="norm", normalise=(MinMax(method="min-max"), RankNormalise(method="rank")), of=("a1",)),
        Factor(id="w", node="a", simplex=True),
        Factor(id="out", exclude=("b", "c1")),
    )
    inputs = found.inputs
    assert inputs.designs == 6
    assert [inputs.levels(number) for number in range(6)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert found.change(0) == Change(normalise=(("a1", MinMax(method="min-max")),))
    assert found.change(5) == Change(normalise=(("a1", RankNormalise(method="rank")),), exclude=("c1",))
    assert found.name(4) == "norm: rank, out: b"
    designs = drawn(found, 3 << 10).designs
    points = np.concatenate(list(block_points(inputs.dimensions, 3 << 10, 1, 0)))
    assert (designs == inputs.chosen(points)).all()
    assert np.bincount(designs) == pytest.approx(np.full(6, 512), abs=8)
    columns = {name: list(inputs.columns(name)) for name in ("norm", "w", "out")}
    assert columns == {"norm": [0], "w": [1, 2], "out": [3]}
    assert (designs == (points[:, 0] >= 0.5) * 3 + np.floor(points[:, 3] * 3)).all()


@pytest.mark.parametrize("levels", [1, 2, 3, 7, 100])
def test_a_level_is_that_of_the_law_and_not_of_the_sample(levels):
    """`floor(K u)`: three draws between .40 and .42 are one level of two, whatever else is in the sample."""
    edges = np.arange(levels) / levels
    # k / K times K may round below k: what matters is that points on a grid of 2^-30 lie on the right side.
    inside = np.ceil(edges * (1 << 30)) / (1 << 30)
    assert level_of(inside, levels).tolist() == list(range(levels))
    below = np.nextafter(np.append(edges[1:], 1.0), 0) - 1e-12
    assert level_of(below, levels).tolist() == list(range(levels))
    assert level_of(np.array([0.40, 0.41, 0.42]), 2).tolist() == [0, 0, 0]
    assert level_of(np.array([np.nextafter(1, 0)]), levels).tolist() == [levels - 1]


def test_taking_from_another_sheet():
    """Pick and freeze: some columns, and some inputs' random numbers, come from the other."""
    spread = np.ones((1, 3))
    inputs = Inputs(
        (
            Weights("w", "w", "n", Uniform(2), ("a", "b")),
            Errors("e", "e", ("x",), spread, "normal"),
            Alternatives("k", "k", ("one", "two")),
            Cut("c", "c", "n", 1.0),
        ),
    )
    assert (inputs.dimensions, inputs.numbers) == (4, 3)
    points = np.random.default_rng(1).random((2, 5, 4))
    a = inputs.sheet(points[0], inputs.streams(1, 0))
    b = inputs.sheet(points[1], inputs.streams(1, 1))
    assert isinstance(a, Sheet)
    groups = inputs.groups()
    assert groups == {"w": ([0, 1], []), "e": ([], ["e"]), "k": ([2], []), "c": ([3], [])}
    for name, (columns, own) in groups.items():
        mixed, first, second = (inputs.realise(one) for one in (inputs.swapped(a, b, columns, own), a, b))
        told = {
            "w": mixed.weights["n"],
            "e": mixed.errors["x"],
            "k": mixed.designs,
            "c": mixed.cuts["n"],
        }
        for other, value in told.items():
            source = second if other == name else first
            expected = {
                "w": source.weights["n"],
                "e": source.errors["x"],
                "k": source.designs,
                "c": source.cuts["n"],
            }[other]
            assert (value == expected).all(), (name, other)
    taken = inputs.realise(a).take(np.array([3, 1]))
    assert taken.cuts["n"].tolist() == inputs.realise(a).cuts["n"][[3, 1]].tolist()
    joined = inputs.groups({"both": ["w", "c"]})
    assert joined["both"] == ([0, 1, 3], [])


# --- whose factors ---


def test_the_caller_s_before_the_file_s_before_the_default(index):
    methodology = index.fitted_.methodology
    own = methodology.model_copy(update={"uncertainty": None})
    assert factors_of(own, None) == (default_factors(own), True)
    assert [one.box for one in default_factors(own)] == [0.25]
    given = (factor(simplex=True),)
    assert factors_of(own, given) == (given, False)
    blocks = {**MADE, "uncertainty": {"factors": [{"id": "mine", "node": "a", "simplex": True}]}}
    said, findings = parse_methodology(json.dumps(blocks), "made.yaml")
    findings.raise_errors()
    assert [one.id for one in factors_of(said, None)[0]] == ["mine"]
    assert factors_of(said, given) == (given, False)


def test_two_of_one_name(index):
    twice = [factor(node="a", simplex=True), factor(node="index", simplex=True)]
    with pytest.raises(dti.InputError, match="'f'"):
        factors_of(index.fitted_.methodology, twice)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"error": 2, "of": ["a1"]}, "error (normal, standard deviation 2) of a1"),
        ({"error": 0.1, "relative": True, "law": "uniform"}, "plus or minus 0.1 of the figure) of every scored"),
        ({"box": 0.25}, "uniform within 25 % of each"),
        ({"noise": 0.1, "node": "a"}, "weights of a: each times 1 +- 10 %"),
        ({"dirichlet": 50}, "Dirichlet, concentration 50"),
        ({"ordinal": ["a", "b"], "node": "index"}, "a >= b"),
        ({"exclude": ["a", "b1"]}, "nothing or one of a, b1 left out"),
        ({"tiers": "index", "cut": 2}, "thresholds of index moved together by up to 2"),
        ({"normalise": [{"method": "rank"}, {"method": "min-max"}]}, "rank | min-max"),
    ],
)
def test_in_words(block, words):
    assert words in described(factor(**block))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"node": "c", "simplex": True}, "c"),
        ({"exclude": ["nowhere"]}, "nowhere"),
        ({"tiers": "a", "cut": 1}, "no tiers"),
        ({"node": "a", "experts": "own"}, "experts"),
        ({"node": "index", "bounds": {"a": [0, 0.2], "b": [0, 0.2], "c": [0, 0.2]}}, "0.6"),
    ],
)
def test_what_does_not_fit(index, block, message):
    with pytest.raises(dti.InputError) as raised:
        Study(index, None, [factor(**block)], None, None, None)
    assert [one.code for one in raised.value.findings.errors] == ["DT386"]
    assert message in str(raised.value)


def test_figures_are_asked_once_resolved(index):
    """Resolving by hand, as a caller with a design of their own would."""
    design = Workshop(index).design()
    assert isinstance(design, Design)
    found = resolve([factor(error=1.0)], design, lambda item: np.array([1.0, np.nan]), {"c1": np.array([0.5, 0.5])})
    first, second = found.inputs.inputs
    assert first.items == design.methodology.tree.scored
    assert second.items == ("c1",)
    assert np.isnan(second.spread).tolist() == [[False, True]]
