"""How many units pass bounds in every dimension at once, when each bound by itself is passed by a given share."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np

from dtindex.analysis.classes.normal_box import normal_box
from dtindex.analysis.computable import NotComputable
from dtindex.steps.types import FloatArray

__all__ = ["joint_share", "joint_share_of", "needed_share", "needed_share_of"]

_NODES = 400
_FAR = 9.0


def joint_share(share: float, correlation: float, dimensions: int = 5) -> float:
    """``P(all dimensions in the top share)`` of normal dimensions of which any two correlate alike.

    ``integral phi(z) Phi((sqrt(r) z - c) / sqrt(1 - r))^K dz`` with ``c = Phi^-1(1 - share)``, by Gauss and Legendre
    with 400 nodes on either side of ``c / sqrt(r)``, where a high correlation makes the integrand steep. The
    correlation is 0 to 1; of 1 the answer is the share.

    Examples
    --------
    >>> [round(joint_share(0.25, r), 4) for r in (0, 0.25, 0.5, 0.7)]
    [0.001, 0.0113, 0.0377, 0.075]
    """
    from scipy.special import ndtr, ndtri

    _check(share, correlation)
    if correlation == 0 or share in (0, 1):
        return float(share**dimensions)
    if correlation == 1:
        return float(share)
    cut = float(ndtri(1 - share))
    nodes, weights = _gauss_legendre()
    middle = min(max(cut / sqrt(correlation), -_FAR), _FAR)
    total = 0.0
    for low, high in ((-_FAR, middle), (middle, _FAR)):
        z = (high - low) / 2 * nodes + (high + low) / 2
        inner = ndtr((sqrt(correlation) * z - cut) / sqrt(1 - correlation)) ** dimensions
        density = np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
        total += float((weights * density * inner).sum()) * (high - low) / 2
    return total


def needed_share(joint: float, correlation: float, dimensions: int = 5) -> float:
    """The share of each dimension of which :func:`joint_share` makes ``joint``; its inverse in the share.

    Examples
    --------
    >>> [round(needed_share(0.02, r), 3) for r in (0, 0.25, 0.5, 0.7)]
    [0.457, 0.304, 0.183, 0.109]
    """
    from scipy.optimize import brentq

    _check(joint, correlation)
    if joint in (0, 1):
        return float(joint)
    found = brentq(lambda share: joint_share(share, correlation, dimensions) - joint, joint, 1, xtol=1e-12)
    return float(found)


def joint_share_of(shares: FloatArray, correlations: FloatArray) -> float:
    """``P(every dimension in its own top share)`` of normal dimensions with any correlation matrix ``(K, K)``."""
    from scipy.special import ndtri

    lower = ndtri(1 - np.asarray(shares, dtype=np.float64))[None, :]
    return float(normal_box(lower, np.full_like(lower, np.inf), correlations)[0])


def needed_share_of(joint: float, correlations: FloatArray) -> float:
    """The one share of every dimension of which :func:`joint_share_of` makes ``joint``."""
    from scipy.optimize import brentq

    if not 0 < joint < 1:
        raise NotComputable(f"a share of {joint:g} has no bound that makes it")
    count = len(correlations)

    def beyond(share: float) -> float:
        return joint_share_of(np.full(count, share), correlations) - joint

    # Dimensions that are one need the joint share itself, which the lattice may exceed by its error.
    return joint if beyond(joint) >= 0 else float(brentq(beyond, joint, 1 - 1e-12))


@lru_cache(maxsize=1)
def _gauss_legendre() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _check(share: float, correlation: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"share {share}: expected 0 to 1")
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation {correlation}: expected 0 to 1; `joint_share_of` takes any matrix")
