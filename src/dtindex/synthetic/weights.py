"""Sampling weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.synthetic.latents import FloatArray

__all__ = ["sampling_weights"]


def sampling_weights(groups: NDArray[np.integer], population: FloatArray) -> FloatArray:
    """The share of a respondent's group in the population over its share in the sample ``(rows,)``, of mean 1.

    ``w = (N_g / N) / (n_g / n)``; a group that nobody in the sample is in is left out of the population.
    """
    counts = np.bincount(groups, minlength=len(population))
    present = counts > 0
    shares = np.where(present, population, 0.0)
    if shares.sum() == 0:
        return np.ones(len(groups))
    by_group = np.divide(shares / shares.sum() * len(groups), counts, out=np.zeros(len(population)), where=present)
    weights: FloatArray = by_group[groups]
    return weights
