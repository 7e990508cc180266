"""From the expression of a node's score to sums that are largest and smallest where its order is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.admissible import Admissible, Hull
from dtindex.engine.composite import (
    Affine,
    Draws,
    Expression,
    Fixed,
    Form,
    Mean,
    Nested,
    Observed,
    Weighting,
    evaluate,
)
from dtindex.engine.weight_tree import Branch, Member, WeightTree
from dtindex.steps.types import FloatArray

__all__ = ["Linear", "drawn_in", "linear_form"]

_INFINITE = 1e250


@dataclass(frozen=True, eq=False)
class Linear:
    """Sums ``v @ x`` over leaf weights ``v`` that order the units as their scores do.

    ``low`` and ``high`` ``(n, columns)`` are the same but where a value is missing, in whose place stands the least and
    the most that it may count for. ``held`` are nodes whose weights are free and lie below another form: they are at
    their own weights here.
    """

    tree: WeightTree
    low: FloatArray
    high: FloatArray
    form: Form
    points: bool
    """Whether a sum is the score itself."""
    held: tuple[str, ...]

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """Units ``(n,)`` some of whose values are missing below a free weight."""
        gaps: NDArray[np.bool_] = (self.low != self.high).any(axis=1)
        return gaps

    @property
    def spread(self) -> float:
        """What differences of the sums are measured by."""
        known = self.high[np.abs(self.high) < _INFINITE]
        return float(np.ptp(known)) if known.size and np.ptp(known) > 0 else 1.0


@dataclass(eq=False)
class _Node:
    name: str
    weights: Admissible
    members: list[_Part] = field(default_factory=list)


_Part: TypeAlias = "_Node | FloatArray"


def linear_form(expression: Expression, sets: Mapping[str, Admissible], nominal: Draws) -> Linear | None:
    """The linear form of a score; None where it is no mean whose weights are free."""
    mean = expression.computed if isinstance(expression, Observed) else expression
    if not isinstance(mean, Mean):
        return None
    builder = _Builder(mean.form, sets, nominal)
    root = builder.mean(mean, Affine())
    if isinstance(expression, Observed) and isinstance(root, _Node):
        _override(root, expression.here, mean.form.forward(_inward(mean, evaluate(expression.given, nominal))))
    if not isinstance(root, _Node):
        return None
    columns: list[FloatArray] = []
    rising = mean.form.name not in ("harmonic",) and not (mean.form.name == "power" and mean.form.exponent < 0)
    upward = rising == (mean.back.slope > 0)
    points = mean.form.name == "arithmetic"
    tree = WeightTree(_numbered(root, columns, count()), len(columns))
    values = np.stack(columns, axis=1)
    low, high = values.copy(), values.copy()
    _fill(tree.root, low, high)
    if points:
        ends = mean.back(low), mean.back(high)
        low, high = ends if mean.back.slope > 0 else ends[::-1]
    elif not upward:
        low, high = -high, -low
    return Linear(tree, low, high, mean.form, points, tuple(dict.fromkeys(builder.held)))


def _inward(mean: Mean, scores: FloatArray) -> FloatArray:
    """What a mean's own score is before it is put on the scale."""
    return Affine(-mean.back.offset / mean.back.slope, 1.0 / mean.back.slope)(scores)


