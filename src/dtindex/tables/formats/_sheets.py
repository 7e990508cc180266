"""Parsing one sheet of a workbook, in the child process: which sheet, is it safe, and its cells as text."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, time, timedelta
from typing import Any, NoReturn

import python_calamine

from dtindex.findings import Place, nearest
from dtindex.tables.formats._biff import is_encrypted, scan_sheets
from dtindex.tables.formats._ole import Compound
from dtindex.tables.formats._package import (
    Sheet,
    SheetScan,
    has_data,
    read_sheets,
    scan_sheet,
    verify_package,
)
from dtindex.tables.formats.cells import number_text, temporal_text
from dtindex.tables.formats.detect import promised
from dtindex.tables.formats.refusal import refuse
from dtindex.tables.limits import Limits

__all__ = ["parse"]

_BLOCK = 5_000
_EXACT_WHOLE = 1e15  # Excel keeps 15 digits


def parse(
    file: str, path: str, wanted: str | None, limits: Limits, send: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Send the rows of the sheet in blocks; return what else there is to know of it.

    ``file`` is the name for messages, ``path`` where it is read.
    """
    with open(path, "rb") as stream:
        start = stream.read(2)
    if start == b"PK":
        return _parse_package(file, path, wanted, limits, send)
    return _parse_ole(file, path, wanted, limits, send)


