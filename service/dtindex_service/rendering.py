"""Tables as bytes, in four representations. Needs nothing of the web, so that child processes start soon."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEDIA_TYPES", "Format", "render", "stored_frame"]

Format = Literal["json", "csv", "arrow", "parquet"]

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}


def render(frame: pd.DataFrame, form: Format) -> bytes:
    """A frame as bytes, its index first. A missing value is null, in CSV nothing; text is neutralised in CSV only."""
    if form == "csv":
        from dtindex import frame_csv

        return frame_csv(frame)
    whole = frame.reset_index()
    whole.columns = [str(name) for name in whole.columns]
    if form == "json":
        return _json(whole)
    return _arrow(whole, form)


def stored_frame(path: str, start: int = 0, stop: int | None = None) -> pd.DataFrame:
    """Rows of a table that :func:`render` wrote as Parquet, each column of the kind that it was."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path, use_threads=False)
    part = table.slice(start, None if stop is None else stop - start)
    # Whole numbers and truth values of which some are missing stay what they are.
    nullable = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = part.to_pandas(types_mapper=nullable.get, use_threads=False)
    return frame


def _json(frame: pd.DataFrame) -> bytes:
    names = list(frame.columns)
    columns = [[_plain(value) for value in frame[name].tolist()] for name in names]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    body = {"columns": names, "rows": rows}
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    """A value as JSON knows it; numbers as files hold them, in 12 significant digits."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else None
    import pandas as pd

    return None if pd.isna(value) else str(value)  # NA answers no comparison


def _arrow(frame: pd.DataFrame, form: Format) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    # A column without a value has no type of its own; what has none in one edition is text in the next.
    schema = [field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in table.schema]
    table = table.cast(pa.schema(schema))
    sink = pa.BufferOutputStream()
    if form == "parquet":
        pq.write_table(table, sink, compression="zstd")
    else:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
