"""How likely one unit beats another when the weights are drawn from the simplex: exact, without a simulation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["beats", "below", "expected_ranks"]

FloatArray = NDArray[np.float64]

_BLOCK_NUMBERS = 1_600_000  # differences of a block of pairs: four copies of them take 50 MB
_CACHED_NUMBERS = 12_000  # values of the recursion at a time: with their temporaries they stay in a core's cache


def below(differences: ArrayLike, alphas: ArrayLike | None = None) -> float:
    """The probability ``P(sum_j w_j d_j <= 0)`` for weights ``w ~ Dirichlet(alphas)``: the share of the simplex on one
    side of a plane through the origin.

    With ``K`` non-positive differences ``x_1..x_K``, start from ``A_0 = 0`` and ``A_1 = ... = A_K = 1``; every positive
    difference ``y`` in turn replaces, for ``k = 1..K``::

        A_k = (y A_{k-1} - x_k A_k) / (y - x_k)

    and the last ``A_K`` is the answer. Nothing cancels: all terms are positive, and tiny probabilities keep their
    leading digits. (The closed form by partial fractions gives "probabilities" above 1 for a hundred differences.)

    Parameters
    ----------
    differences
        ``d`` ``(m,)``, finite; only their signs and their ratios matter.
    alphas
        ``(m,)`` whole numbers, 0 or more and not all 0: a difference is repeated as often as its alpha says, and a
        weight whose alpha is 0 is always 0. Ones where they are left out: uniform over all weights that sum to 1.

    Returns
    -------
    A number in 0..1. A difference of exactly 0 counts among the non-positive ones. Where all of them are 0 the two
    units tie whatever the weights are, and the answer is 1, as it says on the left; `beats` counts such a tie half.
    NaN where a difference is.

    Raises
    ------
    ValueError
        No difference, or alphas that are not whole numbers, are negative, all 0, or not one for each difference.

    References
    ----------
    Varsi (1973), doi:10.2140/pjm.1973.46.303; Ali (1973), doi:10.2140/pjm.1973.48.313; Gerber (1981),
    doi:10.2140/pjm.1981.94.311.

    Examples
    --------
    Three points ahead on one indicator and one behind on the other, the first is ahead with three weights of four:

    >>> below([3.0, -1.0])
    0.25
    >>> below([3.0, -1.0], alphas=[1, 2])
    0.4375
    """
    repeated = _repeated(np.asarray(differences, dtype=np.float64)[None, :], alphas)
    if np.isnan(repeated).any():
        return float("nan")
    repeated.sort(axis=1)
    return float(_below_sorted(repeated)[0])


def beats(scores: ArrayLike, alphas: ArrayLike | None = None) -> FloatArray:
    """``P(s_a > s_b)`` of every ordered pair ``(N, N)``, for arithmetic scores ``s = scores @ w`` with
    ``w ~ Dirichlet(alphas)``.

    Parameters
    ----------
    scores
        ``(N, m)`` finite scores of the members of one mean. For a geometric mean give their logarithms, for a power
        mean their powers (times -1 for a negative exponent): these order the units alike.
    alphas
        ``(m,)`` whole numbers as in `below`; ones where they are left out.

    Returns
    -------
    Row ``a``, column ``b``: the probability that ``a`` is ahead of ``b``. Ties count half: units with the same row
    are at .5, and so is every unit with itself. ``P[a, b] + P[b, a] = 1``. NaN for every pair with a unit that lacks a
    score, its own place on the diagonal included.

    Raises
    ------
    ValueError
        As `below`.

    Notes
    -----
    ``O(P K)`` a pair with ``P`` positive and ``K`` other differences. Pairs with as many positive differences go
    through the recursion of `below` together, all values on a diagonal ``y + k = const`` at once.

    Examples
    --------
    >>> beats([[3.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    array([[0.5 , 0.75, 0.75],
           [0.25, 0.5 , 0.5 ],
           [0.25, 0.5 , 0.5 ]])
    """
    repeated = _repeated(np.asarray(scores, dtype=np.float64), alphas)
    units, members = repeated.shape
    found = np.full((units, units), 0.5)
    start = 0
    while start < units - 1:
        stop = min(units - 1, start + max(1, _BLOCK_NUMBERS // (members * (units - 1 - start))))
        firsts, seconds = _pairs(start, stop, units)
        differences = repeated[firsts]
        differences -= repeated[seconds]
        differences.sort(axis=1)
        behind = _below_sorted(differences)
        behind[(differences[:, 0] == 0.0) & (differences[:, -1] == 0.0)] = 0.5
        found[seconds, firsts] = behind
        found[firsts, seconds] = 1.0 - behind
        start = stop
    unknown = np.isnan(repeated).any(axis=1)
    found[unknown] = np.nan
    found[:, unknown] = np.nan
    return found


def expected_ranks(pairwise: FloatArray) -> FloatArray:
    """The expected rank ``1 + sum_b P(b beats a)`` over all ``b`` other than ``a``, of every unit ``(N,)``.

    ``pairwise`` ``(N, N)`` is what `beats` returns. 1 is best, and ties share the mean of their ranks. Units whose row
    is NaN have no rank and count for nobody else's.

    Examples
    --------
    >>> expected_ranks(beats([[3.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    array([1.5 , 2.25, 2.25])
    """
    own = np.diagonal(pairwise)
    return np.where(np.isnan(own), np.nan, 1.0 + np.nansum(pairwise, axis=0) - own)


def _repeated(values: FloatArray, alphas: ArrayLike | None) -> FloatArray:
    """The columns of ``values`` ``(n, m)``, each as often as its alpha says."""
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(f"one number or more is needed for every unit, not an array of shape {values.shape}")
    if alphas is None:
        return values.copy()
    given = np.asarray(alphas, dtype=np.float64)
    if given.shape != values.shape[1:]:
        raise ValueError(f"{values.shape[1]} alphas are needed, not an array of shape {given.shape}")
    if not (np.isfinite(given).all() and (given >= 0.0).all() and (given == np.floor(given)).all() and given.any()):
        raise ValueError(f"alphas are whole numbers, 0 or more and not all 0: {given.tolist()}")
    return np.repeat(values, given.astype(np.intp), axis=1)


def _pairs(start: int, stop: int, units: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All pairs ``a < b`` whose ``a`` is in ``start..stop - 1``."""
    lengths = units - 1 - np.arange(start, stop)
    firsts = np.repeat(np.arange(start, stop), lengths)
    begins = np.cumsum(lengths) - lengths
    seconds = np.arange(firsts.size) - np.repeat(begins, lengths) + firsts + 1
    return firsts, seconds


def _below_sorted(differences: FloatArray) -> FloatArray:
    """`below` of each row of ``differences`` ``(n, m)``, which are sorted."""
    positive = (differences > 0.0).sum(axis=1)
    order = np.argsort(positive, kind="stable")
    ends = np.searchsorted(positive[order], np.arange(differences.shape[1] + 2))
    found = np.empty(len(differences))
    for count in range(differences.shape[1] + 1):
        others = differences.shape[1] - count
        together = max(1, _CACHED_NUMBERS // max(1, min(count, others)))
        for start in range(ends[count], ends[count + 1], together):
            rows = order[start : min(start + together, ends[count + 1])]
            found[rows] = _recursion(np.ascontiguousarray(differences[rows].T), others)
    return found


def _recursion(differences: FloatArray, others: int) -> FloatArray:
    """The recursion for pairs side by side: ``differences`` ``(m, n)``, of which the first ``others`` are non-positive.

    ``A_k`` after the i-th positive difference needs ``A_{k-1}`` after the same and ``A_k`` after the one before: values
    with the same ``i + k`` do not need each other. ``latest[i + 1]`` is the newest ``A`` of the i-th positive one.
    Rounding keeps every value within 0..1: both terms above the line round to no more than those below it.
    """
    x, y = differences[:others], differences[others:]
    count, pairs = y.shape
    if not (count and others):
        return np.full(pairs, 0.0 if count else 1.0)
    latest = np.zeros((count + 1, pairs))
    latest[0] = 1.0
    span, share = np.empty((2, min(count, others), pairs))
    for diagonal in range(count + others - 1):
        low, high = max(0, diagonal - others + 1), min(count - 1, diagonal) + 1
        size = high - low
        falling = x[others - 1 - diagonal + low : others - 1 - diagonal + high]
        rising = y[low:high]
        np.subtract(rising, falling, out=span[:size])
        np.multiply(falling, latest[low:high], out=share[:size])
        newest = latest[low + 1 : high + 1]
        newest *= rising
        newest -= share[:size]
        newest /= span[:size]
    last: FloatArray = latest[-1]
    return last
