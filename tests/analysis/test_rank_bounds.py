"""Exact bounds against fine grids, linear programmes, closed forms, and the scoring of each witness by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import dtindex as dti
from dtindex.analysis.bounds.stability import crossings, stable_interval
from dtindex.engine.halfspace import below
from dtindex.engine.keys import score_keys
from dtindex.engine.ranks import rank_keys
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

CAICT = "caict-computing-power-1.0"
HEAD: dict[str, Any] = {"schema_version": 1, "id": "made", "title": "Made up", "units": {"kind": "u", "key": "u"}}
AS_IT_IS = {"method": "goalposts", "worst": 0, "best": 100}


def made(blocks: dict[str, Any], values: Any) -> dti.CompositeIndex:
    methodology, findings = parse_methodology(json.dumps({**HEAD, **blocks}), "made.yaml")
    findings.raise_errors()
    assert methodology is not None
    values = np.asarray(values, dtype=float)
    units = [f"u{row:02d}" for row in range(len(values))]
    return dti.CompositeIndex(methodology).fit(
        Table.from_arrays(units, [one.id for one in methodology.indicators], values)
    )


def flat(values: Any, weights: Any = None, node: dict[str, Any] | None = None, **blocks: Any) -> dti.CompositeIndex:
    """One mean of columns that are scores as they stand."""
    names = "abcdefgh"[: np.shape(values)[1]]
    indicators = [{"id": name, "parent": "index", "normalise": AS_IT_IS} for name in names]
    for indicator, weight in zip(indicators, weights or [], strict=False):
        indicator["weight"] = weight
    return made({"nodes": [{"id": "index", **(node or {})}], "indicators": indicators, **blocks}, values)


def nested(
    values: Any, root: dict[str, Any] | None = None, dims: dict[str, Any] | None = None, **blocks: Any
) -> dti.CompositeIndex:
    """Two dimensions of two columns each."""
    nodes = [{"id": "index", **(root or {})}, *({"id": one, "parent": "index", **(dims or {})} for one in "xy")]
    indicators = [
        {"id": name, "parent": parent, "normalise": AS_IT_IS} for name, parent in zip("abcd", "xxyy", strict=True)
    ]
    return made({"nodes": nodes, "indicators": indicators, **blocks}, values)


def factors(*blocks: dict[str, Any]) -> list[Factor]:
    return [Factor.model_validate_json(json.dumps(one)) for one in blocks]


SIMPLEX = factors({"id": "w", "node": "index", "simplex": True})
RNG = np.random.default_rng(20)
VALUES = RNG.uniform(5, 95, (9, 3)).round(1)


def grid(step: int, lower: Any = 0.0, upper: Any = 1.0) -> Any:
    """Weights of three members on a grid, between ends."""
    points = np.array([(i, j, step - i - j) for i in range(step + 1) for j in range(step + 1 - i)]) / step
    return points[((points >= np.asarray(lower) - 1e-12) & (points <= np.asarray(upper) + 1e-12)).all(axis=1)]


def ranks_at(scores: Any, decimals: int | None = None) -> Any:
    return np.stack([rank_keys(score_keys(row, 100.0, decimals)) for row in scores])


def between(found: dti.RankBounds) -> Any:
    return found.bounds[["best", "worst"]].to_numpy()


# --- extreme ranks ---


@pytest.mark.parametrize("decimals", [None, 0])
@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ({"simplex": True}, grid(120)),
        (
            {"bounds": {"a": [0.1, 0.5], "b": [0.2, 0.6], "c": [0.05, 0.4]}},
            grid(120, [0.1, 0.2, 0.05], [0.5, 0.6, 0.4]),
        ),
        ({"ordinal": ["b", "a", "c"]}, None),
        ({"ratios": [{"of": "a", "to": "b", "at_least": 1, "at_most": 3}, {"of": "c", "to": "a", "at_most": 1}]}, None),
        ({"noise": 0.5}, None),
        (
            {
                "experts": [
                    {"name": str(at), "weights": dict(zip("abc", row, strict=True))}
                    for at, row in enumerate(((3, 1, 1), (1, 2, 1), (1, 1, 5)))
                ]
            },
            None,
        ),
    ],
    ids=["simplex", "bounds", "ordinal", "ratios", "noise", "experts"],
)
def test_extreme_ranks_are_those_of_a_fine_grid(kind: dict[str, Any], points: Any, decimals: int | None):
    index = flat(VALUES, rank={"decimals": decimals} if decimals is not None else {})
    found = dti.rank_bounds(index, factors=factors({"id": "w", "node": "index", **kind}))
    if points is None:
        every = grid(240)
        a, b, c = every.T
        slack = 1e-12
        if "ordinal" in kind:
            points = every[(b >= a - slack) & (a >= c - slack)]
        elif "ratios" in kind:
            points = every[(a >= b - slack) & (a <= 3 * b + slack) & (c <= a + slack)]
        elif "noise" in kind:  # some number t with t / 6 <= w <= t / 2, the thirds times one half and three halves
            points = every[every.max(axis=1) <= 3 * every.min(axis=1) + slack]
        else:  # every mixture of the three experts
            rows = np.array([[3, 1, 1], [1, 2, 1], [1, 1, 5]]) / np.array([[5], [4], [7]])
            points = every @ rows
    ranks = ranks_at(points @ VALUES.T, decimals)
    assert found.bounds["best_attained"].all()
    assert found.bounds["worst_attained"].all()
    best, worst = ranks.min(axis=0), ranks.max(axis=0)
    # A grid of 1/120 misses corners of cells that are smaller; it never finds more.
    assert (best >= between(found)[:, 0]).all()
    assert (worst <= between(found)[:, 1]).all()
    assert np.abs(between(found) - np.stack([best, worst], axis=1)).sum() <= (2 if decimals is None else 4)


def test_witnesses_scored_by_hand_have_the_ranks_that_are_told():
    found = dti.rank_bounds(flat(VALUES), factors=SIMPLEX)
    told = found.witnesses
    assert set(told["unit"]) == set(found.units)
    for (unit, extreme), rows in told.groupby(["unit", "extreme"]):
        weights = rows.set_index("member")["weight"][["a", "b", "c"]].to_numpy()
        assert weights.sum() == pytest.approx(1, abs=1e-9)
        assert (weights >= 0).all()
        rank = ranks_at((VALUES @ weights)[None, :])[0][list(found.units).index(unit)]
        assert rank == rows["rank"].iloc[0] == found.bounds.loc[unit, extreme]


def test_witnesses_fitted_anew_have_the_ranks_that_are_told():
    """A methodology with the weights of a witness, through the whole engine."""
    found = dti.rank_bounds(CAICT)
    m = dti.load_methodology(CAICT)
    for unit in ("浙江", "天津", "北京"):
        rows = found.witnesses.query("unit == @unit and extreme == 'worst'").set_index("member")["weight"]
        data = json.loads(m.model_dump_json(exclude_defaults=True, by_alias=True))
        for node in data["nodes"]:
            if node["id"] in rows.index:
                node["weight"] = float(rows[node["id"]])
        other, findings = parse_methodology(json.dumps(data), "other.yaml")
        findings.raise_errors()
        assert other is not None
        ranks = dti.CompositeIndex(other).fit(m.data()).score().ranks["index"]
        assert ranks[unit] == found.bounds.loc[unit, "worst"]


def test_two_levels_against_every_combination_of_corners_and_a_grid():
    values = RNG.uniform(5, 95, (8, 4)).round(1)
    found = dti.rank_bounds(nested(values), within=0.5)
    shares = np.linspace(0.25, 0.75, 26)
    ranks = []
    for top in shares:
        for left in shares:
            own = np.outer(np.ones(26), [top * left, top * (1 - left), 0, 0]) + (1 - top) * np.stack(
                [0 * shares, 0 * shares, shares, 1 - shares], axis=1
            )
            ranks.append(ranks_at(own @ values.T))
    ranks = np.concatenate(ranks)
    assert (ranks.min(axis=0) >= between(found)[:, 0]).all()
    assert (ranks.max(axis=0) <= between(found)[:, 1]).all()
    assert found.bounds[["best_attained", "worst_attained"]].to_numpy().all()
    assert np.abs(np.stack([ranks.min(axis=0), ranks.max(axis=0)], axis=1) - between(found)).sum() <= 2


@pytest.mark.parametrize(
    "form",
    [{"method": "geometric"}, {"method": "harmonic"}, {"method": "power", "p": 3}, {"method": "power", "p": -0.5}],
)
@pytest.mark.parametrize("decimals", [None, 0])
def test_other_forms_are_exact_too(form: dict[str, Any], decimals: int | None):
    index = flat(VALUES, node={"aggregate": form}, rank={"decimals": decimals} if decimals is not None else {})
    found = dti.rank_bounds(index, factors=SIMPLEX)
    points = grid(120)
    with np.errstate(divide="ignore"):
        scores = {
            "geometric": lambda: np.exp(points @ np.log(VALUES).T),
            "harmonic": lambda: 1 / (points @ (1 / VALUES).T),
            "power": lambda: (points @ (VALUES ** form.get("p", 1)).T) ** (1 / form.get("p", 1)),
        }[form["method"]]()
    ranks = ranks_at(scores, decimals)
    assert (ranks.min(axis=0) >= between(found)[:, 0]).all()
    assert (ranks.max(axis=0) <= between(found)[:, 1]).all()
    assert found.bounds["low"].to_numpy() == pytest.approx(scores.min(axis=0), abs=1e-9)
    assert found.bounds["high"].to_numpy() == pytest.approx(scores.max(axis=0), abs=1e-9)
    if decimals is None:
        assert found.bounds[["best_attained", "worst_attained"]].to_numpy().all()
        assert np.abs(np.stack([ranks.min(axis=0), ranks.max(axis=0)], axis=1) - between(found)).sum() <= 2


def test_mixed_forms_hold_what_lies_below_and_show_what_was_observed():
    values = RNG.uniform(5, 95, (8, 4)).round(1)
    index = nested(values, root={"aggregate": {"method": "geometric"}})
    found = dti.rank_bounds(index, within=0.5)
    assert found.held == ("x", "y")
    assert [one.code for one in found.findings if one.code == "DT320"]
    dims = np.stack([values[:, :2].mean(axis=1), values[:, 2:].mean(axis=1)], axis=1)
    shares = np.linspace(0.25, 0.75, 501)
    ranks = ranks_at(np.exp(np.stack([shares, 1 - shares], axis=1) @ np.log(dims).T))
    assert (between(found) == np.stack([ranks.min(axis=0), ranks.max(axis=0)], axis=1)).all()
    assert found.simulation is not None
    # with the dimensions' weights free too, ranks move at least as far
    assert (found.bounds["least"] <= found.bounds["best"]).all()
    # the score's range is exact through all levels
    low = np.exp(np.min([np.log(_least(values, i)) for i in shares], axis=0))
    assert (found.bounds["low"].to_numpy() <= low + 1e-9).all()


def _least(values: Any, top: float) -> Any:
    left = np.minimum(values[:, :2] @ [0.25, 0.75], values[:, :2] @ [0.75, 0.25])
    right = np.minimum(values[:, 2:] @ [0.25, 0.75], values[:, 2:] @ [0.75, 0.25])
    return left**top * right ** (1 - top)


def test_the_range_of_a_score_through_mixed_forms():
    values = RNG.uniform(5, 95, (6, 4)).round(1)
    found = dti.rank_bounds(nested(values, root={"aggregate": {"method": "geometric"}}), within=0.5)
    low = np.min([_least(values, top) for top in (0.25, 0.75)], axis=0)
    assert found.bounds["low"].to_numpy() == pytest.approx(low, abs=1e-9)


def test_a_simulation_of_the_same_weights_stays_inside():
    m = dti.load_methodology(CAICT)
    weights = [one for one in m.uncertainty.factors if one.kind == "dirichlet"]
    found = dti.rank_bounds(m, factors=weights, runs=20_000, seed=1)
    table = found.bounds
    assert (table["least"] >= table["best"]).all()
    assert (table["most"] <= table["worst"]).all()
    assert (table["most"] - table["least"]).sum() < (table["worst"] - table["best"]).sum() / 2


def test_the_first_six_of_the_computing_power_index():
    found = dti.rank_bounds(CAICT)
    six = found.first(6)
    assert sorted(six.index[six["certain"]]) == sorted(["广东", "江苏", "浙江"])
    assert sorted(six.index[six["possible"]]) == sorted(
        ["广东", "北京", "江苏", "上海", "山东", "浙江", "四川", "河北", "福建"]
    )
    assert six.loc[six["possible"], "attained"].all()


# --- pairs ---


def test_the_greedy_is_linear_programming_on_nested_cases():
    """200 random cases of two levels of boxes, by the effective weights v: l w <= v <= u w."""
    rng = np.random.default_rng(5)
    from dtindex.engine.admissible import Between
    from dtindex.engine.weight_tree import Branch, WeightTree

    for _ in range(200):
        sizes = rng.integers(2, 5, size=rng.integers(2, 4))
        boxes, start = [], 0
        for size in (len(sizes), *sizes):
            w = rng.dirichlet(np.ones(size))
            share = rng.uniform(0.1, 1.0)
            boxes.append((w * (1 - share), np.minimum(w * (1 + share), 1.0)))
        branches = []
        for at, size in enumerate(sizes):
            branches.append(Branch(f"g{at}", Between(*boxes[at + 1]), tuple(range(start, start + size))))
            start += size
        tree = WeightTree(Branch("top", Between(*boxes[0]), tuple(branches)), start)
        values = rng.normal(size=start)
        rows, bounds, at = [], [], 0
        for group, size in enumerate(sizes):
            total = np.zeros(start)
            total[at : at + size] = 1.0
            rows += [-total, total]
            bounds += [-boxes[0][0][group], boxes[0][1][group]]
            for member in range(size):
                own = np.zeros(start)
                own[at + member] = 1.0
                rows += [boxes[group + 1][0][member] * total - own, own - boxes[group + 1][1][member] * total]
                bounds += [0.0, 0.0]
            at += size
        answer = linprog(-values, A_ub=np.array(rows), b_ub=bounds, A_eq=np.ones((1, start)), b_eq=[1.0])
        assert tree.largest(values[None, :])[0] == pytest.approx(-answer.fun, abs=1e-9)
        witness = tree.effective(tree.largest_at(values))
        assert witness @ values == pytest.approx(-answer.fun, abs=1e-9)
        assert witness.sum() == pytest.approx(1.0, abs=1e-12)


def test_chances_of_pairs_are_the_recursion():
    found = dti.rank_bounds(flat(VALUES), factors=SIMPLEX)
    assert found.chance == "recursion"
    for a in range(3):
        for b in range(3, 6):
            exact = 1 - below(VALUES[a] - VALUES[b])
            assert found.pairwise.iloc[a, b] == pytest.approx(exact, abs=1e-12)
    expected = 1 + found.pairwise.to_numpy().sum(axis=0) - 0.5
    assert found.bounds["expected"].to_numpy() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "kind",
    [
        {"dirichlet": 7.3},
        {"noise": 0.6},
        {"ordinal": ["b", "c", "a"]},
        {"ratios": [{"of": "a", "to": "b", "at_least": 0.5, "at_most": 3}, {"of": "c", "to": "b", "at_least": 0.2}]},
        {"experts": [{"name": "one", "weights": {"a": 1, "b": 2}}, {"name": "two", "weights": {"c": 1}, "weight": 3}]},
    ],
    ids=["dirichlet", "noise", "ordinal", "ratios", "experts"],
)
def test_chances_of_pairs_are_those_that_are_simulated(kind: dict[str, Any]):
    index = flat(VALUES, weights=[1, 2, 3])
    chosen = factors({"id": "w", "node": "index", **kind})
    exact = dti.rank_bounds(index, factors=chosen).pairwise.to_numpy()
    drawn = dti.simulate(index, factors=chosen, runs=1 << 14, seed=3).pairwise_winning.to_numpy()
    assert np.abs(exact - drawn).max() < 0.01
    assert np.abs(exact + exact.T - 1).max() < 1e-12


def test_weights_below_other_free_ones_have_no_exact_chance():
    found = dti.rank_bounds(nested(VALUES[:, [0, 1, 2, 0]]), within=0.3)
    assert found.pairwise is None
    assert "expected" not in found.bounds
    assert [one.code for one in found.findings] == ["DT325"]


def test_dominance_and_its_edges():
    values = [[90, 80, 70], [60, 70, 60], [50, 65, 40], [70, 20, 30], [90, 80, 70]]
    found = dti.rank_bounds(flat(values), factors=SIMPLEX)
    ahead = found.dominance.to_numpy()
    by_hand = [[all(x > y for x, y in zip(a, b, strict=True)) for b in values] for a in values]
    assert (ahead == by_hand).all()
    assert set(found.edges) == {(0, 1), (4, 1), (1, 2), (0, 3), (4, 3)}
    assert found.bounds[["best", "worst"]].to_numpy().tolist()[0] == [1, 1]  # the equal ones share the better rank
    assert found.bounds[["best", "worst"]].to_numpy().tolist()[1] == [3, 4]


# --- how far the index is from another order ---


def test_contamination_by_mixing_in_the_worst_weights():
    """At the radius of a pair, with the worst weights mixed in, the two are level."""
    found = dti.rank_bounds(flat(VALUES, weights=[1, 2, 3]), factors=SIMPLEX)
    own = np.array([1, 2, 3]) / 6
    for a in range(9):
        for b in range(9):
            d = VALUES[a] - VALUES[b]
            if a == b or d @ own <= 0:
                continue
            share = found.radii[a, b]
            if d.min() >= 0:
                assert share == 1.0
            else:
                worst = np.eye(3)[d.argmin()]
                assert ((1 - share) * own + share * worst) @ d == pytest.approx(0, abs=1e-9)
    assert found.bounds["radius"].to_numpy() == pytest.approx(found.radii.min(axis=1))


def test_crossing_points_are_where_two_units_are_level():
    found = dti.rank_bounds(flat(VALUES, weights=[1, 2, 3]), factors=SIMPLEX)
    table = found.crossings("b")
    names = list(found.units)
    assert len(table) > 5
    for weight, one, other in table.itertuples(index=False):
        weights = np.array([(1 - weight) * 1 / 4, weight, (1 - weight) * 3 / 4])
        assert weights @ (VALUES[names.index(one)] - VALUES[names.index(other)]) == pytest.approx(0, abs=1e-9)
    row = found.stability.query("member == 'b'").iloc[0]
    below_it, above = table["weight"][table["weight"] <= 1 / 3], table["weight"][table["weight"] > 1 / 3]
    assert (row["low"], row["high"]) == (below_it.max(), above.min())
    assert row["weight"] == pytest.approx(1 / 3)


def test_nothing_changes_within_the_interval_and_something_does_beyond():
    found = dti.rank_bounds(flat(VALUES, weights=[1, 2, 3]), factors=SIMPLEX)
    for at, (member, low, high) in enumerate(found.stability[["member", "low", "high"]].itertuples(index=False)):

        def order(t: float, at: int = at) -> list[int]:
            own = np.array([1.0, 2, 3])
            own[at] = 0
            weights = own / own.sum() * (1 - t)
            weights[at] = t
            return np.argsort(-(VALUES @ weights)).tolist()

        inside = [order(t) for t in np.linspace(low + 1e-9, high - 1e-9, 20)]
        assert all(one == inside[0] for one in inside), member
        assert low == 0 or order(low - 1e-6) != inside[0]
        assert high == 1 or order(high + 1e-6) != inside[0]


def test_units_that_never_part_have_no_crossing():
    first, second, points = crossings(np.array([1.0, 1.0, 2.0]), np.array([3.0, 3.0, 0.0]), 1e-12)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (1, 2)]
    assert points == pytest.approx([0.25, 0.25])
    stable = stable_interval(np.array([1.0, 1.0]), np.array([3.0, 3.0]), 0.5, 1e-12)
    assert (stable.low, stable.high, stable.at_low) == (0.0, 1.0, (-1, -1))


# --- tiers ---


def test_certain_and_possible_tiers():
    levels = [{"id": "top", "at_least": 70}, {"id": "middle", "at_least": 40}, {"id": "rest"}]
    values = [[90, 80], [90, 50], [60, 50], [75, 20], [39.96, 10]]
    index = flat(values, tiers=[{"node": "index", "method": "thresholds", "levels": levels}], rank={"decimals": 1})
    found = dti.rank_bounds(index, factors=SIMPLEX)
    assert found.tiers["possible"].tolist() == ["top", "top middle", "middle", "top middle rest", "middle rest"]
    assert found.tiers["certain"].tolist() == [True, False, True, False, False]


# --- what is missing, unpublished, refused ---


def test_a_missing_value_counts_for_anything_between_the_known_ones():
    values = VALUES.copy()
    values[4, 1] = np.nan
    index = flat(
        values, node={"coverage": {"at_least": 0.5, "of": "children", "by": "count", "missing": "renormalise"}}
    )
    found = dti.rank_bounds(index, factors=SIMPLEX)
    assert [one.message for one in found.findings if one.code == "DT321"] == ["values missing below free weights: u04"]
    points = grid(120)
    known = points[:, [0, 2]].sum(axis=1) > 0
    points = points[known]
    scores = points @ np.nan_to_num(values).T
    scores[:, 4] = points[:, [0, 2]] @ values[4, [0, 2]] / points[:, [0, 2]].sum(axis=1)
    ranks = ranks_at(scores)
    assert (ranks.min(axis=0) >= between(found)[:, 0]).all()
    assert (ranks.max(axis=0) <= between(found)[:, 1]).all()
    assert found.simulation is not None


def test_unpublished_weights_need_no_assumption():
    blocks: dict[str, Any] = {
        "nodes": [{"id": "index"}],
        "indicators": [
            {"id": name, "parent": "index", "weight": "unpublished", "normalise": AS_IT_IS} for name in "abc"
        ],
    }
    methodology, findings = parse_methodology(json.dumps({**HEAD, **blocks}), "made.yaml")
    findings.raise_errors()
    assert methodology is not None
    table = Table.from_arrays([f"u{row:02d}" for row in range(9)], list("abc"), VALUES)
    with pytest.raises(dti.InputError, match="DT050"):
        dti.CompositeIndex(methodology).fit(table)
    found = dti.rank_bounds(methodology, table)
    assert not found.known
    assert {"rank", "score", "radius"}.isdisjoint(found.bounds.columns)
    assert (between(found) == between(dti.rank_bounds(flat(VALUES), factors=SIMPLEX))).all()
    assert found.stability.empty
    assert found.to_dict()["mean_radius"] is None
    same = dti.rank_bounds(dti.CompositeIndex(methodology), table)
    assert (between(same) == between(found)).all()


def test_published_weights_beside_unpublished_ones_keep_their_proportion():
    blocks: dict[str, Any] = {
        "nodes": [{"id": "index"}],
        "indicators": [
            {"id": name, "parent": "index", "weight": weight, "normalise": AS_IT_IS}
            for name, weight in zip("abc", [2, 1, "unpublished"], strict=True)
        ],
    }
    methodology, findings = parse_methodology(json.dumps({**HEAD, **blocks}), "made.yaml")
    findings.raise_errors()
    assert methodology is not None
    found = dti.rank_bounds(methodology, Table.from_arrays([f"u{row:02d}" for row in range(9)], list("abc"), VALUES))
    t = np.linspace(0, 1, 2001)[:, None]
    ranks = ranks_at(((1 - t) * [[2 / 3, 1 / 3, 0]] + t * [[0, 0, 1]]) @ VALUES.T)
    assert (between(found) == np.stack([ranks.min(axis=0), ranks.max(axis=0)], axis=1)).all()


def test_what_is_no_mean_is_refused():
    index = flat(VALUES, node={"aggregate": {"method": "topsis"}})
    with pytest.raises(dti.InputError, match="DT322"):
        dti.rank_bounds(index, factors=SIMPLEX)


@pytest.mark.parametrize(
    "wrong", [{"within": 0.0}, {"within": 0.5, "factors": SIMPLEX}, {"runs": -1}, {"workers": 0}, {"effort": -1}]
)
def test_settings_that_cannot_be(wrong: dict[str, Any]):
    with pytest.raises(dti.UsageError, match="DT902"):
        dti.rank_bounds(flat(VALUES), **wrong)


def test_without_effort_bounds_hold_and_say_that_they_may_be_too_wide():
    exact = dti.rank_bounds(flat(VALUES), factors=SIMPLEX)
    rough = dti.rank_bounds(flat(VALUES), factors=SIMPLEX, effort=0, runs=0)
    assert (between(rough)[:, 0] <= between(exact)[:, 0]).all()
    assert (between(rough)[:, 1] >= between(exact)[:, 1]).all()
    wider = (between(rough) != between(exact)).any()
    assert bool([one for one in rough.findings if one.code == "DT324"]) >= wider


def test_workers_and_order_of_rows_change_nothing():
    one, two = (dti.rank_bounds(CAICT, workers=workers) for workers in (1, 2))
    pd.testing.assert_frame_equal(one.bounds, two.bounds)
    order = RNG.permutation(9)
    first = dti.rank_bounds(flat(VALUES), factors=SIMPLEX).bounds
    index = flat(VALUES[order])
    second = dti.rank_bounds(index, factors=SIMPLEX).bounds
    assert (first[["best", "worst"]].to_numpy()[order] == second[["best", "worst"]].to_numpy()).all()


def test_one_unit():
    found = dti.rank_bounds(flat([[10, 20, 30]]), factors=SIMPLEX)
    assert between(found).tolist() == [[1, 1]]
    assert "DT384" in {one.code for one in found.findings}


def test_zeros_below_a_geometric_mean():
    """A zero with a weight is a score of zero, and zeros tie for last."""
    values = VALUES.copy()
    values[[2, 5], [0, 1]] = 0.0
    found = dti.rank_bounds(flat(values, node={"aggregate": {"method": "geometric"}}), factors=SIMPLEX)
    points = grid(60)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(points[:, :, None] > 0, points[:, :, None] * np.log(values).T[None], 0.0).sum(axis=1)
    ranks = ranks_at(np.exp(logs))
    assert (ranks.min(axis=0) >= between(found)[:, 0]).all()
    assert (ranks.max(axis=0) <= between(found)[:, 1]).all()


# --- trees whose nodes are not all free ---


def test_only_the_weights_of_the_lowest_of_three_levels():
    """Weights above are given: names of nodes without free weights do not get into each other's way."""
    values = RNG.uniform(5, 95, (8, 4)).round(1)
    nodes = [{"id": "index"}, *({"id": name, "parent": up} for name, up in (("p", "index"), ("q", "p"), ("r", "q")))]
    parents = dict(zip("abcd", ["r", "r", "p", "index"], strict=True))
    indicators = [{"id": name, "parent": parent, "normalise": AS_IT_IS} for name, parent in parents.items()]
    index = made({"nodes": nodes, "indicators": indicators}, values)
    low_free = {"id": "w", "node": "r", "simplex": True}
    found = dti.rank_bounds(index, factors=factors(low_free))
    t = np.linspace(0, 1, 1001)
    scores = (np.outer(t, values[:, 0]) + np.outer(1 - t, values[:, 1])) / 4 + values[:, 2] / 4 + values[:, 3] / 2
    ranks = ranks_at(scores)
    assert (between(found) == np.stack([ranks.min(axis=0), ranks.max(axis=0)], axis=1)).all()
    both = dti.rank_bounds(index, factors=factors(low_free, {"id": "v", "node": "index", "simplex": True}))
    assert (between(both)[:, 0] <= between(found)[:, 0]).all()
    assert (between(both)[:, 1] >= between(found)[:, 1]).all()
    assert both.bounds[["best_attained", "worst_attained"]].to_numpy().all()


