"""Reading a table for a methodology: the file, the layout, the checks."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.findings import Findings, InputError, Place, UsageError, finding
from dtindex.shipped import shipped
from dtindex.spec.model import Methodology
from dtindex.tables.check import check_raw
from dtindex.tables.codelist import Codelist, codelist_bytes, load_codelist, read_codelist
from dtindex.tables.formats import read_raw
from dtindex.tables.layout import Layout
from dtindex.tables.limits import Limits
from dtindex.tables.names import beside, shown
from dtindex.tables.raw import RawTable
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]

__all__ = ["TEMPLATE_SHEETS", "check_table", "codelist_file", "codelist_of", "data_of", "read_source", "read_table"]

TEMPLATE_SHEETS = ("data", "notes")
"""The sheets of a workbook that :func:`dtindex.tables.template.write_template` writes; only the first is a table."""

_DEFAULT_LIMITS = Limits()
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"')
_WORKBOOK_BYTES = 65_536


def read_table(
    source: str | os.PathLike[str] | pa.Table | pd.DataFrame | RawTable | None,
    methodology: Methodology,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    layout: Layout = "auto",
    limits: Limits = _DEFAULT_LIMITS,
) -> Table:
    """Read a table, and hold it against a methodology.

    Parameters
    ----------
    source
        A CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file, a ``pyarrow.Table`` or ``pandas.DataFrame``; None for the
        data that the methodology itself names.
    methodology
        Says which columns are read, and how.
    sheet, delimiter, encoding, header_rows
        Of the file, where they are not to be found out.
    layout
        ``wide``: one row a unit (and period); ``long``: one row a value; ``auto``: what the header looks like.
    limits
        What is too large.

    Returns
    -------
    Table
        Numbers and statuses under the methodology's ids, with the warnings and notes in ``findings``.

    Raises
    ------
    InputError
        With all findings, where one is an error: DT063, DT1xx, DT2xx, DT302.
    UsageError
        The file cannot be read at all; DT061 where there is no table; DT902 for an unknown layout.
    LimitError
        The file is over a limit.
    """
    table, findings = check_table(
        source,
        methodology,
        sheet=sheet,
        delimiter=delimiter,
        encoding=encoding,
        header_rows=header_rows,
        layout=layout,
        limits=limits,
    )
    findings.raise_errors()
    assert table is not None
    return table


def check_table(
    source: str | os.PathLike[str] | pa.Table | pd.DataFrame | RawTable | None,
    methodology: Methodology,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    layout: Layout = "auto",
    limits: Limits = _DEFAULT_LIMITS,
) -> tuple[Table | None, Findings]:
    """As :func:`read_table`, but what is wrong with the content comes back as findings, with None for the table."""
    if layout not in ("auto", "wide", "long"):
        raise UsageError([finding("DT902", f"layout={layout!r}: expected 'auto', 'wide' or 'long'")])
    wanted = data_of(methodology) if source is None else source
    try:
        codelist = codelist_of(methodology)
        raw = read_source(
            wanted, sheet=sheet, delimiter=delimiter, encoding=encoding, header_rows=header_rows, limits=limits
        )
    except InputError as error:
        return None, error.findings
    return check_raw(raw, methodology, codelist, layout)


def read_source(
    source: str | os.PathLike[str] | pa.Table | pd.DataFrame | RawTable,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    limits: Limits = _DEFAULT_LIMITS,
) -> RawTable:
    """As :func:`dtindex.tables.formats.read_raw`; of a fill-in sheet the notes are passed over."""
    if isinstance(source, RawTable):
        return source
    if sheet is None and isinstance(source, (str, os.PathLike)) and _sheets(Path(source)) == TEMPLATE_SHEETS:
        sheet = TEMPLATE_SHEETS[0]
    return read_raw(source, sheet=sheet, delimiter=delimiter, encoding=encoding, header_rows=header_rows, limits=limits)


def codelist_of(methodology: Methodology) -> Codelist | None:
    """The codelist of the methodology's units, or None where it names none."""
    name = methodology.units.codelist
    if name is None:
        return None
    carried = methodology._read_from.codelist
    return load_codelist(name, _folder(methodology)) if carried is None else read_codelist(name, carried)


def codelist_file(methodology: Methodology) -> bytes | None:
    """The file of the methodology's codelist, for an edition to carry; None where it names none."""
    name = methodology.units.codelist
    return None if name is None else methodology._read_from.codelist or codelist_bytes(name, _folder(methodology))


def data_of(methodology: Methodology) -> Path:
    """The table that the methodology names under `data:`: a file beside its own, else one that ships.

    Raises
    ------
    UsageError
        DT061 where it names none, or there is no such file.
    """
    name = methodology.data_
    if name is None:
        message = f"the methodology {methodology.id} names no data of its own: give a table"
        raise UsageError([finding("DT061", f"{message}; `dtindex template` writes one to fill in")])
    folder = _folder(methodology)
    found = None if folder is None else beside(folder, name)
    found = found or beside(shipped("data"), name)
    if found is None:
        message = f"the data {shown(name)} of the methodology {methodology.id} is neither beside its file nor shipped"
        raise UsageError([finding("DT061", f"{message}: give a table, or correct `data:`", Place(file=name))])
    return found


def _folder(methodology: Methodology) -> Path | None:
    return None if methodology.file is None else methodology.file.parent


def _sheets(path: Path) -> tuple[str, ...]:
    """Names of the sheets of an .xlsx, from the first bytes of its list; nothing where it is anything else."""
    try:
        if path.suffix.casefold() != ".xlsx":
            return ()
        with zipfile.ZipFile(path) as package, package.open("xl/workbook.xml") as stream:
            names = _SHEET.findall(stream.read(_WORKBOOK_BYTES))
    except (OSError, zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, ValueError):
        return ()  # the readers say what is wrong with the file
    return tuple(name.decode("utf-8", "replace") for name in names)
