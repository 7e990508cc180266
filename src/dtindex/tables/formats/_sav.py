"""Parsing an SPSS file, in the child process: its variables in blocks of rows, then what the file says of them."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyreadstat

from dtindex.findings import Place
from dtindex.tables.formats.cells import BLANKS, FORBIDDEN, number_text, temporal_text
from dtindex.tables.formats.frames import check_size
from dtindex.tables.formats.refusal import refuse
from dtindex.tables.limits import Limits

__all__ = ["parse"]

_BLOCK_CELLS = 4_000_000  # the parser holds each cell as a Python object
_EPOCH = datetime.fromisoformat(
    "1582-10-14"
)  # the first day of the Gregorian calendar, less one: dates are seconds since
_DAY = 86_400
_DATES = frozenset({"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR"})
_MOMENTS = frozenset({"DATETIME", "YMDHMS"})
_TIMES = frozenset({"TIME", "MTIME"})
_SPANS = frozenset({"DTIME"})
_FORMAT = re.compile("[A-Z]+")
_RENAMED = re.compile("column '(.*)' is duplicated, renamed to '(.*)'", re.DOTALL)


@dataclass(frozen=True)
class _Variable:
    """A variable of the file."""

    key: str | None
    """Its name with the parser."""
    name: str
    """Its name in the file."""
    is_text: bool
    format: str
    """``DATE`` of ``DATE11``."""
    missing: tuple[tuple[float, float], ...]
    missing_texts: frozenset[str]

    @property
    def is_temporal(self) -> bool:
        return not self.is_text and self.format in _DATES | _MOMENTS | _TIMES | _SPANS


def parse(
    *, file: str, path: str, encoding: str | None, limits: Limits, send: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Send the cells in blocks, each a part of one variable; return what else there is to know of the file.

    ``file`` is the name for messages, ``path`` where it is read.
    """
    described, first_names = _read(file, path, encoding, metadataonly=True)[1:]
    variables = _variables(described, first_names)
    total: int | None = described.number_rows
    check_size(1 if total is None else total, len(variables), file, limits)
    texts: list[set[str]] = [set(variable.missing_texts) for variable in variables]
    step = max(1, _BLOCK_CELLS // len(variables))
    rows, is_last = 0, False
    while not is_last:
        values = _read(file, path, encoding, row_offset=rows, row_limit=step)[0]
        found = len(values[variables[0].key])
        rows += found
        check_size(rows, len(variables), file, limits)
        for index, variable in enumerate(variables):
            send({"column": index, **_block(values[variable.key], variable, texts[index])})
        is_last = found < step or rows == total
    with open(path, "rb") as stream:
        ending = ".zsav" if stream.read(4) == b"$FL3" else ".sav"
    return {
        **_told(described, variables),
        "format": f"SPSS ({ending})",
        "rows": rows,
        "missing_texts": _by_index(map(sorted, texts)),
    }


def _read(file: str, path: str, encoding: str | None, **part: Any) -> tuple[Mapping[Any, Any], Any, dict[str, str]]:
    """Values by variable, what is said of them, and the names in the file of those that the parser renamed."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            values, described = pyreadstat.read_sav(
                path,
                encoding=encoding,
                user_missing=True,
                disable_datetime_conversion=True,  # its own conversion fails on dates that Python does not have
                output_format="dict",
                **part,
            )
    except (pyreadstat.ReadstatError, UnicodeDecodeError, SystemError) as error:
        _refuse_encoding(error, encoding, file)
        if "allocate memory" in str(error):
            raise MemoryError from error
        raise
    matches = (_RENAMED.fullmatch(str(warning.message)) for warning in caught)
    return values, described, {match[2]: match[1] for match in matches if match}


def _refuse_encoding(error: BaseException, encoding: str | None, file: str) -> None:
    """DT121 or DT902 where the parser complains of texts."""
    place = Place(file=file)
    # A failure inside a callback comes as a SystemError that was raised from what it was.
    is_garbled = isinstance(error, UnicodeDecodeError) or isinstance(error.__cause__, UnicodeDecodeError)
    if "unsupported character set" in str(error):
        if encoding is not None:
            refuse("DT902", f"{encoding!r} is no encoding that SPSS files have; for example utf-8, gb18030", place)
        refuse("DT121", "the file declares an encoding that is not known; name it: encoding=", place)
    if is_garbled or "invalid byte sequence" in str(error):
        if encoding is not None:
            refuse("DT121", f"texts are not {encoding}, as was asked; leave encoding= out, or correct it", place)
        message = (
            "texts are not in the encoding that the file declares; name it: encoding= (gb18030 for old Chinese files)"
        )
        refuse("DT121", message, place)


def _variables(described: Any, first_names: Mapping[str, str]) -> tuple[_Variable, ...]:
    found: list[_Variable] = []
    for key in described.column_names:
        is_text = described.readstat_variable_types[key] == "string"
        spelt = _FORMAT.match(described.original_variable_types[key] or "")
        ranges = described.missing_ranges.get(key, ())
        bounds = [(part["lo"], part["hi"]) if isinstance(part, dict) else (part, part) for part in ranges]
        texts = frozenset(low.strip(BLANKS) for low, _ in bounds if isinstance(low, str))
        numbers = tuple((float(low), float(high)) for low, high in bounds if not isinstance(low, str) and low <= high)
        name = first_names.get(key, key) or ""
        found.append(_Variable(key, name, is_text, spelt.group() if spelt else "", numbers, texts))
    return tuple(found)


def _block(values: Sequence[Any], variable: _Variable, missing_texts: set[str]) -> dict[str, Any]:
    """Some cells of a variable: numbers as the bytes of little-endian doubles, everything else as texts."""
    if variable.is_text:
        return {"texts": [value.strip(BLANKS) if isinstance(value, str) else "" for value in values], "dates": []}
    numbers = np.array(values, dtype="<f8")
    if not variable.is_temporal:
        return {"numbers": base64.b64encode(numbers.tobytes()).decode("ascii")}
    texts: list[str] = []
    dates: list[int] = []
    for row, value in enumerate(numbers.tolist()):
        is_missing = any(low <= value <= high for low, high in variable.missing)
        text = None if is_missing or value != value else _temporal(value, variable.format)
        if text is not None:
            dates.append(row)
        elif is_missing:
            missing_texts.add(number_text(value))
        texts.append(text if text is not None else "" if value != value else number_text(value))
    return {"texts": texts, "dates": dates}


def _temporal(seconds: float, kind: str) -> str | None:
    """The text of a date or time; None for one that Python does not have."""
    try:
        span = timedelta(milliseconds=round(seconds * 1000))  # finer digits are noise at this distance from the epoch
        if kind in _SPANS or (kind in _TIMES and not 0 <= seconds < _DAY):
            return temporal_text(span)
        moment = _EPOCH + span
    except OverflowError:
        return None
    if kind in _TIMES:
        return moment.time().isoformat()
    return moment.date().isoformat() if kind in _DATES else temporal_text(moment)


def _told(described: Any, variables: Sequence[_Variable]) -> dict[str, Any]:
    """What the file says of its variables; a set of labels that many share is told once."""
    sets = {name: number for number, name in enumerate(described.value_labels)}
    set_of = [sets.get(described.variable_to_label.get(variable.key)) for variable in variables]
    return {
        "names": [variable.name for variable in variables],
        "encoding": described.file_encoding,
        "labels": [_line(label or "") for label in described.column_labels],
        "label_sets": [_label_set(labels) for labels in described.value_labels.values()],
        "label_set_of": [(index, number) for index, number in enumerate(set_of) if number is not None],
        "missing": _by_index(() if variable.is_temporal else variable.missing for variable in variables),
        "sets": _sets(described.mr_sets, variables),
    }


def _by_index(items: Iterable[Sequence[Any]]) -> list[tuple[int, Sequence[Any]]]:
    """Those that are not empty, each with its position."""
    return [(index, item) for index, item in enumerate(items) if item]


def _label_set(labels: Mapping[Any, str]) -> dict[str, str]:
    return {
        code.strip(BLANKS) if isinstance(code, str) else number_text(code): _line(text) for code, text in labels.items()
    }


def _line(text: str) -> str:
    """A label on one line, without what no writer could put out again."""
    return " ".join(FORBIDDEN.sub(" ", text).split())


def _sets(sets: Mapping[str, Any], variables: Sequence[_Variable]) -> list[tuple[str, list[int]]]:
    """Multiple-response sets, with positions of variables; the file may spell these in small letters."""
    positions = {variable.name.casefold(): index for index, variable in enumerate(variables)}
    found = ((_line(name), [part.casefold() for part in told["variable_list"]]) for name, told in sets.items())
    return [(name, [positions[part] for part in parts if part in positions]) for name, parts in found]
