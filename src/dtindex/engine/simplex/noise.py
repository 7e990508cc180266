"""Weights that move independently, and are then divided by their sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.engine.simplex.base import FloatArray, blocks, inside, proportions, row_sums, vector

__all__ = ["Noise"]


@dataclass(frozen=True, eq=False)
class Noise:
    """Each of the ``weights`` ``(m,)`` times its own ``1 - share + 2 share U``, then divided by their sum.

    The weights need not sum to 1; ``share`` is in 0..1. After the division a weight can be further than its share from
    where it was: `Box` keeps within.

    Raises
    ------
    ValueError
        Weights that are negative, not finite or all 0; a share that is not in 0..1.

    Examples
    --------
    >>> Noise([1.0, 1.0], 0.5).draw(np.array([[0.5, 0.5], [0.0, 1.0]]), np.random.default_rng(1))
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """

    weights: FloatArray
    share: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", proportions(vector(self.weights)))
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"the share of noise is in 0..1: {self.share}")

    @property
    def items(self) -> int:
        return self.weights.size

    @property
    def dimensions(self) -> int:
        return self.weights.size

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        span, least = 2.0 * self.share * self.weights, (1.0 - self.share) * self.weights
        for block in blocks(uniforms):
            drawn = np.multiply(inside(uniforms[block]), span, out=weights[block])
            drawn += least
            drawn /= row_sums(drawn)[:, None]
        return weights
