"""One block of runs: what is drawn becomes scores, ranks and counts. It knows nothing of other blocks or of workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dtindex.analysis.uncertainty.inputs import Inputs, Realised
from dtindex.analysis.uncertainty.program import Program
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.engine.composite import Draws, may_fail, weights_of
from dtindex.engine.keys import round_half_up, score_keys
from dtindex.engine.one_thread import one_blas_thread
from dtindex.engine.orders import Ordered, Workspace, order_linear, order_scores, order_whole
from dtindex.engine.points import PIECE_RUNS, Method, block_points
from dtindex.spec.classes import ClassRule
from dtindex.steps.classify import Figures, classify, schemes
from dtindex.steps.types import FloatArray

__all__ = ["Classes", "Task", "Tiers", "by_design", "chunk_runs", "ranked_of", "run_block"]

_HALF_KEY = 0.5e-12
_CLASSIFIED = 32


@dataclass(frozen=True, eq=False)
class Tiers:
    """The levels of the node's tiers, best first; the last has no bound."""

    labels: tuple[str, ...]
    bounds: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Classes:
    """Rules of classes, and what they look at beside the scores of a run."""

    rules: tuple[ClassRule, ...]
    labels: Mapping[str, tuple[str, ...]]
    items: tuple[str, ...]
    asked: Mapping[str, frozenset[str]]
    """Those of the items that each scheme looks at; a variant without one of them leaves the scheme out (DT392)."""
    measured: Mapping[str, FloatArray]
    tagged: Mapping[str, tuple[str, ...]]
    lows: Mapping[str, float]
    own_reference: bool
    """Whether quantiles are those of the run's own units; else of the frozen reference."""
    reference: Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Task:
    """All that a block needs; the same for every block."""

    inputs: Inputs
    programs: Mapping[int, Program]
    """By number of the combination of alternatives; one that cannot be computed is not there."""
    units: int
    members: tuple[str, ...]
    """Nodes whose weights are drawn, in order, for central weights."""
    widths: int
    """Columns of all those weights together."""
    seed: int
    method: Method
    sampled: int
    """Runs of a block whose scores are kept."""
    tiers: Tiers | None = None
    classes: Classes | None = None
    classified: int = 0
    """Runs of a block that are classified."""


