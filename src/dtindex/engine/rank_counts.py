"""How often each unit takes each rank: counts that add up over runs, blocks and machines, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.orders import Ordered

__all__ = ["LARGEST_TABLE", "RankCounts", "bin_width"]

FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]

LARGEST_TABLE = 1 << 24
"""Cells of the table of counts; with more than 4,096 units ranks are counted in classes of several."""
_CELLS = 1 << 17
_SHORT = 128


def bin_width(units: int) -> int:
    """Ranks that are counted together: 1 up to 4,096 units."""
    bins = units if units * units <= LARGEST_TABLE else max(LARGEST_TABLE // units, 32)
    return -(-units // bins)


@dataclass
class RankCounts:
    """Counts ``(bins, units)``: ``table[b, u]`` runs in which unit ``u`` had one of the ranks of bin ``b``.

    Bin ``b`` holds ranks ``b w + 1`` to ``(b + 1) w``, ``w`` being the width. Each run adds one to each unit.
    """

    units: int
    width: int
    table: Counts
    runs: int = 0

    @classmethod
    def of(cls, units: int) -> RankCounts:
        """None yet."""
        width = bin_width(units)
        return cls(units, width, np.zeros((-(-units // width), units), dtype=np.int64))

    def add(self, ordered: Ordered) -> None:
        """Count the ranks of some runs."""
        runs, count = ordered.units.shape
        self.runs += runs
        bins = np.arange(count) // self.width
        if ordered.ranks is not None:
            self._count((ordered.ranks // self.width).astype(np.int64) * count + ordered.units)
            return
        if count <= _SHORT:
            self._count_by_run(ordered.units, bins)
        else:
            self._count_by_position(ordered.units, bins)
        if ordered.tied.size:
            flat = ordered.units.reshape(-1)
            units = flat[ordered.tied].astype(np.int64)
            self._count(bins[ordered.heads] * count + units)
            self._count(bins[ordered.tied % count] * count + units, -1)

    def _count_by_run(self, units: NDArray[np.int32], bins: NDArray[np.intp]) -> None:
        """Some runs at a time, their rows as one long one: it is the number of rows that takes time."""
        step = _CELLS // bins.size * bins.size
        flat = units.reshape(-1)
        starts = np.tile((bins * bins.size).astype(np.int32), min(step, flat.size) // bins.size)
        for start in range(0, flat.size, step):
            some = flat[start : start + step]
            self._count(some + starts[: some.size])

    def _count_by_position(self, units: NDArray[np.int32], bins: NDArray[np.intp]) -> None:
        """Some positions of all runs at a time, so that their numbers and their counts stay in a core's cache."""
        runs, count = units.shape
        step = max(min(_CELLS // max(runs, 1), _CELLS // count), 1)
        for start in range(0, count, step):
            own = bins[start : start + step]
            cells = units[:, start : start + step] + (own - own[0]) * count
            found = np.bincount(cells.ravel(), minlength=int(own[-1] - own[0] + 1) * count)
            self.table[own[0] : own[-1] + 1] += found.reshape(-1, count)

    def _count(self, cells: NDArray[np.integer], sign: int = 1) -> None:
        if cells.size < self.table.size // 4:
            np.add.at(self.table.reshape(-1), cells.ravel(), sign)
            return
        found = np.bincount(cells.ravel(), minlength=self.table.size).reshape(self.table.shape)
        if sign > 0:
            self.table += found
        else:
            self.table -= found

    @property
    def centres(self) -> FloatArray:
        """The rank that stands for each bin ``(bins,)``: the middle of those it holds."""
        first = np.arange(len(self.table)) * self.width + 1
        last = np.minimum(first + self.width - 1, self.units)
        centres: FloatArray = (first + last) / 2.0
        return centres

    def mean(self) -> FloatArray:
        """Mean rank of each unit ``(units,)``; NaN without runs."""
        with np.errstate(invalid="ignore"):
            mean: FloatArray = self.centres @ self.table / (self.runs or np.nan)
        return mean

    def deviation(self) -> FloatArray:
        """Standard deviation of each unit's rank ``(units,)``."""
        apart = self.centres[:, None] - self.mean()
        with np.errstate(invalid="ignore"):
            found: FloatArray = np.sqrt((apart * apart * self.table).sum(axis=0) / (self.runs or np.nan))
        return found

    def shift(self, ranks: Counts) -> FloatArray:
        """Mean of how far each unit is from its rank ``(units,)`` in ``ranks``."""
        apart = np.abs(self.centres[:, None] - ranks)
        with np.errstate(invalid="ignore"):
            found: FloatArray = (apart * self.table).sum(axis=0) / (self.runs or np.nan)
        return found

    def quantile(self, share: float) -> Counts:
        """The least rank ``(units,)`` that is not exceeded in at least this share of the runs; the last of its bin."""
        needed = max(share * self.runs - 1e-9, 1e-9)
        bins = (np.cumsum(self.table, axis=0) >= needed).argmax(axis=0)
        last: Counts = np.minimum((bins + 1) * self.width, self.units)
        return last

    def extremes(self) -> tuple[Counts, Counts]:
        """The least and the greatest rank ``(units,)`` that was observed."""
        seen = self.table > 0
        least = seen.argmax(axis=0) * self.width + 1
        most = np.minimum((len(seen) - seen[::-1].argmax(axis=0)) * self.width, self.units)
        return least, most

    def merge(self, other: RankCounts) -> None:
        """Add what others counted."""
        self.table += other.table
        self.runs += other.runs
