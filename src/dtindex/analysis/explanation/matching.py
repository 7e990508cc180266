"""Which rows of two tables are held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import UsageError, finding
from dtindex.scores import Scores
from dtindex.steps.derive import period_order
from dtindex.steps.types import TextArray

__all__ = ["Matched", "compared_periods", "match"]


@dataclass(frozen=True)
class Matched:
    """The rows of the units that two tables have in common, in one order."""

    scores: tuple[Scores, Scores]
    rows: tuple[NDArray[np.intp], NDArray[np.intp]]

    def __len__(self) -> int:
        return len(self.rows[0])

    @property
    def units(self) -> TextArray:
        """Keys ``(units,)``."""
        found: TextArray = self.scores[0].units[self.rows[0]]
        return found


def match(
    before: Scores, after: Scores, periods: tuple[str, str] | None
) -> tuple[Matched, TextArray | None, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Rows of the units of both, their periods where pairs are matched, and who is in one alone."""
    rows = [np.flatnonzero(scores.classified) for scores in (before, after)]
    if periods is not None:
        for side, (scores, period) in enumerate(zip((before, after), periods, strict=True)):
            rows[side] = rows[side][_in_period(scores, period)[rows[side]]]
    known = [
        set() if scores.periods is None else set(scores.periods[own])
        for scores, own in zip((before, after), rows, strict=True)
    ]
    pairs = periods is None and max(len(one) for one in known) > 1
    if pairs and not (known[0] and known[1]):
        message = "one table has several periods and the other has none: say which to compare, `periods=(A, B)`"
        raise UsageError([finding("DT902", message)])
    keys = [
        [
            (str(scores.units[row]), str(scores.periods[row]) if pairs and scores.periods is not None else "")
            for row in own
        ]
        for scores, own in zip((before, after), rows, strict=True)
    ]
    first = dict(zip(keys[0], rows[0].tolist(), strict=True))
    second = dict(zip(keys[1], rows[1].tolist(), strict=True))
    order = [keys[1][at] for at in np.argsort(_places(after)[rows[1]], kind="stable")]
    both = [key for key in order if key in first]
    matched = Matched(
        (before, after),
        (np.array([first[key] for key in both], dtype=np.intp), np.array([second[key] for key in both], dtype=np.intp)),
    )
    only = (_names(first, second), _names(second, first))
    when = np.array([period for _, period in both], dtype=object) if pairs else None
    return matched, when, only


def _places(scores: Scores) -> NDArray[np.intp]:
    """Position ``(rows,)`` of each row in the order of files."""
    return np.argsort(scores.sorted_rows(), kind="stable")


def _names(own: Mapping[tuple[str, str], int], other: Mapping[tuple[str, str], int]) -> tuple[str, ...]:
    return tuple(" ".join(part for part in key if part) for key in own if key not in other)


def _in_period(scores: Scores, period: str) -> NDArray[np.bool_]:
    if scores.periods is None:
        raise UsageError([finding("DT396", f"period {period!r}: the table has no periods")])
    if period not in scores.periods:
        known = ", ".join(period_order(scores.periods)[:20])
        raise UsageError([finding("DT396", f"no period {period!r}; there are {known}")])
    rows: NDArray[np.bool_] = scores.periods == period
    return rows


def compared_periods(matched: Matched, periods: tuple[str, str] | None) -> tuple[str, str] | None:
    """The two periods that are compared, where each side has one."""
    if periods is not None:
        return periods
    found = []
    for scores, rows in zip(matched.scores, matched.rows, strict=True):
        known = set() if scores.periods is None else set(scores.periods[rows])
        if len(known) != 1:
            return None
        found.append(str(known.pop()))
    return found[0], found[1]
