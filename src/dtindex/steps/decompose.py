"""Why a score is what it is: a difference of two states of a tree told apart down to its leaves, without a residual.

A node's difference is told apart among its members by its aggregation (:meth:`Aggregator.apart`): what their scores
did, and what their weights did. A member's part is divided among its own members in the same proportions as its own
difference, so that the parts of the leaves, of the weights and of the rounding sum to the root's difference. Rows are
worked on together; no row looks at another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Interval
from dtindex.status import Status, StatusArray
from dtindex.steps.aggregate import Aggregator
from dtindex.steps.aggregate.apart import Amount, Apart, Pair
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.shapley import EXACT
from dtindex.steps.coverage import Extent
from dtindex.steps.node import NodeStep, Part
from dtindex.steps.plan import Plan
from dtindex.steps.types import FloatArray, State

__all__ = ["Differences", "Walked", "differences", "method_of", "methods_of", "on_scale", "parts_of"]

Rows: TypeAlias = NDArray[np.bool_]
_OBSERVED = np.uint16(Status.OBSERVED)


@dataclass(frozen=True)
class Walked:
    """A tree with scores: the steps, each node's weights and learned parameters, and the parts of every item."""

    plan: Plan
    weights: Mapping[str, Sequence[float]]
    learned: Mapping[str, State]
    parts: Mapping[str, Part]

    def step(self, node: str) -> NodeStep | None:
        """The step of a node that is computed from members; None for all else."""
        return self.plan.steps.get(node) if self.plan.members.get(node) and node in self.weights else None

    def scale(self, node: str) -> Interval | None:
        """The ends of an item's scale; None of an open one."""
        scale = self.plan.scales[node]
        return None if scale == "open" else scale

    def given(self, item: str) -> Rows:
        """Rows ``(rows,)`` in which an item has no score that its members made: the table gave it, or there is none."""
        part = self.parts[item]
        given: Rows = (part.flags & _OBSERVED) != 0
        return given if part.complete else given | np.isnan(part.values)


@dataclass
class Differences:
    """What makes the difference of the root between two states, in points of the root, ``(rows,)`` by item.

    ``data``: of a leaf what its score did; ``weights``: of every item below the root what its weight did; ``own``: of a
    node what neither its members nor their weights explain: rounding on the way up, or another aggregation. All of
    them sum to the difference. ``part`` is the sum of what stands at an item and below it.
    """

    items: tuple[str, ...]
    rows: int
    data: dict[str, FloatArray] = field(default_factory=dict)
    weights: dict[str, FloatArray] = field(default_factory=dict)
    own: dict[str, FloatArray] = field(default_factory=dict)
    part: dict[str, FloatArray] = field(default_factory=dict)


def parts_of(items: Sequence[str], values: FloatArray, flags: StatusArray) -> dict[str, Part]:
    """Parts as a plan makes them from scores and flags ``(rows, items)``, which know no extent."""
    found = {}
    for column, item in enumerate(items):
        own: FloatArray = values[:, column]
        found[item] = Part(own, flags[:, column], Extent(), 1.0, not np.isnan(own).any())
    return found


def method_of(plan: Plan, node: str) -> str | None:
    """How a node's differences are told apart: ``bennet``, ``lmdi``, ``shapley``; None where it has no members."""
    step = plan.steps.get(node)
    if step is None or not plan.members[node] or not step.aggregator.divisible:
        return None
    method = step.aggregator.decomposition
    return f"{method}, sampled" if method == "shapley" and len(plan.members[node]) > EXACT else method


def methods_of(plan: Plan) -> dict[str, str]:
    """The same of every node that has members, in file order."""
    found = {node.id: method_of(plan, node.id) for node in plan.methodology.nodes}
    return {node: method for node, method in found.items() if method is not None}


def differences(first: Walked, second: Walked, root: str) -> Differences:
    """``second`` less ``first``, told apart below ``root``; NaN in rows in which one of them has no score there."""
    part = second.parts[root].values - first.parts[root].values
    below = [item for item in second.plan.tree.walk(root) if item in second.parts]
    if root in first.plan.tree.items:
        below += [item for item in first.plan.tree.walk(root) if item in first.parts and item not in below]
    found = Differences(tuple(below), len(part))
    _descend(found, first, second, root, part, 1.0)
    unknown = np.isnan(part)
    for item in below:
        for kind in (found.data, found.weights, found.own):
            kind[item] = np.where(unknown, np.nan, kind.get(item, 0.0))
    _add_up(found, first, second, root)
    return found


