"""Principal components of the siblings' scores, for the methods that weigh by loadings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dtindex.engine.correlation import correlation_matrix
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray
from dtindex.steps.weight.base import Siblings

__all__ = ["Components", "components", "principal", "signed"]

_FEWEST = 3
_BALANCED = 1e-9


@dataclass(frozen=True, slots=True)
class Components:
    """Eigenvalues ``(m,)``, largest first, and eigenvectors ``(m, m)`` in columns: correlations of ``positions``.

    ``rows`` is the number of complete rows; the arrays are empty where there are fewer than three.
    """

    positions: tuple[int, ...]
    rows: int
    eigenvalues: FloatArray
    vectors: FloatArray


def components(siblings: Siblings, varying: Sequence[int]) -> Components:
    """Principal components over the rows in which all siblings that vary have a score.

    A sibling that does not vary in those rows is left out, which may make more rows complete.
    """
    positions = tuple(varying)
    while positions:
        columns = siblings.complete_rows(positions)
        still = tuple(at for at, column in zip(positions, columns, strict=True) if not constant(column))
        if columns[0].size < _FEWEST:
            return Components(positions, columns[0].size, np.empty(0), np.empty((0, 0)))
        if still == positions:
            return Components(positions, columns[0].size, *principal(correlation_matrix(columns)))
        positions = still
    return Components((), 0, np.empty(0), np.empty((0, 0)))


def principal(correlations: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues ``(m,)``, largest first, and unit eigenvectors ``(m, m)`` in columns of a symmetric matrix.

    The elements of each sum to more than zero; where they sum to nothing, the first one that counts is positive.
    """
    values, vectors = np.linalg.eigh(correlations)
    return values[::-1].copy(), signed(vectors[:, ::-1])


def signed(loadings: FloatArray) -> FloatArray:
    """``loadings`` ``(m, k)`` with the sign of each column chosen so that its elements sum to more than zero."""
    found = loadings.copy()
    for factor in range(found.shape[1]):
        column = found[:, factor]
        total = float(column.sum())
        if abs(total) <= _BALANCED:
            large = column[np.abs(column) > _BALANCED]
            total = float(large[0]) if large.size else 1.0
        if total < 0:
            found[:, factor] = -column
    return found
