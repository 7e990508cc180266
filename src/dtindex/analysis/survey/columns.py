"""Columns of a scored table by name: as texts for strata and groups, as numbers for sizes and auxiliaries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import nearest
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray, TextArray
from dtindex.tables.convert import Reading, convert
from dtindex.tables.names import fold

__all__ = ["Columns", "codes_of"]


class Columns:
    """What a table holds beside its scores: texts, answers to single questions, measured values, classes."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._texts = {fold(name): name for name in scores.table.texts}

    @property
    def names(self) -> list[str]:
        """All names that can be asked for."""
        return [*self._scores.table.texts, *self._measured(), *self._scores.class_values]

    def text(self, name: str) -> TextArray | None:
        """A column as texts ``(rows,)``, '' where it is empty; None where there is none."""
        found = self._texts.get(fold(name))
        if found is not None:
            return self._scores.table.texts[found]
        if fold(name) == fold(self._scores.methodology.units.key):
            return self._scores.units
        if name in self._scores.class_values:
            return self._scores.class_values[name]
        numbers = self._measured_values(name)
        if numbers is None:
            return None
        column = np.empty(len(numbers), dtype=object)
        column[:] = ["" if value != value else f"{value:.15g}" for value in numbers.tolist()]
        return column

    def numbers(self, name: str) -> FloatArray | None:
        """A column as numbers ``(rows,)``, NaN where it holds none; None where there is none."""
        measured = self._measured_values(name)
        if measured is not None:
            return measured
        found = self._texts.get(fold(name))
        if found is None:
            return None
        return convert(self._scores.table.texts[found].tolist(), Reading(declares=False)).values

    def nearest(self, name: str) -> str | None:
        """The most similar name, for messages."""
        return nearest(name, self.names)

    def _measured(self) -> dict[str, str]:
        """Indicators by their ids and by the columns that they read."""
        tree = self._scores.methodology.tree
        by_column = {fold(one.column): item for item, one in tree.indicators.items() if one.column is not None}
        return by_column | {fold(item): item for item in tree.indicators}

    def _measured_values(self, name: str) -> FloatArray | None:
        item = self._measured().get(fold(name))
        return None if item is None or item not in self._scores.measured_columns else self._column(item)

    def _column(self, item: str) -> FloatArray:
        values: FloatArray = self._scores.measured_columns[item]
        return values


def codes_of(texts: TextArray) -> tuple[NDArray[np.intp], list[str]]:
    """Codes ``(rows,)`` of texts in their sorted order, and the texts."""
    import pandas as pd

    codes, words = pd.factorize(texts, sort=True)
    return codes.astype(np.intp), [str(word) for word in words]
