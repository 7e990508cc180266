"""Numbers as categories: the bands that they are scored by, or a hundred equal parts of their range."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.questions import NumberQuestion
from dtindex.synthetic.latents import FloatArray

__all__ = ["draw_numbers", "number_edges"]

_PARTS = 100
_RANGE = (0.0, 100.0)
_MOST_DECIMALS = 6


def number_edges(question: NumberQuestion) -> FloatArray:
    """Edges ``(categories + 1,)`` of the intervals that numbers are drawn from, increasing.

    Without a range the outer bands are as wide as the bands between, and begin at zero where they would cross it.
    """
    if question.bands is None:
        low, high = question.range or _RANGE
        return np.linspace(low, high, _PARTS + 1)
    edges = question.bands.edges
    if question.range is not None:
        inside = [edge for edge in edges if question.range[0] < edge < question.range[1]]
        outside_below = sum(edge <= question.range[0] for edge in edges)
        outside_above = sum(edge >= question.range[1] for edge in edges)
        ends = ([question.range[0]] * (outside_below + 1), [question.range[1]] * (outside_above + 1))
        return np.array([*ends[0], *inside, *ends[1]])
    span = (edges[-1] - edges[0]) / (len(edges) - 1) if len(edges) > 1 else abs(edges[0]) or 1.0
    low = 0.0 if edges[0] > 0 else edges[0] - span
    return np.array([low, *edges, edges[-1] + span])


def draw_numbers(rng: np.random.Generator, edges: FloatArray, categories: NDArray[np.int16]) -> FloatArray:
    """Numbers ``(rows,)`` inside their interval, never on its edges, with one decimal (more where it is narrow)."""
    decimals = _decimals(edges)
    tens = 10.0**decimals
    first = np.floor(edges[:-1] * tens) + 1
    many = np.maximum(np.ceil(edges[1:] * tens) - first, 1)
    steps = np.floor(rng.random(len(categories)) * many[categories])
    values: FloatArray = np.round((first[categories] + steps) / tens[categories], _MOST_DECIMALS)
    return values


def _decimals(edges: FloatArray) -> NDArray[np.int64]:
    """Decimals by interval: the fewest, from one on, that leave a number inside."""
    widths = np.diff(edges)
    found = [max(1, 1 - math.floor(math.log10(width))) if width > 0 else 1 for width in widths.tolist()]
    decimals: NDArray[np.int64] = np.minimum(np.array(found, dtype=np.int64), _MOST_DECIMALS)
    return decimals
