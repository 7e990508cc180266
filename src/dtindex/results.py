"""Scores, flags and coverage of rows, worked out block by block, before anything is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.blocks import BLOCK_ROWS, map_blocks
from dtindex.engine.keys import Keys, score_keys
from dtindex.status import Status
from dtindex.steps.node import Part
from dtindex.steps.plan import Parameters, Plan, Rows
from dtindex.steps.types import FloatArray, Problem, TextArray

__all__ = ["ReferenceKeys", "Results", "out_of_proportion", "work_out"]

_PROPORTION = 1e6


class Results:
    """Scores and flags ``(rows, items)`` and coverage ``(rows, nodes)``; and aggregates beside values of the table.

    There is a row for each row of the table. Those that are no ``units`` have no score, and a score does not apply to
    them. ``problems`` are rows of the table that a formula cannot take.
    """

    def __init__(self, plan: Plan, units: NDArray[np.bool_], observed: Iterable[str]) -> None:
        rows, items = len(units), len(plan.items)
        self.plan = plan
        self.nodes = len(plan.methodology.nodes)
        self.units = None if units.all() else np.flatnonzero(units)
        if self.units is None:  # every cell is filled
            self.values = np.empty((rows, items), order="F")
            self.flags = np.empty((rows, items), dtype=np.uint16, order="F")
            self.coverage = np.empty((rows, self.nodes), order="F")
        else:
            self.values = np.full((rows, items), np.nan, order="F")
            self.flags = np.full((rows, items), np.uint16(Status.NOT_APPLICABLE), order="F")
            self.coverage = np.zeros((rows, self.nodes), order="F")
        self.computed = {node: np.full(rows, np.nan) for node in observed}
        self.problems: list[Problem] = []

    def sealed(self) -> Results:
        """The same, which nobody can write to: fitting hands it on to scores, and keeps it for its reference."""
        arrays: tuple[NDArray[Any], ...] = (self.values, self.flags, self.coverage, *self.computed.values())
        for array in arrays:
            array.flags.writeable = False
        return self

    def column(self, item: str) -> FloatArray:
        """Scores of an item ``(rows,)``."""
        values: FloatArray = self.values[:, self.plan.items.index(item)]
        return values

    def put(self, block: slice, parts: Mapping[str, Part]) -> list[Problem]:
        """Take in the parts of a block of units."""
        at: slice | NDArray[np.intp] = block if self.units is None else self.units[block]
        found: list[Problem] = []
        for column, item in enumerate(self.plan.items):
            part = parts[item]
            self.values[at, column] = part.values
            self.flags[at, column] = part.flags
            if column < self.nodes:
                self.coverage[at, column] = part.coverage
            if item in self.computed and part.computed is not None:
                self.computed[item][at] = part.computed
            found += part.problems
        return [problem.at(self.rows(problem.rows, block.start)) for problem in found]

    def rows(self, positions: Sequence[int], start: int = 0) -> list[int]:
        """Rows of the table of units that are counted from the unit ``start``; what is below zero is nobody's."""
        own = [position + start for position in positions if position >= 0]
        return own if self.units is None else self.units[own].tolist()


def work_out(
    plan: Plan,
    parameters: Parameters,
    rows: Rows,
    units: NDArray[np.bool_],
    threads: int = 1,
    block_rows: int = BLOCK_ROWS,
) -> Results:
    """Score ``rows``, the table's ``units``, with what was learned; neither threads nor blocks change a bit."""
    results = Results(plan, units, rows.observed)

    def fill(block: slice) -> list[Problem]:
        return results.put(block, plan.score(rows.take(block), parameters))

    if plan.set_relative:
        block_rows = max(rows.count, 1)
    for found in map_blocks(fill, rows.count, threads, block_rows):
        results.problems += found
    return results.sealed()


def out_of_proportion(results: Results, widths: Mapping[str, float]) -> list[Problem]:
    """DT306 for scores that are out of all proportion to their scale, infinite ones included."""
    found = []
    for column, item in enumerate(results.plan.items):
        values, limit = results.values[:, column], widths[item] * _PROPORTION
        if not values.size or (np.fmax.reduce(values) <= limit and np.fmin.reduce(values) >= -limit):
            continue
        rows = tuple(int(row) for row in np.flatnonzero(np.abs(values) > limit))
        if rows:
            message = f"score {values[rows[0]]:g} on a scale of width {widths[item]:g}"
            found.append(Problem("DT306", item, message, rows))
    return found


class ReferenceKeys(Mapping[str, Mapping[str, Keys]]):
    """By item and period, the sorted keys of the ranked units; worked out when they are asked for, and kept."""

    def __init__(
        self,
        results: Results,
        widths: Mapping[str, float],
        decimals: Callable[[str], int | None],
        units: NDArray[np.bool_],
        ranked: NDArray[np.bool_],
        periods: TextArray | None,
    ) -> None:
        self._results, self._widths, self._decimals = results, widths, decimals
        self._among = (
            {"": ranked}
            if periods is None
            else {period: ranked & (periods == period) for period in sorted(set(periods[units]))}
        )
        self._known: dict[str, dict[str, Keys]] = {}

    def __getitem__(self, item: str) -> Mapping[str, Keys]:
        if item not in self._known:
            values = self._results.column(item)
            keys = score_keys(values, self._widths[item], self._decimals(item))
            known = ~np.isnan(values)
            self._known[item] = {period: np.sort(keys[known & rows]) for period, rows in self._among.items()}
        return self._known[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results.plan.items)

    def __len__(self) -> int:
        return len(self._results.plan.items)
