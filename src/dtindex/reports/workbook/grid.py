"""Where everything stands: the same row for a unit and the same column for an item on all sheets of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped,unused-ignore]

from dtindex.scores import Scores
from dtindex.spec.base import Language

__all__ = ["FIRST_ROW", "KEYS", "Grid"]

FIRST_ROW = 6
"""The row of the first unit, as a spreadsheet counts."""
KEYS = 3
"""Columns before the items: unit, name, period."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows are those of the files, in their order. A node's members stand side by side, in the order of its weights."""

    scores: Scores
    rows: NDArray[np.intp]
    language: Language

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Nodes and indicators, level by level: each node's children are neighbours."""
        tree, found = self.scores.methodology.tree, list(self.scores.methodology.tree.roots)
        for item in found:
            if tree.is_node(item):
                found += [child for child in tree.nodes[item].children if child in self.scores.items]
        return tuple(item for item in found if item in self.scores.items)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Scored indicators."""
        return tuple(item for item in self.items if not self.scores.methodology.tree.is_node(item))

    @cached_property
    def entered(self) -> tuple[str, ...]:
        """What comes from the table: indicators, and nodes that have a column of their own."""
        tree = self.scores.methodology.tree
        return (*self.leaves, *(item for item in self.items if self._has_column(item) and tree.is_node(item)))

    def _has_column(self, item: str) -> bool:
        tree = self.scores.methodology.tree
        return tree.is_node(item) and tree.nodes[item].spec.column is not None

    @property
    def last_row(self) -> int:
        """The row of the last unit."""
        return FIRST_ROW + len(self.rows) - 1

    def at(self, items: Sequence[str], item: str) -> str:
        """The column of an item on a sheet that shows these."""
        name: str = xl_col_to_name(KEYS + items.index(item))
        return name

    def cell(self, sheet: str, items: Sequence[str], item: str, row: int) -> str:
        """A cell of a unit, by its position."""
        return f"{_quoted(sheet)}{self.at(items, item)}{FIRST_ROW + row}"

    def column(self, sheet: str, items: Sequence[str], item: str) -> str:
        """All cells of an item."""
        name = self.at(items, item)
        return f"{_quoted(sheet)}${name}${FIRST_ROW}:${name}${self.last_row}"

    def periods(self, sheet: str) -> str:
        """All cells that say the period."""
        return f"{_quoted(sheet)}$C${FIRST_ROW}:$C${self.last_row}"

    def figures(self, item: str) -> NDArray[np.float64]:
        """The scores of an item, in the order of the sheet."""
        found: NDArray[np.float64] = self.scores.column(item)[self.rows]
        return found


def _quoted(sheet: str) -> str:
    return f"'{sheet}'!" if sheet else ""
