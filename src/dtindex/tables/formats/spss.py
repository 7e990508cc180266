"""SPSS files: parsed in a process of their own, put together here."""

from __future__ import annotations

import base64
import codecs
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Place
from dtindex.tables.formats.apart import Parser, parse_apart
from dtindex.tables.formats.frames import assembled
from dtindex.tables.formats.refusal import Remarks, refuse
from dtindex.tables.limits import Limits
from dtindex.tables.raw import Cells, RawTable

__all__ = ["read_spss"]

_PARSER = Parser("sav", "the SPSS file", "save it with fewer cases or variables, or as CSV")
_UNDECLARED = "WINDOWS-1252"
"""What the parser takes a file for that declares nothing; one that declares it looks the same."""
_SAMPLES = 3


@dataclass
class _Columns:
    """The parts of columns that the child process sent."""

    numbers: dict[int, list[NDArray[np.float64]]] = field(default_factory=dict)
    texts: dict[int, list[str]] = field(default_factory=dict)
    dates: dict[int, list[int]] = field(default_factory=dict)

    def take(self, block: dict[str, Any]) -> None:
        """Take in the next cells of a column."""
        column = block["column"]
        if "numbers" in block:
            part = np.frombuffer(base64.b64decode(block["numbers"]), dtype="<f8")
            self.numbers.setdefault(column, []).append(part)
            return
        before = self.texts.setdefault(column, [])
        self.dates.setdefault(column, []).extend(len(before) + row for row in block["dates"])
        before += block["texts"]

    def column(self, index: int) -> tuple[Cells, Sequence[int]]:
        """The cells of a column, and the rows (from 0) of its dates."""
        if index in self.texts:
            return self.texts[index], self.dates[index]
        return np.concatenate(self.numbers.pop(index)).astype(np.float64, copy=False), ()


def read_spss(file: str, *, encoding: str | None = None, limits: Limits) -> RawTable:
    """Read a .sav or .zsav: numbers as float64, texts, and dates as ISO texts.

    Labels, values declared missing and multiple-response sets come along; cells keep the values that are declared
    missing, and NaN is what SPSS calls system-missing.

    Raises
    ------
    InputError
        DT101, DT102, DT121, DT131, DT201, DT227.
    LimitError
        DT126, DT903.
    UsageError
        DT115; DT902 for an unknown encoding; DT904 where pyreadstat is not installed.
    """
    if importlib.util.find_spec("pyreadstat") is None:
        refuse("DT904", "SPSS files need pyreadstat: pip install pyreadstat", Place(file=file))
    columns = _Columns()
    asked = {"encoding": None if encoding is None else _known(encoding, file)}
    rest = parse_apart(_PARSER, file, asked, limits, columns.take)
    remarks = Remarks(file)
    if encoding is None and rest["encoding"] == _UNDECLARED:
        _remark_encoding(rest, columns, remarks)
    converted = [columns.column(index) for index in range(len(rest["names"]))]
    description = {"format": rest["format"], "encoding": rest["encoding"] or "not declared"}
    raw = assembled(rest["names"], converted, rest["rows"], file, description, limits, remarks)
    label_sets: list[Mapping[str, str]] = rest["label_sets"]
    return replace(
        raw,
        labels=tuple(rest["labels"]) if any(rest["labels"]) else (),
        value_labels={index: label_sets[number] for index, number in rest["label_set_of"] if label_sets[number]},
        user_missing={index: tuple((low, high) for low, high in ranges) for index, ranges in rest["missing"]},
        user_missing_texts={index: frozenset(texts) for index, texts in rest["missing_texts"]},
        sets={name: tuple(raw.header[index] for index in parts) for name, parts in rest["sets"]},
    )


def _known(encoding: str, file: str) -> str:
    """The name of an encoding that Python knows, too: the parser takes names with options that hide damage."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        refuse("DT902", f"{encoding!r} is not a text encoding; for example utf-8, gb18030", Place(file=file))


def _remark_encoding(rest: Mapping[str, Any], columns: _Columns, remarks: Remarks) -> None:
    """DT120 where what was read would differ in another encoding."""
    samples = []
    for text in dict.fromkeys(_texts(rest, columns)):
        if not text.isascii():
            samples.append(text[:40])
            if len(samples) == _SAMPLES:
                break
    if samples:
        message = f"no encoding is declared, decoded as {_UNDECLARED}; name another: encoding= (gb18030 for Chinese)"
        remarks.add("DT120", f"{message}; check: {', '.join(samples)}")


def _texts(rest: Mapping[str, Any], columns: _Columns) -> Iterator[str]:
    yield from rest["names"]
    yield from rest["labels"]
    for labels in rest["label_sets"]:
        yield from labels.values()
    for texts in columns.texts.values():
        yield from texts
