"""The table as a file that says what it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.atomic import MADE, write_bytes
from dtindex.engine.blocks import BLOCK_ROWS
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENDINGS", "write_table"]

ENDINGS = (".csv", ".parquet", ".xlsx")
_SHEET_ROWS = 1_048_575
_AT_ONCE = 4096
_MARK = b"\xef\xbb\xbf"


def write_table(table: pa.Table, path: str | PathLike[str], label: str) -> Path:
    """Write ``table``; the ending of ``path`` says how.

    Raises
    ------
    UsageError
        DT902, DT410.
    """
    makers: dict[str, Callable[[pa.Table, str], bytes]] = dict(zip(ENDINGS, (_csv, _parquet, _xlsx), strict=True))
    ending = Path(path).suffix.casefold()
    if ending not in makers:
        raise UsageError([finding("DT902", f"{fspath(path)!r}: expected a name that ends in {', '.join(ENDINGS)}")])
    return write_bytes(Path(path), makers[ending](table, label))


def _csv(table: pa.Table, label: str) -> bytes:
    """UTF-8 with a byte-order mark, without which Excel in China would read it as GBK."""
    import pyarrow as pa
    from pyarrow import csv

    stream = io.BytesIO(_MARK)
    stream.seek(0, io.SEEK_END)
    plain = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
    options = csv.WriteOptions(quoting_style="needed")
    with csv.CSVWriter(stream, plain, write_options=options) as writer:
        # A block at a time: the texts of all rows at once would take gigabytes.
        for start in range(0, max(table.num_rows, 1), BLOCK_ROWS):
            writer.write_table(table.slice(start, BLOCK_ROWS).cast(plain))
    return stream.getvalue()


def _parquet(table: pa.Table, label: str) -> bytes:
    from pyarrow import parquet

    stream = io.BytesIO()
    parquet.write_table(table, stream)
    return stream.getvalue()


def _xlsx(table: pa.Table, label: str) -> bytes:
    """One sheet, since a reader takes every sheet with cells for data; its properties say what it is."""
    import xlsxwriter  # type: ignore[import-untyped]

    if table.num_rows > _SHEET_ROWS:
        message = f"{table.num_rows:,} rows, and a sheet holds {_SHEET_ROWS:,}: write .csv or .parquet"
        raise UsageError([finding("DT902", message)])
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": label, "comments": label, "keywords": "synthetic", "created": MADE})
        sheet = book.add_worksheet("synthetic")
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(table.column_names):
            sheet.write_string(0, column, name)
        row = 0
        for start in range(0, table.num_rows, _AT_ONCE):
            cells = [column.to_pylist() for column in table.slice(start, _AT_ONCE).columns]
            for values in zip(*cells, strict=True):
                row += 1
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write_number(row, column, value)
    return stream.getvalue()


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind
