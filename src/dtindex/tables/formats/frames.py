"""Tables in memory and typed files: numbers as float64, everything else as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Place
from dtindex.tables.formats.cells import (
    FORBIDDEN,
    forbidden_name,
    has_zero_width,
    number_text,
    strip_cells,
    temporal_text,
)
from dtindex.tables.formats.grid import oversized
from dtindex.tables.formats.names import tidy_names
from dtindex.tables.formats.refusal import Remarks, refuse
from dtindex.tables.limits import Limits
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.words import Words, words_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["assembled", "check_size", "from_arrow", "read_frame"]

_EXACT = 2**53  # beyond it a float64 does not hold every integer
_FRAME = "frame"
_MOSTLY_DIFFERENT = 0.5


def read_frame(frame: pa.Table | pd.DataFrame, *, limits: Limits) -> RawTable:
    """See :func:`dtindex.tables.formats.from_frame`."""
    # Nobody holds an object of a module that is not loaded, so nothing needs to be imported to ask.
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if pyarrow is not None and isinstance(frame, pyarrow.Table):
        return from_arrow(frame, _FRAME, {"format": "pyarrow.Table"}, limits)
    if pandas is None or not isinstance(frame, pandas.DataFrame):
        found = f"found an object of type {type(frame).__name__}"
        refuse("DT902", f"expected a path, a pyarrow.Table or a pandas.DataFrame, {found}", Place())
    return _from_pandas(frame, limits)


def check_size(rows: int, columns: int, file: str, limits: Limits) -> None:
    """Refuse a typed table that is empty (DT101, DT102) or over the limits (DT126)."""
    place = Place(file=file)
    if columns == 0:
        refuse("DT101", "the table has no columns", place)
    if rows == 0:
        refuse("DT102", "the table has columns and no rows", place)
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        allowed = f"at most {limits.rows:,} rows, {limits.columns:,} columns and {limits.cells:,} cells are allowed"
        refuse("DT126", f"{rows:,} rows of {columns:,} columns; {allowed}; split the table", place)


def from_arrow(table: pa.Table, file: str, description: dict[str, str], limits: Limits) -> RawTable:
    """A raw table from an Arrow table.

    Raises
    ------
    InputError
        DT101, DT102, DT131, DT201, DT220, DT227.
    LimitError
        DT126.
    """
    check_size(table.num_rows, table.num_columns, file, limits)
    names = [str(name) for name in table.column_names]
    remarks = Remarks(file)
    converted = [
        _arrow_column(table.column(index), Place(file=file, column=index + 1, name=name), remarks)
        for index, name in enumerate(names)
    ]
    return assembled(names, converted, table.num_rows, file, description, limits, remarks)


def _from_pandas(frame: pd.DataFrame, limits: Limits) -> RawTable:
    check_size(len(frame), frame.shape[1], _FRAME, limits)
    if any(name is not None for name in frame.index.names):
        index = frame.index.to_frame(index=False)
        named = [position for position, name in enumerate(frame.index.names) if name is not None]
        series = [index.iloc[:, position] for position in named]
        names = [str(frame.index.names[position]) for position in named]
    else:
        series, names = [], []
    series += [frame.iloc[:, position] for position in range(frame.shape[1])]
    names += [_column_name(name) for name in frame.columns]
    remarks = Remarks(_FRAME)
    converted = [
        _pandas_column(column, Place(file=_FRAME, column=position, name=name), remarks)
        for position, (name, column) in enumerate(zip(names, series, strict=True), 1)
    ]
    return assembled(names, converted, len(frame), _FRAME, {"format": "pandas.DataFrame"}, limits, remarks)


def _column_name(name: object) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def assembled(
    names: Sequence[str],
    converted: Sequence[tuple[Cells, Sequence[int]]],
    rows: int,
    file: str,
    description: dict[str, str],
    limits: Limits,
    remarks: Remarks,
) -> RawTable:
    """The raw table of columns, each with the rows (from 0) of its dates.

    Raises
    ------
    InputError
        DT131, DT201, DT227, and whatever error ``remarks`` brings.
    """
    positions = range(1, len(names) + 1)
    header = tidy_names(names, positions, remarks, lambda at, name: Place(file=file, column=at, name=name))
    columns: list[Cells] = []
    for position, name, (cells, _) in zip(positions, header, converted, strict=True):
        if not name:
            remarks.add("DT131", f"column {position} has no name; name it", Place(file=file, column=position))
        if FORBIDDEN.search(name):
            remarks.add("DT227", f"control character in the name {name!r}; clean it", Place(file=file, column=position))
        if isinstance(cells, np.ndarray):
            columns.append(cells)
        else:
            columns.append(_checked(cells, position, name, file, limits, remarks))
    remarks.raise_errors()
    return RawTable(
        file=file,
        kind="typed",
        header=header,
        columns=tuple(columns),
        rows=np.arange(1, rows + 1, dtype=np.int64),
        dates=frozenset((row, column) for column, (_, dates) in enumerate(converted) for row in dates),
        description={**description, "rows": str(rows), "columns": str(len(header))},
        findings=remarks.all(),
    )


def _checked(
    cells: Sequence[str], position: int, name: str, file: str, limits: Limits, remarks: Remarks
) -> Sequence[str]:
    """Cells stripped; DT227 for those that no name could be."""
    if isinstance(cells, Words):
        return _checked_words(cells, position, name, file, limits, remarks)
    text = "\n".join(cells)
    if FORBIDDEN.search(text) or max(map(len, cells)) > limits.cell_characters:
        for row, cell in enumerate(cells, 1):
            found = FORBIDDEN.search(cell)
            place = Place(file=file, line=row, column=position, name=name)
            if found:
                remarks.add("DT227", f"control character {forbidden_name(found.group())}; clean the cell", place)
            elif len(cell) > limits.cell_characters:
                remarks.add("DT227", oversized(cell, limits), place)
    return strip_cells(cells, has_zero_width(text))


def _checked_words(
    cells: Words, position: int, name: str, file: str, limits: Limits, remarks: Remarks
) -> Sequence[str]:
    """The same of few words for many cells; only where one is not allowed are the cells gone through."""
    text = "\n".join(cells.words)
    if FORBIDDEN.search(text) or max(map(len, cells.words), default=0) > limits.cell_characters:
        return _checked(list(cells), position, name, file, limits, remarks)
    stripped = words_of(strip_cells(cells.words, has_zero_width(text)))
    return Words(stripped.words, stripped.codes[cells.codes])


def _arrow_column(column: Any, place: Place, remarks: Remarks) -> tuple[Cells, Sequence[int]]:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(column.type):
        if types.is_string(column.type.value_type) or types.is_large_string(column.type.value_type):
            return _words(column), ()
        column = column.cast(column.type.value_type)
    kind = column.type
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return _numbers(column), ()
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return ["" if cell is None else cell for cell in column.to_pylist()], ()
    if types.is_boolean(kind):
        return [_boolean(cell) for cell in column.to_pylist()], ()
    if types.is_temporal(kind):
        return _dates(column)
    if types.is_null(kind):
        return [""] * len(column), ()
    message = f"the column is of type {kind}, whose cells are no single values; leave it out, or write numbers or text"
    remarks.add("DT220", message, place)
    return [""] * len(column), ()


def _words(column: Any) -> Sequence[str]:
    """A dictionary column: its words once, a null as the empty one; cell by cell where nearly all are different."""
    import pyarrow as pa

    whole = column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # without a row there is no chunk
        return Words((), np.zeros(0, dtype=np.int32))
    if len(whole.dictionary) > len(whole) * _MOSTLY_DIFFERENT:
        return ["" if cell is None else cell for cell in whole.cast(whole.type.value_type).to_pylist()]
    words = ["" if word is None else word for word in whole.dictionary.to_pylist()]
    codes = whole.indices.fill_null(len(words)).to_numpy(zero_copy_only=False).astype(np.int32)
    distinct = words_of([*words, ""])
    return Words(distinct.words, distinct.codes[codes])


def _numbers(column: Any) -> Cells:
    """float64 with NaN for null; text where float64 would lose digits of an integer."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale <= 0):
        extremes = pc.min_max(column).as_py()
        if extremes["min"] is not None and not -_EXACT <= extremes["min"] <= extremes["max"] <= _EXACT:
            return ["" if cell is None else str(int(cell)) for cell in column.to_pylist()]
    floats: NDArray[np.float64] = np.array(
        column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64
    )
    return floats


