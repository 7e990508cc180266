"""Weights whose ratios are bounded: the vertices of what the bounds leave of the simplex."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dtindex.engine.admissible.base import FloatArray

__all__ = ["Ratio", "TooManyVertices", "vertices_of_ratios"]

_NOTHING = 1e-12
_MOST = 20_000


class TooManyVertices(ValueError):
    """More vertices than can be gone through."""


class Ratio(NamedTuple):
    """``at_least <= w_of / w_to <= at_most`` for members by position."""

    of: int
    to: int
    at_least: float = 0.0
    at_most: float = np.inf


def vertices_of_ratios(items: int, ratios: Sequence[Ratio]) -> FloatArray:
    """Vertices ``(k, items)`` of all weights that keep the ratios: the double description method.

    The simplex is cut by one plane after another. Vertices on its right side stay; where an edge crosses it there is
    a new one. Two vertices share an edge where the planes that both lie on leave one direction only.

    Raises
    ------
    ValueError
        No weights keep them.
    TooManyVertices
        More than 20,000.

    References
    ----------
    Motzkin, Raiffa, Thompson & Thrall (1953), The double description method, in Contributions to the Theory
    of Games II.

    Examples
    --------
    The first at least twice the second:

    >>> vertices_of_ratios(2, [Ratio(0, 1, 2.0)])
    array([[1.        , 0.        ],
           [0.66666667, 0.33333333]])
    """
    planes = np.eye(items)
    vertices = np.eye(items)
    for plane in _planes(items, ratios):
        sides = vertices @ plane
        inside, on, outside = sides > _NOTHING, np.abs(sides) <= _NOTHING, sides < -_NOTHING
        if not (inside | on).any():
            raise ValueError("no weights keep all these ratios")
        crossing = [
            (vertices[a] * -sides[b] + vertices[b] * sides[a]) / (sides[a] - sides[b])
            for a in np.flatnonzero(inside)
            for b in np.flatnonzero(outside)
            if _share_an_edge(planes, vertices[a], vertices[b], items)
        ]
        kept = vertices[inside | on]
        vertices = np.concatenate([kept, np.array(crossing)]) if crossing else kept
        if len(vertices) > _MOST:
            raise TooManyVertices(f"more than {_MOST:,} vertices")
        planes = np.concatenate([planes, plane[None, :]])
    _, first = np.unique(np.round(vertices, 12), axis=0, return_index=True)
    found: FloatArray = vertices[np.sort(first)]
    return found


def _planes(items: int, ratios: Sequence[Ratio]) -> list[FloatArray]:
    """Rows ``p`` with ``p . w >= 0``, of length 1 at the most."""
    found = []
    for one in ratios:
        for own, other, bound in ((one.of, one.to, one.at_least), (one.to, one.of, 1.0 / one.at_most)):
            if bound > 0.0:
                plane = np.zeros(items)
                plane[own] += 1.0
                plane[other] -= bound
                found.append(plane / max(1.0, bound))
    return found


def _share_an_edge(planes: FloatArray, one: FloatArray, other: FloatArray, items: int) -> bool:
    common = planes[(np.abs(planes @ one) <= _NOTHING) & (np.abs(planes @ other) <= _NOTHING)]
    if items <= 2:
        return True
    return len(common) >= items - 2 and int(np.linalg.matrix_rank(common)) >= items - 2
