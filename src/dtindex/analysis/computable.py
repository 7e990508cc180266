"""When a statistic has no value: the reason is said, and no NaN stands in for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

__all__ = ["LEAST_ROWS", "NotComputable", "listed", "require_rank", "require_variation"]

LEAST_ROWS = 3
"""Two points always lie on a line, so their correlation says nothing."""
_SINGULAR = 1e-10
_PART = 0.1
_NAMED = 6


class NotComputable(ValueError):
    """The data do not determine the statistic; the message says why, in words for the finding DT311."""


def listed(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def require_variation(values: FloatArray, names: Sequence[str]) -> None:
    """Refuse constant columns of ``values`` ``(rows, items)``, NaN apart; and columns without any value."""
    known = [column[~np.isnan(column)] for column in values.T]
    empty = [name for name, column in zip(names, known, strict=True) if not column.size]
    if empty:
        raise NotComputable(f"no scores of {listed(empty)}")
    flat = [name for name, column in zip(names, known, strict=True) if constant(column)]
    if flat:
        raise NotComputable(f"no variation in {listed(flat)}")


def require_rank(correlations: FloatArray, rows: int, names: Sequence[str]) -> None:
    """Refuse a correlation matrix ``(items, items)`` that has no inverse, instead of inverting it.

    It is singular with no more rows than items, or where the least eigenvalue is at most 1e-10; the items that make it
    so are those with a part of more than 0.1 in its eigenvector.
    """
    if rows <= len(names):
        raise NotComputable(f"{rows} rows for {len(names)} items; there must be more rows than items")
    eigenvalues, vectors = np.linalg.eigh(correlations)
    if eigenvalues[0] < -_SINGULAR:
        raise NotComputable("the pairwise correlation matrix is not positive semi-definite; use complete rows")
    if eigenvalues[0] <= _SINGULAR:
        involved = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > _PART]
        raise NotComputable(f"singular correlation matrix: {listed(involved)} determine each other")
