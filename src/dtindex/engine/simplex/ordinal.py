"""Weights of which only the order is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.simplex.base import FloatArray, Law, blocks, inside, row_sums, some

__all__ = ["Ordinal", "Reordered"]


@dataclass(frozen=True)
class Ordinal:
    """Uniform over all weights with ``w_1 >= w_2 >= ... >= w_m`` that sum to 1.

    ``w_j = sum_{k >= j} v_k / k`` with ``v`` uniform over the simplex, whose corners it takes to those of the ordered
    weights: ``(1, 0, ...)``, ``(1/2, 1/2, 0, ...)``, ``(1/3, 1/3, 1/3, 0, ...)``. The law is that of uniform weights
    sorted, and means are ``(1/m) sum_{k >= j} 1/k``; unlike sorting, it is smooth in every uniform. The order holds to
    the last bit.
    """

    items: int

    def __post_init__(self) -> None:
        some(self.items)

    @property
    def dimensions(self) -> int:
        return self.items

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        positions = np.arange(1.0, self.items + 1.0)
        for block in blocks(uniforms):
            drawn = np.log(inside(uniforms[block]), out=weights[block])
            drawn /= positions
            for item in range(self.items - 2, -1, -1):
                drawn[:, item] += drawn[:, item + 1]
            drawn /= row_sums(drawn)[:, None]
        return weights


@dataclass(frozen=True)
class Reordered:
    """A law whose weights go to members in another order: the j-th member takes the weight at ``places[j]``."""

    law: Law
    places: tuple[int, ...]

    @property
    def items(self) -> int:
        return self.law.items

    @property
    def dimensions(self) -> int:
        return self.law.dimensions

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.ascontiguousarray(self.law.draw(uniforms, rng)[:, self.places])