class _Builder:
    def __init__(self, form: Form, sets: Mapping[str, Admissible], nominal: Draws) -> None:
        self.form = form
        self.sets = sets
        self.nominal = nominal
        self.held: list[str] = []

    def mean(self, mean: Mean, outward: Affine) -> _Part:
        """A mean of the form; ``outward`` takes its members, once mapped, to the scale of the whole."""
        arithmetic = self.form.name == "arithmetic"
        maps = [outward.after(one) if arithmetic else one for one in mean.maps]
        return self._branch(mean.weighting, iter(list(zip(mean.members, maps, strict=True))))

    def _branch(self, weighting: Weighting, members: Iterator[tuple[Expression, Affine]]) -> _Part:
        if isinstance(weighting, Nested):
            outer = self._branch_of(weighting.outer)
            for inner in weighting.inner:
                outer.members.append(self._leaf(*next(members)) if inner is None else self._branch(inner, members))
            return _joined(outer)
        node = self._branch_of(weighting)
        node.members += [self._leaf(*next(members)) for _ in range(node.weights.items)]
        return _joined(node)

    def _branch_of(self, weighting: Weighting) -> _Node:
        assert not isinstance(weighting, Nested)
        if weighting.constant is not None:
            return _Node("", Hull(weighting.constant[None, :]))
        return _Node(weighting.name, self.sets[weighting.name])

    def _leaf(self, member: Expression, to_scale: Affine) -> _Part:
        if isinstance(member, Fixed):
            return self.form.forward(to_scale(member.values))
        inner = member.computed if isinstance(member, Observed) else member
        if isinstance(inner, Mean) and self._joins(inner, to_scale):
            part = self.mean(inner, to_scale.after(inner.back))
            if isinstance(member, Observed):
                given = self.form.forward(to_scale(evaluate(member.given, self.nominal)))
                part = _override(part, member.here, given)
            return part
        self.held += drawn_in(member)
        values = evaluate(member, self.nominal)
        return self.form.forward(to_scale(values[0] if values.ndim == 2 else values))

    def _joins(self, mean: Mean, to_scale: Affine) -> bool:
        if mean.form != self.form or mean.decimals is not None:
            return False
        return self.form.name == "arithmetic" or to_scale.after(mean.back).near_identity(1.0)


def _joined(node: _Node) -> _Part:
    """One column where a node's weights cannot vary: the mean over what is known, as it is scored."""
    if not node.weights.point or any(isinstance(member, _Node) for member in node.members):
        return node
    weights = node.weights.largest_at(np.zeros(node.weights.items)).tolist()
    total, known = np.zeros(_length(node)), np.zeros(_length(node))
    for member, weight in zip(node.members, weights, strict=True):
        assert not isinstance(member, _Node)
        here = ~np.isnan(member)
        total[here] += weight * member[here]
        known[here] += weight
    mean: FloatArray = np.divide(total, known, out=np.full(total.shape, np.nan), where=known > 0)
    return mean


def _length(node: _Node) -> int:
    first = node.members[0]
    return _length(first) if isinstance(first, _Node) else len(first)


def _override(part: _Part, here: NDArray[np.bool_], given: FloatArray) -> _Part:
    """Units whose score is given have it at every leaf, so that no weight moves it."""
    if not isinstance(part, _Node):
        return np.where(here, given, part)
    part.members = [_override(member, here, given) for member in part.members]
    return part


def _numbered(node: _Node, columns: list[FloatArray], unnamed: Iterator[int]) -> Branch:
    members: list[Member] = []
    for member in node.members:
        if isinstance(member, _Node):
            members.append(_numbered(member, columns, unnamed))
        else:
            columns.append(member)
            members.append(len(columns) - 1)
    # A branch between free ones whose own weights are given has no name, and needs one of its own.
    return Branch(node.name or f"#{next(unnamed)}", node.weights, tuple(members))


def _fill(branch: Branch, low: FloatArray, high: FloatArray) -> list[int]:
    """Put the least and the most of what is known below a node in the place of what is not; the node's columns."""
    columns = [
        column
        for member in branch.members
        for column in (_fill(member, low, high) if isinstance(member, Branch) else [member])
    ]
    for ends, end in ((low, np.fmin), (high, np.fmax)):
        own = ends[:, columns]
        filled = np.where(np.isnan(own), end.reduce(own, axis=1)[:, None], own)
        ends[:, columns] = filled
    return columns


def drawn_in(expression: Expression) -> list[str]:
    """Names of the nodes below an expression whose weights are drawn."""
    found: list[str] = []
    waiting: list[object] = [expression]
    while waiting:
        one = waiting.pop(0)
        weighting = getattr(one, "weighting", None)
        if weighting is not None:
            found += _names(weighting)
        waiting += list(getattr(one, "members", ()))
        waiting += [branch.member for branch in getattr(one, "branches", ())]
        waiting += [branch.when.of for branch in getattr(one, "branches", ()) if branch.when is not None]
        waiting += [below for name in ("of", "given", "computed") if (below := getattr(one, name, None)) is not None]
    return list(dict.fromkeys(found))


def _names(weighting: Weighting) -> list[str]:
    if isinstance(weighting, Nested):
        inner = [name for one in weighting.inner if one is not None for name in _names(one)]
        return [*_names(weighting.outer), *inner]
    return [weighting.name] if weighting.name else []
