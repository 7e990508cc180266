"""Mixed weights and caps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.steps.weight.base import shares
from dtindex.steps.weight.caps import CannotKeep, capped
from dtindex.steps.weight.mix import game

COLUMNS = {"a": [0, 5, 10, 1], "b": [3, 9, 0, 1], "c": [0, 0, 7, 0]}


def blocks(weights, given_weights=("", "", "")):
    indicators = ", ".join(f"{{id: {name}, parent: index{w}}}" for name, w in zip("abc", given_weights, strict=True))
    return f"""\
        defaults: {{normalise: {{method: min-max}}}}
        nodes: [{{id: index, weights: {weights}}}]
        indicators: [{indicators}]
        """


def effective(score, weights, *given_weights):
    return np.array(list(score(blocks(weights, given_weights or ("", "", "")), COLUMNS).effective.values()))


def test_half_and_half(score):
    parts = [effective(score, f"{{method: {method}}}") for method in ("entropy", "critic")]
    mixed = effective(score, "{method: mix, of: [{share: 0.3, method: entropy}, {share: 0.7, method: critic}]}")
    assert mixed == pytest.approx(0.3 * parts[0] + 0.7 * parts[1], abs=1e-15)


def test_judgement_and_data(score):
    """Additive combination of AHP and entropy, METHODS.md 3.12; 3 : 1 and 1 : 1 of consistent judgements."""
    judged = "{share: 0.5, method: ahp, order: [a, b, c], judgements: [[3, 3], [1]]}"
    mixed = effective(score, f"{{method: mix, of: [{judged}, {{share: 0.5, method: entropy}}]}}")
    expected = (np.array([0.6, 0.2, 0.2]) + effective(score, "{method: entropy}")) / 2
    assert mixed == pytest.approx(expected, abs=1e-12)


def test_given_and_budget(score):
    points = "{share: 0.5, method: budget, order: [c, b, a], experts: [{name: Li, points: [70, 20, 10]}]}"
    mixture = f"{{method: mix, of: [{points}, {{share: 0.5, method: given}}]}}"
    found = effective(score, mixture, ", weight: 2", ", weight: 1", ", weight: 1")
    assert found == pytest.approx([(0.1 + 0.5) / 2, (0.2 + 0.25) / 2, (0.7 + 0.25) / 2])


def test_caps_by_hand():
    """.5 .3 .2 with caps .4 on the first: .1 goes 3 : 2; with .35 on the second too, what it cannot take goes on."""
    assert capped(np.array([0.5, 0.3, 0.2]), np.array([0.4, 1, 1])) == pytest.approx([0.4, 0.36, 0.24])
    assert capped(np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 1])) == pytest.approx([0.4, 0.35, 0.25])
    assert capped(np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 0.25])) == pytest.approx([0.4, 0.35, 0.25])


def test_caps_below_what_is_possible():
    with pytest.raises(CannotKeep):
        capped(np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.2]))
    with pytest.raises(CannotKeep):  # the third has no weight that could grow
        capped(np.array([0.6, 0.4, 0.0]), np.array([0.4, 0.4, 1]))


def test_caps_that_only_data_make_impossible(codes_of, score):
    """c does not vary, so the other two would have to hold all the weight between them."""
    text = blocks("{method: entropy, at_most: {a: 0.4, b: 0.4}}").replace("min-max", "none")
    assert codes_of(text, {**COLUMNS, "c": [7, 7, 7, 7]}) == ["DT344"]
    assert score(text, COLUMNS).effective["a"] <= 0.4


@given(
    weights=st.lists(st.floats(0.001, 1), min_size=2, max_size=8),
    limits=st.lists(st.floats(0.05, 1), min_size=8, max_size=8),
)
def test_capped_weights_keep_their_caps_and_their_order(weights, limits):
    own, caps = shares(np.array(weights)), np.array(limits[: len(weights)])
    try:
        found = capped(own, caps)
    except CannotKeep:
        assert caps.sum() < 1 + 1e-9
        return
    assert found.sum() == pytest.approx(1)
    assert (found <= caps + 1e-12).all()
    free = found < caps - 1e-12
    assert np.allclose(found[free] / own[free], (found[free] / own[free])[:1].sum() if free.any() else 1)
    assert (found[free] >= own[free] - 1e-12).all()


# METHODS.md, section 3.12.
@pytest.mark.parametrize(
    ("one", "other", "shares_", "weights"),
    [
        ((0.5, 0.3, 0.2), (0.2, 0.3, 0.5), (0.5, 0.5), (0.35, 0.3, 0.35)),
        ((0.6, 0.3, 0.1), (0.3, 0.3, 0.4), (0.7870370, 0.2129630), (0.5361111, 0.3, 0.1638889)),
    ],
)
def test_the_game_of_two_weightings(one, other, shares_, weights):
    found, coefficients = game([np.array(one), np.array(other)])
    assert coefficients == pytest.approx(shares_, abs=5e-8)
    assert found == pytest.approx(weights, abs=5e-8)


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("additive", (0.45, 0.3, 0.25)),
        ("multiplicative", (0.5806452, 0.2903226, 0.1290323)),
        ("relative-entropy", (0.4590291, 0.3245826, 0.2163884)),
        ("game", (0.5361111, 0.3, 0.1638889)),
    ],
)
def test_combinations_in_an_index(score, combine, expected):
    experts = [
        f"{{method: budget, share: 0.5, order: [a, b, c], experts: [{{name: e, points: {points}}}]}}"
        for points in ("[60, 30, 10]", "[30, 30, 40]")
    ]
    text = f"""\
        defaults: {{normalise: {{method: none}}}}
        nodes: [{{id: index, weights: {{method: mix, combine: {combine}, of: [{", ".join(experts)}]}}}}]
        indicators: [{{id: a, parent: index}}, {{id: b, parent: index}}, {{id: c, parent: index}}]
        """
    found = score(text, {"a": [1], "b": [2], "c": [3]})
    assert found.effective == pytest.approx(dict(zip("abc", expected, strict=True)), abs=5e-8)
    told = [one.message for one in found.findings if one.code == "DT343" and "game" in one.message]
    assert told == (["weights by `mix` as a game: shares budget 0.7870, budget 0.2130"] if combine == "game" else [])
