"""The normal variables behind the answers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["answer_latent", "dimension_latents"]

FloatArray = NDArray[np.float64]


def dimension_latents(rng: np.random.Generator, rows: int, dimensions: int, correlation: float) -> FloatArray:
    """Equicorrelated standard normals ``(dimensions, rows)``: ``Z_d = sqrt(rho) g + sqrt(1 - rho) u_d``."""
    common = rng.standard_normal(rows)
    own = rng.standard_normal((dimensions, rows))
    return math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own


def answer_latent(rng: np.random.Generator, factor: FloatArray | None, rows: int, loading: float) -> FloatArray:
    """Standard normal ``(rows,)``: ``x = l Z + sqrt(1 - l^2) e``; without a factor, ``e`` alone."""
    noise = rng.standard_normal(rows)
    return noise if factor is None else loading * factor + math.sqrt(1 - loading * loading) * noise
