"""Pick and freeze over one scramble: scores and ranks at A, at B, and at A with one factor from B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.uncertainty.block import by_design, ranked_of
from dtindex.analysis.uncertainty.inputs import Inputs, Realised, Sheet
from dtindex.analysis.uncertainty.program import Program
from dtindex.engine.one_thread import one_blas_thread
from dtindex.engine.orders import Workspace
from dtindex.engine.pick_freeze import Moments, closed_index, shapley_by_permutations, shapley_from_closed
from dtindex.engine.points import Method, block_points
from dtindex.steps.types import FloatArray

__all__ = ["Frozen", "Question", "drawn_designs", "evaluated", "freeze"]

_VALUES = 1 << 22
_FEW_DESIGNS = 512
_SCORES = 1 << 17
"""Scores that are worked out at a time: what a core's cache holds."""
Group = tuple[Sequence[int], Sequence[str]]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of every scramble.

    ``groups`` are columns of the points and inputs with random numbers, by factor; ``reference`` ranks ``(n,)`` that
    the mean shift is taken from; ``orders`` how many orders of the factors Shapley effects are taken over (0: none, -1:
    all subsets).
    """

    inputs: Inputs
    programs: Mapping[int, Program]
    groups: Mapping[str, Group]
    reference: NDArray[np.int64]
    points: int
    seed: int
    method: Method
    orders: int


@dataclass(frozen=True, eq=False)
class Frozen:
    """First, total and Shapley ``(factors, outputs)`` of one scramble, the last NaN where they were not asked for.

    Outputs are the mean shift in rank, all scores together, all ranks together, then scores and ranks of each unit.
    ``lost`` are base points that an evaluation failed at, ``made`` all evaluations, and ``failed`` those that failed.
    """

    first: FloatArray
    total: FloatArray
    shapley: FloatArray
    lost: int
    made: int
    failed: int


def evaluated(
    realised: Realised, inputs: Inputs, programs: Mapping[int, Program], reference: NDArray[np.int64]
) -> FloatArray:
    """Mean shift, scores and ranks ``(runs, 1 + 2 n)``; NaN throughout where a run cannot be scored."""
    runs, units = len(realised.designs), len(reference)
    found = np.empty((runs, 1 + 2 * units))
    room, expected = Workspace(units), reference.astype(np.int32)
    step = max(_SCORES // units, 1)
    for design, rows, own in by_design(realised, inputs.designs):
        program = programs.get(design)
        if program is None:
            found[slice(None) if rows is None else rows] = np.nan
            continue
        for at in range(0, len(own.designs), step):
            some = own.take(slice(at, at + step))
            where: slice | NDArray[np.intp] = slice(at, at + step) if rows is None else rows[at : at + step]
            scores = program.scores(program.draws(len(some.designs), some.weights, some.errors))
            known = ~np.isnan(scores).any(axis=1)
            if not known.all():
                places = np.arange(runs)[where]
                found[places[~known]] = np.nan
                scores, where = scores[known], places[known]
            if not len(scores):
                continue
            ranks = ranked_of(program, scores, room)[0].rank_matrix()
            found[where, 0] = np.abs(ranks - expected).sum(axis=1) / units
            found[where, 1 : 1 + units] = scores
            found[where, 1 + units :] = ranks
    return found


def drawn_designs(
    inputs: Inputs, groups: Mapping[str, Group], points: int, scrambles: int, seed: int, method: Method, orders: int
) -> list[int]:
    """Numbers of the combinations of alternatives that are evaluated; all of them where there are few.

    With random orders of the factors (``orders`` above 0) any mixture of the two sets of points may be met.
    """
    if inputs.designs <= _FEW_DESIGNS or orders > 0:
        return list(range(inputs.designs))
    count = inputs.dimensions
    columns = [list(own) for own, _ in groups.values()]
    masks = (
        range(1 << len(columns)) if orders else [0, (1 << len(columns)) - 1, *(1 << at for at in range(len(columns)))]
    )
    seen: set[int] = set()
    for scramble in range(scrambles):
        (both,) = block_points(2 * count, points, seed, scramble, method, points)
        for mask in masks:
            mixed = both[:, :count].copy()
            taken = [column for at, own in enumerate(columns) if mask >> at & 1 for column in own]
            mixed[:, taken] = both[:, count:][:, taken]
            seen.update(np.unique(inputs.chosen(mixed)).tolist())
    return sorted(seen)


def freeze(question: Question, scramble: int) -> Frozen:
    """The indices of one scramble; the same wherever it is worked out."""
    with one_blas_thread():
        return _Scramble(question, scramble).frozen()


class _Scramble:
    def __init__(self, question: Question, scramble: int) -> None:
        self.question = question
        self.scramble = scramble
        self.made = self.failed = 0
        inputs = question.inputs
        count = inputs.dimensions
        (points,) = block_points(2 * count, question.points, question.seed, scramble, question.method, question.points)
        streams = [inputs.streams(question.seed, scramble, first) for first in (1, 1 + len(inputs.inputs))]
        self.a = inputs.sheet(points[:, :count], streams[0])
        self.b = inputs.sheet(points[:, count:], streams[1])

    def frozen(self) -> Frozen:
        question = self.question
        groups = list(question.groups.values())
        sheets = [self.a, self.b, *(self._swapped([group]) for group in groups)]
        moments = self._moments(sheets)
        units = len(question.reference)
        single = moments.indices()
        scores = moments.aggregated(slice(1, 1 + units))
        ranks = moments.aggregated(slice(1 + units, None))
        shapley = np.full((len(groups), 3 + 2 * units), np.nan)
        if question.orders:
            shapley = self._shapley(groups, np.nan_to_num(single.variance))
        return Frozen(
            np.concatenate([single.first[:, :1], scores.first, ranks.first, single.first[:, 1:]], axis=1),
            np.concatenate([single.total[:, :1], scores.total, ranks.total, single.total[:, 1:]], axis=1),
            shapley,
            int(question.points - moments.count.min(initial=question.points)),
            self.made,
            self.failed,
        )

    def _swapped(self, groups: Sequence[Group]) -> Sheet:
        columns = [column for group in groups for column in group[0]]
        own = [name for group in groups for name in group[1]]
        return self.question.inputs.swapped(self.a, self.b, columns, own)

    def _moments(self, sheets: Sequence[Sheet]) -> Moments:
        """Moments of all outputs, over as many base points at a time as memory has room for."""
        numbers = 1 + 2 * len(self.question.reference) + self.question.inputs.numbers
        step = max(_VALUES // (len(sheets) * numbers), 1)
        found: Moments | None = None
        for at in range(0, self.question.points, step):
            some = [_rows(sheet, slice(at, at + step)) for sheet in sheets]
            values = self._values(some)
            lost = np.isnan(values).any(axis=(0, 2))
            values[:, lost] = np.nan  # a base point serves all outputs and factors, or none
            moments = Moments.of(values[0], values[1], values[2:])
            found = moments if found is None else found + moments
        assert found is not None
        return found

    def _values(self, sheets: Sequence[Sheet]) -> FloatArray:
        """Outputs ``(sheets, points, outputs)``, all evaluated at once."""
        question = self.question
        joined = Sheet(
            np.concatenate([sheet.points for sheet in sheets]),
            {name: np.concatenate([sheet.own[name] for sheet in sheets]) for name in sheets[0].own},
        )
        self.made += len(joined)
        found = evaluated(question.inputs.realise(joined), question.inputs, question.programs, question.reference)
        self.failed += int(np.isnan(found[:, 0]).sum())
        return found.reshape(len(sheets), -1, found.shape[1])

    def _shapley(self, groups: Sequence[Group], shares: FloatArray) -> FloatArray:
        """Shapley effects; ``shares`` are the variances of single outputs, 0 of one that varies by rounding alone."""
        question = self.question
        units, everything = len(question.reference), (1 << len(groups)) - 1
        f_a, f_b = self._values([self.a]), self._values([self.b])

        def closed(mask: int) -> FloatArray:
            if mask == everything:
                own = np.ones(f_a.shape[2])
            else:
                chosen = [group for position, group in enumerate(groups) if mask >> position & 1]
                values = self._values([self._swapped(chosen)])[0]
                # What takes over all that matters from B is B itself: so a factor without effect has exactly 0.
                same = ((values == f_b[0]) | np.isnan(values) | np.isnan(f_b[0])).all(axis=0)
                own = np.where(same, 1.0, closed_index(f_b[0], values, f_a[0]))
            # What varies elsewhere, and not at these points, is not explained here.
            own = np.where(shares > 0, np.nan_to_num(own), np.nan)
            scores, ranks = slice(1, 1 + units), slice(1 + units, None)
            together = [_together(own[part], shares[part]) for part in (scores, ranks)]
            return np.concatenate([own[:1], together, own[1:]])

        if question.orders < 0:
            return shapley_from_closed({mask: closed(mask) for mask in range(1, everything + 1)})
        rng = np.random.default_rng(np.random.SeedSequence(question.seed, spawn_key=(self.scramble, 1 << 16)))
        return shapley_by_permutations(closed, len(groups), question.orders, rng)


def _together(closed: FloatArray, variances: FloatArray) -> float:
    """Closed indices of several outputs as one, each with its variance; NaN where none varies."""
    varies = variances > 0
    total = float(variances[varies].sum())
    return float((closed[varies] * variances[varies]).sum() / total) if total > 0 else float("nan")


def _rows(sheet: Sheet, rows: slice) -> Sheet:
    return Sheet(sheet.points[rows], {name: own[rows] for name, own in sheet.own.items()})
