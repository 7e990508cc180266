"""Units compared pair by pair: by how much weight one is better than the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAST_BITS", "copeland", "margins"]

FloatArray = NDArray[np.float64]
LAST_BITS = 1e-12
"""Margins within it are ties: sums of weights that should cancel."""
_BLOCK = 4_000_000
"""Pairs that are looked at together."""


def margins(columns: Sequence[NDArray[np.int64]], weights: Sequence[float], missing: int, rows: slice) -> FloatArray:
    """``sum w [x_i > x_j] - sum w [x_i < x_j]`` over the columns that know both, ``(rows of the slice, n)``.

    Divided by the sum of their weights, so that a margin lies between -1 and 1; 0 where no column knows both. It is
    ``2 V - 1`` of the outranking matrix V, in which ties count half. ``columns`` are integer keys ``(n,)``, so that
    what is equal is a tie; ``missing`` is the key of what is not known.
    """
    n = len(columns[0])
    count = len(range(*rows.indices(n)))
    found, whole = np.zeros((count, n)), 0.0
    known: FloatArray | None = None
    # Columns of one weight are counted in small whole numbers first, which are quick to add.
    for weight in sorted({weight for weight in weights if weight > 0}):
        net = np.zeros((count, n), dtype=np.int16)
        for column in (one for one, own in zip(columns, weights, strict=True) if own == weight):
            there = column != missing
            better, worse = column[rows][:, None] > column, column[rows][:, None] < column
            if there.all():
                whole += weight
            else:
                both = there[rows][:, None] & there
                better &= both
                worse &= both
                known = weight * both if known is None else known + weight * both
            net += better.view(np.int8)
            net -= worse.view(np.int8)
        found += weight * net
    total = whole if known is None else known + whole
    if isinstance(total, float):
        return found / total if total > 0 else found
    divided: FloatArray = np.divide(found, total, out=np.zeros(found.shape), where=total > 0)
    return divided


def copeland(columns: Sequence[NDArray[np.int64]], weights: Sequence[float], missing: int) -> NDArray[np.int64]:
    """``#{j: i beats j} - #{j: j beats i}`` ``(n,)`` by a majority of weights; no order of rows matters."""
    n = len(columns[0])
    step = max(1, _BLOCK // max(n, 1))
    found = np.empty(n, dtype=np.int64)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        by = margins(columns, weights, missing, rows)
        found[rows] = (by > LAST_BITS).sum(axis=1) - (by < -LAST_BITS).sum(axis=1)
    return found
