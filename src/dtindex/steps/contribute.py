"""How many points of a score come from each item: its share of the full marks, less what it loses of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dtindex.status import Status
from dtindex.steps.aggregate.apart import Amount, Apart, Pair
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.decompose import Walked, on_scale
from dtindex.steps.node import NodeStep
from dtindex.steps.plan import Plan
from dtindex.steps.types import FloatArray

__all__ = ["Contributions", "contributions", "tops_of"]

_OBSERVED = np.uint16(Status.OBSERVED)


@dataclass
class Contributions:
    """Points of the root's score that come from each item, ``(rows,)`` by item, and what they fall short of.

    ``full`` are the points that an item would bring if everything below it were at the top of its scale; ``points`` are
    ``full`` less what is lost. Members' points sum to those of the node, but for its rounding.
    """

    points: dict[str, FloatArray] = field(default_factory=dict)
    full: dict[str, FloatArray] = field(default_factory=dict)


def contributions(state: Walked, tops: Mapping[str, float], root: str) -> Contributions:
    """Points of the root's score by item below ``root``; ``tops`` are the best scores of items on an open scale.

    A member's points are its share of the full marks, less its part of what the node falls short of them, told apart as
    any difference is: for a linear mean that is ``w x``. NaN in rows in which the root has no score, and below a node
    whose score the table gave; 0 for what is missing.
    """
    found = Contributions()
    whole = state.parts[root].values
    rows = len(whole)
    ideal = _Ideal(state, tops)
    best = ideal.of(root)
    found.points[root], found.full[root] = whole, _spread(best, rows)
    _share_out(found, ideal, root, best, 1.0, np.isnan(whole))
    for item in state.plan.tree.walk(root)[::-1]:
        if item not in found.points and item in state.parts:
            below = [child for child in state.plan.tree.children.get(item, ()) if child in found.points]
            gaps = np.full(rows, np.nan)
            found.points[item] = sum((found.points[child] for child in below), np.zeros(rows)) if below else gaps
            found.full[item] = sum((found.full[child] for child in below), np.zeros(rows)) if below else gaps
    return found


def tops_of(plan: Plan, items: Sequence[str], ranked: FloatArray) -> dict[str, float]:
    """The best score of each item on an open scale, among those of the ranked units ``(rows, items)``."""
    found = [(item, ranked[:, column]) for column, item in enumerate(items) if plan.scales[item] == "open"]
    return {item: float(np.nanmax(scores)) for item, scores in found if not np.isnan(scores).all()}


class _Ideal:
    """The best that each item could be: the top of its scale; of open scales the best score that there is."""

    def __init__(self, state: Walked, tops: Mapping[str, float]) -> None:
        self.state, self.tops = state, tops
        self.known: dict[str, Amount] = {}

    def of(self, item: str) -> Amount:
        """One number, or ``(rows,)`` where it depends on what is missing."""
        if item not in self.known:
            self.known[item] = self._found(item)
        return self.known[item]

    def top(self, item: str) -> float:
        """Of an item that is looked at as it stands."""
        scale = self.state.plan.scales[item]
        return self.tops.get(item, 0.0) if scale == "open" else scale[1]

    def members(self, node: str) -> list[Amount]:
        """Of a node's members, on the node's scale."""
        plan = self.state.plan
        return [_mapped(plan, node, member, self.of(member)) for member in plan.members[node]]

    def _found(self, item: str) -> Amount:
        state, step = self.state, self.state.step(item)
        given = state.given(item)
        if step is None or given.all() or not step.aggregator.divisible:
            return self.top(item)
        tops = self.members(item)
        first = tops[0]
        if step.aggregator.idempotent and isinstance(first, float) and all(_same(first, other) for other in tops):
            best: Amount = first
        else:
            own = step.inputs(state.parts, state.weights[item])
            columns = [
                np.where(np.isnan(x), np.nan, _spread(top, len(x))) for x, top in zip(own.columns, tops, strict=True)
            ]
            inputs = Inputs(own.ids, columns, own.weights, own.complete, own.lookup)
            best = step.aggregator.combine(inputs, state.learned.get(item, {}), state.scale(item))
        return best if isinstance(best, float) and not given.any() else np.where(given, self.top(item), best)


def _same(one: float, other: Amount) -> bool:
    return isinstance(other, float) and one == other


def _share_out(
    found: Contributions, ideal: _Ideal, node: str, full: Amount, slope: Amount, blank: NDArray[np.bool_]
) -> None:
    """Divide a node's full marks among its members, and what it loses of them; nothing is told of ``blank`` rows."""
    state, step = ideal.state, ideal.state.step(node)
    if step is None:
        return
    if not step.aggregator.divisible:  # a place among others is not made up of points
        for item in state.plan.tree.walk(node)[1:]:
            if item in state.parts:
                found.points[item] = found.full[item] = np.full(len(blank), np.nan)
        return
    part = state.parts[node]
    rows = len(part.values)
    own = step.inputs(state.parts, state.weights[node])
    tops, weights = ideal.members(node), step.aggregator.weights_of(own)
    whole = float(sum(own.weights))
    told = _losses(ideal, node, step, own, tops, weights)
    blank = blank | ((part.flags & _OBSERVED) != 0)
    missing = np.zeros(0, dtype=bool) if part.complete else np.isnan(part.values) & ~blank
    shares = step.aggregator.shares(weights, whole)
    total: Amount = sum(shares, 0.0)
    of_tops: Amount = sum((share * top for share, top in zip(shares, tops, strict=True)), 0.0)
    for member, share, top, lost, steepness in zip(own.ids, shares, tops, told.data, told.slopes, strict=True):
        relative = _quotient(share, total)
        with np.errstate(invalid="ignore", over="ignore"):
            # The second term is zero where all members have one top, and for a linear mean makes the points w x.
            marks = relative * full + slope * (share * top - relative * of_tops)
            points = marks - slope * lost
            below = slope * steepness * on_scale(state.plan, node, member)
        if missing.any():
            marks, points, below = (np.where(missing, 0.0, amount) for amount in (marks, points, below))
        for amounts, amount in ((found.points, points), (found.full, marks)):
            amounts[member] = np.where(blank, np.nan, amount) if blank.any() else _spread(amount, rows)
        _share_out(found, ideal, member, marks, below, blank)


