"""A sheet to fill in: the units, one column for each figure that the methodology reads, and what belongs into it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.atomic import MADE, write_bytes
from dtindex.findings import Place, UsageError, finding
from dtindex.spec.base import text
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.spec.questions import NumberQuestion
from dtindex.tables.check import Item, items_of
from dtindex.tables.codelist import Codelist
from dtindex.tables.names import shown
from dtindex.tables.numbers import NumberType
from dtindex.tables.read import TEMPLATE_SHEETS, codelist_of
from dtindex.tables.survey.form import Asked, asked_columns

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped,unused-ignore]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped,unused-ignore]

__all__ = ["write_template"]

_EMPTY_ROWS = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FORMATS = {"number": "General", "percent": '0.00"%"', "thousands": "#,##0.00"}
"""Excel's own percent format would store 45% as 0.45."""

_TYPES = {
    "number": ("plain number", "普通数字"),
    "percent": ("per cent: 45 for 45%", "百分数：45% 填 45"),
    "thousands": ("number, 1,234.5 allowed", "数字，可写千分位 1,234.5"),
}
_DIRECTIONS = {"higher": ("higher is better", "越高越好"), "lower": ("lower is better", "越低越好")}
_NOTES_HEADER = (
    "column 列",
    "id",
    "名称",
    "label",
    "unit 单位",
    "direction 方向",
    "range 范围",
    "type 格式",
    "codes 代码",
    "source 来源",
)


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the sheet, and what is said of it."""

    name: str
    item: Item | None = None
    facts: tuple[str, ...] = ()
    """As in the header of the notes."""
    asked: Asked | None = None
    """The answers to a question that belong there."""

    @property
    def kind(self) -> NumberType | None:
        """What kind of number is entered; None for text."""
        if self.item is not None:
            return self.item.reading.type
        if self.asked is None or self.asked.range is None:
            return None
        return self.asked.question.format if isinstance(self.asked.question, NumberQuestion) else "number"


def write_template(
    methodology: Methodology,
    path: str | os.PathLike[str],
    units: Sequence[str] | None = None,
    periods: Sequence[str] = (),
) -> Path:
    """Write a sheet to fill in, ``.xlsx`` or ``.csv``, that :func:`dtindex.tables.read_table` reads as it is.

    Parameters
    ----------
    methodology
        Says which columns there are.
    path
        Where to; whole or not at all, and the same bytes each time.
    units
        Keys of the rows, in any spelling of the codelist; by default all of its units. Without a codelist and units the
        rows are left to the reader.
    periods
        For each unit one row a period, where the methodology has periods.

    Raises
    ------
    UsageError
        DT902: another ending, an unknown unit, periods where there are none, text that a spreadsheet would run;
        DT410: it cannot be written.
    InputError
        DT063.
    """
    target = Path(path)
    codelist = codelist_of(methodology)
    if periods and methodology.units.period is None:
        raise _usage(f"periods {', '.join(periods)}: the methodology {methodology.id} has no `units: {{period: ...}}`")
    keys = _keys(units, codelist)
    columns = _columns(methodology, codelist)
    rows = [_row(key, period, columns, methodology, codelist) for key in keys for period in (periods or ("",))]
    suffix = target.suffix.casefold()
    if suffix == ".xlsx":
        return write_bytes(target, _workbook(columns, rows, methodology))
    if suffix == ".csv":
        return write_bytes(target, _text(columns, rows))
    raise _usage(f"{shown(target.name)}: expected a name that ends in .xlsx or .csv")


def _usage(message: str) -> UsageError:
    return UsageError([finding("DT902", message, Place())])


def _keys(units: Sequence[str] | None, codelist: Codelist | None) -> list[str]:
    if units is None:
        return [] if codelist is None else [unit.name for unit in codelist.units]
    if codelist is None:
        return list(units)
    found = [codelist.find(unit) for unit in units]
    unknown = [unit for unit, known in zip(units, found, strict=True) if known is None]
    if unknown:
        hints = [f"{shown(unit)} ({' or '.join(codelist.nearest(unit)) or 'nothing near'})" for unit in unknown[:5]]
        raise _usage(f"units that are not in the codelist {codelist.id}, with the nearest: {', '.join(hints)}")
    return [unit.name for unit in found if unit is not None]


def _columns(methodology: Methodology, codelist: Codelist | None) -> list[_Column]:
    """Key, period, name, groups that no codelist gives, which units are ranked; then the figures, each column once."""
    units = methodology.units
    groups = [group for group in units.groups if codelist is None or group not in codelist.groups]
    named = [units.key, units.period, units.name, *groups, units.ranked]
    columns = {name: _Column(name, facts=_unit_facts(name, methodology)) for name in named if name}
    for item in items_of(methodology):
        columns.setdefault(item.column, _Column(item.column, item, tuple(_facts(item, methodology))))
    columns |= {one.name: _Column(one.name, None, one.facts(), one) for one in asked_columns(methodology)}
    return list(columns.values())


def _unit_facts(name: str, methodology: Methodology) -> tuple[str, ...]:
    units = methodology.units
    uses = {
        units.key: ("单元（每行一个）", "the unit of the row"),
        units.period: ("时期，如 2024", "the period, such as 2024"),
        units.name: ("单元名称", "the unit's name"),
        units.ranked: ("是否参与排名", "whether the unit is ranked"),
    }
    chinese, english = uses.get(name, ("分组", "the unit's group"))
    return (name, "", chinese, english, "", "", "", "", "", "")


def _facts(item: Item, methodology: Methodology) -> Iterator[str]:
    spec = methodology.tree.items[item.id]
    label = spec.label
    yield from (item.column, item.id, text(label, "zh", item.id), text(label, "en", item.id))
    unit = (text(spec.unit, "zh"), text(spec.unit, "en"))
    yield " / ".join(dict.fromkeys(part for part in unit if part))
    yield " / ".join(_DIRECTIONS[methodology.tree.indicators[item.id].direction]) if isinstance(spec, Indicator) else ""
    low_high = item.reading.range
    yield "" if low_high is None else f"{low_high[0]:.15g} … {low_high[1]:.15g}"
    optional = "" if not isinstance(spec, Node) or item.needed else "; may stay empty: computed from its parts / 可留空"
    yield " / ".join(_TYPES[item.reading.type]) + optional
    yield "; ".join(item.reading.codes)
    yield _source(spec, methodology)


def _source(spec: Node | Indicator, methodology: Methodology) -> str:
    source = next((source for source in methodology.sources if source.id == spec.source), None)
    if source is None:
        return ""
    parts = (text(source.publisher, "zh"), text(source.title, "zh"), str(source.year or ""), source.pages or "")
    return ", ".join(part for part in parts if part)


def _row(
    key: str, period: str, columns: Sequence[_Column], methodology: Methodology, codelist: Codelist | None
) -> list[str]:
    units = methodology.units
    name = "" if codelist is None else codelist.label(key, "zh", full=True)
    known = {units.name: name, units.period: str(period), units.key: key}
    return [known.get(column.name, "") for column in columns]


def _text(columns: Sequence[_Column], rows: Sequence[Sequence[str]]) -> bytes:
    """CSV with a byte-order mark, without which Excel takes Chinese for another encoding."""
    lines = [[column.name for column in columns], *rows]
    risky = next((cell for line in lines for cell in line if cell.startswith(_FORMULA)), None)
    if risky is not None:
        raise _usage(
            f"{shown(risky)} would be a formula when a spreadsheet opens the CSV file: write an .xlsx template"
        )
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(lines)
    return stream.getvalue().encode("utf-8-sig")


def _workbook(columns: Sequence[_Column], rows: Sequence[Sequence[str]], methodology: Methodology) -> bytes:
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(stream, options) as workbook:
        workbook.set_properties({"title": methodology.id, "created": MADE})
        data, notes = (workbook.add_worksheet(name) for name in TEMPLATE_SHEETS)
        _write_data(workbook, data, columns, rows)
        _write_notes(workbook, notes, columns, methodology)
    return stream.getvalue()


def _write_data(
    workbook: Workbook, sheet: Worksheet, columns: Sequence[_Column], rows: Sequence[Sequence[str]]
) -> None:
    bold = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "border_color": "#B8C4D0"})
    plain = workbook.add_format({"num_format": "@"})
    formats = {kind: workbook.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
    last = len(rows) or _EMPTY_ROWS
    for position, column in enumerate(columns):
        cell_format = plain if column.kind is None else formats[column.kind]
        width = max(10, 2 + max(map(_width, [column.name, *(row[position] for row in rows)])))
        sheet.set_column(position, position, min(width, 40), cell_format)
        sheet.write_string(0, position, column.name, bold)
        sheet.write_comment(0, position, _comment(column), {"author": "dtindex", "x_scale": 2, "y_scale": 1.6})
        for number, row in enumerate(rows, 1):
            if row[position]:
                sheet.write_string(number, position, row[position], cell_format)
        if column.item is not None:
            sheet.data_validation(1, position, last, position, _validation(column, column.item))
        elif column.asked is not None:
            sheet.data_validation(1, position, last, position, column.asked.validation())
    sheet.freeze_panes(1, 1 + sum(column.item is None and column.asked is None for column in columns[1:3]))


def _width(cell: str) -> int:
    return sum(1 if ord(character) < 0x2E80 else 2 for character in cell)


def _comment(column: _Column) -> str:
    heads = (
        "",
        "id",
        "名称",
        "label",
        "单位 unit",
        "方向 direction",
        "范围 range",
        "格式 type",
        "代码 codes",
        "来源 source",
    )
    lines = (f"{head}: {fact}" for head, fact in zip(heads[1:], column.facts[1:], strict=True) if fact)
    return "\n".join(lines)


def _validation(column: _Column, item: Item) -> dict[str, object]:
    """A number in the range; where codes are declared, anything else is asked about and may stay."""
    low, high = item.reading.range or (-1e300, 1e300)
    _, _, chinese, _, unit, _, interval, kind, _, _ = column.facts
    message = "; ".join(part for part in (chinese, unit, interval, kind) if part)
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        "ignore_blank": True,
        "input_title": column.name[:32],
        "input_message": message[:255],
        "error_title": "dtindex",
        "error_message": f"expected / 应填: {message}"[:255],
        "error_type": "warning" if item.reading.codes else "stop",
    }


def _write_notes(workbook: Workbook, sheet: Worksheet, columns: Sequence[_Column], methodology: Methodology) -> None:
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    titles = dict.fromkeys((text(methodology.title, "zh"), text(methodology.title, "en")))
    lines = [
        *titles,
        f"methodology 方法: {methodology.id} ({methodology.hash[:12]})",
        "请只在 data 表中填写；一行一个单元，保留表头。空白表示缺失，0 表示零。",
        "Fill in the sheet data only: one row a unit, header as it is. An empty cell is missing, 0 is zero.",
    ]
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line, bold if number < len(titles) else None)
    top = len(lines) + 1
    for position, head in enumerate(_NOTES_HEADER):
        sheet.write_string(top, position, head, bold)
        sheet.set_column(position, position, 36 if head.startswith("source") else 20)
        for number, column in enumerate(columns, top + 1):
            sheet.write_string(number, position, column.facts[position], wrapped)
