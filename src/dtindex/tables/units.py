"""Who is in the table: keys, periods, totals and groups, checked against the codelist."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place, Severity, finding
from dtindex.spec.model import Units
from dtindex.tables.codelist import Codelist
from dtindex.tables.convert import MOST
from dtindex.tables.layout import Column, Grid
from dtindex.tables.names import fold, shown, strip_key
from dtindex.tables.numbers import texts_of
from dtindex.tables.raw import Cells
from dtindex.tables.table import TextArray
from dtindex.tables.words import Words, words_of

__all__ = ["Keys", "canonical_key", "read_groups", "read_keys", "text_array"]

_TOTALS = frozenset(
    (
        *("合计", "总计", "小计", "总和", "平均", "平均值", "均值", "平均数", "中位数", "汇总"),
        *("全国", "全国合计", "全国总计", "全国平均", "全国平均值", "全省", "全省合计", "全市", "全市合计"),
        *("各省合计", "各地区合计", "地区合计", "地区平均", "全部", "所有省份"),
        *("total", "totals", "grandtotal", "subtotal", "sum", "average", "mean", "median"),
        *("all", "allprovinces", "allregions", "allcities", "allunits"),
        *("nationaltotal", "nationalaverage", "countrytotal"),
    )
)
_WHOLE = frozenset(("中国", "china", "national", "nationwide", "100000", "000000"))
"""Totals where units are parts of a country, which a codelist says; else they may be units."""

Kind = Literal["known", "declared", "empty", "lossy", "unknown", "former", "totals"]
_CODES: dict[Kind, str] = {
    "empty": "DT204", "lossy": "DT205", "unknown": "DT206", "former": "DT207", "totals": "DT208",
}  # fmt: skip

_LONGEST = 24
_PUNCTUATION = re.compile(r"[\s:：()（）\[\]【】*#、,，.。\-—_]+")
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_EXACT = 2.0**53


@dataclass
class Keys:
    """Units and periods of the rows ``(rows,)``, and what was found on the way."""

    units: TextArray
    periods: TextArray | None = None
    totals: NDArray[np.bool_] | None = None
    order: NDArray[np.int64] | None = None
    findings: list[Finding] = field(default_factory=list)

    def who(self, row: int) -> tuple[str, str | None]:
        """Unit and period of a row, for places."""
        return str(self.units[row]), None if self.periods is None else str(self.periods[row])


class _Remarks:
    """Findings, at most :data:`MOST` of a kind, then one that counts the rest."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.items: list[Finding] = []
        self.counts: dict[str, int] = {}

    def add(self, code: str, message: Callable[[], str] | str, row: int, unit: str | None = None) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= MOST:
            text = message if isinstance(message, str) else message()
            self.items.append(finding(code, text, self.column.place(row, unit=unit)))

    def close(self) -> list[Finding]:
        for code, count in self.counts.items():
            if count > MOST:
                message = f"and {count - MOST:,} more rows likewise ({count:,} in all)"
                self.items.append(finding(code, message, self.column.place(None)))
        return self.items


def canonical_key(codelist: Codelist | None) -> Callable[[str], str]:
    """From a unit's spelling to its key: the codelist's name, or the text without blanks around it."""

    def key(text: str) -> str:
        unit = None if codelist is None else codelist.find(text)
        return strip_key(text) if unit is None else unit.name

    return key


def text_array(cells: Sequence[str]) -> TextArray:
    """Texts as an array ``(rows,)`` of objects."""
    if isinstance(cells, Words):
        words = np.empty(len(cells.words), dtype=object)
        words[:] = cells.words
        found: TextArray = words[cells.codes]
        return found
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def read_keys(
    grid: Grid,
    column: Column,
    units: Units,
    codelist: Codelist | None,
    left_out: NDArray[np.bool_] | None = None,
) -> Keys:
    """Keys of all rows; among those that are ``left_out`` a key may stand again.

    Findings: DT203 duplicate, DT204 empty, DT205 digits lost, DT206 unknown, DT207 former code, DT208 totals row,
    DT209 units lacking, DT215 period.
    """
    remarks = _Remarks(column)
    texts = [strip_key(text) for text in texts_of(column.cells)]
    names = grid.get(units.name) if units.name else None
    labels = None if names is None else texts_of(names.cells)
    keys, kinds = _kinds(column, texts, labels, units, codelist)
    for row, kind in sorted(kinds.items()):
        if kind in _CODES:
            text = texts[row] or (labels[row] if labels else "")
            message = partial(_message, kind, text, keys[row], codelist)
            remarks.add(_CODES[kind], message, row, keys[row])
    result = Keys(text_array(keys))
    declared = [row for row, kind in kinds.items() if kind == "declared"]
    if declared:
        result.totals = np.zeros(len(keys), dtype=np.bool_)
        result.totals[declared] = True
    if units.period:
        _read_periods(grid, units.period, result)
    _refuse_duplicates(grid, result, remarks, units, left_out)
    result.findings[:0] = remarks.close()
    if codelist is not None:
        result.order = _order(keys, codelist)
        result.findings += _lacking(set(keys), codelist, column)
    return result


