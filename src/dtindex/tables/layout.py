"""One row a unit (wide) or one row a value (long): whatever the file has, a grid of columns comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, finding, nearest
from dtindex.spec.model import Units
from dtindex.tables.convert import MOST
from dtindex.tables.formats.cells import number_text, tidy_name
from dtindex.tables.names import shown
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import Cells, RawTable

__all__ = ["Column", "Grid", "Layout", "is_long", "to_grid", "without_ranges"]

Layout = Literal["auto", "wide", "long"]
IntArray: TypeAlias = NDArray[np.int64]

NAME_COLUMNS = ("indicator", "指标", "指标名称", "指标代码", "variable", "name", "node")
VALUE_COLUMNS = ("value", "值", "数值", "指标值", "obs_value")
STATUS_COLUMNS = ("status", "状态", "obs_status")


@dataclass(frozen=True)
class Column:
    """A column of the grid: its cells, and where they are in the file."""

    name: str
    raw: RawTable
    index: int
    """Which column of the file the cells come from."""
    cells: Cells
    rows: IntArray | None = None
    """Row of the file of each cell, -1 where it has none; None where cell and row are the same."""
    statuses: Sequence[str] | None = None
    """Status word of each cell, of a long table that has a column of them."""
    dates: frozenset[int] = frozenset()
    lossy: frozenset[int] = frozenset()
    missing: tuple[tuple[float, float], ...] = ()
    """Closed ranges of numbers that the file declares to be no answers."""
    missing_texts: frozenset[str] = frozenset()
    """Texts that the file declares to be no answers."""

    def answers(self, codes: Iterable[str] = ()) -> Cells:
        """The cells, empty where the file declares their value to be no answer, unless it is one of these codes."""
        kept = {code.strip() for code in codes}
        if isinstance(self.cells, np.ndarray):
            return without_ranges(self.cells, self.missing, kept) if self.missing else self.cells
        gone = self.missing_texts - kept
        return ["" if cell in gone else cell for cell in self.cells] if gone else self.cells

    def place(self, row: int | None, unit: str | None = None, period: str | None = None) -> Place:
        """Where a cell is; ``row`` None for the column as a whole."""
        unit = None if unit is None else " ".join(unit.split()) or None
        if row is not None and self.rows is not None:
            row = int(self.rows[row])
        if row == -1:
            return Place(file=self.raw.file, sheet=self.raw.sheet, unit=unit, period=period, name=self.name)
        return replace(self.raw.place(row, self.index, unit, period), name=self.name)

    def line(self, row: int) -> int:
        """Line or sheet row of a cell."""
        return int(self.raw.rows[row if self.rows is None else int(self.rows[row])])


@dataclass(frozen=True)
class Grid:
    """Columns by tidied name, each of ``length`` cells: one row for a unit, or for a unit and period."""

    raw: RawTable
    length: int
    columns: dict[str, Column]
    long: bool = False
    left_out: tuple[str, ...] = ()
    """Columns of a long table that say something of single values, not of units."""
    findings: tuple[Finding, ...] = field(default=())

    def get(self, name: str) -> Column | None:
        """The column of a name, however it is spaced."""
        return self.columns.get(tidy_name(name))


def to_grid(
    raw: RawTable,
    units: Units,
    known: Mapping[str, str],
    canonical: Callable[[str], str],
    layout: Layout = "auto",
) -> Grid:
    """The table with one row a unit, whichever of the two layouts it has.

    Parameters
    ----------
    raw
        The file as it was read.
    units
        Which columns are key and period.
    known
        What may stand in the column of names of a long table, to the column that is meant.
    canonical
        A unit's key for any of its spellings, so that its values come together.
    layout
        Which layout the table has; ``auto`` takes it for long where it has a key, a column of names, a column of
        values and none of the columns that the methodology reads, and says so (DT213).
    """
    if layout == "wide" or (layout == "auto" and not is_long(raw, units, known)):
        return _wide(raw)
    return _Pivot(raw, units, known, canonical, layout).grid()


def is_long(raw: RawTable, units: Units, known: Mapping[str, str]) -> bool:
    """Whether the header is that of a long table, and not of a wide one."""
    header = [tidy_name(name) for name in raw.header]
    wanted = {tidy_name(column) for column in known.values()}
    has = tidy_name(units.key) in header and _find(header, units, NAME_COLUMNS) and _find(header, units, VALUE_COLUMNS)
    return bool(has) and wanted.isdisjoint(header)


def _find(header: Sequence[str], units: Units, candidates: tuple[str, ...]) -> str | None:
    own = {tidy_name(name) for name in (units.key, units.name, units.period, units.ranked, *units.groups) if name}
    lowered = {name.casefold(): name for name in header if name not in own}
    return next((lowered[candidate] for candidate in candidates if candidate in lowered), None)


def _wide(raw: RawTable) -> Grid:
    dates, lossy = _by_column(raw.dates), _by_column(raw.lossy)
    columns = {
        tidy_name(name): Column(
            tidy_name(name),
            raw,
            index,
            raw.columns[index],
            dates=dates.get(index, frozenset()),
            lossy=lossy.get(index, frozenset()),
            missing=raw.user_missing.get(index, ()),
            missing_texts=raw.user_missing_texts.get(index, frozenset()),
        )
        for index, name in enumerate(raw.header)
    }
    return Grid(raw, len(raw), columns)


def _by_column(cells: frozenset[tuple[int, int]]) -> dict[int, frozenset[int]]:
    rows: dict[int, set[int]] = {}
    for row, column in cells:
        rows.setdefault(column, set()).add(row)
    return {column: frozenset(found) for column, found in rows.items()}


def without_ranges(
    cells: NDArray[np.float64], ranges: Sequence[tuple[float, float]], kept: set[str]
) -> NDArray[np.float64]:
    """Numbers ``(rows,)`` with NaN inside the closed ``ranges``, but for those whose text is ``kept``."""
    inside = np.zeros(cells.shape, dtype=bool)
    for low, high in ranges:
        inside |= (cells >= low) & (cells <= high)
    for value in np.unique(cells[inside]).tolist():
        if number_text(value) in kept:
            inside &= cells != value
    return np.where(inside, np.nan, cells)


class _Pivot:
    """From one row a value to one row a unit (and period), in the order in which units first appear."""

    def __init__(
        self,
        raw: RawTable,
        units: Units,
        known: Mapping[str, str],
        canonical: Callable[[str], str],
        layout: Layout,
    ) -> None:
        self.file = _wide(raw)
        self.raw, self.units, self.known, self.canonical, self.layout = raw, units, known, canonical, layout
        self.findings: list[Finding] = []

    def grid(self) -> Grid:
        header = tuple(self.file.columns)
        key = self.file.get(self.units.key)
        name = self._column(header, NAME_COLUMNS)
        value = self._column(header, VALUE_COLUMNS)
        if key is None or name is None or value is None:
            for column, words in ((key, (self.units.key,)), (name, NAME_COLUMNS), (value, VALUE_COLUMNS)):
                if column is None:
                    self._lacks(words, header)
            return Grid(self.raw, 0, {}, long=True, findings=tuple(self.findings))
        if self.layout == "auto":
            message = f"taken as a long table: names in {shown(name.name)}, values in {shown(value.name)}"
            self.findings.append(finding("DT213", f"{message}; expected otherwise, say layout='wide'", key.place(None)))
        status = self._column(header, STATUS_COLUMNS)
        units, firsts = self._units(key)
        columns = self._values(units, name, value, status)
        others, left_out = self._others(units, firsts, {name.index, value.index, *([status.index] if status else [])})
        return Grid(self.raw, len(firsts), {**others, **columns}, True, left_out, tuple(self.findings))

    def _column(self, header: Sequence[str], candidates: tuple[str, ...]) -> Column | None:
        found = _find(header, self.units, candidates)
        return None if found is None else self.file.columns[found]

    def _lacks(self, words: Sequence[str], header: Sequence[str]) -> None:
        expected = " or ".join(shown(word) for word in words[:3])
        message = f"no column {expected} in the header of a long table; found {', '.join(header[:8])}: add or rename it"
        self.findings.append(finding("DT202", message, Place(file=self.raw.file, sheet=self.raw.sheet)))

    def _units(self, key: Column) -> tuple[IntArray, IntArray]:
        """Row of the grid of each row of the file, and the first row of the file of each row of the grid."""
        spelt = texts_of(key.cells)
        keys = {text: self.canonical(text) for text in dict.fromkeys(spelt)}
        period = self.file.get(self.units.period) if self.units.period else None
        periods = texts_of(period.cells) if period is not None else [""] * len(spelt)
        seen: dict[tuple[str, str], int] = {}
        rows = [seen.setdefault((keys[text], when), len(seen)) for text, when in zip(spelt, periods, strict=True)]
        units = np.array(rows, dtype=np.int64)
        return units, np.unique(units, return_index=True)[1].astype(np.int64)

    def _values(self, units: IntArray, name: Column, value: Column, status: Column | None) -> dict[str, Column]:
        wanted = {tidy_name(known): tidy_name(column) for known, column in self.known.items()}
        numbers = {column: number for number, column in enumerate(dict.fromkeys(wanted.values()))}
        names = texts_of(name.cells)
        ids = {text: numbers.get(wanted.get(tidy_name(text), ""), -1) for text in dict.fromkeys(names)}
        which = np.array([ids[text] for text in names], dtype=np.int64)
        self._unknown_names(names, which, name)
        words = None if status is None else texts_of(status.cells)
        columns: dict[str, Column] = {}
        for column, number in numbers.items():
            rows = np.flatnonzero(which == number)
            if rows.size:
                columns[column] = self._one(column, rows, units, value, words)
        return columns

    def _unknown_names(self, names: Sequence[str], which: IntArray, name: Column) -> None:
        counts: dict[str, list[int]] = {}
        for row in np.flatnonzero(which == -1).tolist():
            counts.setdefault(names[row], []).append(row)
        for number, (text, rows) in enumerate(counts.items()):
            if number == MOST:
                message = f"and {len(counts) - MOST:,} more names that no indicator reads ({len(counts):,} in all)"
                self.findings.append(finding("DT214", message, name.place(None)))
                break
            proposal = nearest(text, self.known)
            hint = f"the nearest is {shown(proposal)}" if proposal else "correct it, or delete its rows"
            found = f"found {shown(text)} in {len(rows):,} rows" if text else f"no name in {len(rows):,} rows"
            message = f"{found}, expected a column or id of the methodology: {hint}"
            self.findings.append(finding("DT214", message, name.place(rows[0])))

    def _one(self, column: str, rows: IntArray, units: IntArray, value: Column, words: Sequence[str] | None) -> Column:
        count = int(units.max()) + 1
        where = np.full(count, -1, dtype=np.int64)
        where[units[rows][::-1]] = rows[::-1]  # the first of several stays
        self._duplicates(column, rows, where[units[rows]], value)
        taken = where.tolist()
        cells: Cells
        if isinstance(value.cells, np.ndarray):
            cells = np.where(where < 0, np.nan, value.cells[where])
        else:
            cells = [value.cells[row] if row >= 0 else "" for row in taken]
        return Column(
            column,
            self.raw,
            value.index,
            cells,
            rows=where,
            statuses=None if words is None else [words[row] if row >= 0 else "" for row in taken],
            dates=frozenset(unit for unit, row in enumerate(taken) if row in value.dates)
            if value.dates
            else frozenset(),
            missing=value.missing,
            missing_texts=value.missing_texts,
        )

    def _duplicates(self, column: str, rows: IntArray, firsts: IntArray, value: Column) -> None:
        again = np.flatnonzero(rows != firsts)
        key = self.file.get(self.units.key)
        assert key is not None
        spelt = texts_of(key.cells) if again.size else ()
        for position in again[:MOST].tolist():
            row, first = int(rows[position]), int(firsts[position])
            message = f"{shown(column)} of {shown(spelt[row])} stands in rows {value.line(first)} and {value.line(row)}"
            place = replace(value.place(row, unit=spelt[row]), name=column)
            self.findings.append(finding("DT203", f"{message}, expected one value: delete one of the two", place))
        if again.size > MOST:
            message = (
                f"and {again.size - MOST:,} more values of {shown(column)} that stand twice ({again.size:,} in all)"
            )
            self.findings.append(finding("DT203", message, value.place(None)))

    def _others(self, units: IntArray, firsts: IntArray, used: set[int]) -> tuple[dict[str, Column], tuple[str, ...]]:
        """Key, period, and what else is the same in all rows of a unit."""
        columns: dict[str, Column] = {}
        left_out: list[str] = []
        kept = {tidy_name(name) for name in (self.units.key, self.units.period) if name}
        for name, column in self.file.columns.items():
            if column.index in used:
                continue
            texts = texts_of(column.cells)
            chosen = [texts[row] for row in firsts.tolist()]
            if name not in kept and any(text != chosen[unit] for text, unit in zip(texts, units.tolist(), strict=True)):
                left_out.append(name)
                continue
            lossy = frozenset(int(units[row]) for row in column.lossy)
            columns[name] = replace(column, cells=chosen, rows=firsts, dates=frozenset(), lossy=lossy)
        return columns, tuple(left_out)
