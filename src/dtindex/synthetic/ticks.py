"""Answers of which any number can be ticked: one normal variable an option, so that every share is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from dtindex.synthetic.latents import FloatArray

__all__ = ["BASE", "MOST_OPTIONS", "TickRule", "Ticks", "draw_ticks", "tick_rule"]

BASE = 0.4
"""Share that an option is ticked by where nothing says another."""
MOST_OPTIONS = 62
"""Options that fit into the integer that holds an answer."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_MOST_SUMS = 4096


@dataclass(frozen=True)
class Ticks:
    """The options of a question of several answers, and the shares that are given."""

    alone: tuple[bool, ...]
    """Which options exclude the others: what is ticked where nothing else is."""
    signs: FloatArray
    """1 where ticking goes with a high dimension, -1 where with a low one ``(options,)``."""
    pinned: Mapping[int, float]

    @cached_property
    def others(self) -> NDArray[np.intp]:
        """Positions of the options that can be ticked together."""
        return np.flatnonzero(~np.array(self.alone))

    @cached_property
    def alones(self) -> NDArray[np.intp]:
        """Positions of the options that stand alone."""
        return np.flatnonzero(np.array(self.alone))

    @property
    def gate(self) -> float | None:
        """The given share of respondents to whom nothing else applies, or None."""
        given = [self.pinned[position] for position in self.alones.tolist() if position in self.pinned]
        return sum(given) if given else None

    def moves(self, position: int) -> bool:
        """Whether a shift changes an option's share."""
        return not self.alone[position] and position not in self.pinned

    def shares(self, shifts: FloatArray) -> FloatArray:
        """Shares of the options that can be ticked together ``(others,)``: given, or ``Phi(Phi^-1(0.4) + sign s)``."""
        free = ndtr(ndtri(BASE) + self.signs * shifts)
        shares: FloatArray = np.array([self.pinned.get(int(one), free[one]) for one in self.others])
        return shares


