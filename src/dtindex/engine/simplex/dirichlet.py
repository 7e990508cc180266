"""Dirichlet's law, by quantiles of gamma variables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammainccinv, gammaincinv, gammaln

from dtindex.engine.simplex.base import LEAST, MOST, FloatArray, blocks, row_sums, vector
from dtindex.engine.simplex.uniform import Uniform

__all__ = ["Dirichlet"]

_TOO_SMALL = 1e-280  # a sum of gamma quantiles that have lost digits, or all of them
_LEFT, _RIGHT = -37.0, 45.0  # the logits of 2^-53 and of 1 - 2^-64, and a bit more
_CELLS_PER_UNIT = 24
_CELLS = round((_RIGHT - _LEFT) * _CELLS_PER_UNIT)
_STILL_A_POWER = -40.0  # ln x below which x in 1 + x is lost


@dataclass(frozen=True, eq=False)
class Dirichlet:
    """Weights ``w ~ Dirichlet(alphas)``: ``w_j = G_j / sum_k G_k`` with ``G_j`` the upper quantile of
    Gamma(``alphas[j]``) at ``U_j``.

    The mean weight is ``alpha_j / alpha_0`` with ``alpha_0 = sum alphas``, and the covariance
    ``(diag(alphas) / alpha_0 - alphas alphas' / alpha_0^2) / (alpha_0 + 1)``. Where all alphas are 1 the upper quantile
    is ``-ln U`` and the draws are those of `Uniform`.

    Parameters
    ----------
    alphas
        ``(m,)``, 0 or more and not all 0. An alpha of 0 makes a weight of 0 in every row, and its uniform is not used.

    Raises
    ------
    ValueError
        Alphas that are not finite, negative, or all 0.

    Notes
    -----
    ``ln G`` as a function of the logit of ``1 - U`` is nearly a line on the left and nearly a logarithm on the right,
    for small and large alphas alike. It is interpolated between exact quantiles and slopes by cubics over all that a
    float64 between 0 and 1 can be; the relative error of a gamma quantile is below 1e-7 for alphas from .05 to 1000,
    and about 1e-9 / alpha below that.
    """

    alphas: FloatArray

    def __post_init__(self) -> None:
        alphas = vector(self.alphas)
        if not (np.isfinite(alphas).all() and (alphas >= 0.0).all() and alphas.any()):
            raise ValueError(f"alphas are 0 or more and not all 0: {alphas.tolist()}")
        object.__setattr__(self, "alphas", alphas)

    @property
    def items(self) -> int:
        return self.alphas.size

    @property
    def dimensions(self) -> int:
        return self.alphas.size

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        if (self.alphas == 1.0).all():
            return Uniform(self.items).draw(uniforms, rng)
        never = np.flatnonzero(self.alphas == 0.0)
        weights = np.empty(uniforms.shape)
        for block in blocks(uniforms):
            logarithms = self._tables.logarithms(uniforms[block])
            if never.size:
                logarithms[:, never] = -np.inf
            drawn = np.exp(logarithms, out=weights[block])
            sums = row_sums(drawn)
            drawn /= np.maximum(sums, _TOO_SMALL)[:, None]
            lost = np.flatnonzero(sums <= _TOO_SMALL)
            if lost.size:  # quantiles of small alphas can all be smaller than any number
                again = np.exp(logarithms[lost] - logarithms[lost].max(axis=1)[:, None])
                drawn[lost] = again / row_sums(again)[:, None]
        return weights

    @cached_property
    def _tables(self) -> _GammaTables:
        distinct, columns = np.unique(self.alphas, return_inverse=True)
        if distinct[0] == 0.0:  # never read: any other table serves
            distinct, columns = distinct[1:], np.maximum(columns - 1, 0)
        return _gamma_tables(distinct, columns)


class _GammaTables(NamedTuple):
    """``ln G`` by cells of the logit, cubics in the place within a cell."""

    cubics: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    """The coefficients of powers 0..3, each ``(tables * cells,)``."""

    offsets: NDArray[np.intp]
    """Where the table of each item begins, ``(m,)``."""

    def logarithms(self, uniforms: FloatArray) -> FloatArray:
        """``ln G`` of ``uniforms`` ``(n, m)``."""
        inside = np.clip(uniforms, LEAST, MOST)
        place = 1.0 - inside
        place /= inside
        np.log(place, out=place)
        place -= _LEFT
        place *= _CELLS_PER_UNIT
        cells = place.astype(np.intp)
        place -= cells
        cells += self.offsets
        constant, linear, quadratic, cubic = self.cubics
        found = cubic[cells]
        coefficients = inside
        for table in (quadratic, linear, constant):
            found *= place
            # Without mode="clip" NumPy would write through a copy.
            found += np.take(table, cells, out=coefficients, mode="clip")
        return found


def _gamma_tables(alphas: FloatArray, columns: NDArray[np.intp]) -> _GammaTables:
    """Tables of distinct ``alphas`` ``(k,)``; ``columns`` ``(m,)`` says which of them each item has."""
    knots = _LEFT + np.arange(_CELLS + 1) / _CELLS_PER_UNIT
    values, slopes = np.empty((2, alphas.size, knots.size))
    for row, alpha in enumerate(alphas):
        values[row], slopes[row] = _log_gamma_quantiles(float(alpha), knots)
    slopes /= _CELLS_PER_UNIT
    rise = np.diff(values, axis=1)
    left, right = slopes[:, :-1], slopes[:, 1:]
    cubics = (values[:, :-1], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise)
    constant, linear, quadratic, cubic = (np.ascontiguousarray(table).ravel() for table in cubics)
    return _GammaTables((constant, linear, quadratic, cubic), (columns * _CELLS).astype(np.intp))


def _log_gamma_quantiles(alpha: float, logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``ln x`` and its slope in ``t``; Gamma(``alpha``) is below ``x`` with probability ``p = 1 / (1 + exp(-t))``.

    ``d ln x / dt = p (1 - p) / (x f(x))`` with the density ``f``. Far on the left ``p = x^alpha / Gamma(alpha + 1)``.
    """
    lower, upper = expit(logits), expit(-logits)
    log_lower = -np.logaddexp(0.0, -logits)
    logarithms = (log_lower + gammaln(alpha + 1.0)) / alpha
    slopes = upper / alpha
    near = logarithms > _STILL_A_POWER
    left, right = near & (logits <= 0.0), near & (logits > 0.0)
    quantiles = np.empty(logits.shape)
    quantiles[left] = gammaincinv(alpha, lower[left])
    quantiles[right] = gammainccinv(alpha, upper[right])
    x = quantiles[near]
    logarithms[near] = np.log(x)
    log_density = alpha * logarithms[near] - x - gammaln(alpha)
    slopes[near] = np.exp(log_lower[near] - np.logaddexp(0.0, logits[near]) - log_density)
    return logarithms, slopes
