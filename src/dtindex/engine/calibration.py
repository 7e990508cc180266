"""Weights that reproduce totals of the population; arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.groups import group_sums

__all__ = ["NotMet", "calibrated", "indicators", "post_stratified", "raked", "regression_residuals"]

FloatArray = NDArray[np.float64]
Codes = NDArray[np.intp]
_ROUNDS = 10_000
_STEPS = 200
_MET = 1e-9
_BEYOND = 30.0


class NotMet(ValueError):
    """The totals cannot be met; ``distances`` ``(totals,)`` are what is left, relative to each."""

    def __init__(self, distances: FloatArray) -> None:
        super().__init__("the totals cannot be met")
        self.distances = distances


def indicators(codes: Codes, count: int) -> FloatArray:
    """Membership ``(rows, count)`` as zeros and ones."""
    found = np.zeros((len(codes), count))
    found[np.arange(len(codes)), codes] = 1.0
    return found


def post_stratified(weights: FloatArray, codes: Codes, totals: FloatArray) -> FloatArray:
    """``w N_g / sum_g w`` ``(rows,)`` with the totals ``(cells,)`` of each cell ``g``.

    Raises
    ------
    NotMet
        A cell has no weight in the sample.
    """
    sums = group_sums(codes, weights, len(totals))
    if (sums <= 0).any():
        raise NotMet(np.where(sums <= 0, 1.0, 0.0))
    found: FloatArray = weights * (totals / sums)[codes]
    return found


def raked(
    weights: FloatArray, margins: Sequence[tuple[Codes, FloatArray]], tolerance: float = 1e-10, rounds: int = _ROUNDS
) -> FloatArray:
    """Iterative proportional fitting: :func:`post_stratified` by each margin in turn, until all hold to ``tolerance``.

    Raises
    ------
    NotMet
        A category has no weight in the sample, or the margins contradict each other.

    References
    ----------
    Deming & Stephan (1940), doi:10.1214/aoms/1177731829
    """
    found = weights
    distances = np.ones(1)
    for _ in range(rounds):
        for codes, totals in margins:
            found = post_stratified(found, codes, totals)
        distances = np.concatenate(
            [np.abs(group_sums(codes, found, len(totals)) / totals - 1.0) for codes, totals in margins]
        )
        if distances.max() <= tolerance:
            return found
    raise NotMet(distances)


def calibrated(
    weights: FloatArray, auxiliary: FloatArray, totals: FloatArray, bounds: tuple[float, float] | None, distance: str
) -> FloatArray:
    """Factors ``g`` ``(rows,)`` with ``sum w g x = totals``, as near to 1 as can be.

    ``linear``: ``g = 1 + x'l``, ``l = (X'WX)^-1 (T - X'w)``. ``multiplicative``: ``g = exp(x'l)``. ``logit``: ``g``
    between ``bounds`` by a logistic curve. The last two by Newton's steps, halved where they lead away.

    Parameters
    ----------
    weights
        Design weights ``(rows,)``.
    auxiliary
        What the totals are of ``(rows, totals)``; columns may determine each other.
    totals
        Totals over the population ``(totals,)``.
    bounds
        Of ``logit``.
    distance
        ``linear``, ``multiplicative`` or ``logit``.

    Raises
    ------
    NotMet
        No factors lead to the totals.

    References
    ----------
    Deville & Särndal (1992), doi:10.1080/01621459.1992.10475217
    """
    scale = np.maximum(np.abs(totals), np.abs(auxiliary).T @ weights)
    scale = np.where(scale > 0, scale, 1.0)
    scaled, wanted = auxiliary / scale, totals / scale
    multipliers = np.zeros(len(totals))
    factors, slopes = _curve(scaled @ multipliers, bounds, distance)
    rest = wanted - scaled.T @ (weights * factors)
    for _ in range(_STEPS):
        if np.abs(rest).max() <= 1e-14:
            break
        gram = scaled.T @ (scaled * (weights * slopes)[:, None])
        step: FloatArray = np.linalg.lstsq(gram, rest, rcond=1e-13)[0].astype(np.float64, copy=False)
        moved = _moved(scaled, weights, wanted, multipliers, step, rest, bounds, distance)
        if moved is None:
            break
        multipliers, factors, slopes, rest = moved
    if not np.isfinite(rest).all() or np.abs(rest).max() > _MET:
        raise NotMet(np.abs(rest))
    return factors


def _moved(
    scaled: FloatArray,
    weights: FloatArray,
    wanted: FloatArray,
    multipliers: FloatArray,
    step: FloatArray,
    rest: FloatArray,
    bounds: tuple[float, float] | None,
    distance: str,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None:
    """The next multipliers with factors, slopes and what is left; None where no part of the step leads nearer."""
    part = 1.0
    while part > 1e-8:
        tried = multipliers + part * step
        exponent = scaled @ tried
        if distance == "linear" or np.abs(exponent).max() < _BEYOND**2:
            with np.errstate(over="ignore"):
                factors, slopes = _curve(exponent, bounds, distance)
                left = wanted - scaled.T @ (weights * factors)
            if np.isfinite(left).all() and np.abs(left).max() < np.abs(rest).max():
                return tried, factors, slopes, left
        part /= 2
    return None


def _curve(exponent: FloatArray, bounds: tuple[float, float] | None, distance: str) -> tuple[FloatArray, FloatArray]:
    """Factors and their slopes at ``x'l``."""
    if distance == "linear":
        return 1.0 + exponent, np.ones_like(exponent)
    if distance == "multiplicative":
        factors = np.exp(np.clip(exponent, -700.0, 700.0))
        return factors, factors
    assert bounds is not None
    low, high = bounds
    steep = (high - low) / ((1.0 - low) * (high - 1.0))
    grown = np.exp(np.clip(steep * exponent, -700.0, 700.0))
    under = (high - 1.0) + (1.0 - low) * grown
    factors = (low * (high - 1.0) + high * (1.0 - low) * grown) / under
    return factors, (factors - low) * (high - factors) * steep / (high - low)


def regression_residuals(values: FloatArray, auxiliary: FloatArray, weights: FloatArray) -> FloatArray:
    """Residuals ``y - x'B`` ``(rows, columns)`` of a regression on the auxiliaries, with **design** weights.

    With calibrated weights in the regression the standard error is another one than that of R's survey.
    """
    roots = np.sqrt(weights)
    solved = np.linalg.lstsq(auxiliary * roots[:, None], values * roots[:, None], rcond=1e-12)[0]
    found: FloatArray = values - auxiliary @ solved
    return found
