"""A table as it was read, kept as one Parquet file: what a service remembers of an upload.

Texts, numbers and all that the file said of its columns come back as they were, so that the table can be held against
any methodology later. Nothing of it is executable.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dtindex.findings import Finding, InputError, Place, Severity, finding
from dtindex.tables.raw import Cells, RawTable
from dtindex.tables.words import Words, words_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["load_cells", "pack_cells", "stored_notes"]

_FORMAT = 1
_SELF = b"dtindex"
_NOTES = b"notes"


def pack_cells(raw: RawTable, notes: Mapping[str, Any] | None = None) -> bytes:
    """A raw table as the bytes of a Parquet file, with ``notes`` (JSON) beside it; :func:`load_cells` reads it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, pa.Array] = {"row": _numbers(np.asarray(raw.rows, dtype=np.int64))}
    for index, cells in enumerate(raw.columns):
        columns[f"cells:{index}"] = _array(cells)
    for name, marked in (("date", raw.dates), ("lossy", raw.lossy)):
        for column in sorted({column for _, column in marked}):
            flags = np.zeros(len(raw), dtype=np.int8)
            flags[[row for row, at in marked if at == column]] = 1
            columns[f"{name}:{column}"] = _numbers(flags)
    about = {
        "format": _FORMAT,
        "file": raw.file,
        "kind": raw.kind,
        "header": raw.header,
        "positions": raw.positions,
        "sheet": raw.sheet,
        "labels": raw.labels,
        "value_labels": {str(column): dict(labels) for column, labels in raw.value_labels.items()},
        "user_missing": {
            str(column): [[repr(low), repr(high)] for low, high in ranges]
            for column, ranges in raw.user_missing.items()
        },
        "user_missing_texts": {str(column): sorted(texts) for column, texts in raw.user_missing_texts.items()},
        "sets": raw.sets,
        "description": raw.description,
        "findings": [one.to_dict() for one in raw.findings],
    }
    metadata = {_SELF: json.dumps(about).encode(), _NOTES: json.dumps(dict(notes or {})).encode()}
    sink = io.BytesIO()
    table = pa.Table.from_arrays(list(columns.values()), names=list(columns)).replace_schema_metadata(metadata)
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def load_cells(source: str | PathLike[str] | bytes) -> RawTable:
    """The raw table in a file, or in the bytes, that :func:`pack_cells` made.

    Raises
    ------
    InputError
        DT116: it is none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(_opened(source)) as parquet:
            about = json.loads(parquet.schema_arrow.metadata[_SELF])
            texts = [field.name for field in parquet.schema_arrow if not pa.types.is_floating(field.type)]
            stored = parquet.read(use_threads=False)
        if about["format"] != _FORMAT:
            raise ValueError("another format")
        return _raw(about, stored, frozenset(texts))
    except (pa.ArrowException, KeyError, OSError, TypeError, ValueError) as error:
        raise InputError([finding("DT116", "not the cells of a table as dtindex keeps them")]) from error


def stored_notes(source: str | PathLike[str] | bytes) -> dict[str, Any]:
    """The notes beside the cells, without reading these. DT116 as of :func:`load_cells`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        notes: dict[str, Any] = json.loads(pq.read_schema(_opened(source)).metadata[_NOTES])
    except (pa.ArrowException, KeyError, OSError, TypeError, ValueError) as error:
        raise InputError([finding("DT116", "not the cells of a table as dtindex keeps them")]) from error
    return notes


def _opened(source: str | PathLike[str] | bytes) -> Any:
    return io.BytesIO(source) if isinstance(source, bytes) else source


def _array(cells: Cells) -> pa.Array:
    import pyarrow as pa

    if isinstance(cells, np.ndarray):
        return _numbers(cells)
    words = words_of(cells)
    encoded = [word.encode() for word in words.words]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in encoded], out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    dictionary = pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
    return pa.DictionaryArray.from_arrays(_numbers(words.codes), dictionary)


_TYPES = {"f8": "float64", "i8": "int64", "i4": "int32", "i1": "int8"}


def _numbers(values: np.ndarray[Any, Any]) -> pa.Array:
    """An array of the same memory: ``pyarrow.array`` would load pandas, to see whether it is given a part of it."""
    import pyarrow as pa

    whole = np.ascontiguousarray(values)
    kind = getattr(pa, _TYPES[whole.dtype.str[1:]])()
    return pa.Array.from_buffers(kind, len(whole), [None, pa.py_buffer(whole)])


def _raw(about: Mapping[str, Any], stored: pa.Table, texts: frozenset[str]) -> RawTable:
    columns = tuple(_cells(stored.column(f"cells:{index}")) for index in range(len(about["header"])))
    return RawTable(
        file=about["file"],
        kind=about["kind"],
        header=tuple(about["header"]),
        columns=columns,
        rows=stored.column("row").to_numpy(),
        positions=tuple(about["positions"]),
        sheet=about["sheet"],
        dates=frozenset(_marked(stored, "date")),
        lossy=frozenset(_marked(stored, "lossy")),
        labels=tuple(about["labels"]),
        value_labels={int(column): labels for column, labels in about["value_labels"].items()},
        user_missing={
            int(column): tuple((float(low), float(high)) for low, high in ranges)
            for column, ranges in about["user_missing"].items()
        },
        user_missing_texts={int(column): frozenset(found) for column, found in about["user_missing_texts"].items()},
        sets={name: tuple(members) for name, members in about["sets"].items()},
        description=about["description"],
        findings=tuple(_findings(about["findings"])),
    )


def _cells(column: pa.ChunkedArray) -> Cells:
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        return cast("Cells", column.to_numpy())
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    return Words(whole.dictionary.to_pylist(), whole.indices.to_numpy(zero_copy_only=False).astype(np.int32))


def _marked(stored: pa.Table, name: str) -> Iterator[tuple[int, int]]:
    for field in stored.column_names:
        kind, _, column = field.partition(":")
        if kind == name:
            flags = stored.column(field).to_numpy()
            yield from ((row, int(column)) for row in np.flatnonzero(flags).tolist())


def _findings(items: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    for item in items:
        yield Finding(item["code"], Severity(item["severity"]), item["message"], Place(**item["place"]))
