"""A methodology from the workbook that dtindex wrote and an analyst edited; problems are named by sheet and cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dtindex.findings import DtindexError, Finding, Findings, Place, Severity, UsageError, finding, nearest
from dtindex.spec.document import Document
from dtindex.spec.document import Path as TreePath
from dtindex.spec.model import Methodology
from dtindex.spec.origin import ReadFrom
from dtindex.spec.sheet_layout import COLUMNS, CONTINUED, GOES_ON, LISTS, SETTINGS, TREE, heading_word
from dtindex.spec.source import read_yaml
from dtindex.spec.words import found_words, quoted

__all__ = ["parse_sheet"]

KINDS = {"node": "nodes", "节点": "nodes", "indicator": "indicators", "指标": "indicators"}
YAML_COLUMNS = frozenset(column.name for column in COLUMNS if column.content == "yaml")
NORMALISE = {"normalise": "method", "worst": "worst", "best": "best", "clip": "clip"}
KEYS = {"unit of measure": "unit"}


@dataclass(frozen=True)
class _Cell:
    text: str
    place: Place


@dataclass(frozen=True)
class _Sheet:
    """A sheet as rows of cells by heading; empty cells are left out."""

    rows: list[dict[str, _Cell]]
    headings: dict[str, Place]
    findings: tuple[Finding, ...]


def parse_sheet(path: Path) -> tuple[Methodology | None, Findings]:
    """The methodology in a workbook, and what there is to say about it; None where there are errors.

    Raises
    ------
    UsageError, InputError, LimitError
        The workbook cannot be read, is none, or is too large.
    """
    from dtindex.spec.loader import checked
    from dtindex.spec.written import methodology_yaml

    tree, settings = (_read(path, name) for name in (TREE, SETTINGS))
    _require(path, tree, TREE, ("kind", "id"))
    _require(path, settings, SETTINGS, ("key", "value"))
    document = Document(str(path), tree={})
    _take_settings(document, settings)
    _take_tree(document, tree)
    methodology, findings = checked(document)
    findings = Findings([*tree.findings, *settings.findings]) + findings
    if methodology is not None:
        kept = ReadFrom(path, methodology_yaml(methodology), findings, methodology._read_from.document)
        methodology._read_from = kept
    return methodology, findings


def _read(path: Path, name: str) -> _Sheet:
    """The sheet's cells as text; a workbook is parsed apart, in a process that may die of it."""
    from dtindex.tables.formats import read_raw

    try:
        raw = read_raw(path, sheet=name)
    except DtindexError as error:
        # A workbook that can be read and has no such sheet is a workbook, and not a methodology.
        if error.code in ("DT902", "DT102", "DT101", "DT129") and path.stat().st_size:
            message = f'the workbook has no sheet "{name}" with rows'
            raise UsageError([finding("DT062", message, Place(file=str(path)))]) from error
        raise
    words = [heading_word(title) for title in raw.header]
    rows: list[dict[str, _Cell]] = []
    for row in range(len(raw)):
        cells: dict[str, _Cell] = {}
        for column, word in enumerate(words):
            text = str(raw.columns[column][row])
            if text and word.startswith(CONTINUED) and cells:
                last = next(reversed(cells))
                cells[last] = _Cell(_joined(cells[last].text, text), cells[last].place)
            elif text:
                place = raw.place(row, column)
                cells[word] = _Cell(text, Place(file=str(path), sheet=name, cell=place.cell))
        rows.append(cells)
    places = {
        word: Place(file=str(path), sheet=name, cell=_header_cell(raw.position(i))) for i, word in enumerate(words)
    }
    remarks = tuple(item for item in raw.findings if item.severity is not Severity.NOTE)
    return _Sheet(rows, places, remarks)


def _joined(text: str, more: str) -> str:
    return text.removesuffix(GOES_ON) + more.removeprefix(GOES_ON)


def _header_cell(position: int) -> str:
    from dtindex.tables.raw import column_letters

    return f"{column_letters(position)}1"


def _require(path: Path, sheet: _Sheet, name: str, required: tuple[str, ...]) -> None:
    """DT062 for columns that are gone, or that no reader knows."""
    known = [column.name for column in COLUMNS] if name == TREE else ["key", "value"]
    missing = [word for word in required if word not in sheet.headings]
    problems = [
        finding("DT062", f'the sheet "{name}" has no column "{word}"', Place(file=str(path), sheet=name, cell="A1"))
        for word in missing
    ]
    for word, place in sheet.headings.items():
        if word not in known and not word.startswith(CONTINUED):
            near = nearest(word, known)
            hint = f'; nearest is "{near}"' if near else ""
            problems.append(finding("DT062", f"unknown column {quoted(word)}{hint}", place))
    Findings(problems).raise_errors(UsageError if missing else None)


# --- settings ---


