"""Confidence sets for ranks of estimates: who is significantly before whom, by the largest of many differences."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

__all__ = ["RankSets", "confidence_sets", "maximal_cliques", "rank_law"]

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

_BLOCK = 10_000
"""Draws that a thread works on: fewer would wait for the interpreter more than they gain of the cache."""
_STREAM = 2048
"""Draws that share a stream of random numbers, whoever works on them."""
_LESS = 0.98
_NODES, _REACH = 401, 8.5
_FEWER, _MANY = 129, 100


@dataclass(frozen=True, eq=False)
class RankSets:
    """Sets of ranks, 1 for the highest estimate.

    ``above[j, k]`` ``(n, n)``: whether ``j`` is significantly above ``k``; for marginal sets in the family of ``j``.
    ``critical``: by unit, or one for all.
    """

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    above: Mask
    critical: FloatArray


def confidence_sets(
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
    workers: int | None = None,
) -> tuple[RankSets, RankSets]:
    """Marginal and simultaneous confidence sets for the ranks of the true values.

    Differences are judged by ``t_jk = |x_j - x_k| / se_jk`` with ``se_jk^2 = S_jj + S_kk - 2 S_jk`` against the
    ``1 - alpha`` quantile of the largest of them under ``Z ~ N(0, S)``: of the pairs with ``j`` for the marginal set of
    ``j``, of all pairs for the simultaneous ones. Pairs that are rejected are left out and the quantile is taken anew,
    until none is (step-down). ``lower_j = 1 + #{k above j}``, ``upper_j = n - #{k below j}``. A marginal set covers
    the rank of its unit with the probability ``confidence``, simultaneous ones all ranks at once.

    Pairs beyond the Bonferroni bound are rejected first: it is never below the quantile, so that step-down ends at the
    same pairs and has fewer of them to go through.

    Parameters
    ----------
    estimates, covariance
        ``(n,)`` and ``(n, n)``, finite.
    draws, seed
        Of ``Z``; the result depends on them alone.

    Notes
    -----
    Two units without any error are told apart where they differ. ``O(draws n^2)``, in single precision.

    References
    ----------
    Mogstad, Romano, Shaikh & Wilhelm (2024), Inference for ranks, Review of Economic Studies 91, 476-518,
    doi:10.1093/restud/rdad006.
    """
    x = np.asarray(estimates, dtype=np.float64)
    order = np.argsort(-x, kind="stable")  # whom a unit is not told apart from then stands next to it
    x, s = x[order], np.asarray(covariance, dtype=np.float64)[np.ix_(order, order)]
    difference = x[:, None] - x[None, :]
    variance = np.maximum(np.diag(s)[:, None] + np.diag(s)[None, :] - s - s.T, 0.0)
    errors = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(errors > 0, np.abs(difference) / errors, np.where(difference != 0, np.inf, 0.0))
        inverse = np.where(errors > 0, 1.0 / errors, 0.0)
    np.fill_diagonal(t, 0.0)
    work = _Draws(s, inverse, draws, seed, workers or os.cpu_count() or 1)
    alpha = 1.0 - confidence
    # One pair alone has the least critical value there is: what is below it always stays, and is gone through once.
    settled = ~np.eye(len(x), dtype=bool) & (t <= norm.ppf(1.0 - alpha / 2) * _LESS)
    base = work.largest(settled)
    own = _steps_down(t, settled, base, work, alpha, together=False)
    all_of_them = _steps_down(t, settled, base, work, alpha, together=True)
    back = np.argsort(order, kind="stable")
    return _sets(difference, *own, back), _sets(difference, *all_of_them, back)


def _sets(difference: FloatArray, rejected: Mask, critical: FloatArray, back: NDArray[np.intp]) -> RankSets:
    above = rejected & (difference > 0)
    below = rejected & (difference < 0)
    # Row j is the family of j: who is below it, and who is above.
    lower = 1 + below.sum(axis=1)
    upper = len(difference) - above.sum(axis=1)
    return RankSets(lower[back], upper[back], above[np.ix_(back, back)], critical[back])


def _steps_down(
    t: FloatArray, settled: Mask, base: NDArray[np.float32], work: _Draws, alpha: float, together: bool
) -> tuple[Mask, FloatArray]:
    """Pairs that are rejected ``(n, n)``, by row the family; and the last critical values.

    ``base`` ``(n, draws)`` are the largest differences over the pairs that are ``settled``, which are never rejected.
    """
    count = len(t)
    pairs = count * (count - 1) // 2 if together else count - 1
    rejected: Mask = t > (norm.ppf(1.0 - alpha / (2 * pairs)) if pairs else np.inf)
    others = ~np.eye(count, dtype=bool)
    largest = base.copy()
    critical = np.full(count, np.inf)
    stale = np.ones(count, dtype=bool)
    while stale.any():
        asked = others & ~settled & ~rejected & stale[:, None]
        largest[stale] = np.maximum(base[stale], work.largest(asked)[stale])
        if together:
            critical[:] = _quantile(largest.max(axis=0)[None, :], 1.0 - alpha)[0]
        else:
            critical[stale] = _quantile(largest[stale], 1.0 - alpha)
        more = others & ~rejected & (t > critical[:, None])
        stale = np.asarray(more.any(axis=1))
        rejected |= more
    return rejected, critical


def _quantile(values: NDArray[np.float32], share: float) -> FloatArray:
    """The least value of each row that is not exceeded by a ``share`` of the row."""
    place = min(max(int(np.ceil(share * values.shape[1] - 1e-9)) - 1, 0), values.shape[1] - 1)
    return np.partition(values, place, axis=1)[:, place].astype(np.float64)


class _Draws:
    def __init__(self, covariance: FloatArray, inverse: FloatArray, draws: int, seed: int, workers: int) -> None:
        count = len(covariance)
        diagonal = np.diag(covariance)
        streams = [
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block,))).standard_normal(
                (count, min(_STREAM, draws - block * _STREAM)), dtype=np.float32
            )
            for block in range(-(-draws // _STREAM))
        ]
        z = np.concatenate(streams, axis=1)
        if np.count_nonzero(covariance - np.diag(diagonal)):
            values, vectors = np.linalg.eigh(covariance)
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            z = (root.astype(np.float32)) @ z
        else:
            z *= np.sqrt(diagonal).astype(np.float32)[:, None]
        self.z = z
        self.inverse = inverse.astype(np.float32)
        self.workers = workers

    def largest(self, asked: Mask) -> NDArray[np.float32]:
        """``max_k |Z_j - Z_k| / se_jk`` over the pairs that are asked for in row ``j``: ``(n, draws)``; 0 for none."""
        draws = self.z.shape[1]
        found = np.zeros(self.z.shape, dtype=np.float32)
        blocks = [slice(start, min(start + _BLOCK, draws)) for start in range(0, draws, _BLOCK)]
        either = asked | asked.T
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            list(pool.map(lambda block: self._block(asked, either, block, found), blocks))
        return found

    def _block(self, asked: Mask, either: Mask, block: slice, found: NDArray[np.float32]) -> None:
        z = np.ascontiguousarray(self.z[:, block])
        own = np.zeros(z.shape, dtype=np.float32)
        room = np.empty(z.shape, dtype=np.float32)
        for unit in range(len(z) - 1):
            others = unit + 1 + np.flatnonzero(either[unit, unit + 1 :])
            if not others.size:
                continue
            # A stretch of units without gaps is gone through faster than a choice of them; who is not asked counts 0.
            rows = slice(int(others[0]), int(others[-1]) + 1)
            values = room[: rows.stop - rows.start]
            np.subtract(z[rows], z[unit], out=values)
            np.abs(values, out=values)
            mine, theirs = asked[unit, rows], asked[rows, unit]
            inverse = self.inverse[unit, rows]
            if (mine == theirs).all():
                values *= (inverse * mine)[:, None]
                np.maximum(own[unit], values.max(axis=0), out=own[unit])
                np.maximum(own[rows], values, out=own[rows])
                continue
            if mine.any():
                np.maximum(own[unit], (values * (inverse * mine)[:, None]).max(axis=0), out=own[unit])
            if theirs.any():
                values *= (inverse * theirs)[:, None]
                np.maximum(own[rows], values, out=own[rows])
        found[:, block] = own


def rank_law(estimates: ArrayLike, errors: ArrayLike) -> FloatArray:
    """``P(rank_a = k)`` ``(n, n)`` of independent normal values: rows are units, columns ranks 1..n.

    ``int phi(u) PoissonBinomial_{k-1}({P(x_b > m_a + s_a u)}) du`` by the trapezoidal rule, which converges
    exponentially for normal densities; the Poisson binomial law by the recursion over units.

    Parameters
    ----------
    estimates, errors
        Means and standard deviations ``(n,)``, 0 or more. Two values without error that are equal are each before the
        other with probability one half.
    """
    m, s = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    count = len(m)
    nodes = np.linspace(-_REACH, _REACH, _NODES if count <= _MANY else _FEWER)
    shares = norm.pdf(nodes)
    shares /= shares.sum()
    found = np.empty((count, count))
    for unit in range(count):
        points = m[unit] + s[unit] * nodes if s[unit] > 0 else m[unit : unit + 1]
        weights = shares if s[unit] > 0 else np.ones(1)
        others = np.delete(np.arange(count), unit)
        law = np.zeros((count, len(points)))
        law[0] = 1.0
        for place, other in enumerate(others.tolist()):
            apart = points - m[other]
            ahead = norm.sf(apart / s[other]) if s[other] > 0 else 0.5 - 0.5 * np.sign(apart)
            law[1 : place + 2] = law[1 : place + 2] * (1.0 - ahead) + law[: place + 1] * ahead
            law[0] *= 1.0 - ahead
        found[unit] = law @ weights
    return found


def maximal_cliques(linked: Mask, most: int) -> list[list[int]] | None:
    """Maximal sets of units all linked with each other, by their first members; None for more than ``most`` of them.

    Bron & Kerbosch (1973), doi:10.1145/362342.362367, with the pivot of most neighbours.
    """
    count = len(linked)
    neighbours = [
        sum(1 << other for other in np.flatnonzero(row).tolist() if other != unit) for unit, row in enumerate(linked)
    ]
    found: list[list[int]] = []
    waiting = [(0, (1 << count) - 1, 0)]
    while waiting:
        chosen, open_ones, closed = waiting.pop()
        if not open_ones and not closed:
            found.append(_bits(chosen))
            if len(found) > most:
                return None
            continue
        pivot = max(_bits(open_ones | closed), key=lambda unit: (neighbours[unit] & open_ones).bit_count())
        for unit in _bits(open_ones & ~neighbours[pivot]):
            bit = 1 << unit
            waiting.append((chosen | bit, open_ones & neighbours[unit], closed & neighbours[unit]))
            open_ones &= ~bit
            closed |= bit
    return sorted(found)


def _bits(number: int) -> list[int]:
    found = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found
