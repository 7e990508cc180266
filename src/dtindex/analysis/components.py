"""How many dimensions the items have: eigenvalues of their correlations against those of random data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dtindex.steps.types import FloatArray

__all__ = ["Parallel", "eigenvalues", "parallel_analysis", "retained"]

_BLOCK = 64
_NOISE = 1e-14


@dataclass(frozen=True)
class Parallel:
    """Eigenvalues of random correlation matrices, largest first: their mean and 95th percentile, each ``(items,)``."""

    mean: FloatArray
    high: FloatArray


def eigenvalues(correlations: FloatArray) -> FloatArray:
    """Eigenvalues ``(k,)`` of a correlation matrix ``(k, k)``, largest first; they sum to k. Rounding noise is 0."""
    found = np.asarray(np.linalg.eigvalsh(correlations)[::-1], dtype=np.float64)
    return np.where(np.abs(found) < _NOISE * len(found), 0.0, found)


def parallel_analysis(rows: int, items: int, *, runs: int, seed: int) -> Parallel:
    """Eigenvalues that ``rows`` of ``items`` independent normal variables show by chance.

    Correlation matrices are drawn as such: a sample covariance of normal rows is Wishart with ``rows - 1`` degrees of
    freedom, ``A A'`` with A lower triangular, normal below the diagonal and chi on it (Bartlett 1933). So the work does
    not grow with the rows. ``rows > items``. The result depends on the arguments alone: runs are drawn in blocks of 64,
    each from its own stream of the seed.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. doi:10.1007/BF02289447
    """
    blocks = range(-(-runs // _BLOCK))
    drawn = np.concatenate([_random_eigenvalues(rows, items, seed, block) for block in blocks])[:runs]
    return Parallel(drawn.mean(axis=0), np.quantile(drawn, 0.95, axis=0))


def retained(found: FloatArray, random: FloatArray) -> int:
    """How many of the first eigenvalues ``found`` ``(k,)`` are larger than the ``random`` ones ``(k,)``, one by one."""
    above = found > random
    return len(above) if above.all() else int(np.argmin(above))


def _random_eigenvalues(rows: int, items: int, seed: int, block: int) -> FloatArray:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,)))
    factor = np.tril(rng.standard_normal((_BLOCK, items, items)), -1)
    diagonal = np.sqrt(rng.chisquare(rows - 1 - np.arange(items), (_BLOCK, items)))
    factor[:, np.arange(items), np.arange(items)] = diagonal
    factor /= np.sqrt((factor**2).sum(axis=2, keepdims=True))
    return np.asarray(np.linalg.eigvalsh(factor @ factor.transpose(0, 2, 1))[:, ::-1], dtype=np.float64)
