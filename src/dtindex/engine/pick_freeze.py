"""Sobol' indices from evaluations of pick and freeze, for many outputs at once.

``A`` and ``B`` are two independent sets of ``n`` base points; ``AB_i`` is ``A`` with the columns of factor ``i`` (one
or a block of them) taken from ``B``. ``f_a``, ``f_b`` ``(n, p)`` and ``f_ab`` ``(k, n, p)`` are the values of ``p``
outputs at these points for ``k`` factors. Values of any real type are taken; sums are of float64.

A value that is not finite is a failed evaluation. Its base point is left out of that output, for every factor alike,
and is missing from ``count``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

__all__ = [
    "MOST_FACTORS",
    "Indices",
    "Moments",
    "OverScrambles",
    "closed_index",
    "indices",
    "janon_monod",
    "jansen_total",
    "over_scrambles",
    "shapley_by_permutations",
    "shapley_from_closed",
]

FloatArray = NDArray[np.float64]
MOST_FACTORS = 12
"""Factors whose subsets are all told apart: 4,096 of them."""

_BLOCK_VALUES = 65_536  # half a megabyte of differences stays in the cache between the four passes over it
_NOISE = 16 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Indices:
    """First and total order of each factor in each output, not clipped: a little below 0 means nothing found."""

    first: FloatArray
    """``(k, p)``; NaN where the output does not vary or fewer than two base points are left"""
    total: FloatArray
    """``(k, p)``; NaN likewise"""
    variance: FloatArray
    """``(p,)``, over ``A`` and all ``AB_i``; 0 where the output does not vary, NaN where no two base points are left"""
    count: NDArray[np.intp]
    """``(p,)``, base points that had a value at all ``k + 2`` places"""


@dataclass(frozen=True, eq=False)
class Moments:
    """What the indices need to know of a set of base points; sets are put together by ``+``.

    Everything is central or a difference ``d_i = f_ab_i - f_a``: a constant added to an output changes nothing but
    ``mean_a`` and ``mean_b``, and a factor that does nothing leaves exact zeros. Parts are put together as by Chan,
    Golub & LeVeque (1983), doi:10.1080/00031305.1983.10483115.
    """

    asked: int
    """base points given"""
    count: NDArray[np.intp]
    """``(p,)``, base points used"""
    mean_a: FloatArray
    """``(p,)``"""
    mean_b: FloatArray
    """``(p,)``"""
    mean_d: FloatArray
    """``(k, p)``"""
    squares_a: FloatArray
    """``(p,)``, sum of ``(a - mean a)^2``"""
    squares_b: FloatArray
    """``(p,)``, sum of ``(b - mean b)^2``"""
    products_ab: FloatArray
    """``(p,)``, sum of ``(a - mean a) (b - mean b)``"""
    products_ad: FloatArray
    """``(k, p)``, sum of ``(a - mean a) (d_i - mean d_i)``"""
    products_bd: FloatArray
    """``(k, p)``, sum of ``(b - mean b) (d_i - mean d_i)``"""
    raw_squares_d: FloatArray
    """``(k, p)``, sum of ``d_i^2``, not centred"""

    @classmethod
    @np.errstate(invalid="ignore", over="ignore")
    def of(cls, f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray) -> Moments:
        """Moments of ``f_a``, ``f_b`` ``(n, p)`` and ``f_ab`` ``(k, n, p)``.

        Raises
        ------
        ValueError
            Where the shapes do not go together.
        """
        if f_a.ndim != 2 or f_b.shape != f_a.shape or f_ab.ndim != 3 or f_ab.shape[1:] != f_a.shape:
            raise ValueError(f"shapes (n, p), (n, p) and (k, n, p) expected, found {f_a.shape, f_b.shape, f_ab.shape}")
        # Gaps are rare: they are looked for in the sums, and only the outputs that have any are gone through again.
        found = _moments(f_a, f_b, f_ab, None)
        gaps = ~(np.isfinite(found.raw_squares_d).all(axis=0) & np.isfinite(found.squares_a + found.squares_b))
        if not gaps.any():
            return found
        part_a, part_b, part_ab = f_a[:, gaps], f_b[:, gaps], f_ab[:, :, gaps]
        known = np.isfinite(part_a) & np.isfinite(part_b) & np.isfinite(part_ab).all(axis=0)
        part_a, part_b, part_ab = (np.where(known, part, 0) for part in (part_a, part_b, part_ab))
        again = _moments(part_a, part_b, part_ab, known)
        for part in fields(found):
            if part.name != "asked":
                getattr(found, part.name)[..., gaps] = getattr(again, part.name)
        return found

    @np.errstate(invalid="ignore", over="ignore")
    def __add__(self, other: Moments) -> Moments:
        """Moments of the base points of both."""
        count = self.count + other.count
        some = np.maximum(count, 1)
        weight = self.count * other.count / some
        share = other.count / some
        step_a, step_b = other.mean_a - self.mean_a, other.mean_b - self.mean_b
        step_d = other.mean_d - self.mean_d
        return Moments(
            asked=self.asked + other.asked,
            count=count,
            mean_a=self.mean_a + step_a * share,
            mean_b=self.mean_b + step_b * share,
            mean_d=self.mean_d + step_d * share,
            squares_a=self.squares_a + other.squares_a + step_a * step_a * weight,
            squares_b=self.squares_b + other.squares_b + step_b * step_b * weight,
            products_ab=self.products_ab + other.products_ab + step_a * step_b * weight,
            products_ad=self.products_ad + other.products_ad + step_a * step_d * weight,
            products_bd=self.products_bd + other.products_bd + step_b * step_d * weight,
            raw_squares_d=self.raw_squares_d + other.raw_squares_d,
        )

    def indices(self) -> Indices:
        """First and total order of :func:`indices`."""
        return self._parts().indices()

    def aggregated(self, outputs: NDArray[np.intp] | NDArray[np.bool_] | slice | None = None) -> Indices:
        """One index a factor for all ``outputs`` together (None: all): ``sum_l V_il / sum_l V_l``, arrays ``(k, 1)``.

        Outputs that do not vary, or have fewer than two base points, add nothing; ``count`` is the smallest of the
        others.

        References
        ----------
        Gamboa, Janon, Klein & Lagnoux (2014), doi:10.1214/14-EJS895.
        """
        return self._parts().together(slice(None) if outputs is None else outputs).indices()

    @np.errstate(invalid="ignore", over="ignore")  # squares of numbers beyond 1e154 make all of it unknown
    def _parts(self, *, chance: bool = True) -> _Parts:
        """Numerators and denominators; with ``chance``, what A and B have in common is taken off first orders."""
        some = np.maximum(self.count, 1)
        squares_d = np.maximum(self.raw_squares_d - some * self.mean_d * self.mean_d, 0.0)
        own = (self.squares_a + 2.0 * self.products_ad + squares_d) / some  # variance at AB_i
        apart = (self.mean_b - self.mean_a) - self.mean_d
        bias = apart * apart / 4.0
        pair = (self.squares_b / some + own) / 2.0 + bias
        total = self.raw_squares_d / some / 2.0
        sets = len(self.mean_d) + 1
        between = (self.mean_d * self.mean_d).sum(axis=0) / sets - (self.mean_d.sum(axis=0) / sets) ** 2
        variance = (self.squares_a / some + own.sum(axis=0)) / sets + np.maximum(between, 0.0)
        first = (self.products_ab + self.products_bd) / some - bias
        if chance:
            kept = np.divide(variance - total, variance, out=np.zeros_like(total), where=variance > 0)
            common = self.products_ab / some - (self.mean_b - self.mean_a) ** 2 / 4.0
            first -= np.clip(kept, 0.0, 1.0) * common
        noise = (_NOISE * np.maximum(np.abs(self.mean_a), np.abs(self.mean_b))) ** 2
        varies = np.maximum(variance, pair.max(axis=0, initial=0.0)) > noise
        enough = self.count >= 2
        return _Parts(
            first=np.where(varies & (pair > noise), first, 0.0),
            pair=np.where(varies & (pair > noise), pair, 0.0),
            total=np.where(varies & (variance > noise), total, 0.0),
            variance=np.where(enough, np.where(varies & (variance > noise), variance, 0.0), np.nan),
            varies=varies & enough,
            count=self.count,
        )


@dataclass(frozen=True, eq=False)
class _Parts:
    """Numerators and denominators of the indices."""

    first: FloatArray
    pair: FloatArray
    total: FloatArray
    variance: FloatArray
    varies: NDArray[np.bool_]
    count: NDArray[np.intp]

    def together(self, outputs: NDArray[np.intp] | NDArray[np.bool_] | slice) -> _Parts:
        """Sums over those of the ``outputs`` that vary."""
        chosen = np.arange(len(self.varies))[outputs]
        chosen = chosen[self.varies[chosen]]
        any_varies = chosen.size > 0
        return _Parts(
            first=self.first[:, chosen].sum(axis=1, keepdims=True),
            pair=self.pair[:, chosen].sum(axis=1, keepdims=True),
            total=self.total[:, chosen].sum(axis=1, keepdims=True),
            variance=self.variance[chosen].sum(keepdims=True),
            varies=np.array([any_varies]),
            count=self.count[chosen].min(keepdims=True) if any_varies else np.zeros(1, dtype=np.intp),
        )

    def indices(self) -> Indices:
        return Indices(
            _ratio(self.first, self.pair, self.varies),
            _ratio(self.total, self.variance, self.varies),
            self.variance,
            self.count,
        )


def _ratio(above: FloatArray, below: FloatArray, varies: NDArray[np.bool_]) -> FloatArray:
    """``above / below``; 0 where these points happen to be constant, NaN where the output is."""
    found = np.where(varies, np.zeros_like(above), np.nan)
    return np.divide(above, below, out=found, where=varies & (below > 0))


def _moments(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray, known: NDArray[np.bool_] | None) -> Moments:
    """Moments over the ``known`` ``(n, p)`` base points (None: all); values elsewhere are 0."""
    rows, outputs = f_a.shape
    count = np.full(outputs, rows, dtype=np.intp) if known is None else known.sum(axis=0, dtype=np.intp)
    some = np.maximum(count, 1)
    mean_a, mean_b = f_a.sum(axis=0, dtype=np.float64) / some, f_b.sum(axis=0, dtype=np.float64) / some
    centred_a, centred_b = f_a - mean_a, f_b - mean_b
    if known is not None:
        centred_a *= known
        centred_b *= known
    shape = f_ab.shape[0], outputs
    sums, squares, products_ad, products_bd = (np.zeros(shape) for _ in range(4))
    height = max(1, min(rows, _BLOCK_VALUES // max(outputs, 1)))
    buffer = np.empty((height, outputs))
    for start in range(0, rows, height):
        block = slice(start, min(start + height, rows))
        difference = buffer[: block.stop - start]
        base, of_a, of_b = f_a[block], centred_a[block], centred_b[block]
        for factor in range(shape[0]):
            np.subtract(f_ab[factor, block], base, out=difference, dtype=np.float64)
            sums[factor] += difference.sum(axis=0)
            squares[factor] += np.einsum("np,np->p", difference, difference)
            products_ad[factor] += np.einsum("np,np->p", difference, of_a)
            products_bd[factor] += np.einsum("np,np->p", difference, of_b)
    return Moments(
        asked=rows,
        count=count,
        mean_a=mean_a,
        mean_b=mean_b,
        mean_d=sums / some,
        squares_a=np.einsum("np,np->p", centred_a, centred_a),
        squares_b=np.einsum("np,np->p", centred_b, centred_b),
        products_ab=np.einsum("np,np->p", centred_a, centred_b),
        products_ad=products_ad,
        products_bd=products_bd,
        raw_squares_d=squares,
    )


def indices(f_a: FloatArray, f_b: FloatArray, f_ab: FloatArray) -> Indices:
    """First and total order from the values at ``A``, ``B`` and all ``AB_i``, in one pass over them.

    The total order is that of :func:`jansen_total`. The first order is that of :func:`janon_monod` with ``(1 - ST_i)
    (mean(a b) - m^2)``, ``m = mean((a + b) / 2)``, taken from the numerator: ``f_ab_i`` varies with ``f_a`` to the
    share ``1 - ST_i``, and what ``A`` and ``B`` have in common is chance and 0 in the mean. Of 30 factors that each do
    little, this leaves a third to a tenth of the error, and of a factor that does nothing exactly 0.

    Where an evaluation failed, its base point is left out of both orders of all factors.

    References
    ----------
    Chance correlations: Glen & Isaacs (2012), doi:10.1016/j.envsoft.2012.03.014.

    Examples
    --------
    >>> a, b = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> found = indices(a, b, np.stack([b, a]))  # only the first factor does anything
    >>> found.first.ravel().tolist(), found.total.ravel().tolist()
    ([1.0, 0.0], [1.0, 0.0])
    """
    return Moments.of(f_a, f_b, f_ab).indices()


def janon_monod(f_b: FloatArray, f_ab: FloatArray) -> FloatArray:
    """First order ``(k, p)`` from ``f_b`` ``(n, p)`` and ``f_ab`` ``(k, n, p)``, which share factor ``i`` alone.

    ``S_i = (mean(b ab_i) - m^2) / (mean((b^2 + ab_i^2) / 2) - m^2)`` with ``m = mean((b + ab_i) / 2)``, reckoned from
    central moments. NaN for an output that does not vary; 0 where it varies but ``b`` and ``ab_i`` do not.

    References
    ----------
    Monod, Naud & Makowski (2006); Janon, Klein, Lagnoux, Nodet & Prieur (2014), doi:10.1051/ps/2013040.
    """
    # Against itself as A, with nothing taken off.
    return Moments.of(f_b, f_b, f_ab)._parts(chance=False).indices().first


def jansen_total(f_a: FloatArray, f_ab: FloatArray) -> FloatArray:
    """Total order ``(k, p)`` from ``f_a`` ``(n, p)`` and ``f_ab`` ``(k, n, p)``, which differ in factor ``i`` alone.

    ``ST_i = mean((a - ab_i)^2) / (2 V)``; ``V`` is the variance over ``a`` and all ``ab_i`` (each of these sets follows
    the law of the factors), one for all factors. NaN for an output that does not vary.

    References
    ----------
    Jansen (1999), doi:10.1016/S0010-4655(98)00154-4.
    """
    return Moments.of(f_a, f_a, f_ab).indices().total


def closed_index(f_b: FloatArray, f_with_u_from_b: FloatArray, f_a: FloatArray | None = None) -> FloatArray:
    """Closed index ``c(u) = Var(E[f | x_u]) / V`` of groups of factors.

    ``f_b`` ``(n, p)`` are the values at ``B``, ``f_with_u_from_b`` those at ``A`` with the columns of the group ``u``
    taken from ``B``: ``(n, p)`` for one group, which gives ``(p,)``, or ``(groups, n, p)``, which gives ``(groups,
    p)``. With the values ``f_a`` ``(n, p)`` at ``A`` the first order of :func:`indices`, without them that of
    :func:`janon_monod`; the latter is exactly 1 where the group is all factors. One minus a closed index is a total
    index of the factors outside ``u``.
    """
    groups = f_with_u_from_b[None] if f_with_u_from_b.ndim == 2 else f_with_u_from_b
    found = janon_monod(f_b, groups) if f_a is None else indices(f_a, f_b, groups).first
    return found.ravel() if f_with_u_from_b.ndim == 2 else found


class OverScrambles(NamedTuple):
    """A mean over independent scrambles with its interval."""

    mean: FloatArray
    """NaN where no scramble has a value"""
    low: FloatArray
    """NaN where fewer than two scrambles have a value"""
    high: FloatArray
    """NaN likewise"""
    scrambles: NDArray[np.intp]
    """how many scrambles had a value"""


def over_scrambles(values: FloatArray, confidence: float = 0.95) -> OverScrambles:
    """``mean -+ t sd / sqrt(s)`` over ``s`` independent scrambles of the points; ``values`` ``(s, ...)``.

    ``t`` is Student's quantile of ``s - 1`` degrees of freedom. Scrambles without a value (NaN) are left out. Points of
    one scramble depend on each other, so that resampling them says nothing of the error; the scrambles do not.

    References
    ----------
    L'Ecuyer, Nakayama, Owen & Tuffin (2023), doi:10.1109/WSC60868.2023.10408613.

    Raises
    ------
    ValueError
        Where ``confidence`` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, found {confidence}")
    known = ~np.isnan(values)
    count = known.sum(axis=0, dtype=np.intp)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    distance = np.where(known, values - mean, 0.0)
    free = np.maximum(count - 1, 1)
    quantiles = stdtrit(np.arange(1, max(len(values), 2)), (1 + confidence) / 2)
    half = quantiles[free - 1] * np.sqrt((distance * distance).sum(axis=0) / free / (free + 1))
    mean = np.where(count >= 1, mean, np.nan)
    half = np.where(count >= 2, half, np.nan)
    return OverScrambles(mean, mean - half, mean + half, count)


