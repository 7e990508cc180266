"""How large an input may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on what is read; a caller that trusts its files may raise them, a service lowers them.

    What they refuse is a :class:`~dtindex.findings.LimitError`: DT104 (file), DT126 (table), DT110 and DT111
    (workbook), DT903 (memory, time).
    """

    file_bytes: int = 512 * 2**20
    rows: int = 5_000_000
    columns: int = 20_000
    cells: int = 500_000_000
    """Rows times columns of a text, SPSS, Parquet or Arrow file."""
    cell_characters: int = 32_767
    """A longer cell is DT227; the figure is what a cell of a spreadsheet can hold."""
    sheet_cells: int = 20_000_000
    """Rows times columns up to the last used cell of a sheet: the parser holds all of them, the empty ones too."""
    unpacked_bytes: int = 300 * 2**20
    """What a workbook may unpack to."""
    unpacked_ratio: int = 100
    """Times a workbook may grow when unpacked, once that is more than ``ratio_from_bytes``."""
    ratio_from_bytes: int = 50 * 2**20
    package_entries: int = 2_000
    """Parts of a workbook."""
    child_bytes: int = 4 * 2**30
    """Address space of the process that parses a workbook or an SPSS file (on POSIX systems)."""
    child_seconds: float = 120.0
    """Time of the process that parses a workbook or an SPSS file."""
