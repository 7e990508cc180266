"""Computed figures beside given ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "comparison_table"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Computed figures of one item beside given ones, row by row; NaN where either is missing.

    ``kind`` is ``published`` (a figure that is only compared) or ``column`` (a node's value that the table gave and
    that stands as its score).
    """

    item: str
    kind: str
    given: FloatArray
    computed: FloatArray
    tolerance: float

    @property
    def difference(self) -> FloatArray:
        """``computed - given`` ``(rows,)``."""
        return self.computed - self.given

    @property
    def compared(self) -> int:
        """How many figures stand on both sides."""
        return int((~np.isnan(self.difference)).sum())

    @property
    def largest_error(self) -> float:
        """The largest absolute difference; NaN where nothing is compared."""
        known = np.abs(self.difference[~np.isnan(self.difference)])
        return float(known.max()) if known.size else float("nan")

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Rows ``(rows,)`` whose difference is within the tolerance; a billionth of it is forgiven to the last bits."""
        agrees: NDArray[np.bool_] = np.abs(self.difference) <= self.tolerance * (1 + 1e-9) + 1e-12
        return agrees

    @property
    def mismatches(self) -> int:
        """How many compared figures are further apart than the tolerance."""
        return self.compared - int(self.agrees.sum())


def comparison_table(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """Figures compared, largest error, tolerance and mismatches, one row for each item and kind."""
    import pandas as pd

    rows = [(one.item, one.kind, one.compared, one.largest_error, one.tolerance, one.mismatches) for one in comparisons]
    return pd.DataFrame(rows, columns=["node", "kind", "compared", "largest_error", "tolerance", "mismatches"])
