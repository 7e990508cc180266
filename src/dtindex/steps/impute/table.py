"""Imputation from other units: nearest neighbours, and a multivariate normal distribution; learned, then frozen."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.one_thread import one_blas_thread
from dtindex.spec.methods import ImputeEm, ImputeKnn
from dtindex.steps.impute.base import FromOthers
from dtindex.steps.types import FloatArray, State

__all__ = ["ByTable", "ExpectedByNormal", "NearestNeighbours", "canonical", "normal_moments"]

Spec = TypeVar("Spec", ImputeKnn, ImputeEm)
_BLOCK = 2_000_000


class ByTable(FromOthers[Spec]):
    """Looks at the indicator and the others under a node, all as scores, in the units of the reference."""

    @abstractmethod
    def learn(self, scores: FloatArray) -> State:
        """From reference scores ``(rows, 1 + others)``, the indicator's own first; nothing where there are too few."""

    @abstractmethod
    def found(self, scores: FloatArray, state: State) -> FloatArray:
        """The indicator's scores ``(rows,)`` of rows that lack it, ``scores`` ``(rows, 1 + others)`` as in `learn`."""


class NearestNeighbours(ByTable[ImputeKnn]):
    """The mean over the ``k`` nearest reference units that have the indicator; ``d^2 = (m / |O|) sum_O (s_i - s_k)^2``.

    O are the indicators under the node that both units know, of m. Weights are equal, or ``1 / d`` (a unit at no
    distance counts alone). Of units equally near those of lesser scores come first, so that no order of rows matters. A
    unit that shares no indicator with any stays missing.
    """

    method = "knn"
    reference = "Troyanskaya et al. (2001), doi:10.1093/bioinformatics/17.6.520"

    def learn(self, scores: FloatArray) -> State:
        donors = canonical(scores[~np.isnan(scores[:, 0])])
        return {"donors": donors.ravel()} if donors.size else {}

    def found(self, scores: FloatArray, state: State) -> FloatArray:
        if not state:
            return np.full(len(scores), np.nan)
        width = scores.shape[1]
        donors = state["donors"].reshape(-1, width)
        step = max(1, _BLOCK // max(donors.size, 1))
        parts = [self._of(scores[at : at + step], donors) for at in range(0, len(scores), step)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _of(self, scores: FloatArray, donors: FloatArray) -> FloatArray:
        own, theirs = scores[:, None, 1:], donors[None, :, 1:]
        both = ~np.isnan(own) & ~np.isnan(theirs)
        apart = np.where(both, own - theirs, 0.0)
        shared = both.sum(axis=2)
        # scikit-learn counts the missing coordinate itself too; a common factor that moves no neighbour.
        squares = np.zeros(shared.shape)
        for column in range(apart.shape[2]):
            squares = squares + apart[:, :, column] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.where(shared > 0, np.sqrt(squares * (scores.shape[1] - 1) / shared), np.inf)
        k = min(self.spec.k, len(donors))
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        gaps = np.take_along_axis(distance, nearest, axis=1)
        known = np.isfinite(gaps)
        if self.spec.weights == "distance":
            zero = (gaps == 0) & known
            with np.errstate(divide="ignore"):
                weights = np.where(zero.any(axis=1, keepdims=True), zero, np.where(known, 1 / gaps, 0.0))
        else:
            weights = known.astype(np.float64)
        values, total, mass = donors[nearest, 0], np.zeros(len(scores)), np.zeros(len(scores))
        for column in range(k):
            total = total + weights[:, column] * values[:, column]
            mass = mass + weights[:, column]
        found: FloatArray = np.divide(total, mass, out=np.full(len(scores), np.nan), where=mass > 0)
        return found


class ExpectedByNormal(ByTable[ImputeEm]):
    """``mu_j + S_jO S_OO^-1 (s_O - mu_O)``: what a multivariate normal distribution expects of what is known.

    Mean and covariance of the indicators under the node are those of maximum likelihood from the reference units, gaps
    and all, by EM until nothing moves; with `ridge` l the covariance is ``(1 - l) S + l diag S`` throughout. Needed are
    two units that have the indicator. A unit of which nothing is known gets the mean.
    """

    method = "em"
    reference = "Dempster, Laird & Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x; Little & Rubin (2002), ch. 11"

    def learn(self, scores: FloatArray) -> State:
        some = scores[~np.isnan(scores).all(axis=1)]
        if len(some) < 2 or (~np.isnan(some)).sum(axis=0).min() < 2:
            return {}
        with one_blas_thread():  # else the number of threads would show in the last bits
            mean, covariance = normal_moments(canonical(some), self.spec.ridge)
        return {"mean": mean, "covariance": covariance.ravel()}

    def found(self, scores: FloatArray, state: State) -> FloatArray:
        if not state:
            return np.full(len(scores), np.nan)
        size = scores.shape[1]
        covariance = state["covariance"].reshape(size, size)
        found, mean = np.full(len(scores), state["mean"][0]), state["mean"]
        patterns, of = np.unique(~np.isnan(scores), axis=0, return_inverse=True)
        for at, known in enumerate(patterns):
            rows = np.flatnonzero(of.ravel() == at)
            slopes = _regression(covariance, known)[0][0]
            # Added column by column, so that no row depends on those beside it.
            for slope, column in zip(slopes, np.flatnonzero(known), strict=True):
                found[rows] = found[rows] + slope * (scores[rows, column] - mean[column])
        return found


def normal_moments(
    values: FloatArray, ridge: float = 0.0, tolerance: float = 1e-10, most: int = 2000
) -> tuple[FloatArray, FloatArray]:
    """Mean ``(m,)`` and covariance ``(m, m)`` of maximum likelihood of rows ``(n, m)`` with gaps, by EM.

    E: of each row what is expected of the missing part, and what is left of its covariance; M: moments over ``n``.
    """
    n, m = values.shape
    mean = np.nanmean(values, axis=0)
    spread = np.nanvar(values, axis=0)
    covariance = np.diag(np.where(spread > 0, spread, 1e-12))
    patterns, of = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    size = np.sqrt(np.where(spread > 0, spread, 1.0))
    for _ in range(most):
        full, left = values.copy(), np.zeros((m, m))
        for at, known in enumerate(patterns):
            rows = np.flatnonzero(of.ravel() == at)
            if known.all():
                continue
            slope, rest = _regression(covariance, known)
            expected = mean[~known] + (values[np.ix_(rows, known)] - mean[known]) @ slope.T
            full[np.ix_(rows, ~known)] = expected
            left[np.ix_(~known, ~known)] += len(rows) * rest
        new = full.mean(axis=0)
        centred = full - new
        moments = (centred.T @ centred + left) / n
        moments = (1 - ridge) * moments + ridge * np.diag(np.diag(moments))
        moved = max(np.abs((new - mean) / size).max(), np.abs((moments - covariance) / np.outer(size, size)).max())
        mean, covariance = new, moments
        if moved < tolerance:
            break
    return mean, covariance


def _regression(covariance: FloatArray, known: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Slopes of what is missing on what is known, and the covariance that is left."""
    among, across = covariance[np.ix_(known, known)], covariance[np.ix_(~known, known)]
    slope = np.zeros(across.shape)
    if known.any():
        slope = np.asarray(np.linalg.lstsq(among, across.T, rcond=None)[0].T, dtype=np.float64)
    return slope, covariance[np.ix_(~known, ~known)] - slope @ across.T


def canonical(values: FloatArray) -> FloatArray:
    """Rows in an order of their own figures, so that what is learned does not depend on that of the table."""
    found: FloatArray = values[np.lexsort(np.where(np.isnan(values), np.inf, values).T[::-1])]
    return found
