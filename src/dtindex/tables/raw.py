"""A table as it stands in its file: names, cells as text, and where each cell is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Finding, Place
from dtindex.tables.words import Words

__all__ = ["Cells", "RawTable", "column_letters"]

Cells: TypeAlias = Sequence[str] | NDArray[np.float64]
"""A column: texts (an empty text is an empty cell), or numbers of a typed file (NaN is a null)."""


@dataclass(frozen=True)
class RawTable:
    """Columns of equal length under tidied, unique names."""

    file: str
    kind: Literal["text", "sheet", "typed"]
    """What an address is made of: line and column of a text file, cell of a sheet, row and name of a typed file."""
    header: tuple[str, ...]
    columns: tuple[Cells, ...]
    rows: NDArray[np.int64]
    """Line of a text file, or row of a sheet, of each data row, from 1."""
    positions: tuple[int, ...] = ()
    """Position of each column in the file, from 1; empty where it is 1, 2, 3 ..."""
    sheet: str | None = None
    dates: frozenset[tuple[int, int]] = frozenset()
    """(row, column) of cells that the file marks as dates, counted from 0 in ``columns``."""
    lossy: frozenset[tuple[int, int]] = frozenset()
    """(row, column) of cells whose number has more digits than a floating one keeps."""
    labels: tuple[str, ...] = ()
    """A longer text of each column (the wording of a question), "" where it has none; empty where no column has one."""
    value_labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By column, from 0: what a code in its cells stands for, the code as text: {3: {"1": "是", "2": "否"}}."""
    user_missing: Mapping[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """By column of numbers: closed ranges that the file declares to be no answers. The cells keep these values."""
    user_missing_texts: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By column of texts: those that the file declares to be no answers. The cells keep them."""
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Sets of columns that are the answers to one question (multiple response): name, to names of columns."""
    description: dict[str, str] = field(default_factory=dict)
    """What was found about the file, for `inspect`: format, encoding, delimiter, sheet."""
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def keeping(self, columns: Sequence[int]) -> RawTable:
        """The table with some of its columns, by index, under their own addresses."""
        at = {column: index for index, column in enumerate(columns)}
        return replace(
            self,
            header=tuple(self.header[column] for column in columns),
            columns=tuple(self.columns[column] for column in columns),
            positions=tuple(self.position(column) for column in columns),
            dates=frozenset((row, at[column]) for row, column in self.dates if column in at),
            lossy=frozenset((row, at[column]) for row, column in self.lossy if column in at),
            labels=tuple(self.labels[column] for column in columns) if self.labels else (),
            value_labels={at[column]: labels for column, labels in self.value_labels.items() if column in at},
            user_missing={at[column]: ranges for column, ranges in self.user_missing.items() if column in at},
            user_missing_texts={at[column]: texts for column, texts in self.user_missing_texts.items() if column in at},
        )

    def below(self, rows: int) -> RawTable:
        """The table without its first ``rows`` rows."""
        return replace(
            self,
            columns=tuple(
                column.take(slice(rows, None)) if isinstance(column, Words) else column[rows:]
                for column in self.columns
            ),
            rows=self.rows[rows:],
            dates=frozenset((row - rows, column) for row, column in self.dates if row >= rows),
            lossy=frozenset((row - rows, column) for row, column in self.lossy if row >= rows),
        )

    def position(self, column: int) -> int:
        """Position in the file, from 1, of the column with this index."""
        return self.positions[column] if self.positions else column + 1

    def place(self, row: int | None, column: int | None, unit: str | None = None, period: str | None = None) -> Place:
        """Where a cell is; ``row`` None for the header, ``column`` None for a whole row."""
        name = None if column is None else self.header[column]
        line = None if row is None else int(self.rows[row])
        if self.kind == "sheet" and column is not None and line is not None:
            cell = f"{column_letters(self.position(column))}{line}"
            return Place(file=self.file, sheet=self.sheet, cell=cell, unit=unit, period=period, name=name)
        position = None if column is None or line is None else self.position(column)
        return Place(file=self.file, sheet=self.sheet, line=line, column=position, unit=unit, period=period, name=name)


def column_letters(position: int) -> str:
    """The letters of a sheet's column: 1 is A, 27 is AA."""
    letters = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
