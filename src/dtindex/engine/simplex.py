"""Laws of weights: numbers that are not negative and sum to 1, drawn many rows at a time.

Every law says how many of the ``dimensions`` of a low-discrepancy sequence a draw takes, and turns points of that many
uniforms into rows of weights. A row depends on its own uniforms (for `Box`, which takes none, on the generator) and on
nothing else: not on the rows beside it, and not on how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, gammainccinv, gammaincinv, gammaln

__all__ = ["Box", "Choice", "Dirichlet", "Fixed", "Law", "Noise", "Ordinal", "Uniform"]

FloatArray = NDArray[np.float64]

_LEAST = 2.0**-64
_MOST = 1.0 - 2.0**-53
_BLOCK_NUMBERS = 32_768  # numbers worked on at a time: they stay in a core's cache

_TOO_SMALL = 1e-280  # a sum of gamma quantiles that have lost digits, or all of them
_LEFT, _RIGHT = -37.0, 45.0  # the logits of 2^-53 and of 1 - 2^-64, and a bit more
_CELLS_PER_UNIT = 24
_CELLS = round((_RIGHT - _LEFT) * _CELLS_PER_UNIT)
_STILL_A_POWER = -40.0  # ln x below which x in 1 + x is lost

_NOTHING = 1e-12  # an interval narrower than this is a point


class Law(Protocol):
    """What the laws of weights have in common."""

    @property
    def items(self) -> int:
        """How many weights a row has."""
        ...

    @property
    def dimensions(self) -> int:
        """How many uniforms a row takes."""
        ...

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Weights ``(runs, items)`` of ``uniforms`` ``(runs, dimensions)``, which lie between 0 and 1.

        Each row sums to 1 up to rounding. Only a law without dimensions takes anything from ``rng``. A uniform of
        exactly 0 or 1 counts as the number next to it inside.
        """
        ...


@dataclass(frozen=True)
class Uniform:
    """Uniform over all weights that sum to 1: ``w_j = E_j / sum_k E_k`` with ``E_j = -ln U_j``.

    Examples
    --------
    >>> Uniform(2).draw(np.array([[0.5, 0.25]]), np.random.default_rng(1)).round(6)
    array([[0.333333, 0.666667]])
    """

    items: int

    def __post_init__(self) -> None:
        _some(self.items)

    @property
    def dimensions(self) -> int:
        return self.items

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        for block in _blocks(uniforms):
            drawn = np.log(_inside(uniforms[block]), out=weights[block])
            drawn /= _row_sums(drawn)[:, None]
        return weights


@dataclass(frozen=True)
class Ordinal:
    """Uniform over all weights with ``w_1 >= w_2 >= ... >= w_m`` that sum to 1.

    ``w_j = sum_{k >= j} v_k / k`` with ``v`` uniform over the simplex, whose corners it takes to those of the ordered
    weights: ``(1, 0, ...)``, ``(1/2, 1/2, 0, ...)``, ``(1/3, 1/3, 1/3, 0, ...)``. The law is that of uniform weights
    sorted, and means are ``(1/m) sum_{k >= j} 1/k``; unlike sorting, it is smooth in every uniform. The order holds to
    the last bit.
    """

    items: int

    def __post_init__(self) -> None:
        _some(self.items)

    @property
    def dimensions(self) -> int:
        return self.items

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        positions = np.arange(1.0, self.items + 1.0)
        for block in _blocks(uniforms):
            drawn = np.log(_inside(uniforms[block]), out=weights[block])
            drawn /= positions
            for item in range(self.items - 2, -1, -1):
                drawn[:, item] += drawn[:, item + 1]
            drawn /= _row_sums(drawn)[:, None]
        return weights


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
        alphas = _vector(self.alphas)
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
        for block in _blocks(uniforms):
            logarithms = self._tables.logarithms(uniforms[block])
            if never.size:
                logarithms[:, never] = -np.inf
            drawn = np.exp(logarithms, out=weights[block])
            sums = _row_sums(drawn)
            drawn /= np.maximum(sums, _TOO_SMALL)[:, None]
            lost = np.flatnonzero(sums <= _TOO_SMALL)
            if lost.size:  # quantiles of small alphas can all be smaller than any number
                again = np.exp(logarithms[lost] - logarithms[lost].max(axis=1)[:, None])
                drawn[lost] = again / _row_sums(again)[:, None]
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
        inside = np.clip(uniforms, _LEAST, _MOST)
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


