"""A methodology as a workbook that an analyst can edit, written so that it loads back to the same hash."""

from __future__ import annotations

from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dtindex.atomic import MADE, write_bytes
from dtindex.spec.identity import plain, whole
from dtindex.spec.model import Methodology
from dtindex.spec.sheet_layout import (
    COLUMNS,
    CONTINUED,
    GOES_ON,
    HELP,
    LISTS,
    NOTES,
    SETTINGS,
    TREE,
    SheetColumn,
    heading,
)
from dtindex.spec.written import fits_cell, flow

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped,unused-ignore]
    from xlsxwriter.format import Format  # type: ignore[import-untyped,unused-ignore]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped,unused-ignore]

__all__ = ["sheet_bytes", "write_sheet"]

LAST_ROW = 1_048_575
# A cell holds 32,767 units of UTF-16, of which a character takes one or two.
LONGEST_PART = 16_000


def write_sheet(methodology: Methodology, path: str | PathLike[str]) -> Path:
    """Write a methodology as an ``.xlsx`` workbook: its tree, its settings, and a sheet that explains both.

    Parameters
    ----------
    methodology
        What to write. The same methodology gives the same bytes.
    path
        Where; an existing file is replaced in one step.

    Returns
    -------
    Path
        The file. :func:`dtindex.spec.load_methodology` reads it back to a methodology of the same hash.

    Raises
    ------
    UsageError
        DT410 where the file cannot be written.
    """
    return write_bytes(fspath(path), sheet_bytes(methodology))


def sheet_bytes(methodology: Methodology) -> bytes:
    """The workbook that :func:`write_sheet` writes."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = Workbook(buffer, options)
    workbook.set_properties({"created": MADE})
    data = whole(plain(methodology))
    _write_tree(workbook, methodology, data)
    _write_settings(workbook, data)
    _write_help(workbook)
    workbook.close()
    return buffer.getvalue()


# --- the tree ---


def _write_tree(workbook: Workbook, methodology: Methodology, data: dict[str, Any]) -> None:
    sheet = workbook.add_worksheet(TREE)
    wrapped = workbook.add_format({"valign": "top"})
    indents: dict[int, Format] = {}
    rows = [("node", block) for block in data["nodes"]]
    rows += [("indicator", block) for block in data.get("indicators", ())]
    widest = 1
    for row, (kind, block) in enumerate(rows, start=1):
        depth = methodology.tree.depth(block["id"])
        indent = indents.setdefault(depth, workbook.add_format({"indent": depth, "bold": depth == 0, "valign": "top"}))
        cells, rest = _cells(block)
        cells["kind"] = kind
        for position, column in enumerate(COLUMNS[:-1]):
            _write(sheet, row, position, cells.get(column.name), indent if column.name.startswith("label") else wrapped)
        widest = max(widest, _write_long(sheet, row, len(COLUMNS) - 1, flow(rest) if rest else "", wrapped))
    titles = [heading(column.name, column.chinese) for column in COLUMNS]
    _write_headings(workbook, sheet, titles + _continued(widest), [column.width for column in COLUMNS])
    for position, column in enumerate(COLUMNS):
        _validate(sheet, position, column)


def _cells(block: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a node or indicator goes into columns, and the rest; every value comes back from where it is put."""
    rest = dict(block)
    cells: dict[str, Any] = {}
    for key in ("id", "parent", "column", "unit", "direction", "source", "note"):
        if fits_cell(rest.get(key)):
            cells["unit of measure" if key == "unit" else key] = rest.pop(key)
    if _is_goalpost(rest.get("weight")):
        cells["weight"] = rest.pop("weight")
    cells |= _label_cells(rest)
    cells |= _normalise_cells(rest)
    return cells, rest