def _add_up(found: Differences, first: Walked, second: Walked, root: str) -> None:
    """What stands at an item and below it, along the second tree; an item that it lacks is where the first has it."""
    new, old = second.plan.tree, first.plan.tree
    placed = new.walk(root)
    children = {item: list(new.children.get(item, ())) if item in placed else [] for item in found.items}
    for item in found.items:
        if item not in placed:
            parent = old.items[item].parent
            if parent in children:
                children[parent].append(item)

    def total(item: str) -> FloatArray:
        if item not in found.part:
            own = found.data[item] + found.weights[item] + found.own[item]
            for child in children[item]:
                if child in found.data:
                    own = own + total(child)
            found.part[item] = own
        return found.part[item]

    for item in found.items:
        total(item)


def _put(kind: dict[str, FloatArray], item: str, amount: FloatArray) -> None:
    """Add to what stands at an item: one that moved in the tree is met in both places."""
    kind[item] = kind[item] + amount if item in kind else amount


def _descend(found: Differences, first: Walked, second: Walked, item: str, part: FloatArray, slope: Amount) -> None:
    """Divide an item's ``part``, which is ``slope`` times its own difference, among its members."""
    steps = (first.step(item), second.step(item))
    closed = np.ones(found.rows, dtype=bool)
    apart = None
    if steps[0] is not None and steps[1] is not None:
        closed = first.given(item) | second.given(item)
        if not closed.all():
            apart = _told_apart(first, second, item, steps[0], steps[1])
    if apart is None:
        _put(found.data, item, part)
        return
    members, told = apart
    scores = [_times(slope, amount, found.rows) for amount in told.data]
    weights = [_times(slope, amount, found.rows) for amount in told.weights]
    for amounts in (scores, weights):
        for amount in amounts:
            closed = closed | ~np.isfinite(amount)
    own = part.copy()
    for member, data, weight in zip(members, scores, weights, strict=True):
        data[closed] = 0.0
        weight[closed] = 0.0
        own -= data
        own -= weight
        _put(found.weights, member, weight)
    _put(found.data, item, np.where(closed, part, 0.0))
    _put(found.own, item, np.where(closed, 0.0, own))
    for member, data, steepness in zip(members, scores, told.slopes, strict=True):
        factor = _factor(first, second, item, member)
        with np.errstate(invalid="ignore", over="ignore"):
            below = None if factor is None else slope * steepness * factor
        _descend_or_stay(found, (first, second), member, data, below, closed)


def _descend_or_stay(
    found: Differences,
    states: tuple[Walked, Walked],
    member: str,
    part: FloatArray,
    slope: Amount | None,
    closed: Rows,
) -> None:
    first, second = states
    if slope is None or member not in first.parts or member not in second.parts:
        _put(found.data, member, part)
        return
    with np.errstate(invalid="ignore"):
        own = np.where(closed, 0.0, slope)
    _descend(found, first, second, member, part, np.where(np.isfinite(own), own, 0.0))


def _times(slope: Amount, amount: Amount, rows: int) -> FloatArray:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.array(np.broadcast_to(np.asarray(slope * amount, dtype=np.float64), (rows,)))


def _told_apart(
    first: Walked, second: Walked, node: str, one: NodeStep, other: NodeStep
) -> tuple[tuple[str, ...], Apart] | None:
    """The parts of a node's members; None where the two states have nothing in common to be told apart by."""
    scales = (first.scale(node), second.scale(node))
    if scales[0] != scales[1] or (one.settings.scale == "open") != (other.settings.scale == "open"):
        return None
    members = tuple(dict.fromkeys((*one.members, *other.members)))
    learned = (first.learned.get(node, {}), second.learned.get(node, {}))
    if one.members != other.members and (learned[0] or learned[1]):
        return None
    ends = (first.parts[node].values, second.parts[node].values)
    if not (one.aggregator.divisible and other.aggregator.divisible):
        return None  # what other units did is in the difference too, and is no member's
    same = one.settings.aggregate == other.settings.aggregate and _equal(*learned)
    sides = [(one.aggregator, learned[0])] if same else [(one.aggregator, learned[0]), (other.aggregator, learned[1])]
    if any(set(_taken(aggregator)) - set(members) for aggregator, _ in sides):
        return None
    if any(
        item not in state.parts for aggregator, _ in sides for item in _asked(aggregator) for state in (first, second)
    ):
        return None
    inputs = [_inputs(state, step, members, node) for state, step in ((first, one), (second, other))]
    found = [
        aggregator.apart(_pair(aggregator if not same else None, inputs, (one, other)), ends, state, scales[0])
        for aggregator, state in sides
    ]
    return members, found[0] if same else _mean(*found)


