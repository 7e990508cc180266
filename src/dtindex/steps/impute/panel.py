"""Imputation over time: a unit's own values of other periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import ImputePanel
from dtindex.status import LEAVES_NO_VALUE, PROPAGATES, Status, StatusArray
from dtindex.steps.derive import period_order
from dtindex.steps.impute.base import LaterImputer
from dtindex.steps.types import FloatArray, TextArray

__all__ = ["Filled", "OverTime", "Timeline", "fill_over_time"]

_LAST_BITS = 1e-9
_NO_VALUE = np.uint16(LEAVES_NO_VALUE)
_MISSING = np.uint16(Status.MISSING)
_IMPUTED = np.uint16(Status.IMPUTED)
_PROPAGATES = np.uint16(PROPAGATES)

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rows of a table in the order of units and time: ``order`` sorts them, ``starts`` ``(rows,)`` gives the sorted
    position at which each one's unit begins, ``ends`` the one at which it ends, and ``time`` ``(rows,)`` its time.

    Time is the period's number where all periods are numbers, so that 2018 and 2021 are three apart; else its position
    among the table's periods.
    """

    order: Rows
    starts: Rows
    ends: Rows
    time: FloatArray

    @classmethod
    def of(cls, units: TextArray, periods: TextArray) -> Timeline:
        """The timeline of rows with these keys."""
        _, unit = np.unique(units.astype(str), return_inverse=True)
        time = _times(periods)
        order = np.lexsort((time, unit))
        starts = np.searchsorted(unit[order], unit[order], side="left")
        ends = np.searchsorted(unit[order], unit[order], side="right") - 1
        return cls(order, starts, ends, time[order])

    def before(self, known: NDArray[np.bool_]) -> Rows:
        """For each sorted row the last known one of its unit up to it; -1 where there is none."""
        last = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
        return np.where(last >= self.starts, last, -1)

    def after(self, known: NDArray[np.bool_]) -> Rows:
        """For each sorted row the first known one of its unit from it on; -1 where there is none."""
        beyond = len(known)
        following = np.minimum.accumulate(np.where(known, np.arange(beyond), beyond)[::-1])[::-1]
        return np.where(following <= self.ends, following, -1)


@dataclass(frozen=True, slots=True)
class Filled:
    """A column with what was filled in: ``values`` and ``flags`` ``(rows,)``, the filled ``rows``, and for each of them
    the one or two rows that its value comes from, -1 for no second one."""

    values: FloatArray
    flags: StatusArray
    rows: Rows
    sources: NDArray[np.intp]


def fill_over_time(
    values: FloatArray,
    flags: StatusArray,
    timeline: Timeline,
    spec: ImputePanel,
    wanted: NDArray[np.bool_],
    left_out: NDArray[np.bool_] | None = None,
) -> Filled:
    """Fill what is missing of a column from the unit's own observed values.

    With ``b`` the last observed period before ``t`` and ``a`` the first after it:

    - ``last``: ``x_t = x_b``; ``constant``: the same, and ``x_a`` where there is no ``b``;
    - ``linear``: ``x_t = x_b + (x_a - x_b) (t - b) / (a - b)``; ``linear-constant``: the same, and ``x_b`` or ``x_a``
      where there is only one of the two.

    No source is more than ``at_most`` periods away. An observed cell never changes, whatever the order of the rows; a
    filled one is no source for another. Only what is missing is filled: withheld and not applicable are answers.

    Parameters
    ----------
    values, flags
        ``(rows,)``, in any order of rows.
    timeline
        The order of the rows in time.
    wanted
        Rows ``(rows,)`` that are to be filled; others may be sources.
    left_out
        Rows ``(rows,)`` that are no sources either: careless respondents.

    References
    ----------
    OECD/JRC Handbook (2008), step 3; COINr `impute_panel`, whose ``latest`` is ``last`` and whose ``max_time`` is
    ``at_most``.
    """
    known = ~np.isnan(values) if left_out is None else ~np.isnan(values) & ~left_out
    gaps = (np.isnan(values) & (flags & _NO_VALUE == _MISSING) & wanted)[timeline.order]
    at = np.flatnonzero(gaps)
    before = timeline.before(known[timeline.order])[at]
    after = timeline.after(known[timeline.order])[at]
    before, after = _within(before, at, timeline.time, spec.at_most), _within(after, at, timeline.time, spec.at_most)
    first, second = _sources(before, after, spec.fill)
    found = first >= 0
    at, first, second = at[found], first[found], second[found]
    ordered = values[timeline.order]
    share = _share(timeline.time, at, first, second)
    step = np.where(second >= 0, ordered[second] - ordered[first], 0.0)
    filled = ordered[first] + step * share
    return _placed(values, flags, timeline.order, at, filled, np.column_stack([first, second]))


def _within(source: Rows, at: Rows, time: FloatArray, at_most: float | None) -> Rows:
    """Sources that are near enough; -1 for the others."""
    if at_most is None:
        return source
    return np.where(np.abs(time[at] - time[source]) <= at_most + _LAST_BITS, source, -1)


def _sources(before: Rows, after: Rows, fill: str) -> tuple[Rows, Rows]:
    """The first and the second source of each gap; -1 for none."""
    none = np.full(before.shape, -1)
    if fill == "last":
        return before, none
    either = np.where(before >= 0, before, after)
    if fill == "constant":
        return either, none
    both = (before >= 0) & (after >= 0)
    return (np.where(both, before, none if fill == "linear" else either), np.where(both, after, none))


def _share(time: FloatArray, at: Rows, first: Rows, second: Rows) -> FloatArray:
    """How far between its two sources a row lies; 0 with one source."""
    span = time[second] - time[first]
    return np.divide(time[at] - time[first], span, out=np.zeros(span.shape), where=(second >= 0) & (span > 0))


def _placed(
    values: FloatArray, flags: StatusArray, order: Rows, at: Rows, filled: FloatArray, sources: NDArray[np.intp]
) -> Filled:
    """From sorted positions back to rows."""
    rows = order[at]
    from_rows = np.where(sources >= 0, order[sources], -1)
    whole, marks = values.copy(), flags.copy()
    whole[rows] = filled
    inherited = flags[from_rows[:, 0]] | np.where(from_rows[:, 1] >= 0, flags[from_rows[:, 1]], np.uint16(0))
    marks[rows] = (inherited & _PROPAGATES) | _IMPUTED
    ranked = np.argsort(rows)
    return Filled(whole, marks, rows[ranked], from_rows[ranked])


def _times(periods: TextArray) -> FloatArray:
    distinct = period_order(periods)
    try:
        numbers = {period: float(period) for period in distinct}
    except ValueError:
        numbers = {period: float(position) for position, period in enumerate(distinct)}
    return np.array([numbers[period] for period in periods], dtype=np.float64)


class OverTime(LaterImputer[ImputePanel]):
    """The unit's own value of another period: the last, the nearest known, or a line between two."""

    method = "panel"
    reference = "OECD/JRC Handbook (2008), step 3; COINr impute_panel"