@dataclass(frozen=True, eq=False)
class Box:
    """Uniform over all weights with ``lower <= w <= upper`` that sum to 1, without approximation.

    All weights but one are drawn from their intervals, independently, with densities proportional to ``exp(t w)``; the
    one with the widest interval is what the others leave of 1. The draw counts if that lies in its interval, and then
    with probability ``exp(t (w_last - end))``, ``end`` being the upper end where ``t > 0`` and the lower one where
    ``t < 0``: what counts is uniform whatever ``t`` is. The chance that a draw counts is, but for the volume, one over
    ``prod_{j != last} int exp(t w_j) dw_j * exp(-t (1 - end))``. It is largest for the widest interval, and where the
    others have means that sum to ``1 - end``, or at ``t = 0`` where their middles already leave the last one a place in
    its interval.

    Parameters
    ----------
    lower, upper
        ``(m,)``, ``0 <= lower <= upper``. Equal ends fix a weight. Where one row only is possible, every row is it.

    Raises
    ------
    ValueError
        Ends that are not finite, negative or the wrong way round; lower ends that sum to more than 1, or upper ends
        that sum to less (by more than 1e-12).

    Notes
    -----
    Takes no uniforms, but as many numbers of the generator as it needs: in the worst case about ``sqrt(2 pi m)`` rows
    of them for a row of weights. The first rows of a longer draw are those of a shorter one.

    Every row lies within the ends, and its sum is 1 as near as the last bits of its weights allow.
    """

    lower: FloatArray
    upper: FloatArray

    def __post_init__(self) -> None:
        lower, upper = _vector(self.lower), _vector(self.upper)
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)
        if lower.shape != upper.shape:
            raise ValueError(f"{lower.size} lower and {upper.size} upper ends")
        if not (np.isfinite(upper).all() and (lower >= 0.0).all() and (lower <= upper).all()):
            raise ValueError(f"no interval from 0 up: {lower.tolist()} to {upper.tolist()}")
        if not self.feasible(lower, upper):
            raise ValueError(
                f"no weights that sum to 1: lower ends sum to {math.fsum(lower):.12g}, "
                f"upper ends to {math.fsum(upper):.12g}"
            )

    @staticmethod
    def feasible(lower: ArrayLike, upper: ArrayLike) -> bool:
        """Whether the lower ends ``(m,)`` sum to 1 or less, and the upper ones to 1 or more (within 1e-12)."""
        lowest, highest = math.fsum(np.asarray(lower)), math.fsum(np.asarray(upper))
        return lowest <= 1.0 + _NOTHING and highest >= 1.0 - _NOTHING

    @property
    def items(self) -> int:
        return self.lower.size

    @property
    def dimensions(self) -> int:
        return 0

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        way = self._way
        weights = np.tile(way.base, (len(uniforms), 1))
        if way.free.size < 2:
            self._settle(weights)
            return weights
        columns = slice(None) if way.free.size == self.items else way.free
        most = max(32, _BLOCK_NUMBERS // way.free.size)
        filled, tried = 0, 0
        while filled < len(weights):
            wanted = len(weights) - filled
            chance = max(filled, 1) / tried if tried else 0.25
            tries = min(int(wanted / chance * 1.05) + 32, most)
            steps = way.accepted(rng, tries)[:wanted]
            rows = slice(filled, filled + len(steps))
            steps += way.base[columns]
            weights[rows, columns] = steps
            self._settle(weights[rows])
            filled, tried = rows.stop, tried + tries
        return weights

    def _settle(self, weights: FloatArray) -> None:
        """Keep ``weights`` ``(n, m)`` within their ends, and give the widest interval what rounding left over."""
        widest = self._way.widest
        np.maximum(weights, self.lower, out=weights)
        np.minimum(weights, self.upper, out=weights)
        for _ in range(2):
            settled = weights[:, widest] - (weights.sum(axis=1) - 1.0)
            weights[:, widest] = np.clip(settled, self.lower[widest], self.upper[widest])

    @cached_property
    def _way(self) -> _WayThroughBox:
        return _way_through_box(self.lower, self.upper)


class _WayThroughBox(NamedTuple):
    """How `Box` draws: weights are ``base + sign * y`` with ``0 <= y <= widths`` and ``sum y = room``.

    Distances ``y`` are measured from that end of the intervals at which the weights crowd, so that their densities
    ``exp(-rate y)`` never grow.
    """

    base: FloatArray
    """Where distances are measured from, ``(m,)``."""

    sign: float
    free: NDArray[np.intp]
    """The items that are not fixed, ``(k,)``."""

    widths: FloatArray
    """Of the free items, ``(k,)``."""

    last: int
    """The place of the widest of them in ``free``."""

    room: float
    rate: float

    @property
    def widest(self) -> int:
        """The item that takes up rounding."""
        return int(self.free[self.last]) if self.free.size else int(np.argmax(self.base))

    def accepted(self, rng: np.random.Generator, tries: int) -> FloatArray:
        """Those of so many ``tries`` that count, as steps from the base ``(accepted, k)``."""
        steps = rng.random((tries, self.free.size))
        if self.rate > 0.0:
            # The last column is of an interval without end: no more than its distance is accepted with exp(-rate y).
            factors = np.expm1(-self.rate * self.widths)
            factors[self.last] = -1.0
            steps *= factors
            np.log1p(steps, out=steps)
            steps /= -self.rate
            most = np.minimum(steps[:, self.last], self.widths[self.last])
        else:
            steps *= self.widths
            most = np.full(tries, self.widths[self.last])
        steps[:, self.last] = 0.0
        left = self.room - _row_sums(steps)
        counts = np.flatnonzero((left >= 0.0) & (left <= most))
        found = steps[counts]
        found[:, self.last] = left[counts]
        found *= self.sign
        return found


def _way_through_box(lower: FloatArray, upper: FloatArray) -> _WayThroughBox:
    # What the other ends leave: no weight outside these intervals can be part of a row that sums to 1.
    spare, short = max(0.0, 1.0 - math.fsum(lower)), max(0.0, math.fsum(upper) - 1.0)
    lowest, highest = np.maximum(lower, upper - short), np.minimum(upper, lower + spare)
    free = np.flatnonzero(highest - lowest > _NOTHING)
    widths = (highest - lowest)[free]
    if free.size < 2:
        return _WayThroughBox(lowest, 1.0, free, widths, 0, 0.0, 0.0)
    last = int(np.argmax(widths))
    middles = (math.fsum(widths) - float(widths[last])) / 2.0
    room = 1.0 - math.fsum(lowest)
    from_above = math.fsum(widths) - room
    others = np.delete(widths, last)
    if middles > room:
        return _WayThroughBox(lowest, 1.0, free, widths, last, room, _rate(others, room))
    if middles > from_above:
        base = lowest.copy()
        base[free] = highest[free]
        return _WayThroughBox(base, -1.0, free, widths, last, from_above, _rate(others, from_above))
    return _WayThroughBox(lowest, 1.0, free, widths, last, room, 0.0)


def _rate(widths: FloatArray, total: float) -> float:
    """The rate at which exponential variables that end at ``widths`` ``(k,)`` have means that sum to ``total``.

    It is less than half the sum of the widths.
    """

    def excess(rate: float) -> float:
        x = rate * widths
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            means = np.where(x > 1e-4, 1.0 / x - 1.0 / np.expm1(x), 0.5 - x / 12.0)
        return float((widths * means).sum()) - total

    # No mean is above 1 / rate.
    return float(brentq(excess, 0.0, 1.01 * widths.size / total))


@dataclass(frozen=True, eq=False)
class Noise:
    """Each of the ``weights`` ``(m,)`` times its own ``1 - share + 2 share U``, then divided by their sum.

    The weights need not sum to 1; ``share`` is in 0..1. After the division a weight can be further than its share from
    where it was: `Box` keeps within.

    Raises
    ------
    ValueError
        Weights that are negative, not finite or all 0; a share that is not in 0..1.

    Examples
    --------
    >>> Noise([1.0, 1.0], 0.5).draw(np.array([[0.5, 0.5], [0.0, 1.0]]), np.random.default_rng(1))
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """

    weights: FloatArray
    share: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _proportions(_vector(self.weights)))
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"the share of noise is in 0..1: {self.share}")

    @property
    def items(self) -> int:
        return self.weights.size

    @property
    def dimensions(self) -> int:
        return self.weights.size

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        weights = np.empty(uniforms.shape)
        span, least = 2.0 * self.share * self.weights, (1.0 - self.share) * self.weights
        for block in _blocks(uniforms):
            drawn = np.multiply(_inside(uniforms[block]), span, out=weights[block])
            drawn += least
            drawn /= _row_sums(drawn)[:, None]
        return weights