def shapley_from_closed(closed: Mapping[int, FloatArray] | FloatArray) -> FloatArray:
    """Shapley effects ``(k, p)`` from the closed indices of all subsets of ``k`` factors, at most 12.

    ``Sh_i = sum over u without i of [c(u + i) - c(u)] / (k C(k - 1, |u|))``. ``closed`` is an array ``(2^k, p)`` (or
    ``(2^k,)``, which gives ``(k,)``), or a mapping from each subset to ``(p,)``; a subset is a number in which bit
    ``i`` stands for factor ``i``. The effects sum to ``c(all) - c(none)``, which is 1 for indices; a mapping need not
    hold ``c(none) = 0``. Factors may depend on each other. An output with a NaN among its indices has NaN effects.

    References
    ----------
    Owen (2014), doi:10.1137/130936233; Song, Nelson & Staum (2016), doi:10.1137/15M1048070.

    Raises
    ------
    ValueError
        Where subsets are missing, or factors are more than 12.

    Examples
    --------
    >>> shapley_from_closed(np.array([0.0, 0.25, 0.5, 1.0])).tolist()
    [0.375, 0.625]
    """
    table = _stacked(closed) if isinstance(closed, Mapping) else closed
    factors = len(table).bit_length() - 1
    if len(table) != 1 << factors or factors < 1:
        raise ValueError(f"closed indices of all 2^k subsets are needed, found {len(table)}")
    if factors > MOST_FACTORS:
        raise ValueError(f"all subsets are told apart for at most {MOST_FACTORS} factors, found {factors}")
    outputs = table.reshape(len(table), -1)
    others = np.array([mask.bit_count() for mask in range(1 << (factors - 1))])
    weights = np.array([1.0 / (factors * math.comb(factors - 1, size)) for size in range(factors)])[others]
    effects = np.empty((factors, outputs.shape[1]))
    for factor in range(factors):
        by_factor = outputs.reshape(-1, 2, 1 << factor, outputs.shape[1])
        steps = by_factor[:, 1] - by_factor[:, 0]
        # Without the bit of the factor, the others keep their order, so that sizes are those of half the masks.
        effects[factor] = np.einsum("m,mp->p", weights, steps.reshape(len(weights), -1))
    return effects.reshape(factors, *table.shape[1:])


