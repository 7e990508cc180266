"""The table: what is scored, as numbers and statuses under the methodology's ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Findings
from dtindex.status import Status, StatusArray
from dtindex.tables.answers import AnswerKey, Answers
from dtindex.tables.raw import RawTable

__all__ = ["FloatArray", "Table", "TextArray"]

FloatArray: TypeAlias = NDArray[np.float64]
TextArray: TypeAlias = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Table:
    """Values of indicators and of nodes that take a column, one row a unit, or a unit and period.

    Everything is filed under the methodology's ids, not under the file's column names: two indicators may read one
    column in two ways. Derived indicators are not here; they are computed from it.
    """

    units: TextArray
    """Keys of the units, ``(rows,)``; the codelist's names where there is a codelist."""
    names: tuple[str, ...]
    """Ids of indicators and nodes that have a column, in the order of the methodology."""
    values: FloatArray
    """Raw values ``(rows, names)``, column-major; NaN where there is none."""
    status: StatusArray
    """Flags ``(rows, names)``, column-major; a NaN bears MISSING, NOT_APPLICABLE or WITHHELD unless it is in ``coded``.
    """
    periods: TextArray | None = None
    """Period of each row, as text, ``(rows,)``."""
    coded: Mapping[str, FloatArray] = field(default_factory=dict)
    """By indicator: scores that a code in the cell gave directly, NaN elsewhere; their raw value is NaN, their status
    NORMAL.
    """
    published: Mapping[str, FloatArray] = field(default_factory=dict)
    """By item: figures that are compared with the computed ones, and never used."""
    decimals: Mapping[str, int] = field(default_factory=dict)
    """By item: the most decimals that its published figures are printed with."""
    texts: Mapping[str, TextArray] = field(default_factory=dict)
    """By column name: every other column, groups of a codelist included, as text."""
    totals: NDArray[np.bool_] | None = None
    """Rows that are declared totals: carried, never fitted or ranked."""
    order: NDArray[np.int64] | None = None
    """Position of each row's unit in its codelist, which is how files are sorted."""
    answers: Mapping[AnswerKey, Answers] = field(default_factory=dict)
    """By question and row of a matrix: what was answered. Indicators take their values from it."""
    careless: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """By rule of `survey: careless:`, the rows that it names, whether they are only reported or left out."""
    weights: FloatArray | None = None
    """Sampling weights ``(rows,)``, which estimates use and scores do not."""
    raw: RawTable | None = None
    """The file as it was read; None for tables made from arrays."""
    findings: Findings = field(default_factory=Findings)

    def __len__(self) -> int:
        return len(self.units)

    @classmethod
    def from_arrays(
        cls,
        units: Sequence[str] | TextArray,
        names: Sequence[str],
        values: Any,
        *,
        status: StatusArray | None = None,
        periods: Sequence[str] | TextArray | None = None,
        texts: Mapping[str, Sequence[str] | TextArray] | None = None,
    ) -> Table:
        """A table from arrays, for programs: no codelist, no checks but shapes.

        Parameters
        ----------
        units
            ``(rows,)`` keys.
        names
            Ids of the methodology, one a column.
        values
            ``(rows, names)`` raw values; NaN is missing.
        status
            ``(rows, names)`` flags; by default MISSING where a value is NaN.
        periods, texts
            Period of each row, and text columns (groups) by name.

        Raises
        ------
        ValueError
            The shapes do not agree, or a value is infinite.
        """
        matrix = np.array(values, dtype=np.float64, order="F")
        rows = len(units)
        if matrix.shape != (rows, len(names)):
            raise ValueError(f"expected values of shape {(rows, len(names))}, found {matrix.shape}")
        if np.isinf(matrix).any():
            raise ValueError("infinite values; NaN stands for missing")
        missing = np.where(np.isnan(matrix), np.uint16(Status.MISSING), np.uint16(0))
        flags = missing if status is None else status
        return cls(
            units=_texts(units),
            names=tuple(names),
            values=matrix,
            status=np.array(flags, dtype=np.uint16, order="F"),
            periods=None if periods is None else _texts(periods),
            texts={name: _texts(column) for name, column in (texts or {}).items()},
        )

    def sealed(self) -> Table:
        """The same, which nobody can write to: a table that was fitted stays what it was."""
        arrays: list[NDArray[Any] | None] = [
            self.units,
            self.values,
            self.status,
            self.periods,
            self.totals,
            self.order,
        ]
        arrays += [self.weights, *self.coded.values(), *self.published.values(), *self.texts.values()]
        arrays += [
            *self.careless.values(),
            *(part for one in self.answers.values() for part in (one.values, one.status)),
        ]
        for array in arrays:
            if array is not None:
                array.flags.writeable = False
        return self

    def column(self, name: str) -> FloatArray:
        """Raw values of an id, ``(rows,)``."""
        column: FloatArray = self.values[:, self.names.index(name)]
        return column


def _texts(values: Sequence[str] | TextArray) -> TextArray:
    column = np.empty(len(values), dtype=object)
    column[:] = [str(value) for value in values]
    return column
