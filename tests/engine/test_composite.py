"""Expressions against plain loops over runs and units, and what joining means leaves as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtindex.engine.composite import (
    Affine,
    Branch,
    Closeness,
    Condition,
    Drawn,
    Draws,
    Expression,
    Fixed,
    Form,
    Mean,
    Nested,
    Observed,
    Perturbed,
    Shares,
    Switch,
    collapsed,
    evaluate,
    weights_of,
)
from dtindex.engine.keys import round_half_up

NAN = math.nan
SEEDS = st.integers(0, 2**32 - 1)
FORMS = [
    Form(),
    Form("geometric"),
    Form("harmonic"),
    Form("power", 2.0),
    Form("power", 0.5),
    Form("power", -1.5),
    Form("power", 1e-7),
]


def mean_by_hand(values: list[float], weights: list[float], form: Form) -> float:
    """``f^-1(sum w f(x) / sum w)`` over what is known, with its limits at zero."""
    known = [(x, w) for x, w in zip(values, weights, strict=True) if not math.isnan(x) and w > 0]
    total = math.fsum(w for _, w in known)
    if not known or (form.name != "arithmetic" and any(x < 0 for x, _ in known)):
        return NAN
    if form.name == "arithmetic":
        return math.fsum(w * x for x, w in known) / total
    p = {"geometric": 0.0, "harmonic": -1.0, "power": form.exponent}[form.name]
    if p <= 0 and any(x == 0 for x, _ in known):
        return 0.0
    if p == 0:
        return math.exp(math.fsum(w * math.log(x) for x, w in known) / total)
    if abs(p) < 0.01:  # x^p - 1, which keeps its digits
        part = math.fsum(w * (math.expm1(p * math.log(x)) if x > 0 else -1.0) for x, w in known) / total
        return math.exp(math.log1p(part) / p) if part > -1 else 0.0
    return math.fsum(w * x**p for x, w in known) ** (1 / p) / total ** (1 / p)


def tree_of(seed: int, depth: int, joined: bool = False) -> tuple[Expression, dict[str, int]]:
    """A tree of means over six units, and by name how many weights each node draws.

    ``joined``: of one form and without what keeps means from being joined.
    """
    rng = np.random.default_rng(seed)
    form = FORMS[rng.integers(3)] if joined else None
    names: dict[str, int] = {}

    def node(level: int) -> Expression:
        own = form or FORMS[rng.integers(len(FORMS))]
        members: list[Expression] = []
        for _ in range(rng.integers(1, 4)):
            if level and rng.random() < 0.6:
                members.append(node(level - 1))
                continue
            values = rng.uniform(1, 100, 6)
            if not joined:
                values[rng.random(6) < 0.1] = NAN
                values[rng.random(6) < 0.1] = 0.0
            members.append(Fixed(values))
        count = len(members)
        if rng.random() < 0.5:
            name = f"node{len(names)}"
            names[name] = count
            weighting = Shares(name=name, columns=tuple(range(count)))
        else:
            weighting = Shares(rng.dirichlet(np.ones(count)))
        arithmetic = own.name == "arithmetic"
        maps = [
            Affine(rng.uniform(-5, 5), rng.uniform(0.5, 2)) if arithmetic and rng.random() < 0.5 else Affine()
            for _ in members
        ]
        back = Affine(rng.uniform(-5, 5), rng.uniform(0.5, 2)) if arithmetic and rng.random() < 0.5 else Affine()
        absent = None
        if not joined and rng.random() < 0.2:
            absent = rng.random(6) < 0.3
        decimals = 1 if not joined and rng.random() < 0.2 else None
        return Mean(tuple(members), weighting, own, tuple(maps), back, absent, decimals, 100.0)

    return node(depth), names


def draws_of(names: dict[str, int], runs: int, seed: int) -> Draws:
    rng = np.random.default_rng(seed)
    return Draws(runs, {name: rng.dirichlet(np.ones(count), runs) for name, count in names.items()})


def by_hand(expression: Expression, draws: Draws, run: int, unit: int) -> float:
    """One score, with the formulas spelled out."""
    if isinstance(expression, Fixed):
        return float(expression.values[unit])
    assert isinstance(expression, Mean)
    weighting = expression.weighting
    assert isinstance(weighting, Shares)
    weights = weighting.constant if weighting.constant is not None else draws.weights[weighting.name][run]
    values = [
        one.offset + one.slope * by_hand(member, draws, run, unit)
        for member, one in zip(expression.members, expression.maps, strict=True)
    ]
    found = mean_by_hand(values, list(weights), expression.form)
    found = expression.back.offset + expression.back.slope * found
    if expression.decimals is not None:
        found = float(round_half_up(np.array([found]), expression.decimals, expression.width)[0])
    return NAN if expression.absent is not None and expression.absent[unit] else found


@settings(max_examples=120)
@given(seed=SEEDS)
def test_means_of_means(seed):
    """Every form, with gaps, zeros, negative values, changes of scale and rounding on the way."""
    expression, names = tree_of(seed, 3)
    draws = draws_of(names, 4, seed)
    found = np.broadcast_to(evaluate(expression, draws), (4, 6))
    expected = np.array([[by_hand(expression, draws, run, unit) for unit in range(6)] for run in range(4)])
    # Where a score is rounded, a last bit may decide which way: those that are a step apart are not compared.
    step = np.abs(found - expected) > 1e-9
    assert np.isnan(found).tolist() == np.isnan(expected).tolist()
    assert step.mean() == 0 or _rounds(expression)


def _rounds(expression: Expression) -> bool:
    if not isinstance(expression, Mean):
        return False
    return expression.decimals is not None or any(_rounds(member) for member in expression.members)


@settings(max_examples=120)
@given(seed=SEEDS)
def test_joining_changes_nothing(seed):
    expression, names = tree_of(seed, 4, joined=True)
    one = collapsed(expression)
    assert isinstance(one, Mean)
    assert all(isinstance(member, Fixed) for member in one.members), "means of one form are one mean"
    draws = draws_of(names, 5, seed)
    found, expected = evaluate(one, draws), evaluate(expression, draws)
    assert np.broadcast_to(found, (5, 6)) == pytest.approx(np.broadcast_to(expected, (5, 6)), rel=1e-12, abs=1e-10)
    weights = np.broadcast_to(weights_of(one.weighting, draws), (5, len(one.members)))
    assert weights.sum(axis=1) == pytest.approx(1, rel=1e-12)


@settings(max_examples=120)
@given(seed=SEEDS)
def test_joining_what_cannot_be_joined_changes_nothing(seed):
    expression, names = tree_of(seed, 3)
    draws = draws_of(names, 5, seed)
    found, expected = evaluate(collapsed(expression), draws), evaluate(expression, draws)
    assert np.isnan(found).tolist() == np.isnan(expected).tolist()
    if not _rounds(expression):
        assert np.nan_to_num(found) == pytest.approx(np.nan_to_num(expected), rel=1e-12, abs=1e-10)


@pytest.mark.parametrize(
    "stops",
    [
        {"absent": np.array([True, False])},
        {"decimals": 1},
        {"form": Form("geometric")},
        {"members": (Fixed(np.array([1.0, NAN])), Fixed(np.array([3.0, 4.0])))},
        {"members": (Drawn("a"), Fixed(np.array([3.0, 4.0])))},
    ],
)
def test_what_stands_between_keeps_means_apart(stops):
    fields = {"members": (Fixed(np.array([1.0, 2.0])), Fixed(np.array([3.0, 4.0]))), "form": Form(), "back": Affine()}
    fields |= stops
    members = fields.pop("members")
    form, back = fields.pop("form"), fields.pop("back")
    inner = Mean(members, Shares(np.array([0.5, 0.5])), form, (Affine(), Affine()), back, **fields)
    whole = Mean((inner, Fixed(np.array([5.0, 6.0]))), Shares(np.array([0.3, 0.7])), Form(), (Affine(),) * 2, Affine())
    assert isinstance(collapsed(whole), Mean)
    assert any(isinstance(member, Mean) for member in collapsed(whole).members)


def test_on_another_scale_a_geometric_mean_is_not_joined():
    inner = Mean((Fixed(np.array([4.0])),), Shares(np.ones(1)), Form("geometric"), (Affine(),), Affine())
    moved = Mean((inner,), Shares(np.ones(1)), Form("geometric"), (Affine(1.0, 1.0),), Affine())
    assert any(isinstance(member, Mean) for member in collapsed(moved).members)
    assert evaluate(collapsed(moved), Draws(1, {})) == pytest.approx([5.0])
    same = Mean((inner,), Shares(np.ones(1)), Form("geometric"), (Affine(),), Affine())
    assert isinstance(collapsed(same).members[0], Fixed)


def test_a_weight_of_zero_takes_away_a_zero_and_a_negative_value_does_not_hide():
    """By the limits of the forms: 0^0 is 1 in a geometric mean, and the other member is all there is."""
    zero, four = Fixed(np.array([0.0])), Fixed(np.array([4.0]))
    for form in FORMS[1:]:
        for weights, expected in ([0.0, 1.0], 4.0), ([0.5, 0.5], mean_by_hand([0.0, 4.0], [0.5, 0.5], form)):
            mean = Mean((zero, four), Shares(np.array(weights)), form, (Affine(),) * 2, Affine())
            assert evaluate(mean, Draws(1, {})) == pytest.approx([expected], rel=1e-12)
        negative = Mean((Fixed(np.array([-1e-9])), four), Shares(np.array([0.5, 0.5])), form, (Affine(),) * 2, Affine())
        assert np.isnan(evaluate(negative, Draws(1, {})))[0]


def test_weights_of_those_that_stay():
    """What is left out gives its weight to the rest; where the rest has none, there is none."""
    drawn = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
    draws = Draws(2, {"n": drawn})
    some = Shares(name="n", columns=(1, 2), partial=True)
    found = weights_of(some, draws)
    assert found[0] == pytest.approx([0.6, 0.4])
    assert np.isnan(found[1]).all()
    moved = Shares(name="n", columns=(2, 0, 1), partial=True)
    assert weights_of(moved, draws)[0] == pytest.approx([0.2, 0.5, 0.3])
    nested = Nested(Shares(np.array([0.25, 0.75])), (None, Shares(name="n", columns=(0, 1, 2))))
    assert weights_of(nested, draws)[0] == pytest.approx([0.25, 0.375, 0.225, 0.15])
    constant = Nested(Shares(np.array([0.25, 0.75])), (Shares(np.array([0.5, 0.5])), None))
    assert weights_of(constant, draws) == pytest.approx([0.125, 0.125, 0.75])


def test_what_is_drawn_observed_and_disturbed():
    draws = Draws(2, {}, {"a": np.array([[1.0, 2.0], [3.0, 4.0]]), "e": np.array([[0.5, 0.0], [0.0, -0.5]])})
    assert evaluate(Drawn("a"), draws).tolist() == [[1, 2], [3, 4]]
    assert evaluate(Perturbed(Fixed(np.array([10.0, 20.0])), "e"), draws).tolist() == [[10.5, 20], [10, 19.5]]
    here = np.array([True, False])
    given_here = Observed(here, Fixed(np.array([7.0, NAN])), Drawn("a"))
    assert evaluate(given_here, draws).tolist() == [[7, 2], [7, 4]]
    alone = evaluate(Observed(here, Fixed(np.array([7.0, 8.0])), None), draws)
    assert (alone[0], math.isnan(alone[1])) == (7, True)


@pytest.mark.parametrize(
    ("kind", "bound", "expected"),
    [
        ("above", 50.0, [False, False, True]),
        ("at_least", 50.0, [False, True, True]),
        ("below", 50.0, [True, False, False]),
        ("at_most", 50.0, [True, True, False]),
    ],
)
def test_a_choice(kind, bound, expected):
    """Of scores 49, 50, 51 and none; the second case takes the rest but not where the condition meets a gap."""
    condition = Condition(Fixed(np.array([49.0, 50.0, 51.0, NAN])), ((kind, bound),))
    yes, no = Fixed(np.full(4, 1.0)), Fixed(np.full(4, 5.0))
    switch = Switch((Branch(yes, Affine(), condition), Branch(no, Affine(0.0, 2.0))))
    found = evaluate(switch, Draws(1, {}))
    assert found[:3].tolist() == [1.0 if one else 10.0 for one in expected]
    assert math.isnan(found[3])


def test_a_choice_by_what_is_drawn():
    draws = Draws(2, {}, {"a": np.array([[1.0, 9.0], [9.0, 1.0]])})
    switch = Switch(
        (
            Branch(Drawn("a"), Affine(), Condition(Drawn("a"), (("above", 5.0), ("below", 10.0)))),
            Branch(Fixed(np.array([3.0, 4.0])), Affine(1.0, 1.0)),
        ),
        absent=np.array([False, True]),
    )
    found = evaluate(switch, draws)
    assert found[:, 0].tolist() == [4.0, 9.0]
    assert np.isnan(found[:, 1]).all()


def test_closeness_to_the_ideal():
    """Hwang & Yoon (1981), with two members and weights that are drawn: d- / (d+ + d-) by hand."""
    draws = Draws(2, {"n": np.array([[0.5, 0.5], [0.8, 0.2]])})
    values = (Fixed(np.array([10.0, 40.0, 90.0])), Fixed(np.array([5.0, NAN, 30.0])))
    best, worst, length = np.array([80.0, 3.0]), np.array([0.0, 0.0]), np.array([1.0, 10.0])
    node = Closeness(
        values, Shares(name="n", columns=(0, 1)), best, worst, length, Affine(0.0, 100.0), np.array([False] * 3)
    )
    found = evaluate(node, draws)
    for run, (w, v) in enumerate([(0.5, 0.5), (0.8, 0.2)]):
        to_best, to_worst = math.hypot(w * 70, v * 2.5), math.hypot(w * 10, v * 0.5)
        assert found[run, 0] == pytest.approx(100 * to_worst / (to_best + to_worst), rel=1e-12)
        assert found[run, 1] == pytest.approx(50.0), "the one that is known is halfway"
        assert found[run, 2] == pytest.approx(100.0), "beyond the ideal counts as the ideal"


def test_changes_of_scale():
    first, second = Affine(2.0, 3.0), Affine(-1.0, 0.5)
    x = np.array([1.0, 10.0])
    assert first.after(second)(x) == pytest.approx(first(second(x)), rel=1e-15)
    assert Affine()(x) is x
    assert Affine(1e-13, 1.0).near_identity(100.0)
    assert not Affine(1e-9, 1.0).near_identity(100.0)
    assert not Affine(0.0, 1.0 + 1e-12).near_identity(100.0)


@pytest.mark.parametrize(("form", "values"), [(Form("power", p), [3.0, 80.0]) for p in (1e-9, -1e-9, 60.0, -60.0, 1.0)])
def test_power_means_between_their_limits(form, values):
    """Near p = 0 the geometric mean, with digits to spare; far from it the largest or the smallest but for w^(1/p)."""
    mean = Mean(
        tuple(Fixed(np.array([x])) for x in values), Shares(np.array([0.4, 0.6])), form, (Affine(),) * 2, Affine()
    )
    assert evaluate(mean, Draws(1, {})) == pytest.approx([mean_by_hand(values, [0.4, 0.6], form)], rel=1e-12)


@pytest.mark.parametrize("inner", [Form("harmonic"), Form("power", -1.5), Form("power", -0.01), Form("geometric")])
def test_a_zero_below_is_a_zero_however_little_it_counts_above(inner):
    """0^w is 0 for every w > 0; a stand-in for 0 such as 1e-300 would be 0.5 with w = 0.001."""
    below = Mean((Fixed(np.array([0.0])),), Shares(np.ones(1)), inner, (Affine(),), Affine())
    weights = Shares(np.array([0.001, 0.999]))
    above = Mean((below, Fixed(np.array([50.0]))), weights, Form("geometric"), (Affine(),) * 2, Affine())
    assert evaluate(above, Draws(1, {})).tolist() == [0.0]
