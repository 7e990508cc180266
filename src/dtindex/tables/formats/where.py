"""Places in a grid of cells, which is a text file or a sheet."""

from __future__ import annotations

from dataclasses import dataclass

from dtindex.findings import Place
from dtindex.tables.raw import column_letters

__all__ = ["Where"]


@dataclass(frozen=True, slots=True)
class Where:
    """The file, and the sheet if it is a workbook: what turns row and column (from 1) into a place."""

    file: str
    sheet: str | None = None
    is_sheet: bool = False

    def at(self, row: int | None = None, column: int | None = None, name: str | None = None) -> Place:
        """The place of a cell, of a row, or of the whole."""
        if self.is_sheet and row is not None and column is not None:
            return Place(file=self.file, sheet=self.sheet, cell=f"{column_letters(column)}{row}", name=name)
        return Place(file=self.file, sheet=self.sheet, line=row, column=column, name=name)

    @property
    def row_word(self) -> str:
        """What a row is called in messages."""
        return "row" if self.is_sheet else "line"
