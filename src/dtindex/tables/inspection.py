"""What is in a table: read, held against a methodology where one is named, and fit to be kept.

This is what a service does with an upload: all findings come back, and what identifies a person does not stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dtindex.findings import DtindexError, Finding, Findings
from dtindex.spec.model import Methodology
from dtindex.tables.check import check_raw
from dtindex.tables.describe import ColumnSummary, describe
from dtindex.tables.layout import Layout
from dtindex.tables.limits import Limits
from dtindex.tables.raw import RawTable
from dtindex.tables.read import codelist_of, read_source
from dtindex.tables.stored import pack_cells
from dtindex.tables.survey.dialect import recognise
from dtindex.tables.survey.persons import without_persons
from dtindex.tables.words import words_of

__all__ = ["Inspection", "inspect_table"]

_DEFAULT_LIMITS = Limits()
_NAME = "dataset"


@dataclass(frozen=True)
class Inspection:
    """A table that was read, without what identifies a person."""

    raw: RawTable
    """Its cells; :func:`dtindex.read_table` takes it as a source."""
    columns: tuple[ColumnSummary, ...]
    """What each column looks like, and what the methodology makes of it."""
    findings: Findings
    """Warnings and notes."""

    @property
    def rows(self) -> int:
        """Rows below all headings."""
        return len(recognise(self.raw).raw)

    def pack(self, **notes: object) -> bytes:
        """The cells as a Parquet file, with notes beside them; :func:`dtindex.load_cells` reads it."""
        return pack_cells(self.raw, notes)


def inspect_table(
    source: str | os.PathLike[str],
    methodology: Methodology | None = None,
    *,
    hash_key: bytes,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_rows: Sequence[int] | None = None,
    layout: Layout = "auto",
    limits: Limits = _DEFAULT_LIMITS,
    name: str = _NAME,
) -> Inspection:
    """Read a file, hold it against a methodology if one is given, and take out what identifies a person.

    Parameters
    ----------
    source
        A CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow file.
    methodology
        What it is to be scored by. Without one only the file itself is looked at, and columns are emptied by what they
        look like.
    hash_key
        Secret key of pseudonyms.
    sheet, delimiter, encoding, header_rows, layout, limits
        As of :func:`dtindex.read_table`.
    name
        What the file is called in findings; a path on the disk of a service is nobody's business.

    Raises
    ------
    InputError, UsageError, LimitError
        As of :func:`dtindex.read_table`, with all findings.
    """
    file = os.fspath(source)
    try:
        raw = read_source(
            file, sheet=sheet, delimiter=delimiter, encoding=encoding, header_rows=header_rows, limits=limits
        )
    except DtindexError as error:
        raise type(error)(_called(error.findings, file, name)) from None
    raw = replace(raw, file=name, findings=tuple(_called(raw.findings, file, name)))
    findings = list(raw.findings)
    if methodology is not None:
        findings = list(check_raw(raw, methodology, codelist_of(methodology), layout)[1].raise_errors())
    # Words once each: what follows works on the different ones.
    words = tuple(cells if isinstance(cells, np.ndarray) else words_of(cells) for cells in raw.columns)
    raw = replace(raw, columns=words)
    kept, remarks = without_persons(raw, methodology, hash_key)
    export = recognise(kept)
    columns = describe(export.raw, methodology, frozenset(export.dialect.blanks))
    if kept.findings != raw.findings:  # DT120 shows cells, which may be those that were taken out
        shown = dict(zip(raw.findings, kept.findings, strict=True))
        findings = [shown.get(one, one) for one in findings]
    return Inspection(kept, columns, Findings([*findings, *remarks]))


def _called(findings: Iterable[Finding], file: str, name: str) -> list[Finding]:
    """The findings on a file, which bear another name for it."""
    return [
        replace(one, message=one.message.replace(file, name), place=replace(one.place, file=name))
        if one.place.file == file
        else one
        for one in findings
    ]