def chunk_runs(units: int) -> int:
    """Runs that are worked on at a time: what a core's cache holds, or fewer where units are very many."""
    if units > 4096:
        return max((1 << 22) // units, 8)
    return int(min(max((1 << 19) // units, 1024), PIECE_RUNS))


def _piece_runs(inputs: Inputs) -> int:
    """Runs that are drawn at a time: no more than a few million random numbers."""
    piece = PIECE_RUNS
    while piece > 64 and piece * inputs.numbers > 1 << 22:
        piece //= 2
    return piece


def run_block(task: Task, block: int, runs: int) -> Tally:
    """The tally of a block of ``runs``; the same wherever and whenever it is made."""
    with one_blas_thread():
        return _Block(task, block, runs).tally()


class _Block:
    def __init__(self, task: Task, block: int, runs: int) -> None:
        self.task = task
        self.block = block
        self.runs = runs
        labels = {} if task.classes is None else {name: len(own) for name, own in task.classes.labels.items()}
        levels = 0 if task.tiers is None else len(task.tiers.labels)
        self.found = Tally.of(task.units, task.widths, levels, labels, min(task.sampled, runs))
        (self.sample,) = self.found.samples
        self.room = Workspace(task.units)
        self.chunk = chunk_runs(task.units)

    def tally(self) -> Tally:
        task = self.task
        streams = task.inputs.streams(task.seed, self.block)
        piece = _piece_runs(task.inputs)
        start = 0
        for points in block_points(task.inputs.dimensions, self.runs, task.seed, self.block, task.method, piece):
            realised = task.inputs.realise(task.inputs.sheet(points, streams))
            for design, rows, own in by_design(realised, task.inputs.designs):
                program = task.programs.get(design)
                if program is None:
                    self.found.fail(design, len(own.designs))
                    continue
                for at in range(0, len(own.designs), self.chunk):
                    chunk = slice(at, at + self.chunk)
                    where = start + (np.arange(len(points))[chunk] if rows is None else rows[chunk])
                    self._run(program, own if len(own.designs) <= self.chunk else own.take(chunk), where)
            start += len(points)
        self.found.samples = [self.sample[~np.isnan(self.sample).any(axis=1)]]
        return self.found

    def _run(self, program: Program, own: Realised, where: NDArray[np.intp]) -> None:
        """Score, rank and count some runs of one variant; ``where`` are their numbers in the block."""
        draws = program.draws(len(where), own.weights, own.errors)
        weights = self._weights(own)
        sampled = np.flatnonzero(where < len(self.sample))
        drawn = None
        if program.linear is not None and self.task.tiers is None:
            linear, weighting = program.linear
            drawn = weights_of(weighting, draws)
            if may_fail(weighting) and np.isnan(drawn).any():  # all that has a weight in some run is left out
                drawn = None
        if drawn is not None:
            drawn = np.broadcast_to(drawn, (len(where), drawn.shape[-1]))
            self.found.total += (np.ones(len(drawn)) @ drawn) @ linear.by_unit.T
            if sampled.size:
                scores = drawn[sampled] @ linear.by_unit.T
                self.sample[where[sampled]] = scores if linear.alike is None else scores[:, linear.alike]
            self._count(order_linear(linear, drawn, self.room), weights)
        else:
            scores = program.scores(draws)
            lost = np.isnan(scores).any(axis=1) if np.isnan(scores.sum()) else None
            if lost is not None:
                self._lose(np.isnan(scores[lost]))
                kept = ~lost
                scores, where, weights = scores[kept], where[kept], weights[kept]
                own = own.take(np.flatnonzero(kept))
                draws = program.draws(len(where), own.weights, own.errors)
                if not len(where):
                    return
                sampled = np.flatnonzero(where < len(self.sample))
            self.found.total += scores.sum(axis=0)
            if sampled.size:
                self.sample[where[sampled]] = scores[sampled]
            ordered, rounded = ranked_of(program, scores, self.room)
            self._count(ordered, weights)
            self._tiers(program, rounded, own.cuts.get(program.node))
        self._classes(program, draws, where)

    def _weights(self, own: Realised) -> FloatArray:
        parts = [own.weights[node] for node in self.task.members]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(own.designs), 0))

    def _lose(self, gaps: NDArray[np.bool_]) -> None:
        """Runs in which somebody who is ranked has no score are no runs."""
        self.found.fail(-1, len(gaps))
        for unit in np.flatnonzero(gaps.any(axis=0)).tolist():
            self.found.unscored[unit] = self.found.unscored.get(unit, 0) + int(gaps[:, unit].sum())

    def _count(self, ordered: Ordered, weights: FloatArray) -> None:
        found, runs = self.found, len(ordered.units)
        found.ranks.add(ordered)
        places, units = ordered.first()
        found.first += np.bincount(units, minlength=self.task.units)
        if weights.shape[1]:
            if len(places) > runs:  # some tie
                weights = weights[places]
            # A column a run, whose one entry says who is first.
            starts = np.arange(len(places) + 1)
            chosen = sparse.csc_array((np.ones(len(places)), units, starts), shape=(self.task.units, len(places)))
            found.central += chosen @ weights

    def _tiers(self, program: Program, scores: FloatArray, cuts: FloatArray | None) -> None:
        tiers = self.task.tiers
        if tiers is None:
            return
        reached = np.zeros(self.task.units)
        for level, bound in enumerate(tiers.bounds):
            least = bound - _HALF_KEY * program.widths[program.node] + (0.0 if cuts is None else cuts[:, None])
            above = np.count_nonzero(scores >= least, axis=0).astype(np.float64)
            above = np.maximum(above, reached)
            self.found.tiers[level] += above - reached
            reached = above
        self.found.tiers[len(tiers.bounds)] += len(scores) - reached

    def _classes(self, program: Program, draws: Draws, where: NDArray[np.intp]) -> None:
        classes = self.task.classes
        if classes is None:
            return
        chosen = np.flatnonzero(where < self.task.classified)
        if not chosen.size:
            return
        draws = draws if len(chosen) == draws.runs else draws.take(chosen)
        items = {item: program.scores(draws, item) for item in classes.items if item in program.items}
        known = {name: rules for name, rules in schemes(classes.rules).items() if classes.asked[name] <= items.keys()}
        for at in range(0, len(chosen), _CLASSIFIED):
            some = {item: scores[at : at + _CLASSIFIED] for item, scores in items.items()}
            count = min(_CLASSIFIED, len(chosen) - at)
            figures = _figures(classes, program, some, count, self.task.units)
            self.found.classified += count
            for scheme, rules in known.items():
                words = classify(rules, figures).reshape(count, self.task.units)
                for label, name in enumerate(classes.labels[scheme]):
                    self.found.classes[scheme][label] += (words == name).sum(axis=0)


def by_design(realised: Realised, designs: int) -> Iterator[tuple[int, NDArray[np.intp] | None, Realised]]:
    """Runs of each combination of alternatives, by its number, in their order; None for all of them."""
    if designs == 1:
        yield 0, None, realised
        return
    order = np.argsort(realised.designs, kind="stable")
    numbers, starts = np.unique(realised.designs[order], return_index=True)
    for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        yield number, rows, realised.take(rows)


def ranked_of(program: Program, scores: FloatArray, room: Workspace) -> tuple[Ordered, FloatArray]:
    """The order of scores ``(runs, n)`` on the keys that rank them, and the scores rounded as they are ranked."""
    width, decimals = program.widths[program.node], program.decimals[program.node]
    if decimals is None:
        return order_scores(scores, width, room), scores
    rounded = round_half_up(scores, decimals, width)
    if rounded is scores:  # keys are coarser than the last decimal
        return order_scores(scores, width, room), scores
    steps = np.rint(rounded * 10.0**decimals)
    return order_whole(steps.astype(np.int64), room), rounded


def _figures(classes: Classes, program: Program, items: Mapping[str, FloatArray], runs: int, units: int) -> Figures:
    """What rules look at, of some runs one below the other."""
    keys = {
        item: score_keys(np.ascontiguousarray(scores), program.widths[item], program.decimals[item]).ravel()
        for item, scores in items.items()
    }
    run_of = np.repeat(np.arange(runs), units)

    def reference(item: str) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
        if not classes.own_reference:
            return [(np.ones(runs * units, dtype=bool), classes.reference[item])]
        by_run = keys[item].reshape(runs, units)
        return [(run_of == run, np.sort(by_run[run])) for run in range(runs)]

    return Figures(
        rows=runs * units,
        keys=keys.__getitem__,
        widths=dict(program.widths),
        measured={item: np.tile(values, runs) for item, values in classes.measured.items()},
        reference=reference,
        tagged=classes.tagged,
        lows=classes.lows,
    )