def _kinds(
    column: Column, texts: Sequence[str], labels: Sequence[str] | None, units: Units, codelist: Codelist | None
) -> tuple[list[str], dict[int, Kind]]:
    """Key of each row, and what kind of key those have that are no ordinary one."""
    declared = {fold(total): total for total in units.totals}
    distinct = dict.fromkeys(texts)
    alone = len(distinct) == 1  # a nation that is scored by itself is no total of others
    ordinary = codelist is None and not declared
    resolved = {
        text: _resolve(text, declared, codelist, alone)
        for text in distinct
        if not (ordinary and text[-1:].isdigit())  # most keys of a large table are told apart here
    }
    kinds: dict[int, Kind] = {}
    keys = list(texts)
    if resolved:
        keys = [resolved[text][0] if text in resolved else text for text in texts]
        odd = {text: kind for text, (_, kind) in resolved.items() if kind != "known"}
        kinds = {row: odd[text] for row, text in enumerate(texts) if text in odd} if odd else {}
    for row in _lossy(column, texts):
        kinds[row] = "lossy"
    if labels is not None and not alone:
        for row, label in enumerate(labels):
            if kinds.get(row) != "declared" and _is_totals(label, codelist):
                kinds[row] = "totals"
    return keys, kinds


def _resolve(text: str, declared: Mapping[str, str], codelist: Codelist | None, alone: bool) -> tuple[str, Kind]:
    """The key that a text stands for, and what kind of key it is."""
    if declared and text and fold(text) in declared:
        return declared[fold(text)], "declared"
    unit = None if codelist is None else codelist.find(text)
    if unit is not None and codelist is not None:
        return unit.name, "former" if codelist.is_former(text) else "known"
    if not text:
        return "", "empty"
    if not alone and _is_totals(text, codelist):
        return text, "totals"
    return text, "known" if codelist is None else "unknown"


def _is_totals(text: str, codelist: Codelist | None) -> bool:
    if len(text) > _LONGEST or (codelist is None and text[-1:].isdigit()):
        return False
    bare = _PUNCTUATION.sub("", fold(text))
    return bare in _TOTALS or (codelist is not None and bare in _WHOLE)


def _message(kind: Kind, text: str, key: str, codelist: Codelist | None) -> str:
    found = f"found {shown(text)}"
    if kind == "empty":
        return "no unit in this row, expected its key: fill it in, or delete the row"
    if kind == "lossy":
        return (
            f"{found}, a long number stored as a floating one, so its last digits are lost: "
            "format the column as text, and enter the keys again"
        )
    if kind == "totals":
        remedy = f"delete it, or list it under `units: {{totals: [{shown(text)}]}}`"
        return f"{found}, a row of totals that would be ranked as a unit: {remedy}"
    assert codelist is not None
    if kind == "former":
        return f"{found}, which {key} no longer bears; read as {key}: use the present code or name"
    close = codelist.nearest(text)
    hint = f"the nearest is {' or '.join(close)}" if close else "correct it, or add it to the codelist"
    return f"{found}, expected one of the {len(codelist)} units of the codelist {codelist.id}: {hint}"


def _lossy(column: Column, texts: Sequence[str]) -> set[int]:
    """Rows whose key was a number of more digits than a floating one keeps, or is spelt as one."""
    rows = set(column.lossy)
    cells: Cells = column.cells
    if isinstance(cells, np.ndarray):
        rows.update(np.flatnonzero(np.abs(cells) > _EXACT).tolist())
        return rows
    rows.update(row for row, text in enumerate(texts) if text[:1].isdigit() and _EXPONENT.fullmatch(text))
    return rows


def _read_periods(grid: Grid, name: str, keys: Keys) -> None:
    column = grid.get(name)
    if column is None:
        return  # reported with the other columns
    remarks = _Remarks(column)
    texts = texts_of(column.cells)
    known = {text: _period(text) for text in dict.fromkeys(texts)}
    periods = [known[text] for text in texts]
    for row, period in enumerate(periods):
        if not period:
            remarks.add(
                "DT215", "no period in this row, expected one such as 2024: fill it in", row, str(keys.units[row])
            )
    keys.periods = text_array(periods)
    keys.findings += remarks.close()