@dataclass(frozen=True)
class TickRule:
    """How one question's ticks are drawn, so that each option has its share.

    Where nobody may be without a tick, whoever has none gets one by ``forced``; the shares of the normal variables are
    smaller by ``c`` to make up for it: ``m_o = c m_o + P(none) m_o / sum m`` leads to ``c = 1 - P(none; c) / sum m``.
    """

    ticks: Ticks
    thresholds: FloatArray
    """``(others,)``: ticked where the normal variable is above."""
    loading: float
    gate: float = 0.0
    forced: FloatArray | None = None
    """Chances ``(others,)`` of the one tick of those who would have none."""

    @cached_property
    def given(self) -> FloatArray:
        """Chance of a tick given the dimension ``(nodes, others)``."""
        return _given(self.ticks, self.thresholds, self.loading)

    @property
    def none(self) -> float:
        """The share of those who tick nothing of their own accord."""
        return float(_WEIGHTS @ np.prod(1 - self.given, axis=1))

    def marginals(self) -> FloatArray:
        """The share of every option among those who answer ``(options,)``."""
        shares = np.zeros(len(self.ticks.alone))
        own = _WEIGHTS @ self.given
        none = self.none
        shares[self.ticks.others] = (1 - self.gate) * (own if self.forced is None else own + none * self.forced)
        if len(self.ticks.alones):
            alone = self.gate + (1 - self.gate) * (none if self.forced is None else 0.0)
            shares[self.ticks.alones] = alone * alone_chances(self.ticks)
        elif self.forced is None:
            shares /= 1 - none
        return shares

    def sums(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What points ``(options,)`` add up to, and how often, among those who answer."""
        others = points[self.ticks.others]
        totals, steps = _attainable(others)
        chances = np.zeros((len(_NODES), len(totals)))
        chances[:, _at(totals, 0.0)] = 1
        for option in range(len(others)):
            ticked = np.zeros_like(chances)
            np.add.at(ticked.T, steps[option], chances.T)
            share = self.given[:, option : option + 1]
            chances = (1 - share) * chances + share * ticked
        found = _WEIGHTS @ chances
        none = self.none
        found[_at(totals, 0.0)] -= none
        found *= 1 - self.gate
        if self.forced is not None:
            for option, chance in enumerate(self.forced):
                found[_at(totals, others[option])] += (1 - self.gate) * none * chance
        if len(self.ticks.alones):
            alone = self.gate + (1 - self.gate) * (none if self.forced is None else 0.0)
            totals = np.append(totals, points[self.ticks.alones])
            found = np.append(found, alone * alone_chances(self.ticks))
        return totals, found / found.sum()


def tick_rule(ticks: Ticks, shares: FloatArray, loading: float) -> TickRule:
    """The rule by which options have their ``shares`` ``(others,)``.

    Raises
    ------
    ValueError
        A given share of an option that stands alone leaves the others too few ticks, or more than all.
    """
    gate = ticks.gate
    wanted = shares / (1 - (gate or 0.0)) if gate != 1 else np.zeros(len(shares))
    total = float(wanted.sum())
    if gate is not None and (total <= 1 or wanted.max(initial=0.0) > 1):
        raise ValueError("the share of the option that stands alone does not go together with those of the others")
    must = gate is not None or not any(ticks.alone)
    if not must or total <= 1:
        return TickRule(ticks, _cuts(wanted), loading, gate or 0.0)

    def excess(factor: float) -> float:
        given = _given(ticks, _cuts(factor * wanted), loading)
        return float(1 - _WEIGHTS @ np.prod(1 - given, axis=1) / total - factor)

    factor = brentq(excess, 0.0, 1.0, xtol=1e-12) if excess(1.0) < 0 else 1.0
    return TickRule(ticks, _cuts(factor * wanted), loading, gate or 0.0, wanted / total)


def draw_ticks(rng: np.random.Generator, rule: TickRule, factor: FloatArray) -> NDArray[np.uint64]:
    """Answers ``(rows,)`` as bits, the first option the lowest; 0 where nothing is ticked."""
    rows = len(factor)
    own = np.sqrt(1 - rule.loading * rule.loading)
    answers = np.zeros(rows, dtype=np.uint64)
    for option, position in enumerate(rule.ticks.others.tolist()):
        latent = rule.ticks.signs[position] * rule.loading * factor + own * rng.standard_normal(rows)
        answers |= np.where(latent > rule.thresholds[option], np.uint64(1 << position), np.uint64(0))
    return _completed(rng, rule, answers)


def _completed(rng: np.random.Generator, rule: TickRule, answers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """With a tick for those who have none, and the option that stands alone for those to whom nothing applies."""
    rows = len(answers)
    stopped = rng.random(rows) < rule.gate if rule.gate > 0 else np.zeros(rows, dtype=bool)
    answers[stopped] = 0
    empty = np.flatnonzero((answers == 0) & ~stopped)
    if rule.forced is not None:
        answers[empty] = _one_of(rng, rule.ticks.others, rule.forced, len(empty))
    elif len(rule.ticks.alones):
        stopped[empty] = True
    if stopped.any():
        answers[stopped] = _one_of(rng, rule.ticks.alones, alone_chances(rule.ticks), int(stopped.sum()))
    return answers


def _one_of(
    rng: np.random.Generator, positions: NDArray[np.intp], chances: FloatArray, rows: int
) -> NDArray[np.uint64]:
    """One bit an answer, by chance."""
    ends = np.cumsum(chances)[:-1]
    bits = np.array([1 << position for position in positions.tolist()], dtype=np.uint64)
    chosen: NDArray[np.uint64] = bits[np.searchsorted(ends, rng.random(rows), side="right")]
    return chosen


def alone_chances(ticks: Ticks) -> FloatArray:
    """Chances of the options that stand alone, where one of them is ticked ``(alones,)``."""
    given = np.array([ticks.pinned.get(int(position), 0.0) for position in ticks.alones])
    return given / given.sum() if given.sum() > 0 else np.full(len(given), 1 / max(len(given), 1))


def _cuts(shares: FloatArray) -> FloatArray:
    cuts: FloatArray = -ndtri(np.clip(shares, 0.0, 1.0))
    return cuts


def _given(ticks: Ticks, thresholds: FloatArray, loading: float) -> FloatArray:
    signs = ticks.signs[ticks.others]
    spread = np.sqrt(1 - loading * loading)
    given: FloatArray = ndtr((signs * loading * _NODES[:, None] - thresholds) / spread)
    return given


def _attainable(points: FloatArray) -> tuple[FloatArray, list[NDArray[np.intp]]]:
    """Sums of subsets in increasing order, and for each option where a sum goes when its points are added.

    Where they are too many, they are rounded to 4,096 steps of their range.
    """
    totals = np.zeros(1)
    width = float(np.abs(points).sum())
    for value in points:
        totals = np.unique(np.round(np.concatenate((totals, totals + value)), 9))
        if len(totals) > _MOST_SUMS:
            step = width / _MOST_SUMS
            totals = np.unique(np.concatenate((np.round(totals / step) * step, [0.0])))
    return totals, [np.array([_at(totals, total + value) for total in totals]) for value in points]


def _at(totals: FloatArray, value: float) -> int:
    """The position of the attainable sum that is nearest to a value."""
    position = int(np.searchsorted(totals, value))
    near = [one for one in (position - 1, position) if 0 <= one < len(totals)]
    return min(near, key=lambda one: abs(float(totals[one]) - value))
