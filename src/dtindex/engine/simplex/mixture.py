"""Weights uniform over a polytope that is given by its vertices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dtindex.engine.simplex.base import FloatArray, inside, proportions, row_sums

__all__ = ["Mixture"]

_FLAT = 1e-10


@dataclass(frozen=True, eq=False)
class Mixture:
    """Uniform over all mixtures of the ``vertices`` ``(k, m)``, by triangulation (Delaunay).

    One of the simplices that the polytope falls into is chosen in proportion to its volume by the first uniform, and
    ``-ln U`` of the others, divided by their sum, mix its corners. A polytope of fewer dimensions than the simplex is
    triangulated in its own.

    Raises
    ------
    ValueError
        Rows that are negative, not finite or all 0.
    """

    vertices: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", proportions(np.atleast_2d(np.array(self.vertices, dtype=np.float64))))

    @property
    def items(self) -> int:
        return int(self.vertices.shape[1])

    @property
    def dimensions(self) -> int:
        return 1 + int(self.parts.shape[1])

    @property
    def parts(self) -> FloatArray:
        """Corners of the simplices ``(parts, corners, m)``."""
        return self._triangulation[0]

    @property
    def shares(self) -> FloatArray:
        """Their volumes, as shares of the whole ``(parts,)``."""
        return self._triangulation[1]

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        ends = np.cumsum(self.shares)[:-1]
        chosen = np.searchsorted(ends, uniforms[:, 0], side="right")
        mixed = -np.log(inside(np.ascontiguousarray(uniforms[:, 1:])))
        mixed /= row_sums(mixed)[:, None]
        drawn: FloatArray = np.einsum("rc,rcm->rm", mixed, self.parts[chosen])
        return drawn

    @cached_property
    def _triangulation(self) -> tuple[FloatArray, FloatArray]:
        from scipy.spatial import Delaunay

        centred = self.vertices - self.vertices.mean(axis=0)
        _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
        dimensions = int((sizes > _FLAT).sum())
        flat = centred @ axes[:dimensions].T
        if dimensions == 0:
            return self.vertices[None, :1], np.ones(1)
        if dimensions == 1:
            ends = np.array([[int(np.argmin(flat[:, 0])), int(np.argmax(flat[:, 0]))]])
            return self.vertices[ends], np.ones(1)
        if len(flat) == dimensions + 1:
            return self.vertices[None, :], np.ones(1)
        corners = Delaunay(flat).simplices
        edges = flat[corners[:, 1:]] - flat[corners[:, :1]]
        volumes = np.abs(np.linalg.det(edges)) / math.factorial(dimensions)
        some = volumes > _FLAT * volumes.max()
        return self.vertices[corners[some]], volumes[some] / volumes[some].sum()
