"""Pairwise judgements as they are written: full matrices or upper rows, numbers or fractions, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["Matrix", "connected", "matrix_of", "number", "unreciprocal"]

Rows: TypeAlias = Sequence[Sequence[float | str | None]]
Matrix: TypeAlias = list[list[float | None]]
EXACT = 1e-9


def number(judgement: float | str) -> float:
    """A judgement as a number: ``3``, ``"1/3"``; 0 for what is none (a zero above or below the stroke)."""
    if not isinstance(judgement, str):
        return float(judgement)
    over, _, under = judgement.partition("/")
    below = float(under) if under else 1.0
    return float(over) / below if below else 0.0


def matrix_of(size: int, rows: Rows) -> Matrix | None:
    """The full matrix ``(size, size)``, what is missing filled with the reciprocal across the diagonal, else None.

    None where the rows are neither a full matrix nor its rows above the diagonal, of ``size - 1`` down to 1.
    """
    lengths = [len(row) for row in rows]
    full: Matrix = [[1.0 if row == column else None for column in range(size)] for row in range(size)]
    if lengths == [size] * size:
        starts = [0] * size
    elif lengths == list(range(size - 1, 0, -1)):
        starts = list(range(1, size))
    else:
        return None
    for row, (start, cells) in enumerate(zip(starts, rows, strict=True)):
        for offset, cell in enumerate(cells):
            if cell is not None:
                full[row][start + offset] = number(cell)
    for row in range(size):
        for column in range(size):
            across = full[column][row]
            if full[row][column] is None and across:
                full[row][column] = 1 / across
    return full


def unreciprocal(matrix: Matrix) -> tuple[int, int] | None:
    """The first cell, below the diagonal or on it, that is not one over the cell across; None where all are."""
    for row, cells in enumerate(matrix):
        for column in range(row + 1):
            here, across = cells[column], matrix[column][row]
            if here is not None and across is not None and abs(here * across - 1) > EXACT:
                return row, column
    return None


def connected(matrix: Matrix) -> list[int]:
    """Positions that judgements lead to from the first one, by however many steps."""
    reached, waiting = {0}, [0]
    while waiting:
        row = waiting.pop()
        found = [column for column, cell in enumerate(matrix[row]) if cell is not None and column not in reached]
        reached.update(found)
        waiting += found
    return sorted(reached)