def test_everybody_lacks_something():
    values = VALUES.copy()
    values[np.arange(9), np.arange(9) % 3] = np.nan
    node = {"coverage": {"at_least": 0.5, "of": "children", "by": "count", "missing": "renormalise"}}
    found = dti.rank_bounds(flat(values, node=node), factors=SIMPLEX, runs=2_000)
    assert found.stability.empty
    assert (found.bounds["least"] >= found.bounds["best"]).all()
    assert (found.bounds["most"] <= found.bounds["worst"]).all()


def test_zeros_below_a_geometric_mean_whose_ranks_are_rounded():
    """Near zero a step of rounding is any distance in logarithms: bounds hold, and say nothing that is not so."""
    values = VALUES.copy()
    values[[2, 5], [0, 1]] = 0.0
    index = flat(values, node={"aggregate": {"method": "geometric"}}, rank={"decimals": 0})
    found = dti.rank_bounds(index, factors=SIMPLEX)
    points = grid(60)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(points[:, :, None] > 0, points[:, :, None] * np.log(values).T[None], 0.0).sum(axis=1)
    ranks = ranks_at(np.exp(logs), 0)
    assert (ranks.min(axis=0) >= between(found)[:, 0]).all()
    assert (ranks.max(axis=0) <= between(found)[:, 1]).all()
