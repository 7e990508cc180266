"""Replicates of a sample: which primary sampling units count how much in each of them; arrays in, arrays out.

``V = sum_r scale_r (theta_r - centre)^2`` over the replicates ``r``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.clusters import Stage

__all__ = [
    "BLOCK",
    "BalancedHalves",
    "Jackknife",
    "Replicated",
    "Replication",
    "Rescaled",
    "hadamard",
    "replicated_variance",
]

FloatArray = NDArray[np.float64]
BLOCK = 32
"""Replicates in a block; a block's random numbers depend on the seed and its number alone."""


class Replication:
    """Factors of the weights of each PSU in each replicate, made a block at a time."""

    scales: FloatArray
    """``(replicates,)``"""
    centre: Literal["mean", "estimate"] = "mean"

    @property
    def count(self) -> int:
        return len(self.scales)

    def block(self, number: int) -> FloatArray:
        """Factors ``(replicates of the block, psus)``."""
        raise NotImplementedError

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.count // BLOCK)

    def span(self, number: int) -> slice:
        """Which replicates a block holds."""
        return slice(number * BLOCK, min((number + 1) * BLOCK, self.count))


class Jackknife(Replication):
    """Leaves out one PSU at a time; the others of its stratum count ``n / (n - 1)``.

    JK1 (one stratum): ``V = (1 - f) (G - 1) / G sum (theta_g - mean)^2``; JKn: ``V = sum_h (1 - f_h) (n_h - 1) / n_h
    sum (theta_hg - mean)^2``, both about the mean of all replicates. A stratum with a single PSU has no replicate.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, chapter 4. doi:10.1007/978-0-387-35099-8
    """

    def __init__(self, first: Stage) -> None:
        self._strata = first.parents
        self._sampled = first.sampled
        self._left_out = np.flatnonzero(self._sampled[self._strata] > 1)
        stratum = self._strata[self._left_out]
        sampled = self._sampled[stratum]
        self.scales = (1.0 - first.fractions[stratum]) * (sampled - 1) / sampled

    def block(self, number: int) -> FloatArray:
        out = self._left_out[self.span(number)]
        stratum = self._strata[out]
        with np.errstate(divide="ignore"):
            others = (self._sampled / (self._sampled - 1))[stratum]
        factors = np.where(self._strata[None, :] == stratum[:, None], others[:, None], 1.0)
        factors[np.arange(len(out)), out] = 0.0
        return factors


class BalancedHalves(Replication):
    """Takes one of the two PSUs of each stratum, balanced by a Hadamard matrix.

    It counts ``2 - fay``, the other ``fay``.

    ``V = sum (theta_r - theta)^2 / (R (1 - fay)^2)`` about the estimate of the whole sample.

    References
    ----------
    McCarthy (1969); Fay's method after Judkins (1990), Journal of Official Statistics 6, 223-239.
    """

    centre: Literal["mean", "estimate"] = "estimate"

    def __init__(self, first: Stage, fay: float = 0.0) -> None:
        self._strata = first.parents
        self._fay = fay
        seen = np.zeros(len(first.fractions), dtype=bool)
        self._second = np.zeros(len(self._strata), dtype=bool)
        for psu, stratum in enumerate(self._strata.tolist()):
            self._second[psu] = seen[stratum]
            seen[stratum] = True
        self._halves = hadamard(len(first.fractions) + 1)[:, 1:]  # the first column does not change sign
        runs = len(self._halves)
        self.scales = np.full(runs, 1.0 / (runs * (1.0 - fay) ** 2))

    def block(self, number: int) -> FloatArray:
        signs = self._halves[self.span(number)][:, self._strata]
        return 1.0 + (1.0 - self._fay) * np.where(self._second, -signs, signs)


class Rescaled(Replication):
    """The bootstrap of Rao and Wu: ``n - 1`` of the ``n`` PSUs of each stratum, drawn with replacement.

    A PSU that is drawn ``r`` times counts ``1 - l + l r n / (n - 1)`` with ``l = sqrt(1 - f)``: without a population
    ``r n / (n - 1)``. ``V = sum (theta_b - mean)^2 / (B - 1)``. A stratum with a single PSU stays as it is.

    References
    ----------
    Rao & Wu (1988), doi:10.1080/01621459.1988.10478591; Rao, Wu & Yue (1992), Survey Methodology 18, 209-217.
    """

    def __init__(self, first: Stage, runs: int, seed: int) -> None:
        self.scales = np.full(runs, 1.0 / (runs - 1))
        self._seed = seed
        self._members = _members(first)
        sampled = first.sampled
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(sampled > 1, np.sqrt(np.clip(1.0 - first.fractions, 0.0, 1.0)), 0.0)
            each = np.where(sampled > 1, kept * sampled / (sampled - 1), 0.0)
        self._base = (1.0 - kept)[first.parents]
        self._each = each[first.parents]

    def drawn(self, number: int) -> NDArray[np.int64]:
        """How often each PSU was drawn ``(replicates of the block, psus)``; once where it is the only one."""
        rng = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(number,)))
        counts = np.ones((BLOCK, len(self._base)), dtype=np.int64)
        offsets = np.arange(BLOCK)[:, None]
        for members in self._members:
            size = len(members)
            if size > 1:
                draws = rng.integers(0, size, size=(BLOCK, size - 1)) + offsets * size
                counts[:, members] = np.bincount(draws.ravel(), minlength=BLOCK * size).reshape(BLOCK, size)
        span = self.span(number)
        return counts[: span.stop - span.start]

    def block(self, number: int) -> FloatArray:
        found: FloatArray = self._base + self._each * self.drawn(number)
        return found


def _members(first: Stage) -> list[NDArray[np.intp]]:
    """PSUs of each stratum."""
    order = np.argsort(first.parents, kind="stable")
    found: list[NDArray[np.intp]] = np.split(order, np.cumsum(first.sampled.astype(np.int64))[:-1])
    return found


def hadamard(least: int) -> NDArray[np.float64]:
    """A Hadamard matrix of the smallest power of two that is at least ``least``, after Sylvester."""
    found = np.ones((1, 1))
    while len(found) < least:
        found = np.block([[found, found], [found, -found]])
    return found


@dataclass(frozen=True, eq=False)
class Replicated:
    """Variances ``(estimates,)`` and how many replicates had a value of each."""

    variances: FloatArray
    known: NDArray[np.intp]


def replicated_variance(
    values: FloatArray, estimates: FloatArray, scales: FloatArray, centre: Literal["mean", "estimate"]
) -> Replicated:
    """Variance of the estimates ``(estimates,)`` from those of the replicates ``(replicates, estimates)``.

    A replicate in which there is no value (its domain is empty) is left out; those that are left count for it. The
    variance is NaN where fewer than two are left.
    """
    known = ~np.isnan(values) & (scales > 0)[:, None]
    counts = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centres = filled.sum(axis=0) / counts if centre == "mean" else estimates
        distances = np.where(known, values - centres, 0.0)
        share = (scales > 0).sum() / counts
        found = (scales[:, None] * distances * distances).sum(axis=0) * share
    return Replicated(np.where(counts >= 2, found, np.nan), counts)
