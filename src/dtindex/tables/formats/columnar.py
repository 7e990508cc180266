"""Parquet and Arrow files, read in process under the limits that their footers allow to check beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dtindex.findings import DtindexError, Place
from dtindex.tables.formats.frames import check_size, from_arrow
from dtindex.tables.formats.refusal import refuse
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_columnar"]

_LARGE = 1_000_000
"""Cells from which threads are worth it."""


def read_columnar(file: str, content: Literal["parquet", "arrow", "arrow stream"], *, limits: Limits) -> RawTable:
    """Read a Parquet file, an Arrow (Feather) file or an Arrow stream.

    Raises
    ------
    UsageError
        DT116 for whatever the reader makes of damaged bytes; DT904 where pyarrow is not installed.
    InputError, LimitError
        As :func:`dtindex.tables.formats.frames.from_arrow`.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        refuse("DT904", "Parquet and Arrow files need pyarrow: pip install pyarrow", Place(file=file))
    name = "Parquet" if content == "parquet" else "Arrow"
    try:
        table = _parquet(file, limits) if content == "parquet" else _arrow(file, content, limits)
        return from_arrow(table, file, {"format": name}, limits)
    except DtindexError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged bytes raise anything: ArrowInvalid, OSError, KeyError, UnicodeDecodeError ...
        reason = " ".join(str(error).split())[:200]
        refuse("DT116", f"the {name} file cannot be read ({reason}); write it again", Place(file=file))


def _parquet(file: str, limits: Limits) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        schema = parquet.schema_arrow
        check_size(parquet.metadata.num_rows, len(schema.names), file, limits)
        # As a dictionary a text that is repeated a million times is held once.
        texts = [field.name for field in schema if pa.types.is_string(field.type)]
        large = parquet.metadata.num_rows * len(schema.names) > _LARGE
    # A small file is read on this thread alone: a process that ends while Arrow's pool still starts is aborted.
    with pq.ParquetFile(file, read_dictionary=texts, pre_buffer=large) as parquet:
        return _valid(parquet.read(use_threads=large))


def _arrow(file: str, content: str, limits: Limits) -> pa.Table:
    import pyarrow as pa

    with pa.OSFile(file) as source:
        reader: Any
        reader = pa.ipc.open_stream(source) if content == "arrow stream" else pa.ipc.open_file(source)
        batches: list[Any] = []
        rows = 0
        for batch in reader if content == "arrow stream" else map(reader.get_batch, range(reader.num_record_batches)):
            rows += batch.num_rows
            if rows > limits.rows:
                check_size(rows, batch.num_columns, file, limits)
            batches.append(batch)
        return _valid(pa.Table.from_batches(batches, reader.schema))


def _valid(table: pa.Table) -> pa.Table:
    """The table, once its offsets are known to lie inside its buffers: to read past them would end the process."""
    table.validate(full=True)
    return table