@dataclass(frozen=True, eq=False)
class Choice:
    """One of the ``rows`` ``(k, m)`` a draw, each as often as its share says.

    Row ``j`` stands for uniforms from the sum of the shares before it up to, and without, the sum that includes its
    own. With equal shares that is row ``floor(k U)``. Rows and ``shares`` ``(k,)`` are divided by their sums. A row
    with a share of 0 is never drawn.

    Raises
    ------
    ValueError
        Rows or shares that are negative, not finite or sum to 0, or not one share for each row.

    Examples
    --------
    >>> Choice([[1, 3], [1, 1]], [1, 1]).draw(np.array([[0.49], [0.5]]), np.random.default_rng(1))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """

    rows: FloatArray
    shares: FloatArray

    def __post_init__(self) -> None:
        rows = np.array(self.rows, dtype=np.float64)
        shares = _proportions(_vector(self.shares))
        if rows.ndim != 2 or not rows.shape[1] or len(rows) != shares.size:
            raise ValueError(f"{shares.size} shares for rows of shape {rows.shape}")
        object.__setattr__(self, "rows", _proportions(rows))
        object.__setattr__(self, "shares", shares)

    @property
    def items(self) -> int:
        return int(self.rows.shape[1])

    @property
    def dimensions(self) -> int:
        return 1

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.take(self.rows, self.levels(uniforms), axis=0)

    def levels(self, uniforms: FloatArray) -> NDArray[np.intp]:
        """Which row each of ``uniforms`` ``(runs, 1)`` stands for, ``(runs,)``."""
        possible = np.flatnonzero(self.shares)
        levels: NDArray[np.intp] = possible[np.searchsorted(self._ends, uniforms[:, 0], side="right")]
        return levels

    @cached_property
    def _ends(self) -> FloatArray:
        # Divided after they are summed: with equal shares the ends are then j / k as it is rounded.
        sums = np.cumsum(self.shares[self.shares > 0.0])
        ends: FloatArray = sums[:-1] / sums[-1]
        return ends