def _stacked(closed: Mapping[int, FloatArray]) -> FloatArray:
    """The indices of a mapping in the order of the masks."""
    if not closed:
        raise ValueError("closed indices of all 2^k subsets are needed, found none")
    subsets = 1 << max(closed).bit_length()
    some = np.asarray(next(iter(closed.values())), dtype=np.float64)
    none = {0: np.zeros_like(some)}
    missing = [mask for mask in range(1, subsets) if mask not in closed]
    if missing or subsets == 1:
        raise ValueError(f"closed indices of all 2^k subsets are needed, missing {missing[:5]}")
    return np.stack([np.asarray((none | dict(closed))[mask], dtype=np.float64) for mask in range(subsets)])


def shapley_by_permutations(
    closed: Callable[[int], FloatArray], factors: int, permutations: int, rng: np.random.Generator
) -> FloatArray:
    """Shapley effects ``(factors, p)`` of independent factors, estimated over random orders of them.

    The effect of a factor is the mean, over orders of the factors, of what it adds to the closed index of those before
    it. ``closed(mask)`` gives the closed indices ``(p,)`` of a subset (bit ``i`` stands for factor ``i``; never the
    empty one, whose index is 0); it is asked once for each subset that is met. Every second order is the reverse of the
    one before: what one overstates the other understates. Where all subsets together are no more than the orders would
    ask for, they are all taken, and the effects are exact but for the errors of ``closed``.

    The effects sum to ``closed(all)``, which is 1, whatever the orders. An output with a NaN among its indices has NaN
    effects.

    References
    ----------
    Song, Nelson & Staum (2016), doi:10.1137/15M1048070; reversed orders: Mitchell, Cooper, Frank & Holmes (2022),
    Journal of Machine Learning Research 23(43).

    Raises
    ------
    ValueError
        Where there is no factor or no permutation.
    """
    if factors < 1 or permutations < 1:
        raise ValueError(f"at least one factor and one permutation are needed, found {factors} and {permutations}")
    everything = (1 << factors) - 1
    if factors <= MOST_FACTORS and everything - 1 <= permutations * (factors - 1):
        return shapley_from_closed({mask: closed(mask) for mask in range(1, everything + 1)})
    whole = np.asarray(closed(everything), dtype=np.float64)
    seen = {0: np.zeros_like(whole), everything: whole}
    effects = np.zeros((factors, *whole.shape))
    order = np.empty(0, dtype=np.intp)
    for number in range(permutations):
        order = order[::-1] if number % 2 else rng.permutation(factors)
        prefixes = [0]
        for factor in order.tolist():
            prefixes.append(prefixes[-1] | 1 << factor)
            if prefixes[-1] not in seen:
                seen[prefixes[-1]] = np.asarray(closed(prefixes[-1]), dtype=np.float64)
        for factor, (before, after) in zip(order.tolist(), pairwise(prefixes), strict=True):
            effects[factor] += seen[after] - seen[before]
    effects /= permutations
    effects[:, np.isnan(effects).any(axis=0)] = np.nan
    return effects
