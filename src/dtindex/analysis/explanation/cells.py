"""Where the figures of a row stand in the file that was read."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePath

from dtindex.analysis.explanation.operands import operands_of
from dtindex.findings import Place
from dtindex.scores import Scores
from dtindex.spec.model import Node
from dtindex.tables.check import known_names
from dtindex.tables.layout import Grid, Layout, to_grid
from dtindex.tables.read import codelist_of
from dtindex.tables.survey import is_survey
from dtindex.tables.units import canonical_key

__all__ = ["Cells", "shown"]


class Cells:
    """The cells of a table's rows, as far as it knows the file that it was read from."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores

    def of(self, item: str, row: int) -> tuple[Place, ...]:
        """The cell of an item, those of what it is derived from, or nowhere."""
        tree = self.scores.methodology.tree
        spec = tree.items[item]
        if isinstance(spec, Node):
            return () if spec.column is None else self._column(spec.column, row)
        if spec.derive is not None:
            return tuple(place for operand in operands_of(tree, spec) for place in self.of(operand, row))
        if spec.answer is not None:
            return self._column(spec.answer.question, row) or self._line(row)
        return self._column(spec.column or item, row)

    def _column(self, name: str, row: int) -> tuple[Place, ...]:
        column = None if self._grid is None else self._grid.get(name)
        if column is None:
            return ()
        place = column.place(row, *self._keys(row))
        return () if place.cell is None and place.line is None else (place,)

    def _line(self, row: int) -> tuple[Place, ...]:
        raw = self.scores.table.raw
        return () if raw is None or self._grid is None else (raw.place(row, None, *self._keys(row)),)

    def _keys(self, row: int) -> tuple[str, str | None]:
        periods = self.scores.periods
        return str(self.scores.units[row]), None if periods is None else str(periods[row])

    @cached_property
    def _grid(self) -> Grid | None:
        """The columns of the file, one row a row of the table; None where the file says nothing of rows."""
        methodology, raw = self.scores.methodology, self.scores.table.raw
        if raw is None:
            return None
        canonical = canonical_key(codelist_of(methodology))
        layout: Layout = "wide" if is_survey(methodology) else "auto"
        grid = to_grid(raw, methodology.units, known_names(methodology), canonical, layout)
        return grid if grid.length == len(self.scores) else None


def shown(place: Place) -> str:
    """``file:line:column`` of a text file, ``file!sheet!cell`` of a workbook; no folder."""
    file = None if place.file is None else PurePath(place.file).name
    if place.cell is not None:
        return "!".join(part for part in (file, place.sheet, place.cell) if part)
    return ":".join(str(part) for part in (file, place.line, place.column) if part is not None)
