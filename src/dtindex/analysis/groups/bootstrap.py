"""Intervals of a difference and of a ratio of means by resampling, corrected for bias and skewness (BCa)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, attempt, figure
from dtindex.analysis.groups.streams import Purpose, stream
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

__all__ = ["Resampled", "bca", "bootstrap_means", "leave_one_out"]

_BLOCK = 50


@dataclass(frozen=True)
class Resampled:
    """One outcome: BCa figures of ``mean_1 - mean_2`` and of ``mean_1 / mean_2``."""

    difference: Figure
    ratio: Figure


def bootstrap_means(
    first: FloatArray,
    second: FloatArray,
    first_weights: FloatArray | None = None,
    second_weights: FloatArray | None = None,
    *,
    resamples: int = 2_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Resampled]:
    """BCa intervals of each column of ``(n_1, k)`` and ``(n_2, k)``; members are drawn with their weights.

    Each group is resampled by itself. What is drawn depends on the sizes and the seed only, and is the same for all
    columns. The same as ``scipy.stats.bootstrap``, but for the closed form of means without one member, which takes n
    steps where the general way takes n squared.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. doi:10.1080/01621459.1987.10478410
    """
    if min(len(first), len(second)) < 2:
        reason = Figure(reason="two members of each group are needed")
        return [Resampled(reason, reason)] * first.shape[1]
    own = (first_weights, second_weights)
    pairs = [
        (values, np.ones(len(values)) if weights is None else weights)
        for values, weights in zip((first, second), own, strict=True)
    ]
    purposes = (Purpose.BOOTSTRAP_FIRST, Purpose.BOOTSTRAP_SECOND)
    drawn = [
        _means(values, weights, resamples, seed, purpose)
        for (values, weights), purpose in zip(pairs, purposes, strict=True)
    ]
    return [
        Resampled(
            attempt(partial(_figure, pairs, drawn, column, "difference", confidence)),
            attempt(partial(_figure, pairs, drawn, column, "ratio", confidence)),
        )
        for column in range(first.shape[1])
    ]


_Pairs = Sequence[tuple[FloatArray, FloatArray]]


def leave_one_out(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted means of ``(n,)`` without each member ``(n,)``."""
    found: FloatArray = ((weights * values).sum() - weights * values) / (weights.sum() - weights)
    return found


def bca(replicates: FloatArray, value: float, without: Sequence[FloatArray], confidence: float) -> tuple[float, float]:
    """Quantiles of ``replicates`` ``(B,)`` at ``Phi(z_0 + (z_0 + z) / (1 - a (z_0 + z)))``.

    ``z_0`` is the normal quantile of the share of replicates below ``value``, ties counted half; the acceleration is
    ``a = sum U^3 / n^3 / (6 (sum U^2 / n^2)^(3/2))``, ``U = (n - 1)(mean - value)`` of the figures without each member,
    which stand in ``without`` by group.

    Raises
    ------
    NotComputable
        Where the replicates are all alike, or lie on one side of the value.
    """
    from scipy.special import ndtr, ndtri

    if constant(replicates):
        raise NotComputable("the resamples do not vary")
    share = ((replicates < value).mean() + (replicates <= value).mean()) / 2
    if not 0 < share < 1:
        raise NotComputable("all resamples lie on one side of the figure")
    bias, acceleration = float(ndtri(share)), _acceleration(without)
    tail = (1 - confidence) / 2
    ends = bias + ndtri(np.array([tail, 1 - tail]))
    low, high = np.quantile(replicates, ndtr(bias + ends / (1 - acceleration * ends)))
    return float(low), float(high)


def _acceleration(without: Sequence[FloatArray]) -> float:
    cubes = squares = 0.0
    for figures in without:
        apart = (len(figures) - 1) * (figures.mean() - figures)
        cubes += float((apart**3).sum()) / len(figures) ** 3
        squares += float((apart**2).sum()) / len(figures) ** 2
    if not squares > 0:
        raise NotComputable("no member makes a difference")
    return float(cubes / (6 * squares**1.5))


def _figure(pairs: _Pairs, drawn: Sequence[FloatArray], column: int, kind: str, confidence: float) -> Figure:
    means = [float((weights * values[:, column]).sum() / weights.sum()) for values, weights in pairs]
    without = [leave_one_out(values[:, column], weights) for values, weights in pairs]
    replicates = [one[:, column] for one in drawn]
    if kind == "difference":
        value = means[0] - means[1]
        low, high = bca(
            replicates[0] - replicates[1], value, [without[0] - means[1], means[0] - without[1]], confidence
        )
    else:
        if min(*means, replicates[0].min(), replicates[1].min(), without[1].min()) <= 0:
            raise NotComputable("no ratio: a mean, or one of its resamples, is not above zero")
        value = means[0] / means[1]
        low, high = bca(
            replicates[0] / replicates[1], value, [without[0] / means[1], means[0] / without[1]], confidence
        )
    n, count = sum(len(values) for values, _ in pairs), len(replicates[0])
    return figure(value, low=low, high=high, n=n, method=f"BCa, {count:,} resamples")


def _means(values: FloatArray, weights: FloatArray, resamples: int, seed: int, purpose: Purpose) -> FloatArray:
    """Weighted means of each resample ``(resamples, k)`` of ``values`` ``(n, k)``."""
    found = np.empty((resamples, values.shape[1]))
    for start, counts in _counts(len(values), resamples, seed, purpose):
        rows = slice(start, start + len(counts))
        total = _sums(counts, weights)
        for column in range(values.shape[1]):
            found[rows, column] = _sums(counts, weights * values[:, column]) / total
    return found


def _counts(size: int, resamples: int, seed: int, purpose: Purpose) -> Iterator[tuple[int, FloatArray]]:
    """How often each of ``size`` members is drawn, a block of resamples ``(50, size)`` at a time."""
    offsets = size * np.arange(_BLOCK)[:, None]
    for block, start in enumerate(range(0, resamples, _BLOCK)):
        drawn = stream(seed, purpose, block).integers(0, size, size=(_BLOCK, size))
        counts = np.bincount((drawn + offsets).ravel(), minlength=_BLOCK * size).reshape(_BLOCK, size)
        yield start, counts[: resamples - start].astype(np.float64)


def _sums(counts: FloatArray, values: FloatArray) -> FloatArray:
    """``counts @ values`` without BLAS, whose last bits depend on the number of threads."""
    sums: FloatArray = np.einsum("bn,n->b", counts, values)
    return sums