def _label_cells(rest: dict[str, Any]) -> dict[str, str]:
    label: Any = rest.get("label")
    if fits_cell(label):
        texts = {"zh": label, "en": label}
    elif isinstance(label, dict) and all(map(fits_cell, label.values())) and label.get("en") != label.get("zh"):
        texts = label
    else:
        return {}
    del rest["label"]
    return {f"label {language}": text for language, text in texts.items()}


def _normalise_cells(rest: dict[str, Any]) -> dict[str, Any]:
    normalise = rest.pop("normalise", None)
    if normalise is None:
        return {}
    inner = dict(normalise)
    cells = {"normalise": inner.pop("method")}
    for end in ("worst", "best"):
        if isinstance(inner.get(end), dict):
            cells[end] = flow(inner.pop(end))
        elif _is_goalpost(inner.get(end)):
            cells[end] = inner.pop(end)
    if "clip" in inner:
        cells["clip"] = inner.pop("clip")
    if inner:
        rest["normalise"] = inner
    return cells


def _is_goalpost(value: object) -> bool:
    """Whether a number keeps all its digits in a cell (xlsxwriter writes 16), or is the word for none."""
    if isinstance(value, int | float):
        return float(f"{value:.16G}") == value
    return value == "unpublished"


def _validate(sheet: Worksheet, position: int, column: SheetColumn) -> None:
    if column.choices:
        sheet.data_validation(1, position, LAST_ROW, position, {"validate": "list", "source": list(column.choices)})


# --- settings and help ---


def _write_settings(workbook: Workbook, data: dict[str, Any]) -> None:
    sheet = workbook.add_worksheet(SETTINGS)
    plain_format = workbook.add_format({"valign": "top"})
    rows: list[tuple[str, Any]] = []
    for key, value in data.items():
        if key not in ("nodes", "indicators"):
            rows += [(key, entry) for entry in value] if key in LISTS else [(key, value)]
    widest = 1
    for row, (key, value) in enumerate(rows, start=1):
        sheet.write_string(row, 0, key, plain_format)
        widest = max(widest, _write_long(sheet, row, 1, flow(value), plain_format))
    titles = [heading("key", "设置"), heading("value", "值")]
    _write_headings(workbook, sheet, titles + _continued(widest), [18, 120])


def _write_help(workbook: Workbook) -> None:
    sheet = workbook.add_worksheet(HELP)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    rows = [(heading(column.name, column.chinese), column.english_help, column.chinese_help) for column in COLUMNS]
    rows += [("", english, chinese) for english, chinese in NOTES]
    for row, texts in enumerate(rows, start=1):
        for position, text in enumerate(texts):
            _write(sheet, row, position, text or None, wrapped)
    _write_headings(workbook, sheet, [heading("column", "列"), "English", "中文"], [28, 80, 80])


# --- cells ---


def _write(sheet: Worksheet, row: int, position: int, value: object, style: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(row, position, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, position, value, style)


def _write_long(sheet: Worksheet, row: int, position: int, text: str, style: Format) -> int:
    """A text over as many cells as it needs; the number of cells."""
    parts = _parts(text)
    for offset, part in enumerate(parts):
        sheet.write_string(row, position + offset, part, style)
    return len(parts)


def _parts(text: str) -> list[str]:
    """Pieces that fit a cell; where the text goes on, a mark keeps a reader of tables from taking blanks away."""
    parts = [text[start : start + LONGEST_PART] for start in range(0, len(text), LONGEST_PART)]
    begun = [(GOES_ON if number else "") + part for number, part in enumerate(parts)]
    return [part + (GOES_ON if number < len(parts) else "") for number, part in enumerate(begun, start=1)]


def _continued(widest: int) -> list[str]:
    return [heading(f"{CONTINUED} {number}", "续") for number in range(2, widest + 1)]


def _write_headings(workbook: Workbook, sheet: Worksheet, titles: list[str], widths: list[int]) -> None:
    style = workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "valign": "top"})
    for position, title in enumerate(titles):
        sheet.write_string(0, position, title, style)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)
    sheet.freeze_panes(1, 0)