def _take_settings(document: Document, sheet: _Sheet) -> None:
    for row in sheet.rows:
        if "key" not in row:
            place = next(iter(row.values())).place
            _report(document, "DT012", "the row has no key", ("", place.cell or ""), place)
            continue
        key, value = row["key"], row.get("value")
        if key.text in KINDS.values():
            message = f'nodes and indicators stand in the sheet "{TREE}"'
            _report(document, "DT062", message, ("", key.place.cell or ""), key.place)
            continue
        _take_setting(document, key, value)


def _take_setting(document: Document, key: _Cell, value: _Cell | None) -> None:
    name, tree = key.text, document.tree
    path: TreePath = (name, len(tree.get(name, ()))) if name in LISTS else (name,)
    if name in tree and name not in LISTS:
        _report(document, "DT002", f"duplicate key {quoted(name)}", (name, "", key.place.cell or ""), key.place)
        return
    document.keys.setdefault((name,), key.place)
    document.values.setdefault((name,), (value or key).place)
    document.values[path] = (value or key).place
    parsed = _yaml(document, value, path) if value else None
    if name in LISTS:
        tree.setdefault(name, []).append(parsed)
    else:
        tree[name] = parsed


# --- the tree ---


def _take_tree(document: Document, sheet: _Sheet) -> None:
    for row in sheet.rows:
        first = next(iter(row.values()))
        kind = row.get("kind", _Cell("", first.place))
        name = KINDS.get(kind.text.casefold())
        if name is None:
            near = nearest(kind.text, KINDS) if kind.text else None
            hint = f'; nearest is "{near}"' if near else '; expected "node" or "indicator"'
            message = f"kind: unknown choice {found_words(kind.text)}{hint}"
            _report(document, "DT010", message, ("", kind.place.cell or ""), kind.place)
            continue
        entries = document.tree.setdefault(name, [])
        path: TreePath = (name, len(entries))
        document.values[path] = row.get("id", first).place
        entries.append(_item(document, path, row))


def _item(document: Document, path: TreePath, row: dict[str, _Cell]) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for word, cell in row.items():
        if word in ("kind", "other settings") or word.startswith("label "):
            continue
        inside = (*path, "normalise", NORMALISE[word]) if word in NORMALISE else (*path, KEYS.get(word, word))
        document.values[inside] = document.keys[inside] = cell.place
        value = _yaml(document, cell, inside) if word in YAML_COLUMNS else cell.text
        if word in NORMALISE:
            document.values.setdefault((*path, "normalise"), cell.place)
            block.setdefault("normalise", {})[NORMALISE[word]] = value
        else:
            block[KEYS.get(word, word)] = value
    _take_label(document, path, row, block)
    if "other settings" in row:
        _take_other(document, path, row["other settings"], block)
    return block


def _take_label(document: Document, path: TreePath, row: dict[str, _Cell], block: dict[str, Any]) -> None:
    cells = {language: row[f"label {language}"] for language in ("zh", "en") if f"label {language}" in row}
    if not cells:
        return
    document.values[(*path, "label")] = next(iter(cells.values())).place
    for language, cell in cells.items():
        document.values[(*path, "label", language)] = cell.place
    texts = {language: cell.text for language, cell in cells.items()}
    one_for_both = len(texts) == 2 and texts["zh"] == texts["en"]
    block["label"] = texts["zh"] if one_for_both else texts


def _take_other(document: Document, path: TreePath, cell: _Cell, block: dict[str, Any]) -> None:
    problems = len(document.problems)
    parsed = _yaml(document, cell, (*path, "other settings"))
    if not isinstance(parsed, dict):
        if len(document.problems) == problems:
            message = f"other settings: expected a block like `{{tags: [scene]}}`, found {found_words(parsed)}"
            _report(document, "DT011", message, (*path, "other settings"), cell.place)
        return
    for key, value in parsed.items():
        inner = block.get(key)
        if key == "normalise" and isinstance(inner, dict) and isinstance(value, dict):
            _merge(document, (*path, key), cell, inner, value)
        else:
            _merge(document, path, cell, block, {key: value})


def _merge(document: Document, path: TreePath, cell: _Cell, block: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if key in block:
            message = f"{quoted(key)} stands in a column of its own and among the other settings"
            _report(document, "DT002", message, (*path, key, ""), cell.place)
            continue
        block[key] = value
        document.values[(*path, key)] = document.keys[(*path, key)] = cell.place


def _yaml(document: Document, cell: _Cell, path: TreePath) -> Any:
    """The value of a cell that holds YAML; its problems stand at the cell."""
    inner = read_yaml(cell.text, document.file)
    document.grafted(inner, path, cell.place)
    return inner.tree


def _report(document: Document, code: str, message: str, path: TreePath, place: Place) -> None:
    document.values[path] = place
    document.problems.append(document.problem(code, message, path))