def _losses(
    ideal: _Ideal, node: str, step: NodeStep, own: Inputs, tops: Sequence[Amount], weights: Sequence[Amount]
) -> Apart:
    """What a node falls short of its best, told apart among its members."""
    state = ideal.state
    if state.given(node).all():
        nothing: list[Amount] = [0.0] * len(tops)
        return Apart(nothing, nothing, nothing)
    values = state.parts[node].values
    columns = [
        x if whole else np.where(np.isnan(x), _spread(top, len(values)), x)
        for x, top, whole in zip(own.columns, tops, own.complete, strict=True)
    ]
    whole = float(sum(own.weights))
    pair = Pair((columns, tops), (weights, weights), False, (whole, whole))
    ends = (values, _spread(ideal.of(node), len(values)))
    return step.aggregator.apart(pair, ends, state.learned.get(node, {}), state.scale(node))


def _quotient(share: Amount, total: Amount) -> Amount:
    if isinstance(total, float):
        return share / total if total else share * 0.0
    return share / np.where(total == 0, 1.0, total)


def _spread(amount: Amount, rows: int) -> FloatArray:
    return np.broadcast_to(np.asarray(amount, dtype=np.float64), (rows,))


def _mapped(plan: Plan, node: str, member: str, score: Amount) -> Amount:
    """A member's score on the node's scale."""
    factor = on_scale(plan, node, member)
    own, whole = plan.scales[member], plan.scales[node]
    if factor == 1.0 and (own == whole or own == "open" or whole == "open"):
        return score
    if not plan.steps[node].aggregator.keeps_scale or own == "open" or whole == "open":
        return score
    return whole[0] + (score - own[0]) * factor
