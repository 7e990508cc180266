"""Derived indicators: ratios, growth, shares and their kin, computed from measured columns before anything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.sums import exact_sum
from dtindex.spec.methods import Derive
from dtindex.spec.model import Indicator
from dtindex.status import LEAVES_NO_VALUE, PROPAGATES, Status, StatusArray
from dtindex.steps.types import FloatArray, Problem, TextArray

__all__ = ["Column", "Panel", "derive", "period_order"]


@dataclass(frozen=True, slots=True)
class Column:
    """Raw values and flags of an indicator, ``(rows,)`` each."""

    values: FloatArray
    flags: StatusArray


@dataclass(frozen=True, slots=True)
class Panel:
    """The keys of the rows, for what looks across them; ``totals`` are left out of sums.

    Rows ``left_out`` (careless respondents, whose key may stand again) are nobody's past, and in no sum.
    """

    units: TextArray
    periods: TextArray | None = None
    totals: NDArray[np.bool_] | None = None
    left_out: NDArray[np.bool_] | None = None
    alone: bool = False
    """The rows are not all units: sums over them say nothing."""

    def before(self, values: FloatArray) -> FloatArray:
        """Each row's value in the period before it (the one that the table has), NaN where there is none."""
        earlier = np.full(values.shape, np.nan)
        if self.periods is None:
            return earlier
        order = period_order(self.periods)
        previous = dict(zip(order[1:], order, strict=False))
        rows = {
            (unit, period): row
            for row, (unit, period) in enumerate(zip(self.units, self.periods, strict=True))
            if self.left_out is None or not self.left_out[row]
        }
        for row, (unit, period) in enumerate(zip(self.units, self.periods, strict=True)):
            found = rows.get((unit, previous.get(period)))
            if found is not None:
                earlier[row] = values[found]
        return earlier

    @property
    def first(self) -> NDArray[np.bool_]:
        """Rows ``(rows,)`` of the first period; none without periods."""
        if self.periods is None or not len(self.periods):
            return np.zeros(len(self.units), dtype=bool)
        first: NDArray[np.bool_] = self.periods == period_order(self.periods)[0]
        return first

    def sums(self, values: FloatArray) -> FloatArray:
        """For each row the order-free sum over all rows of its period; NaN where one of them is missing."""
        if self.alone:
            return np.full(values.shape, np.nan)
        counted = np.ones(values.shape, dtype=bool) if self.totals is None else ~self.totals
        counted = counted if self.left_out is None else counted & ~self.left_out
        if self.periods is None:
            return np.full(values.shape, exact_sum(values[counted]))
        sums = np.empty(values.shape)
        for period in dict.fromkeys(self.periods):
            rows = self.periods == period
            sums[rows] = exact_sum(values[rows & counted])
        return sums


def period_order(periods: TextArray) -> list[str]:
    """The distinct periods, numerically where all are numbers, else as text."""
    distinct = sorted(set(periods))
    return sorted(distinct, key=float) if all(_is_number(period) for period in distinct) else distinct


def derive(
    indicators: Sequence[Indicator], columns: Mapping[str, Column], panel: Panel
) -> tuple[dict[str, Column], list[Problem]]:
    """Measured ``columns`` with the derived ones added, and what could not be computed.

    Each formula stands in the docstring of its block in `dtindex.spec.methods`. A derived value is missing where one of
    its parts is; a zero divisor gives ``when_zero``, or missing. Flags of the parts are inherited.
    """
    known = dict(columns)
    waiting = {indicator.id: indicator.derive for indicator in indicators if indicator.derive is not None}
    problems: list[Problem] = []
    while waiting:
        ready = [item for item, method in waiting.items() if not any(part in waiting for part in parts_of(method))]
        if not ready:
            return known, [
                Problem("DT314", next(iter(waiting)), f"derived indicators in a circle: {', '.join(waiting)}")
            ]
        for item in ready:
            known[item], found = _derived(item, waiting.pop(item), known, panel)
            problems += found
    return known, problems


def parts_of(method: Derive) -> tuple[str, ...]:
    """Ids that a derived indicator is made of."""
    names = ("of", "to", "per", "within", "since", "minus", "growth")
    found: list[str] = []
    for value in (getattr(method, name, None) for name in names):
        found += [value] if isinstance(value, str) else list(value or ())
    return tuple(found)


def _derived(item: str, method: Derive, known: Mapping[str, Column], panel: Panel) -> tuple[Column, list[Problem]]:
    parts = [known[part] for part in parts_of(method)]
    flags = np.zeros(len(panel.units), dtype=np.uint16)
    for part in parts:
        flags |= part.flags & np.uint16(PROPAGATES | LEAVES_NO_VALUE)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = _FORMULAS[method.method](method, lambda name: known[name].values, panel)
    values = np.where(flags & np.uint16(LEAVES_NO_VALUE), np.nan, values)
    uncomputed = ~np.isfinite(values) & (flags & np.uint16(LEAVES_NO_VALUE) == 0)
    values = np.where(uncomputed, np.nan, values)
    flags[uncomputed] |= np.uint16(Status.MISSING)
    problems = []
    surprising = uncomputed & ~panel.first if _looks_back(method) else uncomputed
    if surprising.any():
        rows = tuple(int(row) for row in np.flatnonzero(surprising))
        problems.append(Problem("DT315", item, f"{method.method}: zero divisor or no earlier period; missing", rows))
    return Column(values, flags), problems


def _looks_back(method: Derive) -> bool:
    """Whether it compares with the period before, which the first period does not have."""
    if method.method == "net-addition":
        return method.since is None and method.growth is None
    return method.method in ("growth", "point-change") and getattr(method, "since", None) is None


Values = Callable[[str], FloatArray]


def _quotient(over: FloatArray, under: FloatArray, when_zero: float | None) -> FloatArray:
    quotient: FloatArray = over / under
    return quotient if when_zero is None else np.where(under == 0, when_zero, quotient)


def _ratio(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "ratio"
    return _quotient(values(method.of), values(method.to), method.when_zero)


def _per(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "per"
    return _quotient(values(method.of) * method.times, values(method.per), method.when_zero)


def _share(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "share"
    whole = panel.sums(values(method.of)) if method.within is None else values(method.within)
    return _quotient(100.0 * values(method.of), whole, method.when_zero)


def _growth(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "growth"
    now = values(method.of)
    since = panel.before(now) if method.since is None else values(method.since)
    return _quotient(100.0 * (now - since), since, method.when_zero)


def _sum(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "sum"
    total = values(method.of[0])
    for part in method.of[1:]:
        total = total + values(part)
    return total


def _difference(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "difference"
    return values(method.of) - values(method.minus)


def _point_change(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "point-change"
    now = values(method.of)
    return now - (panel.before(now) if method.since is None else values(method.since))


def _net_addition(method: Derive, values: Values, panel: Panel) -> FloatArray:
    assert method.method == "net-addition"
    now = values(method.of)
    if method.growth is not None:
        growth = values(method.growth)
        return now * growth / (100.0 + growth)
    return now - (panel.before(now) if method.since is None else values(method.since))


_FORMULAS: dict[str, Callable[[Derive, Values, Panel], FloatArray]] = {
    "ratio": _ratio,
    "per": _per,
    "share": _share,
    "growth": _growth,
    "sum": _sum,
    "difference": _difference,
    "point-change": _point_change,
    "net-addition": _net_addition,
}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