def _period(text: str) -> str:
    """A period as text; a whole number without a point, however the file stored it."""
    stripped = strip_key(text)
    return stripped[:-2] if stripped.endswith(".0") and stripped[:-2].isdigit() else stripped


def _refuse_duplicates(
    grid: Grid, keys: Keys, remarks: _Remarks, units: Units, left_out: NDArray[np.bool_] | None
) -> None:
    if keys.periods is None and len(set(keys.units.tolist())) == len(keys.units):
        return
    firsts: dict[tuple[str, str], int] = {}
    column = remarks.column
    periods = [""] * len(keys.units) if keys.periods is None else keys.periods.tolist()
    hint = "delete one of the two"
    if units.period is None and (year := _year_column(grid)) is not None:
        hint = f"delete one of the two, or declare `units: {{period: {year}}}`"
    for row, pair in enumerate(zip(keys.units.tolist(), periods, strict=True)):
        if left_out is not None and left_out[row]:
            continue
        first = firsts.setdefault(pair, row)
        if first != row and pair[0]:
            who = shown(" ".join(filter(None, pair)))
            message = f"{who} stands in rows {column.line(first)} and {column.line(row)}, expected one row: {hint}"
            remarks.add("DT203", message, row, pair[0])


def _year_column(grid: Grid) -> str | None:
    names = {name.casefold(): name for name in grid.columns}
    return next(
        (names[word] for word in ("period", "year", "年份", "年度", "年", "时间", "期间") if word in names), None
    )


def _order(keys: Sequence[str], codelist: Codelist) -> NDArray[np.int64]:
    positions = {unit.name: position for position, unit in enumerate(codelist.units)}
    return np.array([positions.get(key, len(codelist)) for key in keys], dtype=np.int64)


def _lacking(present: set[str], codelist: Codelist, column: Column) -> list[Finding]:
    """DT209 where most units are there and some are not; the optional ones may lack, all of them together."""
    lacking = [unit for unit in codelist.units if unit.name not in present]
    if all(unit.optional for unit in codelist.units if unit.name in present) or not lacking:
        return []
    if all(unit in lacking for unit in codelist.units if unit.optional):
        lacking = [unit for unit in lacking if not unit.optional]
    if not lacking or len(codelist) - len(lacking) <= len(codelist) / 2:
        return []
    names = ", ".join(unit.name for unit in lacking[:12]) + (", …" if len(lacking) > 12 else "")
    message = f"{len(lacking)} of the {len(codelist)} units of the codelist {codelist.id} are not in the table: {names}"
    return [finding("DT209", f"{message}; add them, or take it as said", column.place(None))]


def read_groups(
    grid: Grid, units: Units, codelist: Codelist | None, keys: Keys
) -> tuple[dict[str, TextArray], list[Finding]]:
    """Group columns of the table, else of the codelist, and DT216 where one lacks or a unit has none."""
    groups: dict[str, TextArray] = {}
    findings: list[Finding] = []
    for group in units.groups:
        column = grid.get(group)
        if column is not None:
            column_of_words = words_of(texts_of(column.cells))
            stripped = words_of([strip_key(word) for word in column_of_words.words])
            groups[group] = text_array(Words(stripped.words, stripped.codes[column_of_words.codes]))
            findings += _ungrouped(group, groups[group], column, keys)
        elif codelist is not None and group in codelist.groups:
            groups[group] = text_array([codelist.group(unit, group) for unit in keys.units.tolist()])
        else:
            where = "the table" if codelist is None else f"the table or the codelist {codelist.id}"
            message = f"no group column {shown(group)} in {where}: add it, or remove it from `units: {{groups: ...}}`"
            findings.append(finding("DT216", message, Place(file=grid.raw.file, sheet=grid.raw.sheet, name=group)))
    return groups, findings


def _ungrouped(group: str, values: TextArray, column: Column, keys: Keys) -> list[Finding]:
    empty = [row for row, value in enumerate(values.tolist()) if not value and not _is_total(keys, row)]
    if not empty:
        return []
    who = ", ".join(dict.fromkeys(shown(str(keys.units[row])) for row in empty[:5])) + (", …" if len(empty) > 5 else "")
    message = f"{len(empty):,} rows have no {shown(group)} ({who}), expected a group in each: fill in the column"
    return [finding("DT216", message, column.place(empty[0]), Severity.WARNING)]


def _is_total(keys: Keys, row: int) -> bool:
    return keys.totals is not None and bool(keys.totals[row])
