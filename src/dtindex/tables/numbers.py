"""What a cell may look like to be a number, and what it most likely is where it is not one."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from dtindex.tables.formats.cells import number_text
from dtindex.tables.names import shown
from dtindex.tables.raw import Cells

__all__ = ["NumberType", "diagnose", "explain", "is_number", "texts_of", "to_ascii", "to_float", "whole_column"]

NumberType = Literal["number", "percent", "thousands"]

# Possessive quantifiers keep the match linear, whatever the cell; `float` alone would also take 1_000, nan and ٣.
_PLAIN = r"[+-]?(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_GROUPED = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})++(?:\.[0-9]++)?"
_CELL: dict[NumberType, str] = {
    "number": _PLAIN,
    "percent": f"{_PLAIN}%?",
    "thousands": f"(?:{_GROUPED}(?![0-9,])|{_PLAIN})",
}
_ONE = {kind: re.compile(pattern) for kind, pattern in _CELL.items()}
_MANY = {kind: re.compile(rf"(?:(?:{pattern})?\n)*+") for kind, pattern in _CELL.items()}
_MARK: dict[NumberType, str] = {"number": "", "percent": "%", "thousands": ","}

_WIDE = dict(zip("０１２３４５６７８９＋－−．，％ｅＥ", "0123456789+--.,%eE", strict=True))
_ASCII = str.maketrans(_WIDE)

_MISSING_WORDS = frozenset(
    (
        *("-", "--", "---", "–", "——", "—", "――", "―", "/", "//", "\\", "*", ".", "..", "...", "…", "……", "?", "x"),
        *("无", "暂无", "暂缺", "缺", "缺失", "空", "未知", "不详", "未公布", "无数据", "没有"),
        *("n/a", "na", "#n/a", "n.a.", "n.a", "null", "nil", "none", "missing", "unknown", "blank"),
    )
)
_NOT_FINITE = frozenset(
    sign + word for sign in ("", "+", "-") for word in ("inf", "infinity", "nan", "∞", "1.#inf", "1.#qnan")
)
_DATE = re.compile(
    r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[ T].*)?"
    r"|[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
)
_MULTIPLES = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_MULTIPLE = re.compile(rf"({_PLAIN})\s*({'|'.join(_MULTIPLES)})", re.IGNORECASE)
_EXPECTED: dict[NumberType, str] = {
    "number": "expected a plain number such as 1234.5",
    "percent": "expected a percentage such as 45% or 45",
    "thousands": "expected a number such as 1,234.5 or 1234.5",
}


def whole_column(cells: Sequence[str], kind: NumberType) -> list[float] | None:
    """All cells at once, empty ones as NaN; None where a single one is not a number of this kind."""
    joined = "\n".join(cells) + "\n"
    if joined.count("\n") != len(cells) or _MANY[kind].fullmatch(joined) is None:
        return None  # a cell with a line break inside would pass for two
    mark = _MARK[kind]
    if mark and mark in joined:
        cells = joined.replace(mark, "").split("\n")[:-1]
    return [float(cell) if cell else np.nan for cell in cells]


def is_number(kind: NumberType) -> Callable[[str], object]:
    """What is true of a trimmed cell that is a number of this kind."""
    return _ONE[kind].fullmatch


def to_float(text: str, kind: NumberType) -> float | None:
    """A trimmed cell as a number of this kind, without any guessing."""
    if _ONE[kind].fullmatch(text) is None:
        return None
    mark = _MARK[kind]
    return float(text.replace(mark, "") if mark else text)


def to_ascii(text: str) -> str:
    """Full-width digits, signs and separators, and the typographic minus, as ASCII; other letters stay."""
    return text.translate(_ASCII)


def diagnose(text: str) -> str:
    """The code of what a trimmed cell is that is not a number: DT221, DT222, DT226, else DT220."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded in _MISSING_WORDS or text.casefold() in _MISSING_WORDS:  # NFKC makes three points of an ellipsis
        return "DT221"
    if folded in _NOT_FINITE:
        return "DT222"
    return "DT226" if _DATE.fullmatch(folded) else "DT220"


def explain(code: str, text: str, kind: NumberType, declares: bool = True) -> str:
    """What is said of a trimmed cell that :func:`diagnose` gave this code.

    ``declares`` says whether the item has a type and codes of its own, as indicators have and nodes have not.
    """
    found = f"found {shown(text)}"
    if code == "DT221":
        rule = f"codes: {{{json.dumps(text, ensure_ascii=False)}: {{status: missing}}}}"
        rule = rule if declares else f"defaults: {{{rule}}}"
        return (
            f"{found}, which may mean missing; expected a number or an empty cell: declare `{rule}`, or empty the cell"
        )
    if code == "DT222":
        return f"{found}, expected a finite number: empty the cell, or correct it"
    if code == "DT226":
        return f"{found}, a date; {_EXPECTED[kind]}: correct the column, or format it as a number"
    return f"{found}, {_EXPECTED[kind]}: {_remedy(to_ascii(text), kind, declares)}"


def _remedy(text: str, kind: NumberType, declares: bool) -> str:
    others: tuple[NumberType, ...] = ("thousands", "percent")
    for other in others:
        value = to_float(text, other)
        if value is not None and other != kind:
            return f"declare `type: {other}`" if declares else f"write {value:.15g}"
    multiple = _MULTIPLE.fullmatch(text)
    if multiple is not None:
        value = float(multiple[1]) * _MULTIPLES[multiple[2].casefold()]
        return f"write {value:.15g}" if np.isfinite(value) else "write a plain number"
    if "_" in text:
        return "remove the underscores"
    return "write a plain number, or empty the cell"


def texts_of(cells: Cells) -> Sequence[str]:
    """A column as texts; whole numbers of a typed file without a point, a null as an empty text."""
    if not isinstance(cells, np.ndarray):
        return cells
    return ["" if value != value else number_text(value) for value in cells.tolist()]