def _taken(aggregator: Aggregator[object]) -> list[str]:
    """Children that the cases of an aggregation name."""
    return [case.take for case in getattr(aggregator.spec, "cases", ())]


def _asked(aggregator: Aggregator[object]) -> list[str]:
    """Items whose scores its conditions look at."""
    return [case.when.id for case in getattr(aggregator.spec, "cases", ()) if case.when is not None]


def _equal(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def _mean(one: Apart, other: Apart) -> Apart:
    """Half by the first aggregation, half by the second: what is left is what the change between them did."""

    def halves(first: Iterable[Amount], second: Iterable[Amount]) -> list[Amount]:
        return [(a + b) / 2 for a, b in zip(first, second, strict=True)]

    with np.errstate(invalid="ignore"):
        return Apart(halves(one.data, other.data), halves(one.weights, other.weights), halves(one.slopes, other.slopes))


def _inputs(state: Walked, step: NodeStep, members: tuple[str, ...], node: str) -> Inputs:
    """A state's inputs of a node, with nothing and no weight for members that only the other state has."""
    own = step.inputs(state.parts, state.weights[node])
    if step.members == members:
        return own
    at = {member: position for position, member in enumerate(step.members)}
    rows = own.columns[0].shape
    columns = [own.columns[at[member]] if member in at else np.full(rows, np.nan) for member in members]
    weights = [own.weights[at[member]] if member in at else 0.0 for member in members]
    complete = [member in at and own.complete[at[member]] for member in members]
    return Inputs(members, columns, weights, complete, own.lookup)


def _pair(aggregator: Aggregator[object] | None, inputs: Sequence[Inputs], steps: tuple[NodeStep, NodeStep]) -> Pair:
    """Two states of the members, seen with one aggregation; None for each with its own, where both are the same."""
    weights = [(aggregator or step.aggregator).weights_of(own) for own, step in zip(inputs, steps, strict=True)]
    scores: tuple[list[Amount], list[Amount]] = ([], [])
    moved: Rows | bool = False
    for position, (w0, w1) in enumerate(zip(*weights, strict=True)):
        x0, x1 = inputs[0].columns[position], inputs[1].columns[position]
        if not (inputs[0].complete[position] and inputs[1].complete[position]):
            gaps = (np.isnan(x0), np.isnan(x1))
            x0 = np.where(gaps[0], np.where(gaps[1], 1.0, x1), x0)
            x1 = np.where(gaps[1], x0, x1)
            moved = moved | ((gaps[0] != gaps[1]) & ((np.asarray(w0) > 0) | (np.asarray(w1) > 0)))
        if steps[0].aggregator.chooses:
            moved = moved | (w0 != w1)
        scores[0].append(x0)
        scores[1].append(x1)
    return Pair(scores, (weights[0], weights[1]), moved, (float(sum(inputs[0].weights)), float(sum(inputs[1].weights))))


def _factor(first: Walked, second: Walked, node: str, member: str) -> float | None:
    """Points on the node's scale for a point of the member; None where the member's scale is not one."""
    if member not in first.plan.scales or member not in second.plan.scales:
        return None
    if first.plan.scales[member] != second.plan.scales[member]:
        return None
    return on_scale(second.plan, node, member)


def on_scale(plan: Plan, node: str, member: str) -> float:
    """Points on a node's scale for a point of a member's score."""
    own, whole = plan.scales[member], plan.scales[node]
    if own == whole or own == "open" or whole == "open" or not plan.steps[node].aggregator.keeps_scale:
        return 1.0
    return (whole[1] - whole[0]) / (own[1] - own[0])
