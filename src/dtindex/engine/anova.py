"""Variances told apart exactly: over a full factorial of independent factors, and over subsets of correlated normals.

A subset of factors is a number in which bit ``i`` stands for factor ``i``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.pick_freeze import MOST_FACTORS, shapley_from_closed

__all__ = ["Anova", "factorial", "gaussian_subset_variances", "shapley_linear_gaussian"]

FloatArray = NDArray[np.float64]
_NOISE = 16 * float(np.finfo(np.float64).eps)
_ONE = 1e-9  # how far probabilities may be from a sum of 1, and a covariance from a covariance
_SINGULAR = 1e-11  # eigenvalues of a correlation matrix below this are 0 but for rounding
_MOST_AXES = 16


@dataclass(frozen=True, eq=False)
class Anova:
    """The variance of ``p`` outputs, told apart by the subset of ``k`` independent factors it comes from.

    ``V = sum over u of V_u``. Indices are NaN for an output that does not vary.
    """

    components: FloatArray
    """``V_u`` ``(2^k, p)``, that which needs all factors of ``u`` and no other; 0 for the empty set; never negative"""
    mean: FloatArray
    """``(p,)``"""

    @property
    def factors(self) -> int:
        return len(self.components).bit_length() - 1

    @property
    def variance(self) -> FloatArray:
        """``V`` ``(p,)``; exactly 0 for an output that does not vary but for rounding."""
        total: FloatArray = self.components.sum(axis=0)
        return total

    @property
    def first(self) -> FloatArray:
        """``V_i / V`` ``(k, p)``."""
        return self._shares(self.components[1 << np.arange(self.factors)])

    @property
    def second(self) -> FloatArray:
        """``V_ij / V`` ``(k, k, p)``, that of two factors beyond their first orders; the diagonal is NaN."""
        found = np.full((self.factors, self.factors, self.components.shape[1]), np.nan)
        for one, other in combinations(range(self.factors), 2):
            found[one, other] = found[other, one] = self._shares(self.components[1 << one | 1 << other])
        return found

    @property
    def total(self) -> FloatArray:
        """``sum of V_u / V over u with i`` ``(k, p)``."""
        return self._shares(self._with_each(self.components))

    @property
    def shapley(self) -> FloatArray:
        """Shapley effects ``(k, p)``: ``sum of V_u / |u| / V over u with i``; each is between first and total order.

        References
        ----------
        Owen (2014), doi:10.1137/130936233.
        """
        sizes = np.array([max(mask.bit_count(), 1) for mask in range(len(self.components))])
        return self._shares(self._with_each(self.components / sizes[:, None]))

    @property
    def subset_variances(self) -> FloatArray:
        """``Var(E[f | x_u]) = sum of V_v over v within u`` ``(2^k, p)``."""
        found = self.components.copy()
        for factor in range(self.factors):
            by_factor = found.reshape(-1, 2, 1 << factor, found.shape[1])
            by_factor[:, 1] += by_factor[:, 0]
        return found

    def aggregated(self, outputs: NDArray[np.intp] | NDArray[np.bool_] | slice | None = None) -> Anova:
        """All ``outputs`` (None: all) as one, each with its variance: ``sum_l V_ul``; ``p`` is 1.

        References
        ----------
        Gamboa, Janon, Klein & Lagnoux (2014), doi:10.1214/14-EJS895.
        """
        chosen = slice(None) if outputs is None else outputs
        return Anova(self.components[:, chosen].sum(axis=1, keepdims=True), self.mean[chosen].sum(keepdims=True))

    def _with_each(self, parts: FloatArray) -> FloatArray:
        """Sums ``(k, p)`` over the subsets that hold each factor."""
        outputs = parts.shape[1]
        found = np.empty((self.factors, outputs))
        for factor in range(self.factors):
            found[factor] = parts.reshape(-1, 2, 1 << factor, outputs)[:, 1].sum(axis=(0, 1))
        return found

    def _shares(self, parts: FloatArray) -> FloatArray:
        variance = self.variance
        found: FloatArray = np.divide(parts, variance, out=np.full(parts.shape, np.nan), where=variance > 0)
        return found


def factorial(values: FloatArray, shares: Sequence[FloatArray | None] | None = None) -> Anova:
    """Exact analysis of variance of ``values`` ``(K_1, ..., K_k, p)``, known at every combination of the levels.

    ``shares`` are the probabilities of the levels ``(K_i,)`` of each factor (None: equally likely); factors are
    independent. Levels of probability 0 are left out first. A combination that failed cannot be left out here, as no
    orthogonal design remains: give its level probability 0, or leave the level out.

    Along each factor the values are turned onto an orthonormal system whose first member is the constant (a Householder
    reflection that takes the square roots of the probabilities to it); squares of the coordinates, summed by the
    factors whose member is not the constant, are the ``V_u``. This takes ``k`` passes instead of ``2^k`` and keeps all
    parts from being negative. A deviation of one part in 3e14 is taken for noise.

    References
    ----------
    Efron & Stein (1981), doi:10.1214/aos/1176345462.

    Raises
    ------
    ValueError
        Where a value is not finite, probabilities do not fit, or factors are none or more than 16.

    Examples
    --------
    >>> found = factorial(np.array([[[0.0], [2.0], [4.0]], [[1.0], [6.0], [11.0]]]))  # x1 + 2 x2 + 3 x1 x2
    >>> found.variance.round(4).tolist(), found.total.round(4).ravel().tolist()
    ([13.6667], [0.4024, 0.7073])
    """
    factors = values.ndim - 1
    if not 1 <= factors <= _MOST_AXES or 0 in values.shape[:-1]:
        raise ValueError(f"levels of 1 to {_MOST_AXES} factors, then outputs, are needed, found shape {values.shape}")
    given = [None] * factors if shares is None else list(shares)
    if len(given) != factors:
        raise ValueError(f"probabilities of {factors} factors are needed, found {len(given)}")
    values = np.asarray(values, dtype=np.float64)
    laws: list[FloatArray] = []
    for axis, share in enumerate(given):
        law = _law(share, values.shape[axis], axis)
        if (law == 0).any():
            values = np.compress(law > 0, values, axis=axis)
        laws.append(law[law > 0])
    outputs = values.shape[-1]
    flat = values.reshape(-1, outputs)
    if not np.isfinite(flat).all():
        raise ValueError(
            f"{int((~np.isfinite(flat)).any(axis=1).sum())} of {len(flat)} combinations have no finite value"
        )
    weights = np.ones(1)
    for law in laws:
        weights = np.multiply.outer(weights, law).ravel()
    mean = np.einsum("n,np->p", weights, flat)
    turned = flat - mean
    noise = np.abs(turned).max(axis=0, initial=0.0) <= _NOISE * np.abs(mean)
    turned *= np.sqrt(weights)[:, None]
    before, after = 1, turned.size
    for law in laws:
        after //= len(law)
        _reflect(turned.reshape(before, len(law), after), law)
        before *= len(law)
    components = _by_subset(np.square(turned, out=turned).reshape(values.shape))
    components[0] = 0.0
    components[:, noise] = 0.0
    return Anova(components, mean)


def _law(share: FloatArray | None, levels: int, axis: int) -> FloatArray:
    """Probabilities ``(levels,)`` that sum to 1."""
    if share is None:
        return np.full(levels, 1.0 / levels)
    law = np.asarray(share, dtype=np.float64)
    total = float(law.sum())
    if law.shape != (levels,) or not (law >= 0).all() or not abs(total - 1.0) <= _ONE:
        raise ValueError(f"factor {axis} needs {levels} probabilities that sum to 1, found {law.tolist()}")
    found: FloatArray = law / total
    return found


def _reflect(values: FloatArray, law: FloatArray) -> None:
    """Turn ``values`` ``(before, levels, after)`` along the levels, in place: the root of ``law`` goes to the first."""
    if len(law) == 1:
        return
    normal = np.sqrt(law)
    normal[0] += 1.0
    along = np.einsum("j,ajb->ab", normal, values)
    for level, length in enumerate((normal * (2.0 / float(normal @ normal))).tolist()):
        values[:, level] -= length * along


def _by_subset(squares: FloatArray) -> FloatArray:
    """Sums ``(2^k, p)`` of ``(K_1, ..., K_k, p)`` by the axes whose index is not 0."""
    outputs = squares.shape[-1]
    after = math.prod(squares.shape[:-1])
    found = squares.reshape(1, -1, outputs)
    before = 1
    for levels in squares.shape[:-1]:
        after //= levels
        by_level = found.reshape(before, levels, after, outputs)
        found = np.stack([by_level[:, 0], by_level[:, 1:].sum(axis=1)], axis=1)
        before *= 2
    factors = squares.ndim - 1
    cube = found.reshape(*(2,) * factors, outputs)
    # The first axis counts most in the order of memory, the first factor least in the number of a subset.
    return np.ascontiguousarray(cube.transpose(*range(factors - 1, -1, -1), factors)).reshape(-1, outputs)


def gaussian_subset_variances(coefficients: FloatArray, covariance: FloatArray) -> FloatArray:
    """``Var(E[y | x_u])`` ``(2^m,)`` for ``y = beta' x`` and normal ``x`` ``(m,)``, which may be correlated.

    ``Var(E[y | x_u]) = c_u' S_uu^-1 c_u`` with ``c = S beta``, ``beta`` the ``coefficients`` and ``S`` the
    ``covariance``. Blocks that are singular (a column twice, a constant) take the pseudo-inverse: eigenvalues of the
    correlations below 1e-11 are 0. At most 12 variables.

    Raises
    ------
    ValueError
        Where shapes do not fit, numbers are not finite, variables are none or more than 12, or the matrix is no
        covariance.
    """
    size = len(coefficients)
    if not 1 <= size <= MOST_FACTORS:
        raise ValueError(f"1 to {MOST_FACTORS} variables are needed, found {size}")
    if covariance.shape != (size, size) or not (np.isfinite(coefficients).all() and np.isfinite(covariance).all()):
        raise ValueError(f"finite coefficients ({size},) and covariance ({size}, {size}) are needed")
    deviations = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    scale = np.where(deviations > 0, deviations, 1.0)  # so that units of measure do not decide what is singular
    correlation = covariance / scale / scale[:, None]
    if np.abs(correlation - correlation.T).max() > _ONE or np.linalg.eigvalsh(correlation)[0] < -_ONE:
        raise ValueError("a covariance must be symmetric and positive semidefinite")
    joint = correlation @ (scale * coefficients)
    found = np.zeros(1 << size)
    for members in range(1, size + 1):
        subsets = np.array(list(combinations(range(size), members)))
        roots, vectors = np.linalg.eigh(correlation[subsets[:, :, None], subsets[:, None, :]])
        along = np.einsum("sji,sj->si", vectors, joint[subsets])
        large = roots > _SINGULAR * members
        parts = np.divide(along * along, roots, out=np.zeros_like(roots), where=large)
        found[(1 << subsets).sum(axis=1)] = parts.sum(axis=1)
    return found


def shapley_linear_gaussian(coefficients: FloatArray, covariance: FloatArray) -> FloatArray:
    """Shapley effects ``(m,)`` of normal ``x``, which may be correlated, on ``y = beta' x``; they sum to 1.

    At most 12 variables. NaN where ``y`` does not vary. Never negative; a variable that ``y`` does not use has an
    effect where it is correlated with one that it uses.

    References
    ----------
    Owen & Prieur (2017), doi:10.1137/16M1097717; Broto, Bachoc & Depecker (2020), doi:10.1137/18M1234631.

    Raises
    ------
    ValueError
        As :func:`gaussian_subset_variances`.
    """
    found = gaussian_subset_variances(coefficients, covariance)
    scale = float(np.sum(np.abs(coefficients) * np.sqrt(np.maximum(np.diagonal(covariance), 0.0))))
    variance = float(found[-1])
    if math.sqrt(variance) <= _NOISE * scale:
        return np.full(len(coefficients), np.nan)
    return shapley_from_closed(found / variance)
