"""An .xlsx package looked through before it is parsed: sizes, XML that is not allowed, and what a parser does not tell.

Sheets are searched as streams of bytes: a tree of a large sheet would take more memory than its cells.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from dtindex.findings import Place
from dtindex.tables.formats.refusal import refuse
from dtindex.tables.limits import Limits

__all__ = ["Sheet", "SheetScan", "has_data", "read_sheets", "scan_sheet", "verify_package"]

_CHUNK = 1 << 22
_MOST_CARRIED = 1 << 26
_ENTITY = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_SHEET_COLUMNS, _SHEET_ROWS = 16_384, 1_048_576

# Elements may have a namespace prefix, attributes either kind of quote.
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)??r\s*=\s*["']([A-Za-z]+)(\d+)""")
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*?\bref\s*=\s*["'](?:[A-Z]+\d+:)?([A-Z]+)(\d+)""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s([^>]*?\bhidden\s*=\s*["'](?:1|true)["'][^>]*)>""")
_COLUMN = re.compile(rb"""<(?:\w+:)?col\s([^>]*?\bhidden\s*=\s*["'](?:1|true)["'][^>]*)>""")
_FORMULA_PART = rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*?\bt\s*=\s*["']e["'][^>]*)>\s*(?:""" + _FORMULA_PART + rb""")?<(?:\w+:)?v\b[^>]*>([^<]*)<"""
)
_FORMULA = re.compile(rb"<(?:\w+:)?c\s([^>]*)>\s*" + _FORMULA_PART + rb"(?:<(?:\w+:)?v\b[^>]*>([^<]*)<)?")
_DATA = re.compile(rb"<(?:\w+:)?[vtf](?:\s[^>]*)?>[^<]")
_REFERENCE = re.compile(r"([A-Za-z]+)(\d{1,9})")
_ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its name, the part of the package that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


@dataclass
class SheetScan:
    """What a search of the sheet's XML found."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """First and last of each range, from 1."""
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    """Row, column and text of each error."""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    """Row and column of each cell with a formula and no value."""


def verify_package(archive: zipfile.ZipFile, file: str, packed: int, limits: Limits) -> None:
    """Refuse a package that unpacks to too much (DT110), is encrypted (DT114) or declares entities (DT112)."""
    place = Place(file=file)
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    remedy = "save it anew, without formatted cells that are empty"
    if len(entries) > limits.package_entries:
        allowed = f"at most {limits.package_entries:,} are allowed"
        refuse("DT110", f"the workbook has {len(entries):,} parts, {allowed}; {remedy}", place)
    if unpacked > limits.unpacked_bytes:
        allowed = f"at most {limits.unpacked_bytes:,} are allowed"
        refuse("DT110", f"the workbook unpacks to {unpacked:,} bytes, {allowed}; {remedy}", place)
    ratio = unpacked / max(packed, 1)
    if ratio > limits.unpacked_ratio and unpacked > limits.ratio_from_bytes:
        message = f"the workbook unpacks to {unpacked:,} bytes, {ratio:,.0f} times its size"
        refuse("DT110", f"{message} (at most {limits.unpacked_ratio:,} times); {remedy}", place)
    if any(entry.flag_bits & 1 for entry in entries):
        refuse("DT114", "the archive is password-protected; remove the password, and save", place)
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(entry) as stream:
                _refuse_entities(stream, entry.filename, file)


def _refuse_entities(stream: IO[bytes], part: str, file: str) -> None:
    before = b""
    while data := stream.read(_CHUNK):
        if not before and data[:4].count(0):
            message = f"{part} is in an encoding in which entities cannot be looked for; save the workbook anew"
            refuse("DT112", message, Place(file=file))
        if _ENTITY.search(before + data):
            message = f"{part} declares a document type or entities; save the workbook anew with Excel or LibreOffice"
            refuse("DT112", message, Place(file=file))
        before = data[-16:]


def read_sheets(archive: zipfile.ZipFile) -> tuple[list[Sheet], bool]:
    """The worksheets in order, and whether the program that wrote them left the formulas to be computed on loading."""
    targets = {}
    for element in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")).iter():
        if element.get("Type", "").endswith("/worksheet"):
            target = element.get("Target", "")
            targets[element.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = []
    uncomputed = False
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        kind = element.tag.rsplit("}")[-1]
        if kind == "sheet":
            reference = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            if reference in targets:
                hidden = element.get("state", "visible") != "visible"
                sheets.append(Sheet(element.get("name", ""), targets[reference], hidden))
        elif kind == "calcPr":
            uncomputed = element.get("fullCalcOnLoad") in ("1", "true")
    return sheets, uncomputed


def has_data(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether any cell of the sheet has a value or a formula."""
    with archive.open(part) as stream:
        return any(_DATA.search(piece) for piece in _pieces(stream))


def scan_sheet(archive: zipfile.ZipFile, sheet: Sheet, uncomputed: bool, file: str, limits: Limits) -> SheetScan:
    """Search a sheet for what is hidden, for errors and for formulas without a value.

    Excel computes a workbook on loading where it is told to (``uncomputed``); the program that wrote it then put a zero
    for each value it did not know, so a zero of a formula counts as no value.

    Raises
    ------
    LimitError
        DT111 where a cell, or the declared dimension, lies far outside any table.
    """
    found = SheetScan()
    extent = _Extent(sheet.name, file, limits)
    with archive.open(sheet.part) as stream:
        for piece in _pieces(stream):
            extent.reach(_CELL.findall(piece))
            # A word that is absent is found out faster than a pattern.
            if b"dimension" in piece:
                extent.reach(_DIMENSION.findall(piece))
            if b"hidden" in piece:
                _find_hidden(piece, found)
            if b'"e"' in piece or b"'e'" in piece:
                for match in _ERROR.finditer(piece):
                    row, column = _position(_attributes(match.group(1)))
                    found.errors.append((row, column, match.group(2).decode("utf-8", "replace")))
            if b"<f" in piece or b":f" in piece:
                found.formulas += _formulas_without_value(piece, uncomputed)
    return found


class _Extent:
    """How far the cells of a sheet reach."""

    def __init__(self, sheet: str, file: str, limits: Limits) -> None:
        self._sheet, self._file, self._limits = sheet, file, limits
        self._letters, self._row = b"A", 1

    def reach(self, references: Sequence[tuple[bytes, bytes]]) -> None:
        """Take in cells, as letters and digits; DT111 where they span more than a table would."""
        self._letters = max({self._letters, *(letters for letters, _ in references)}, key=_column_number)
        column = _column_number(self._letters)
        for digits in {digits for _, digits in references}:
            self._row = max(self._row, int(digits[:12]))
        limits = self._limits
        most_columns, most_rows = min(_SHEET_COLUMNS, limits.columns), min(_SHEET_ROWS, limits.rows)
        if column > most_columns or self._row > most_rows or column * self._row > limits.sheet_cells:
            size = f"{self._row:,} rows by {column:,} columns"
            message = f"the sheet reaches to this cell, {size}; at most {limits.sheet_cells:,} cells are allowed"
            corner = f"{self._letters.decode().upper()[:8]}{self._row}"
            place = Place(file=self._file, sheet=self._sheet, cell=corner)
            refuse("DT111", f"{message}; delete the rows and columns outside the table, and save", place)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def _find_hidden(piece: bytes, found: SheetScan) -> None:
    for match in _ROW.finditer(piece):
        row = _attributes(match.group(1)).get("r", "")
        if row.isdecimal():
            found.hidden_rows.append(int(row))
    for match in _COLUMN.finditer(piece):
        attributes = _attributes(match.group(1))
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if first.isdecimal() and last.isdecimal():
            found.hidden_columns.append((int(first), int(last)))


def _formulas_without_value(piece: bytes, uncomputed: bool) -> Iterator[tuple[int, int]]:
    for match in _FORMULA.finditer(piece):
        attributes = _attributes(match.group(1))
        value = match.group(2) or b""
        is_text = attributes.get("t") == "str"  # of which an empty one is a value
        if (not value and not is_text) or (uncomputed and value == b"0" and not is_text):
            yield _position(attributes)


def _position(attributes: dict[str, str]) -> tuple[int, int]:
    """Row and column of a cell, from 1; zeros where the writer left them out."""
    match = _REFERENCE.fullmatch(attributes.get("r", ""))
    return (int(match.group(2)), _column_number(match.group(1).encode())) if match else (0, 0)


def _attributes(text: bytes) -> dict[str, str]:
    return {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(text)}


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that end with a row, so that no cell is cut."""
    carried = b""
    while data := stream.read(_CHUNK):
        carried += data
        cut = carried.rfind(b"row>") + 4
        if cut < 4:
            if len(carried) < _MOST_CARRIED:
                continue
            cut = len(carried)
        yield carried[:cut]
        carried = carried[cut:]
    yield carried
