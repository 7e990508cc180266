"""Reading a file, or a table in memory, to a :class:`~dtindex.tables.raw.RawTable`: everything as text first.

This module is imported by the child process that parses workbooks and SPSS files, so it imports its readers where they
are used.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dtindex.tables.limits import Limits

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from dtindex.tables.raw import RawTable

__all__ = ["from_frame", "read_raw"]

_DEFAULT_LIMITS = Limits()


def read_raw(
    source: str | os.PathLike[str] | pa.Table | pd.DataFrame,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    limits: Limits = _DEFAULT_LIMITS,
) -> RawTable:
    """Read a CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file, a pyarrow table or a pandas frame as it stands.

    The content decides what a file is; an ending that promises something else is an error.

    Parameters
    ----------
    source
        Path, ``pyarrow.Table`` or ``pandas.DataFrame``.
    sheet
        Name of the sheet of a workbook; needed where more than one has data.
    delimiter, encoding
        Of a text file, where they are not to be found out; the encoding also of an SPSS file that declares none, or a
        wrong one.
    header_rows
        Lines (or sheet rows) of the header, from 1; several are joined by a space. By default the first not blank one.
    limits
        What is too large.

    Raises
    ------
    UsageError
        The file cannot be read at all: DT103, DT112 to DT116; an argument does not fit the source: DT902.
    InputError
        It was read and has errors: DT101, DT102, DT121 to DT125, DT128, DT129, DT131, DT132, DT201, DT220, DT227.
    LimitError
        DT104, DT110, DT111, DT126, DT903.
    """
    from dtindex.tables.formats.files import read_file

    if isinstance(source, (str, os.PathLike)):
        return read_file(
            os.fspath(source),
            sheet=sheet,
            delimiter=delimiter,
            encoding=encoding,
            header_rows=header_rows,
            limits=limits,
        )
    return from_frame(source, limits=limits)


def from_frame(frame: pa.Table | pd.DataFrame, *, limits: Limits = _DEFAULT_LIMITS) -> RawTable:
    """A table in memory as a raw table of kind "typed": numbers as float64, everything else as text.

    NaN, None and null are empty cells; integers beyond 2**53 become text, so that no digit is lost; a named index of a
    frame becomes columns.

    Raises
    ------
    UsageError
        DT902: not a ``pyarrow.Table`` or ``pandas.DataFrame``.
    InputError
        DT101, DT102, DT131, DT201, DT220 (a column of lists or the like), DT227.
    LimitError
        DT126.
    """
    from dtindex.tables.formats.frames import read_frame

    return read_frame(frame, limits=limits)
