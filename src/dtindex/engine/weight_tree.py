"""Means of means whose weights are free at one level or several: what is largest whatever they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.admissible import Admissible
from dtindex.engine.admissible.base import FloatArray

__all__ = ["Branch", "Programme", "WeightTree"]

_PAIRS = 1 << 16
"""Numbers of a block of pairs."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A node: its members, branches or columns of the table below by position, and the weights it may give them."""

    name: str
    weights: Admissible
    members: tuple[Member, ...]


Member: TypeAlias = "Branch | int"


class Programme(NamedTuple):
    """All weights of a tree as ``low <= rows @ x <= high, x >= 0``; the first ``columns`` of ``x`` are leaf weights."""

    rows: FloatArray
    low: FloatArray
    high: FloatArray
    columns: int
    places: dict[str, tuple[int, tuple[int, ...]]]
    """By branch, where what flows into it and to its members stands in ``x``; -1 for the root, into which flows 1."""


@dataclass(frozen=True, eq=False)
class WeightTree:
    """Sums ``sum_j v_j x_j`` over leaves, whose effective weights ``v`` are products of the weights on the way down.

    Weights of one node do not depend on those of another, and none is negative: so a sum is largest where each node's
    is, worked out from below.
    """

    root: Branch
    columns: int

    @property
    def branches(self) -> tuple[Branch, ...]:
        """All branches, each before those below it."""
        return tuple(_walk(self.root))

    def largest(self, values: FloatArray) -> FloatArray:
        """``max_v sum_j v_j values_j`` ``(n,)`` of ``values`` ``(n, columns)``."""
        return _largest(self.root, values)

    def smallest(self, values: FloatArray) -> FloatArray:
        """``min_v sum_j v_j values_j`` ``(n,)``."""
        return -_largest(self.root, -values)

    def largest_at(self, values: FloatArray) -> dict[str, FloatArray]:
        """Weights by branch at which ``values`` ``(columns,)`` are largest."""
        found: dict[str, FloatArray] = {}
        _at(self.root, values, found)
        return found

    def pairs(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """``D[a, b] = max_v sum_j v_j (high[a, j] - low[b, j])`` ``(n, n)`` of every ordered pair; 0 on the diagonal.

        ``low`` and ``high`` ``(n, columns)`` are the same where every value is known. ``a`` is ahead of ``b`` whatever
        the weights where ``D[b, a] < 0``.
        """
        count = len(low)
        found = np.zeros((count, count))
        step = max(1, _PAIRS // max(1, count * self.columns))
        for start in range(0, count, step):
            rows = slice(start, min(start + step, count))
            differences = high[rows, None, :] - low[None, :, :]
            flat = differences.reshape(-1, self.columns)
            found[rows] = self.largest(flat).reshape(-1, count)
        np.fill_diagonal(found, 0.0)
        return found

    def effective(self, weights: dict[str, FloatArray]) -> FloatArray:
        """Leaf weights ``(columns,)`` of the weights of every branch."""
        found = np.zeros(self.columns)
        _effective(self.root, 1.0, weights, found)
        return found

    def some(self, count: int, seed: int) -> list[dict[str, FloatArray]]:
        """So many admissible weights, from extreme to inner ones, to start a search from."""
        rng = np.random.default_rng(seed)
        drawn = {one.name: one.weights.some(count, rng) for one in self.branches}
        for name, rows in drawn.items():  # corners of one node with corners of another
            drawn[name] = rows[rng.permutation(len(rows))] if name != self.root.name else rows
        return [{name: rows[at % len(rows)] for name, rows in drawn.items()} for at in range(count)]

    def programme(self) -> Programme:
        """The tree as rows of a linear programme."""
        return _programme(self)


def _walk(branch: Branch) -> Iterator[Branch]:
    yield branch
    for member in branch.members:
        if isinstance(member, Branch):
            yield from _walk(member)


def _largest(branch: Branch, values: FloatArray) -> FloatArray:
    plain = all(not isinstance(member, Branch) for member in branch.members)
    if plain:
        columns = [member for member in branch.members if not isinstance(member, Branch)]
        whole = columns == list(range(values.shape[1]))
        return branch.weights.largest(values if whole else values[:, columns])
    below = [_largest(member, values) if isinstance(member, Branch) else values[:, member] for member in branch.members]
    return branch.weights.largest(np.stack(below, axis=1))


def _at(branch: Branch, values: FloatArray, found: dict[str, FloatArray]) -> float:
    below = np.array(
        [_at(member, values, found) if isinstance(member, Branch) else values[member] for member in branch.members]
    )
    found[branch.name] = branch.weights.largest_at(below)
    return float((found[branch.name] * below).sum())


def _effective(branch: Branch, flow: float, weights: dict[str, FloatArray], found: FloatArray) -> None:
    for member, weight in zip(branch.members, weights[branch.name].tolist(), strict=True):
        if isinstance(member, Branch):
            _effective(member, flow * weight, weights, found)
        else:
            found[member] += flow * weight


def _programme(tree: WeightTree) -> Programme:
    places: dict[str, tuple[int, tuple[int, ...]]] = {}
    count = tree.columns
    extras: dict[str, int] = {}
    inflow = {tree.root.name: -1}
    for branch in tree.branches:
        own = []
        for member in branch.members:
            if isinstance(member, Branch):
                inflow[member.name] = count
                own.append(count)
                count += 1
            else:
                own.append(member)
        places[branch.name] = (inflow[branch.name], tuple(own))
        extras[branch.name] = count
        count += branch.weights.flow().extra
    blocks: list[FloatArray] = []
    lows: list[FloatArray] = []
    highs: list[FloatArray] = []
    for branch in tree.branches:
        flow = branch.weights.flow()
        into, members = places[branch.name]
        rows = np.zeros((len(flow.rows), count))
        variables: NDArray[np.intp] = np.array(
            [*members, *range(extras[branch.name], extras[branch.name] + flow.extra)]
        )
        rows[:, variables] = flow.rows[:, 1:]
        constant = np.zeros(len(rows))
        if into < 0:
            constant = flow.rows[:, 0]
        else:
            rows[:, into] += flow.rows[:, 0]
        blocks.append(rows)
        lows.append(flow.low - constant)
        highs.append(flow.high - constant)
    return Programme(np.concatenate(blocks), np.concatenate(lows), np.concatenate(highs), tree.columns, places)
