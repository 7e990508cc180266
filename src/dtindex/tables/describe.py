"""What the columns of a table look like, for people who write a methodology or wonder why one does not fit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from dtindex.findings import nearest
from dtindex.spec.model import Methodology
from dtindex.tables.check import items_of
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.names import fold
from dtindex.tables.numbers import NumberType, is_number, to_ascii, to_float
from dtindex.tables.raw import RawTable
from dtindex.tables.survey import is_survey
from dtindex.tables.survey.propose import serves
from dtindex.tables.survey.vocabulary import encoded

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
    """The most similar column, question or part of one that the methodology wants and the table lacks."""

    def to_dict(self) -> dict[str, object]:
        """The same, for JSON."""
        return asdict(self)


def describe(
    raw: RawTable, methodology: Methodology | None = None, blanks: Collection[str] = frozenset()
) -> tuple[ColumnSummary, ...]:
    """One summary a column, in the file's order; cells that hold one of the folded ``blanks`` count as empty.

    Examples
    --------
    >>> import numpy as np
    >>> raw = RawTable("a.csv", "text", ("city", "gdp"), (("A", "B"), ("1", "2.5")), np.array([2, 3]))
    >>> [(column.name, column.looks, column.low, column.high) for column in describe(raw)]
    [('city', 'text', None, None), ('gdp', 'number', 1.0, 2.5)]
    """
    uses = {} if methodology is None else _uses(methodology)
    near: dict[str, str] = {}
    if methodology is not None and is_survey(methodology):
        answers, near = serves(raw, methodology)
        for column, use in answers.items():
            uses[tidy_name(column)] = ", ".join(filter(None, (use, uses.get(tidy_name(column)))))
    lacking = [name for name in uses if name not in {tidy_name(name) for name in raw.header}]
    summaries = []
    for index, name in enumerate(raw.header):
        matched = uses.get(tidy_name(name))
        proposal = near.get(name) or nearest(tidy_name(name), lacking) if matched is None else None
        summaries.append(_summary(raw, index, matched, proposal, blanks))
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


def _summary(
    raw: RawTable, index: int, matched: str | None, proposal: str | None, blanks: Collection[str]
) -> ColumnSummary:
    column = encoded(raw.columns[index])
    present, first, counts = np.unique(column.codes, return_index=True, return_counts=True)
    words = {int(code): column.words[code].strip() for code in present[np.argsort(first)]}
    longest = max(map(len, blanks), default=0) + 2
    words = {code: "" if len(word) <= longest and fold(word) in blanks else word for code, word in words.items()}
    values = list(dict.fromkeys(word for word in words.values() if word))
    looks, odd = _looks(values)
    numbers = [] if looks in ("text", "empty") else _numbers(values, looks)
    return ColumnSummary(
        name=raw.header[index],
        position=raw.position(index),
        looks=looks,
        filled=sum(count for code, count in zip(present.tolist(), counts.tolist(), strict=True) if words[code]),
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
    plain = list(map(to_ascii, values))
    for kind in _KINDS:
        is_of_kind = is_number(kind)
        odd = [value for value, text in zip(values, plain, strict=True) if is_of_kind(text) is None]
        if len(odd) <= fewest and (best[0] == "text" or len(odd) < len(best[1])):
            best = (kind, odd)
    return best


def _numbers(values: Sequence[str], kind: Looks) -> list[float]:
    assert kind in _KINDS
    found = (to_float(to_ascii(value), kind) for value in values)
    return [number for number in found if number is not None and np.isfinite(number)]
