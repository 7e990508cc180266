"""Answers of several options: shares of each, with and without an option that stands alone."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from dtindex.synthetic.ticks import TickRule, Ticks, draw_ticks, tick_rule

ROWS = 200_000
LOADING = 0.8


def drawn(rule: TickRule, seed: int = 1) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Ticks ``(rows, options)`` and the dimension ``(rows,)``."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(ROWS)
    bits = draw_ticks(rng, rule, factor)
    return np.column_stack([bits >> np.uint64(o) & np.uint64(1) == 1 for o in range(len(rule.ticks.alone))]), factor


def close(share: float) -> float:
    return 5 * math.sqrt(max(share * (1 - share), 1e-4) / ROWS)


@pytest.mark.parametrize(
    ("alone", "pinned"),
    [
        ((False, False, False), {}),
        ((False, False, False, True), {}),
        ((False, False, False, True), {3: 0.1}),
        ((False, False, True, True), {2: 0.1, 3: 0.3}),
    ],
)
def test_every_option_has_its_share(alone: tuple[bool, ...], pinned: dict[int, float]) -> None:
    ticks = Ticks(alone, np.ones(len(alone)), pinned)
    wanted = np.array([0.7, 0.5, 0.36])[: len(ticks.others)]
    if len(wanted) == 2:
        wanted = np.array([0.55, 0.25])
    rule = tick_rule(ticks, wanted, LOADING)
    found, _ = drawn(rule)
    marginals = rule.marginals()
    assert marginals[ticks.others] == pytest.approx(wanted, abs=1e-9)
    for option, share in enumerate(marginals):
        assert found[:, option].mean() == pytest.approx(share, abs=close(share))
    for option, share in pinned.items():
        assert marginals[option] == pytest.approx(share, abs=1e-9)


def test_nobody_is_without_a_tick_where_that_would_be_no_answer() -> None:
    found, _ = drawn(tick_rule(Ticks((False,) * 3, np.ones(3), {}), np.array([0.6, 0.5, 0.4]), LOADING))
    assert found.any(axis=1).all()


def test_who_ticks_nothing_is_left_empty_where_ticks_are_too_few() -> None:
    # Shares that sum to less than 1 cannot give everybody a tick.
    found, _ = drawn(tick_rule(Ticks((False,) * 2, np.ones(2), {}), np.array([0.3, 0.2]), LOADING))
    assert found.mean(axis=0) == pytest.approx([0.3, 0.2], abs=close(0.3))
    assert not found.any(axis=1).all()


def test_the_option_that_stands_alone_stands_alone() -> None:
    found, _ = drawn(tick_rule(Ticks((False, False, True), np.ones(3), {}), np.array([0.5, 0.3]), LOADING))
    assert np.array_equal(found[:, 2], ~found[:, :2].any(axis=1))


def test_a_sign_turns_an_option_round() -> None:
    found, factor = drawn(
        tick_rule(Ticks((False, False, True), np.array([1.0, -1.0, 1.0]), {}), np.array([0.5, 0.5]), LOADING)
    )
    assert np.corrcoef(found[:, 0], factor)[0, 1] > 0.5
    assert np.corrcoef(found[:, 1], factor)[0, 1] < -0.5


@pytest.mark.parametrize("alone", [(False, False, False), (False, False, False, True)])
def test_sums_are_those_of_drawn_answers(alone: tuple[bool, ...]) -> None:
    points = np.array([1.0, 2.5, -1.0, 0.0])[: len(alone)]
    rule = tick_rule(Ticks(alone, np.ones(len(alone)), {}), np.array([0.7, 0.5, 0.3]), LOADING)
    totals, chances = rule.sums(points)
    assert chances.sum() == pytest.approx(1)
    attainable = {round(sum(some), 9) for some in itertools.product(*((0.0, p) for p in points))}
    assert set(np.round(totals, 9)) <= attainable
    found, _ = drawn(rule)
    sums = found @ points
    for total in attainable:
        share = chances[np.isclose(totals, total)].sum()
        assert np.isclose(sums, total).mean() == pytest.approx(share, abs=close(share))


def test_an_impossible_share_of_the_option_that_stands_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="does not go together"):
        tick_rule(Ticks((False, False, True), np.ones(3), {2: 0.5}), np.array([0.2, 0.2]), LOADING)
