"""Means with a penalty for imbalance: the Mazziotta-Pareto indices and the mean-min function."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from dtindex.spec.methods import Ampi, Interval, MeanMin, Mpi
from dtindex.steps.aggregate.rowwise import RowWise, shared
from dtindex.steps.types import FloatArray, State

__all__ = ["AdjustedMazziottaPareto", "MazziottaPareto", "MeanMinFunction", "mazziotta_pareto"]

Spec = TypeVar("Spec", Mpi, Ampi)


def mazziotta_pareto(x: FloatArray, w: FloatArray, sign: float, ddof: int) -> FloatArray:
    """``M + sign S^2 / M`` ``(rows,)``: weighted mean and variance over members; NaN where the mean is not positive.

    ``x`` and ``w`` ``(members, rows)``. ``ddof`` 0 is the population's variance, as the authors have it; with 1 it is
    multiplied by ``n / (n - 1)``, n being the members that are known, and by nothing where one is known alone.
    """
    p = shared(w)
    mean = np.zeros(x.shape[1])
    for score, share in zip(x, p, strict=True):
        mean = mean + share * score
    variance = np.zeros(x.shape[1])
    for score, share in zip(x, p, strict=True):
        variance = variance + share * (score - mean) ** 2
    if ddof:
        count = (w > 0).sum(axis=0)
        variance = variance * np.where(count > 1, count / np.maximum(count - 1, 1), 1.0)
    found = mean + sign * variance / mean
    return np.where(mean > 0, found, np.nan)


class MazziottaPareto(RowWise[Mpi]):
    """``M - S^2 / M`` (`penalty: negative`, for an index in which more is better) or ``M + S^2 / M`` (`positive`).

    M and S are mean and standard deviation (population's, or n - 1 with `ddof: 1`) of a unit's members, weighted by
    their weights. Members are standardised around 100 by ``normalise: {method: z-score, mean: 100, sd: 10}``. What is
    missing is left out of both. No score where M is not positive (DT304).
    """

    method = "mpi"
    reference = "De Muro, Mazziotta & Pareto (2011), doi:10.1007/s11205-010-9727-z"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        return mazziotta_pareto(x, w, -1.0 if self.spec.penalty == "negative" else 1.0, self.spec.ddof)

    def without_value(self) -> str:
        return "the mean of the members is not positive, and the penalty divides by it"


class AdjustedMazziottaPareto(RowWise[Ampi]):
    """``M - S^2 / M`` (or ``+``) of scores put on `within` ([70, 130]), put back: comparable where goalposts are fixed.

    Members come from goalposts that are the same in all periods. The result never leaves the scale. What is missing is
    left out. A single known member has its own score.
    """

    method = "ampi"
    reference = "Mazziotta & Pareto (2016), doi:10.1007/s11205-015-0998-2"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        low, high = self.spec.within
        own = (low, high) if scale is None else scale
        inner = low + (high - low) * ((x - own[0]) / (own[1] - own[0]))
        found = mazziotta_pareto(inner, w, -1.0 if self.spec.penalty == "negative" else 1.0, self.spec.ddof)
        return own[0] + (own[1] - own[0]) * ((found - low) / (high - low))


class MeanMinFunction(RowWise[MeanMin]):
    """``M - alpha (sqrt((M - min)^2 + beta^2) - beta)``: the mean, pulled towards the lowest member.

    ``alpha`` 0 is the mean, 1 with ``beta`` 0 the minimum; ``beta`` (points of the node's scale) lets small differences
    pass. What is missing is left out of both.
    """

    method = "mean-min"
    reference = "Casadio Tarabusi & Guarini (2013), Social Indicators Research 112, 19-45"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        p = shared(w)
        mean = np.zeros(x.shape[1])
        for score, share in zip(x, p, strict=True):
            mean = mean + share * score
        lowest = np.where(w > 0, x, np.inf).min(axis=0)
        gap = mean - lowest
        found: FloatArray = mean - self.spec.alpha * (np.sqrt(gap * gap + self.spec.beta**2) - self.spec.beta)
        return found
