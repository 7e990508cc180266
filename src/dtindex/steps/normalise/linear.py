"""The linear family: a score that moves evenly from the worst to the best value."""

from __future__ import annotations

from dtindex.spec.methods import Interval
from dtindex.steps.types import FloatArray

__all__ = ["linear"]


def linear(
    values: FloatArray,
    worst: float | FloatArray,
    best: float | FloatArray,
    scale: Interval | tuple[FloatArray, FloatArray] = (0.0, 100.0),
) -> FloatArray:
    """``low + (high - low) * (x - worst) / (best - worst)`` of ``values`` of any shape; NaN stays.

    Direction follows from the goalposts: with ``best < worst`` a lower value scores higher. ``worst`` gives exactly
    ``low``; values beyond the goalposts lie beyond the scale. ``best != worst``. Goalposts and scale may be arrays that
    broadcast against ``values``.
    """
    low, high = scale
    scores = values - worst
    scores /= best - worst
    scores *= high - low
    scores += low
    return scores
