"""McDonald's omega: how much of a sum's variance one general factor, or all common factors, account for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dtindex.analysis.computable import NotComputable, listed
from dtindex.steps.types import FloatArray

__all__ = ["Hierarchical", "minres", "omega", "omega_hierarchical"]

_LEAST_UNIQUE = 0.005
_GROUP_FACTORS = 3
_LEAST_ITEMS = 6


@dataclass(frozen=True)
class Hierarchical:
    """Shares of the variance of the items' sum: of the general factor, and of all common factors."""

    general: float
    total: float


def minres(correlations: FloatArray, factors: int = 1, names: Sequence[str] = ()) -> FloatArray:
    """Loadings ``(k, factors)`` that leave the least squared correlations off the diagonal of ``(k, k)`` unexplained.

    The unweighted least squares solution, concentrated on the uniquenesses u: the least
    ``1/2 sum over j > factors of e_j(R - diag u)^2``, whose gradient is ``-sum e_j v_j^2``. Signs are such that each
    factor's loadings sum to zero or more. ``names`` are of the items, for the reason.

    Raises
    ------
    NotComputable
        Where the items are too few to determine the factors, where an item is left without variance of its own (an
        improper solution, or Heywood case: a uniqueness at its lower bound 0.005), or where the search does not settle.

    References
    ----------
    Harman, H. H. & Jones, W. H. (1966). Factor analysis by minimizing residuals. doi:10.1007/BF02289468
    Jöreskog, K. G. (1977), in Enslein et al., Statistical Methods for Digital Computers.
    """
    from scipy.optimize import minimize

    items = correlations.shape[0]
    if (items - factors) ** 2 < items + factors:
        raise NotComputable(f"{items} items do not determine {factors} factor{'s' if factors > 1 else ''}")

    def misfit(unique: FloatArray) -> tuple[float, FloatArray]:
        values, vectors = np.linalg.eigh(correlations - np.diag(unique))
        left, parts = values[: items - factors], vectors[:, : items - factors]
        return float((left**2).sum() / 2), -(parts**2) @ left

    bounds = [(_LEAST_UNIQUE, 1.0)] * items
    found = minimize(
        misfit, _start(correlations), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 0, "gtol": 1e-10}
    )
    unique: FloatArray = found.x
    slope = misfit(unique)[1]
    if (unique <= _LEAST_UNIQUE).any():
        bare = [name for name, own in zip(names, unique, strict=False) if own <= _LEAST_UNIQUE]
        raise NotComputable(f"improper factor solution: no variance of its own is left to {listed(bare) or 'an item'}")
    if np.abs(np.where((unique >= 1.0) & (slope < 0), 0.0, slope)).max() > 1e-6:
        raise NotComputable("the factor solution does not converge")
    values, vectors = np.linalg.eigh(correlations - np.diag(unique))
    loadings: FloatArray = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1][:, :factors]
    return loadings * _signs(loadings)


def omega(loadings: FloatArray, covariances: FloatArray) -> float:
    """``(sum l)^2 / ((sum l)^2 + sum t)`` of one factor, on the scale of ``covariances`` ``(k, k)``.

    ``loadings`` ``(k,)`` are of standardised items; ``l = loading * sd``, ``t = (1 - loading^2) * variance``.

    References
    ----------
    McDonald, R. P. (1999). Test Theory: A Unified Treatment. doi:10.4324/9781410601087
    """
    variances = np.diag(covariances)
    common = float((loadings * np.sqrt(variances)).sum()) ** 2
    return common / (common + float(((1 - loadings**2) * variances).sum()))


def omega_hierarchical(correlations: FloatArray, names: Sequence[str] = ()) -> Hierarchical:
    """Omega hierarchical and total of standardised items ``(k, k)``, k at least 6, by Schmid and Leiman.

    Three group factors (minres), rotated obliquely (quartimin); the general factor is the one factor of their
    correlations; ``general = (sum g)^2 / sum R``, ``total = 1 - sum u / sum R``. Three is a convention (of R's psych):
    with it the second order is just determined.

    Raises
    ------
    NotComputable
        With fewer than six items, and where :func:`minres` has no proper solution at either level.

    References
    ----------
    Schmid, J. & Leiman, J. M. (1957). The development of hierarchical factor solutions. doi:10.1007/BF02289209
    Zinbarg, R. E., Revelle, W., Yovel, I. & Li, W. (2005). Cronbach's alpha, Revelle's beta, and McDonald's omega h.
    doi:10.1007/s11336-003-0974-7
    """
    if len(correlations) < _LEAST_ITEMS:
        raise NotComputable(f"{len(correlations)} items; three group factors need {_LEAST_ITEMS}")
    loadings = minres(correlations, _GROUP_FACTORS, names)
    pattern, between = _quartimin(loadings)
    try:
        second = minres(between)[:, 0]
    except NotComputable as error:
        raise NotComputable("the three group factors have no proper general factor") from error
    whole = float(correlations.sum())
    unique = 1 - (loadings**2).sum(axis=1)
    return Hierarchical(float((pattern @ second).sum()) ** 2 / whole, 1 - float(unique.sum()) / whole)


def _quartimin(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pattern ``(k, 3)`` of obliquely rotated factors, each with positive loadings on the whole, and correlations.

    The best of several fixed starts: from the unrotated factors alone the search may end on a saddle.
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    found = [rotate_factors(loadings @ start, "quartimin", tol=1e-6, max_tries=1000) for start in _starts()]
    pattern, turn = min(found, key=lambda one: _complexity(one[0]))
    signs = _signs(pattern)
    between: FloatArray = turn.T @ turn
    return pattern * signs, between * np.outer(signs, signs)


def _starts() -> list[FloatArray]:
    """Rotations ``(3, 3)``: none, and turns about each of the three axes in two orders."""
    found = [np.eye(_GROUP_FACTORS)]
    for angle in (0.4, 0.9):
        for axes in ((0, 1, 2), (2, 0, 1)):
            turns = [_turn(axis, angle) for axis in axes]
            found.append(turns[0] @ turns[1] @ turns[2])
    return found


def _turn(axis: int, angle: float) -> FloatArray:
    found = np.eye(_GROUP_FACTORS)
    first, second = (other for other in range(_GROUP_FACTORS) if other != axis)
    found[first, first] = found[second, second] = np.cos(angle)
    found[first, second], found[second, first] = -np.sin(angle), np.sin(angle)
    return found


def _complexity(pattern: FloatArray) -> float:
    """What quartimin makes small: products of squared loadings of one item on two factors."""
    squares = pattern**2
    return float((squares.sum(axis=1) ** 2 - (squares**2).sum(axis=1)).sum())


def _signs(loadings: FloatArray) -> FloatArray:
    found: FloatArray = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return found


def _start(correlations: FloatArray) -> FloatArray:
    """One less the largest correlation of each item: a start that a singular matrix has too."""
    largest = np.abs(correlations - np.eye(len(correlations))).max(axis=1)
    found: FloatArray = np.clip(1 - largest, 0.05, 0.95)
    return found
