"""What every law of weights is, and how rows are looked at and added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BLOCK_NUMBERS",
    "LEAST",
    "MOST",
    "FloatArray",
    "Law",
    "blocks",
    "inside",
    "proportions",
    "row_sums",
    "some",
    "vector",
]

FloatArray: TypeAlias = NDArray[np.float64]

LEAST = 2.0**-64
MOST = 1.0 - 2.0**-53
BLOCK_NUMBERS = 32_768  # numbers worked on at a time: they stay in a core's cache


class Law(Protocol):
    """What the laws of weights have in common."""

    @property
    def items(self) -> int:
        """How many weights a row has."""
        ...

    @property
    def dimensions(self) -> int:
        """How many uniforms a row takes."""
        ...

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Weights ``(runs, items)`` of ``uniforms`` ``(runs, dimensions)``, which lie between 0 and 1.

        Each row sums to 1 up to rounding. Only a law without dimensions takes anything from ``rng``. A uniform of
        exactly 0 or 1 counts as the number next to it inside.
        """
        ...


def some(items: int) -> None:
    if items < 1:
        raise ValueError(f"one weight or more: {items}")


def vector(values: ArrayLike) -> FloatArray:
    """A copy that nobody changes."""
    vector = np.array(values, dtype=np.float64)
    if vector.ndim != 1 or not vector.size:
        raise ValueError(f"one number or more in a row, not an array of shape {vector.shape}")
    vector.flags.writeable = False
    return vector


def proportions(rows: FloatArray) -> FloatArray:
    """``rows`` ``(..., m)``, each divided by its sum."""
    sums = rows.sum(axis=-1, keepdims=True)
    if not (np.isfinite(sums).all() and (rows >= 0.0).all() and (sums > 0.0).all()):
        raise ValueError(f"weights are 0 or more and not all 0: {rows.tolist()}")
    proportions: FloatArray = rows / sums
    proportions.flags.writeable = False
    return proportions


def blocks(uniforms: FloatArray) -> Iterator[slice]:
    """Slices of as many rows as a core's cache holds."""
    runs, items = uniforms.shape
    rows = max(1, BLOCK_NUMBERS // items)
    return (slice(start, start + rows) for start in range(0, runs, rows))


def inside(uniforms: FloatArray) -> FloatArray:
    """``uniforms``, none of them exactly 0 or 1. Looking is cheaper than a copy."""
    if uniforms.min() >= LEAST and uniforms.max() <= MOST:
        return uniforms
    return np.clip(uniforms, LEAST, MOST)


def row_sums(rows: FloatArray) -> FloatArray:
    """The sums ``(n,)`` of contiguous ``rows`` ``(n, m)``, each of its own row alone, whatever rows are beside it.

    A product with ones is as fast, but its last bits depend on the number of rows and threads; `sum` takes four times
    as long for short rows.
    """
    sums: FloatArray = np.einsum("ij->i", rows)
    return sums