def _dates(column: Any) -> tuple[list[str], list[int]]:
    """ISO text, and the rows that are not null."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):  # Python's own dates have microseconds
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind):
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("us"), safe=False)
    cells = column.to_pylist()
    texts = ["" if cell is None else temporal_text(cell) if hasattr(cell, "min") else str(cell) for cell in cells]
    return texts, [row for row, cell in enumerate(cells) if cell is not None]


def _pandas_column(series: Any, place: Place, remarks: Remarks) -> tuple[Cells, Sequence[int]]:
    import pyarrow as pa

    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _objects(series)  # cells of several types, which Arrow does not have
    return _arrow_column(array, place, remarks)


def _objects(series: Any) -> tuple[list[str], list[int]]:
    import pandas as pd

    texts: list[str] = []
    dates: list[int] = []
    for row, value in enumerate(series.tolist()):
        if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
            texts.append("")
        elif isinstance(value, (date, time, timedelta)):
            dates.append(row)
            texts.append(temporal_text(value))
        elif isinstance(value, (bool, np.bool_)):
            texts.append(_boolean(bool(value)))
        elif isinstance(value, (np.integer, np.floating)):
            texts.append(number_text(value.item()))
        else:
            texts.append(number_text(value) if isinstance(value, float) else str(value))
    return texts, dates


def _boolean(value: bool | None) -> str:
    return "" if value is None else "TRUE" if value else "FALSE"
