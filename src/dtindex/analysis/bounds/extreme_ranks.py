"""Best and worst attainable ranks, with the weights that attain them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.bounds.linear import Linear
from dtindex.analysis.bounds.programmes import Rivals, most_ahead
from dtindex.engine.weight_tree import Branch, Programme
from dtindex.steps.types import FloatArray

__all__ = ["Answer", "Extremes", "Search", "ordered_for_certain"]

Ranks = NDArray[np.int64]
Weights = Mapping[str, FloatArray]
RanksOf = Callable[[Sequence[Weights]], Ranks]
"""Ranks ``(rows, n)`` of the index with each of some weights by node, as scoring gives them."""

Sought = tuple[int, bool]
"""A unit, and whether its best rank is sought, or its worst."""
Answer = tuple[int, Weights | None]

_TIE = 1e-12
_INFINITE = 1e250
_TRIED = 512
_STEPS = 12
_SEED = 7


@dataclass(eq=False)
class Extremes:
    """By unit ``(n,)``: the best and worst rank that any admissible weights give, and what was attained.

    ``best`` and ``worst`` are never too narrow. Where ``best_seen`` equals ``best`` the weights ``best_at`` attain it,
    scored again as the index scores; likewise the worst.
    """

    best: Ranks
    worst: Ranks
    best_seen: Ranks
    worst_seen: Ranks
    best_at: list[Weights]
    worst_at: list[Weights]


def ordered_for_certain(pairs: FloatArray, spread: float, step: float | None, slack: float = 0.0) -> NDArray[np.bool_]:
    """``A[a, b]`` ``(n, n)``: whether ``a`` is ahead of ``b`` with all admissible weights.

    ``pairs[a, b]`` is the most that ``a`` may be ahead by. Of rounded scores the difference has to be a ``step`` of
    rounding at the least, or more than a ``slack`` in sums that are not scores.
    """
    least = -pairs.T  # the least that a is ahead of b by
    ahead: NDArray[np.bool_] = least > slack + _TIE * spread if step is None else least >= step * (1.0 + _TIE)
    np.fill_diagonal(ahead, False)
    return ahead


class Search:
    """The search for extreme ranks, whose programmes are the same ones wherever it is made.

    Pairs whose order is certain count by themselves; for the others a programme is solved where no weights that were
    tried attain what they leave possible.

    ``effort`` is how many nodes of branch and bound a programme may take, without an end where it is None: one that is
    stopped leaves a bound that holds. With 0 no programme is solved.

    ``step``: what scores are rounded to before they are compared; None where they are not. ``slack``: the same in sums
    that are not scores, by how much these may differ and round to one score.
    """

    def __init__(
        self,
        linear: Linear,
        pairs: FloatArray,
        step: float | None,
        slack: float,
        ranks_of: RanksOf,
        effort: int | None,
    ) -> None:
        self.linear = linear
        self.pairs = pairs
        self.step = step
        self.slack = slack
        self.ranks_of = ranks_of
        self.effort = effort
        count = len(pairs)
        spread = linear.spread
        self.always = ordered_for_certain(pairs, spread, step, slack).T  # [a, b]: b is always ahead of a
        possible = _TIE * spread < pairs.T  # [a, b]: b may be ahead of a
        np.fill_diagonal(possible, False)
        self.open = possible & ~self.always
        self.found = Extremes(
            1 + self.always.sum(axis=1),
            1 + possible.sum(axis=1),
            np.full(count, np.iinfo(np.int64).max),
            np.zeros(count, dtype=np.int64),
            [{} for _ in range(count)],
            [{} for _ in range(count)],
        )
        self.programme: Programme = linear.tree.programme()
        self.filled = {one.name: one.weights.largest_at(np.zeros(one.weights.items)) for one in linear.tree.branches}
        self.rng = np.random.default_rng(_SEED)
        self.try_some()
        if effort != 0:
            self.climb()

    @cached_property
    def waiting(self) -> list[Sought]:
        """What no weights that were tried settle."""
        if self.effort == 0:
            return []
        found = self.found
        best = [(unit, True) for unit in np.flatnonzero(found.best_seen > found.best).tolist()]
        return best + [(unit, False) for unit in np.flatnonzero(found.worst_seen < found.worst).tolist()]

    def solve(self, sought: Sought) -> Answer:
        """The rank that a programme gives, and its weights; None where it has none."""
        unit, best = sought
        return self._one(unit, best)

    def answers(self, workers: int | None, progress: Callable[[int, int], None] | None) -> list[Answer]:
        """The answers to all of :attr:`waiting`, by several threads; every processor unless said."""
        found: list[Answer] = []
        with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
            for answer in pool.map(self.solve, self.waiting):
                found.append(answer)
                if progress is not None:
                    progress(len(found), len(self.waiting))
        return found

    def settled(self, answers: Sequence[Answer]) -> Extremes:
        """What holds, given an answer to each of :attr:`waiting`, in their order."""
        found = self.found
        for (unit, best), (count, weights) in zip(self.waiting, answers, strict=True):
            if weights is not None:
                self.take([weights])
            if best:
                found.best[unit] = min(count, int(found.best_seen[unit]))
            else:
                found.worst[unit] = max(count, int(found.worst_seen[unit]))
        return found

    def try_some(self) -> None:
        """Extreme and inner weights, and those at which each unit is farthest ahead of the mean of all."""
        tree, linear = self.linear.tree, self.linear
        tried: list[Weights] = list(tree.some(_TRIED, _SEED))
        with np.errstate(invalid="ignore", over="ignore"):
            middle = np.clip(linear.low, -_INFINITE, _INFINITE)
            apart = middle - middle.mean(axis=0)
        tried += [tree.largest_at(row) for row in apart]
        tried += [tree.largest_at(-row) for row in apart]
        self.take(tried)

    def climb(self) -> None:
        """From what was found for each unit on to weights at which it is farthest from those next to it."""
        tree, found = self.linear.tree, self.found
        with np.errstate(invalid="ignore", over="ignore"):
            values = np.clip(self.linear.low, -_INFINITE, _INFINITE)
        for _ in range(_STEPS):
            tried: list[Weights] = []
            for best, at in ((True, found.best_at), (False, found.worst_at)):
                missed = found.best_seen > found.best if best else found.worst_seen < found.worst
                for unit in np.flatnonzero(missed & (self.open.any(axis=1))).tolist():
                    sums = values @ tree.effective({**self.filled, **at[unit]})
                    ahead = sums - sums[unit]
                    wanted = self.open[unit] & ((ahead > 0) if best else (ahead <= 0))
                    near = np.flatnonzero(wanted)
                    near = near[np.argsort(np.abs(ahead[near]), kind="stable")[: self.rng.integers(1, 2 + len(near))]]
                    if not near.size:
                        continue
                    towards = values[unit] - values[near].mean(axis=0)
                    mixed = tree.largest_at(towards if best else -towards)
                    share = self.rng.random()
                    tried.append(
                        {
                            name: share * weights + (1.0 - share) * at[unit].get(name, weights)
                            for name, weights in mixed.items()
                        }
                    )
            self.take(tried)

    def take(self, weights: Sequence[Weights]) -> None:
        """Score with these weights, and keep what is better or worse than what was seen."""
        if not weights:
            return
        ranks, found = self.ranks_of(weights), self.found
        kept = np.flatnonzero(ranks[:, 0] > 0)
        if not kept.size:
            return
        ranks, weights = ranks[kept], [weights[row] for row in kept.tolist()]
        best, worst = ranks.argmin(axis=0), ranks.argmax(axis=0)
        units = np.arange(ranks.shape[1])
        for unit in np.flatnonzero(ranks[best, units] < found.best_seen).tolist():
            found.best_seen[unit], found.best_at[unit] = ranks[best[unit], unit], weights[best[unit]]
        for unit in np.flatnonzero(ranks[worst, units] > found.worst_seen).tolist():
            found.worst_seen[unit], found.worst_at[unit] = ranks[worst[unit], unit], weights[worst[unit]]

    def _one(self, unit: int, best: bool) -> Answer:
        certain = int(self.always[unit].sum())
        rivals = np.flatnonzero(self.open[unit])
        low, high = self.linear.low, self.linear.high
        ahead = low[rivals] - high[unit] if best else high[rivals] - low[unit]
        finite = (np.abs(ahead) < _INFINITE).all(axis=1)
        spared = int((~finite).sum())
        rivals, ahead = rivals[finite], ahead[finite]
        if not rivals.size or (best and self.slack >= _INFINITE):
            return 1 + certain + (0 if best else spared), None
        if best:  # leaf weights sum to 1
            ahead = ahead - self.slack
        own = (high if best else low)[unit]
        scale = self.step or 1.0
        tree = self.linear.tree
        problem = Rivals(
            ahead / scale,
            tree.smallest(ahead) / scale,
            tree.largest(ahead) / scale,
            None if self.step is None else own / scale,
        )
        count, answer = most_ahead(self.programme, problem, best, self.effort)
        rank = 1 + certain + count + (0 if best else spared)
        return rank, None if answer is None else weights_of_flow(tree.root, self.programme, answer)


def weights_of_flow(root: Branch, programme: Programme, answer: FloatArray) -> dict[str, FloatArray]:
    """Weights by node of the flows ``(variables,)``: each member's flow by the flow into its node."""
    found: dict[str, FloatArray] = {}
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        _, members = programme.places[branch.name]
        flows = np.maximum(answer[list(members)], 0.0)
        total = float(flows.sum())
        # Into a node without weight flows nothing, and its own weights are anything.
        weights = flows / total if total > 1e-12 else branch.weights.largest_at(np.zeros(len(members)))
        found[branch.name] = weights
        waiting += [member for member in branch.members if isinstance(member, Branch)]
    return found