@dataclass(frozen=True, eq=False)
class Fixed:
    """The same ``weights`` ``(m,)`` every time, divided by their sum.

    Raises
    ------
    ValueError
        Weights that are negative, not finite or all 0.
    """

    weights: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _proportions(_vector(self.weights)))

    @property
    def items(self) -> int:
        return self.weights.size

    @property
    def dimensions(self) -> int:
        return 0

    def draw(self, uniforms: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.tile(self.weights, (len(uniforms), 1))


def _some(items: int) -> None:
    if items < 1:
        raise ValueError(f"one weight or more: {items}")


def _vector(values: ArrayLike) -> FloatArray:
    """A copy that nobody changes."""
    vector = np.array(values, dtype=np.float64)
    if vector.ndim != 1 or not vector.size:
        raise ValueError(f"one number or more in a row, not an array of shape {vector.shape}")
    vector.flags.writeable = False
    return vector


def _proportions(rows: FloatArray) -> FloatArray:
    """``rows`` ``(..., m)``, each divided by its sum."""
    sums = rows.sum(axis=-1, keepdims=True)
    if not (np.isfinite(sums).all() and (rows >= 0.0).all() and (sums > 0.0).all()):
        raise ValueError(f"weights are 0 or more and not all 0: {rows.tolist()}")
    proportions: FloatArray = rows / sums
    proportions.flags.writeable = False
    return proportions


def _blocks(uniforms: FloatArray) -> Iterator[slice]:
    """Slices of as many rows as a core's cache holds."""
    runs, items = uniforms.shape
    rows = max(1, _BLOCK_NUMBERS // items)
    return (slice(start, start + rows) for start in range(0, runs, rows))


def _inside(uniforms: FloatArray) -> FloatArray:
    """``uniforms``, none of them exactly 0 or 1. Looking is cheaper than a copy."""
    if uniforms.min() >= _LEAST and uniforms.max() <= _MOST:
        return uniforms
    return np.clip(uniforms, _LEAST, _MOST)


def _row_sums(rows: FloatArray) -> FloatArray:
    """The sums ``(n,)`` of contiguous ``rows`` ``(n, m)``, each of its own row alone, whatever rows are beside it.

    A product with ones is as fast, but its last bits depend on the number of rows and threads; `sum` takes four times
    as long for short rows.
    """
    sums: FloatArray = np.einsum("ij->i", rows)
    return sums
