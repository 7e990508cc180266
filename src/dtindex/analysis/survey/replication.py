"""Variances by replicates: the same estimates with other weights, all replicates of a block in one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.survey.taylor import Figures, Linearisation
from dtindex.engine.calibration import NotMet
from dtindex.engine.clusters import Clusters
from dtindex.engine.groups import group_sums
from dtindex.engine.quantiles import weighted_quantiles
from dtindex.engine.replicates import (
    BalancedHalves,
    Jackknife,
    Replication,
    Rescaled,
    replicated_variance,
)
from dtindex.findings import Findings, InputError, LimitError, finding
from dtindex.spec.design import Bootstrap, Brr, Jk1, Replicates
from dtindex.steps.types import FloatArray

__all__ = ["Block", "estimates_by", "recalibrated", "replicated", "replication_of", "with_variances"]

Block = Callable[[int], FloatArray]

_MOST = 50_000
"""Replicates of a jackknife; each is a line of a matrix as wide as there are PSUs."""


def replication_of(clusters: Clusters, replicates: Replicates, runs: int, seed: int) -> Replication:
    """The replicates of a design.

    Raises
    ------
    InputError
        DT359 where the method is for designs of another kind.
    LimitError
        DT903 for a jackknife of very many PSUs.
    """
    first = clusters.stages[0]
    sampled = first.sampled
    if isinstance(replicates, Bootstrap):
        return Rescaled(first, runs, seed)
    if isinstance(replicates, Brr):
        other = int((sampled != 2).sum())
        if other:
            message = f"brr is for two PSUs a stratum, and {other:,} of {len(sampled):,} strata have another number"
            raise InputError(Findings([finding("DT359", f"{message}: take `jkn` or `bootstrap`")]))
        return BalancedHalves(first, replicates.fay)
    if isinstance(replicates, Jk1) and len(sampled) > 1:
        message = f"jk1 is for designs without strata, and there are {len(sampled):,}: take `jkn`"
        raise InputError(Findings([finding("DT359", message)]))
    if len(first.parents) > _MOST:
        message = f"a jackknife of {len(first.parents):,} PSUs has as many replicates, of at most {_MOST:,}"
        raise LimitError(Findings([finding("DT903", f"{message}: take `bootstrap`, or Taylor's method")]))
    return Jackknife(first)


def replicated(points: Sequence[Figures], linear: Linearisation, replication: Replication) -> Block:
    """What makes the estimates ``(replicates of a block, figures * domains)`` of a block, by its number."""
    from threadpoolctl import threadpool_limits

    work = _Estimates(points, linear)

    def block(number: int) -> FloatArray:
        with threadpool_limits(limits=1):  # products this narrow are slower on several threads
            return work.block(replication.block(number))

    return block


def with_variances(
    points: Sequence[Figures], found: FloatArray, replication: Replication, linear: Linearisation
) -> list[Figures]:
    """Put variances of ``found`` ``(replicates, figures * domains)`` beside the estimates."""
    estimates = np.concatenate([one.estimates for one in points])
    result = replicated_variance(found, estimates, replication.scales, replication.centre)
    variances = np.split(result.variances, len(points))
    return [replace(one, variances=own, low=None, high=None) for one, own in zip(points, variances, strict=True)]


@dataclass(frozen=True, eq=False)
class _Domain:
    """What of one domain is multiplied by the factors of its PSUs."""

    psus: NDArray[np.intp]
    totals: FloatArray
    """Sums over the rows of each PSU, weights included ``(psus, columns)``."""
    rows: NDArray[np.intp]


class _Estimates:
    """All outcomes in all domains, from the factors of a block of replicates."""

    def __init__(self, points: Sequence[Figures], linear: Linearisation) -> None:
        self.points = points
        self.linear = linear
        self.sums = [position for position, one in enumerate(points) if one.outcome.kind != "quantile"]
        self.columns = _columns([points[position] for position in self.sums])
        self.domains = [self._domain(domain) for domain in range(len(linear.domains))]

    def _domain(self, domain: int) -> _Domain:
        rows = np.flatnonzero(self.linear.domains.codes == domain)
        values = (
            np.stack([column[rows] for column in self.columns], axis=1) if self.columns else np.empty((len(rows), 0))
        )
        if self.linear.calibration is not None:
            return _Domain(rows, values, rows)
        weighted = values * self.linear.weights[rows, None]
        psus, inverse = np.unique(self.linear.sample.clusters.psus[rows], return_inverse=True)
        if len(psus) == len(rows):
            return _Domain(self.linear.sample.clusters.psus[rows], weighted, rows)
        sums = [group_sums(inverse, weighted[:, column], len(psus)) for column in range(weighted.shape[1])]
        return _Domain(psus, np.stack(sums, axis=1) if sums else np.empty((len(psus), 0)), rows)

    def block(self, factors: FloatArray) -> FloatArray:
        """Estimates ``(replicates, figures * domains)`` from factors ``(replicates, psus)``."""
        weights = None if self.linear.calibration is None else recalibrated(self.linear, factors)
        found = np.full((len(factors), len(self.points), len(self.domains)), np.nan)
        for position, domain in enumerate(self.domains):
            base = factors if weights is None else weights
            every = len(domain.psus) == base.shape[1] and bool((np.diff(domain.psus) == 1).all())
            sums = (base if every else base[:, domain.psus]) @ domain.totals
            self._ratios(found[:, :, position], sums)
            self._quantiles(found[:, :, position], domain, factors, weights)
        return found.reshape(len(factors), -1)

    def _ratios(self, found: FloatArray, sums: FloatArray) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            for number, position in enumerate(self.sums):
                over, under = sums[:, 2 * number], sums[:, 2 * number + 1]
                total = self.points[position].outcome.kind == "total"
                found[:, position] = over if total else np.where(under != 0, over / under, np.nan)

    def _quantiles(self, found: FloatArray, domain: _Domain, factors: FloatArray, weights: FloatArray | None) -> None:
        for position, one in enumerate(self.points):
            if one.outcome.kind != "quantile":
                continue
            rows = domain.rows[~np.isnan(one.outcome.values[domain.rows])]
            psus = self.linear.sample.clusters.psus[rows]
            own = factors[:, psus] * self.linear.weights[rows] if weights is None else weights[:, rows]
            share = np.array([one.outcome.quantile])
            order = np.argsort(one.outcome.values[rows], kind="stable")
            values, own = one.outcome.values[rows][order], own[:, order]
            for replicate in range(len(own)):
                found[replicate, position] = weighted_quantiles(values, own[replicate], share)[0]


def _columns(points: Sequence[Figures]) -> list[FloatArray]:
    """Numerator and denominator of each figure, zero where there is no value."""
    columns: list[FloatArray] = []
    for one in points:
        outcome = one.outcome
        valid = ~np.isnan(outcome.values)
        if outcome.under is not None:
            valid &= ~np.isnan(outcome.under)
        columns.append(np.where(valid, outcome.values, 0.0))
        columns.append(np.where(valid, 1.0 if outcome.under is None else outcome.under, 0.0))
    return columns


def recalibrated(linear: Linearisation, factors: FloatArray) -> FloatArray:
    """Calibrated weights ``(replicates, respondents)`` of each replicate; NaN where its totals cannot be met."""
    calibration = linear.calibration
    assert calibration is not None
    rows = factors[:, linear.sample.clusters.psus] * linear.sample.weights
    for replicate, weights in enumerate(rows):
        try:
            rows[replicate] = calibration.again(weights)
        except NotMet:
            rows[replicate] = np.nan
    return rows


def estimates_by(points: Sequence[Figures], linear: Linearisation, weights: FloatArray) -> FloatArray:
    """Estimates ``(figures * domains,)`` of outcomes with other weights ``(respondents,)``."""
    found = np.full((len(points), len(linear.domains)), np.nan)
    codes = linear.domains.codes
    inside = codes >= 0
    count = len(linear.domains)
    columns = _columns(points)
    with np.errstate(divide="ignore", invalid="ignore"):
        for position, one in enumerate(points):
            if one.outcome.kind == "quantile":
                for domain in range(count):
                    own = np.flatnonzero((codes == domain) & ~np.isnan(one.outcome.values))
                    share = np.array([one.outcome.quantile])
                    found[position, domain] = weighted_quantiles(one.outcome.values[own], weights[own], share)[0]
                continue
            over, under = (
                group_sums(codes[inside], (weights * column)[inside], count)
                for column in columns[2 * position : 2 * position + 2]
            )
            found[position] = over if one.outcome.kind == "total" else np.where(under != 0, over / under, np.nan)
    return found.ravel()
