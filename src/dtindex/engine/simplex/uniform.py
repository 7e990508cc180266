"""All weights that sum to one, each as likely as another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.simplex.base import FloatArray, blocks, inside, row_sums, some

__all__ = ["Uniform"]


@dataclass(frozen=True)
class Uniform:
    """Uniform over all weights that sum to 1: ``w_j = E_j / sum_k E_k`` with ``E_j = -ln U_j``.

    Examples
    --------
    >>> Uniform(2).draw(np.array([[0.5, 0.25]]), np.random.default_rng(1)).round(6)
    array([[0.333333, 0.666667]])
    """

    items: int

    def __post_init__(self) -> None:
        some(self.items)

    @property
    def dimensions(self) -> int:
        return self.items

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        for block in blocks(uniforms):
            drawn = np.log(inside(uniforms[block]), out=weights[block])
            drawn /= row_sums(drawn)[:, None]
        return weights
