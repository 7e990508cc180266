"""What the columns of a table look like, for people who write a methodology or wonder why one does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from dtindex.findings import nearest
from dtindex.spec.model import Methodology
from dtindex.tables.check import items_of
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.numbers import NumberType, is_number, texts_of, to_ascii, to_float
from dtindex.tables.raw import RawTable
from dtindex.tables.survey import is_survey
from dtindex.tables.survey.propose import serves

__all__ = ["ColumnSummary", "describe"]

Looks = Literal["number", "percent", "thousands", "text", "empty"]

_KINDS: tuple[NumberType, ...] = ("number", "percent", "thousands")
_MOSTLY = 0.6
"""Share of numbers from which a column is one of numbers with a few odd cells, which may be codes to declare."""

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What a column looks like, and what the methodology makes of it."""

    name: str
    position: int
    """From 1."""
    looks: Looks
    filled: int
    """Cells that are not empty."""
    distinct: int
    low: float | None
    """Smallest and largest number, where it looks like numbers."""
    high: float | None
    sample: tuple[str, ...]
    """The first different values."""
    odd: tuple[str, ...] = ()
    """Values of a column of numbers that are none."""
    matched: str | None = None
    """Ids that read it, or ``key``, ``period``, ``name``, ``ranked``, ``group``, ``published``."""
    nearest: str | None = None
    """The most similar column that the methodology wants and the table lacks."""

    def to_dict(self) -> dict[str, object]:
        """The same, for JSON."""
        return asdict(self)


def describe(raw: RawTable, methodology: Methodology | None = None) -> tuple[ColumnSummary, ...]:
    """One summary a column, in the file's order.

    Examples
    --------
    >>> import numpy as np
    >>> raw = RawTable("a.csv", "text", ("city", "gdp"), (("A", "B"), ("1", "2.5")), np.array([2, 3]))
    >>> [(column.name, column.looks, column.low, column.high) for column in describe(raw)]
    [('city', 'text', None, None), ('gdp', 'number', 1.0, 2.5)]
    """
    uses = {} if methodology is None else _uses(methodology)
    if methodology is not None and is_survey(methodology):
        uses |= {tidy_name(column): use for column, use in serves(raw, methodology).items()}
    lacking = [name for name in uses if name not in {tidy_name(name) for name in raw.header}]
    summaries = []
    for index, name in enumerate(raw.header):
        matched = uses.get(tidy_name(name))
        proposal = nearest(tidy_name(name), lacking) if matched is None else None
        summaries.append(_summary(raw, index, matched, proposal))
    return tuple(summaries)


def _uses(methodology: Methodology) -> dict[str, str]:
    """By tidied column name, what the methodology reads it as."""
    units = methodology.units
    uses: dict[str, list[str]] = {}
    named = [(units.key, "key"), (units.period, "period"), (units.name, "name"), (units.ranked, "ranked")]
    named += [(group, "group") for group in units.groups]
    named += [(item.column, item.id) for item in items_of(methodology)]
    named += [(item.published, f"published of {item.id}") for item in methodology.tree.items.values()]
    for column, use in named:
        if column:
            uses.setdefault(tidy_name(column), []).append(use)
    return {column: ", ".join(found) for column, found in uses.items()}


def _summary(raw: RawTable, index: int, matched: str | None, proposal: str | None) -> ColumnSummary:
    cells = texts_of(raw.columns[index])
    distinct = list(dict.fromkeys(cell.strip() for cell in cells))
    values = [value for value in distinct if value]
    looks, odd = _looks(values)
    numbers = [] if looks in ("text", "empty") else _numbers(values, looks)
    return ColumnSummary(
        name=raw.header[index],
        position=raw.position(index),
        looks=looks,
        filled=sum(1 for cell in cells if cell.strip()),
        distinct=len(values),
        low=min(numbers, default=None),
        high=max(numbers, default=None),
        sample=tuple(values[:_SAMPLES]),
        odd=tuple(odd[:_SAMPLES]),
        matched=matched,
        nearest=proposal,
    )


def _looks(values: Sequence[str]) -> tuple[Looks, list[str]]:
    """The narrowest kind that most values are of, and those that are not."""
    if not values:
        return "empty", []
    best: tuple[Looks, list[str]] = ("text", [])
    fewest = len(values) - _MOSTLY * len(values) + 1e-9
    for kind in _KINDS:
        is_of_kind = is_number(kind)
        odd = [value for value in values if is_of_kind(to_ascii(value)) is None]
        if len(odd) <= fewest and (best[0] == "text" or len(odd) < len(best[1])):
            best = (kind, odd)
    return best


def _numbers(values: Sequence[str], kind: Looks) -> list[float]:
    assert kind in _KINDS
    found = (to_float(to_ascii(value), kind) for value in values)
    return [number for number in found if number is not None and np.isfinite(number)]