def _parse_package(
    file: str, path: str, wanted: str | None, limits: Limits, send: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        _refuse_other_format(file, _zip_format(names), (".xlsx", ".xlsm"))
        verify_package(archive, file, os.path.getsize(path), limits)
        sheets, uncomputed = read_sheets(archive)
        filled = {sheet.name: has_data(archive, sheet.part) for sheet in sheets}
        name = _choose([(sheet.name, sheet.hidden) for sheet in sheets], filled, wanted, file)
        sheet = next(sheet for sheet in sheets if sheet.name == name)
        scan = scan_sheet(archive, sheet, uncomputed, file, limits)
    with python_calamine.CalamineWorkbook.from_path(path) as workbook:
        return _answer(workbook.get_sheet_by_name(name), sheets, filled, scan, "Excel workbook", limits, file, send)


def _parse_ole(
    file: str, path: str, wanted: str | None, limits: Limits, send: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    with open(path, "rb") as stream:
        data = stream.read()
    compound = Compound(data)
    names = compound.names()
    if "EncryptedPackage" in names:
        refuse("DT114", "the workbook is password-protected; remove the password, and save", Place(file=file))
    records = next((name for name in ("Workbook", "Book") if name in names), None)
    _refuse_other_format(file, _ole_format(names) if records is None else None, (".xls",))
    scans: list[SheetScan] = []
    if records is not None:
        content = compound.stream(records)
        if is_encrypted(content):
            refuse("DT114", "the workbook is password-protected; remove the password, and save", Place(file=file))
        try:
            scans = scan_sheets(content)
        except struct.error:
            scans = []  # what is hidden stays unknown; whether the values can be read is for the parser to say
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        listed = workbook.sheets_metadata
        worksheets = [item for item in listed if item.typ == python_calamine.SheetTypeEnum.WorkSheet]
        visible = python_calamine.SheetVisibleEnum.Visible
        sheets = [Sheet(item.name, "", item.visible != visible) for item in worksheets]
        filled = {sheet.name: workbook.get_sheet_by_name(sheet.name).start is not None for sheet in sheets}
        name = _choose([(sheet.name, sheet.hidden) for sheet in sheets], filled, wanted, file)
        position = [item.name for item in listed].index(name)
        scan = scans[position] if len(scans) == len(listed) else SheetScan()
        found = workbook.get_sheet_by_name(name)
        return _answer(found, sheets, filled, scan, "Excel 97-2003 workbook", limits, file, send)


def _zip_format(names: set[str]) -> str | None:
    """What a zip archive is, or None for a workbook that can be read."""
    if "xl/workbook.xml" in names:
        return None
    if "xl/workbook.bin" in names:
        return "a binary workbook (.xlsb)"
    if any(name.startswith("word/") for name in names):
        return "a Word document"
    if any(name.startswith("ppt/") for name in names):
        return "a PowerPoint presentation"
    if "mimetype" in names and "content.xml" in names:
        return "an OpenDocument file"
    first = min(names, default=None)
    return "an empty zip archive" if first is None else f"a zip archive of {len(names)} files, such as {first[:60]!r}"


def _ole_format(names: Sequence[str]) -> str:
    kinds = {"WordDocument": "a Word document", "PowerPoint Document": "a PowerPoint presentation"}
    return next((kind for name, kind in kinds.items() if name in names), "an OLE document without a workbook")


def _refuse_other_format(file: str, found: str | None, endings: Sequence[str]) -> None:
    """DT113 where the content is no workbook, or the file's ending promises something else."""
    suffix = os.path.splitext(file)[1].lower()
    expected = promised(suffix)
    if found is None and (expected is None or suffix in endings):
        return
    found = found or promised(endings[0])
    remedy = "rename it, or save it as XLSX or CSV"
    refuse("DT113", f"expected {expected or 'a workbook'} by its ending, found {found}; {remedy}", Place(file=file))


def _choose(sheets: Sequence[tuple[str, bool]], filled: dict[str, bool], wanted: str | None, file: str) -> str:
    """The sheet that was asked for, or the only visible one with data."""
    names = [name for name, _ in sheets]
    if wanted is not None:
        if wanted in names:
            return wanted
        near = nearest(wanted, names)
        meant = f"; is {near!r} meant?" if near else ""
        refuse("DT902", f"there is no sheet {wanted!r}, but {_listed(names)}{meant}", Place(file=file))
    candidates = [name for name, hidden in sheets if filled[name] and not hidden]
    if len(candidates) != 1:
        _refuse_choice(candidates, [name for name, hidden in sheets if filled[name] and hidden], file)
    return candidates[0]


def _refuse_choice(candidates: Sequence[str], hidden: Sequence[str], file: str) -> NoReturn:
    if candidates:
        message = f"{len(candidates)} sheets have data: {_listed(candidates)}"
        refuse("DT129", f"{message}; name one: sheet=", Place(file=file))
    if hidden:
        refuse("DT129", f"only hidden sheets have data: {_listed(hidden)}; name one: sheet=", Place(file=file))
    refuse("DT101", "no sheet of the workbook has data; check that the export was complete", Place(file=file))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20} more"


def _answer(
    sheet: python_calamine.CalamineSheet,
    sheets: Sequence[Sheet],
    filled: dict[str, bool],
    scan: SheetScan,
    format_name: str,
    limits: Limits,
    file: str,
    send: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    _send_rows(sheet, limits, file, send)
    merges = [[at + 1 for at in (*start, *end)] for start, end in sheet.merged_cell_ranges or []]
    chosen = next(item for item in sheets if item.name == sheet.name)
    return {
        "sheet": sheet.name,
        "is_hidden": chosen.hidden,
        "hidden_sheets": [item.name for item in sheets if item.hidden and filled[item.name] and item is not chosen],
        "format": format_name,
        "merges": merges,
        **asdict(scan),
    }


def _send_rows(
    sheet: python_calamine.CalamineSheet, limits: Limits, file: str, send: Callable[[dict[str, Any]], None]
) -> None:
    if sheet.start is None or sheet.end is None:
        return
    left = sheet.start[1]
    height, width = sheet.end[0] + 1, sheet.end[1] + 1
    if width > limits.columns or height > limits.rows or width * height > limits.sheet_cells:
        message = f"the sheet has {height:,} rows by {width:,} columns; delete what is outside the table, and save"
        refuse("DT111", message, Place(file=file, sheet=sheet.name))
    padding = [""] * left
    block = _Block()
    for row, values in enumerate(sheet.iter_rows(), 1):
        block.add(row, padding, values)
        if len(block.rows) == _BLOCK:
            send(block.message())
            block = _Block()
    send(block.message())


class _Block:
    """Some rows that are not blank, as texts, with the positions of dates and of numbers that lost digits."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self._cells: list[list[str]] = []
        self._dates: list[tuple[int, int]] = []
        self._lossy: list[tuple[int, int]] = []

    def message(self) -> dict[str, Any]:
        return {"rows": self.rows, "cells": self._cells, "dates": self._dates, "lossy": self._lossy}

    def add(self, row: int, padding: list[str], values: Sequence[object]) -> None:
        """Take in a row, of which ``padding`` stands for the unused columns at the left."""
        dates: list[tuple[int, int]] = []
        lossy: list[tuple[int, int]] = []
        cells = padding.copy()
        for column, value in enumerate(values, len(padding) + 1):
            if isinstance(value, str):
                cells.append(value)
            elif isinstance(value, bool):
                cells.append("TRUE" if value else "FALSE")
            elif isinstance(value, (float, int)):
                cells.append(number_text(value))
                if not -_EXACT_WHOLE < value < _EXACT_WHOLE and float(value).is_integer():
                    lossy.append((row, column))
            elif isinstance(value, (date, time, timedelta)):
                cells.append(temporal_text(value))
                dates.append((row, column))
            else:
                cells.append(str(value))
        if "".join(cells).strip():
            self.rows.append(row)
            self._cells.append(cells)
            self._dates += dates
            self._lossy += lossy
