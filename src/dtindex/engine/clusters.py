"""Variance of totals in a sample that was drawn in stages, by domains; arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.groups import group_sums

__all__ = ["Clusters", "DomainTotals", "Lonely", "Stage"]

FloatArray = NDArray[np.float64]
Codes = NDArray[np.intp]
Lonely = Literal["fail", "certainty", "adjust", "average"]


@dataclass(frozen=True, eq=False)
class Stage:
    """What was drawn at one stage, and from what."""

    units: Codes
    """Unit of each row ``(rows,)``, counted from 0."""
    parents: Codes
    """Stratum, or unit of the stage before, that each unit was drawn from ``(units,)``."""
    fractions: FloatArray
    """Share that was drawn of each parent's units ``(parents,)``; 0 where they are taken for infinitely many."""
    factors: FloatArray
    """Product of the fractions of the stages before ``(parents,)``; 1 at the first."""

    @property
    def sampled(self) -> FloatArray:
        """How many units were drawn of each parent ``(parents,)``."""
        return np.bincount(self.parents, minlength=len(self.fractions)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Clusters:
    """The stages of a design; what there is no population of ends them."""

    stages: tuple[Stage, ...]
    lonely: Lonely = "fail"

    @property
    def psus(self) -> Codes:
        """Primary sampling unit of each row ``(rows,)``."""
        return self.stages[0].units

    @property
    def strata(self) -> Codes:
        """Stratum of each PSU ``(psus,)``."""
        return self.stages[0].parents

    def lonely_strata(self) -> Codes:
        """Strata of the first stage with a single PSU that is not all there is."""
        first = self.stages[0]
        return np.flatnonzero((first.sampled == 1) & (first.fractions < 1))


@dataclass(frozen=True, eq=False)
class _Prepared:
    """Who adds up to what at one stage, for all domains at once: (domain, unit) and (domain, parent) that occur."""

    units: Codes | None
    pairs: int
    parents: Codes
    lacking: FloatArray
    sampled: FloatArray
    domains: Codes
    coefficients: FloatArray
    adjusted: FloatArray
    rescaled: float


class DomainTotals:
    """Variances of totals ``sum z`` of disjoint domains; rows of no domain count as zeros.

    ``V = sum_h (1 - f_h) n_h / (n_h - 1) sum_c (z_hc - mean_h)^2`` over the PSUs ``c`` of each stratum ``h``, those
    without a row of the domain included; later stages add ``f_1 (1 - f_2) n_2 / (n_2 - 1) sum (z - mean)^2`` within
    each unit of the stage before. Without populations the first stage is all (ultimate clusters).

    A stratum with a single PSU adds nothing (``certainty``), its squared total (``adjust``), or the mean of the other
    strata (``average``), as `survey.lonely.psu` of R's survey has it; ``fail`` adds NaN.

    Parameters
    ----------
    clusters
        The design.
    domain
        Domain of each row ``(rows,)``, -1 for none.
    count
        How many domains there are.

    References
    ----------
    Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, chapters 4 and 5;
    Lumley (2010), Complex Surveys, doi:10.1002/9780470580066
    """

    def __init__(self, clusters: Clusters, domain: Codes, count: int) -> None:
        self.count = count
        self.rows: Codes | slice = slice(None) if (domain >= 0).all() else np.flatnonzero(domain >= 0)
        own = domain[self.rows]
        self._stages: list[_Prepared] = []
        for position, stage in enumerate(clusters.stages):
            if position and not (stage.factors > 0).any():
                break
            self._stages.append(_prepared(stage, own, self.rows, count, clusters.lonely))

    def variances(self, values: FloatArray) -> FloatArray:
        """Variance ``(count,)`` of the total of ``values`` ``(rows,)``, weights included, of each domain."""
        own = values[self.rows]
        found = np.zeros(self.count)
        for stage in self._stages:
            found += _of_stage(stage, own, self.count)
        return found

    def degrees(self, counted: NDArray[np.bool_]) -> tuple[Codes, Codes]:
        """PSUs and strata ``(count,)`` that have rows of each domain among those that are ``counted`` ``(rows,)``."""
        first, own = self._stages[0], counted[self.rows]
        seen = own if first.units is None else np.bincount(first.units[own], minlength=first.pairs) > 0
        parents = first.parents[seen]
        psus = np.bincount(first.domains[parents], minlength=self.count)
        met = np.bincount(parents, minlength=len(first.domains)) > 0
        return psus, np.bincount(first.domains[met], minlength=self.count)


def _prepared(stage: Stage, domain: Codes, rows: Codes | slice, count: int, lonely: Lonely) -> _Prepared:
    units, parents = len(stage.parents), len(stage.fractions)
    pairs, inverse = np.unique(domain * units + stage.units[rows], return_inverse=True)
    alone = len(pairs) == len(domain)  # each row is a unit of its own: nothing to add up, and rows stay in their order
    of_pair = domain * parents + stage.parents[stage.units[rows]] if alone else None
    if of_pair is None:
        of_pair = pairs // units * parents + stage.parents[pairs % units]
    occurring, within = np.unique(of_pair, return_inverse=True)
    parent = occurring % parents
    sampled = stage.sampled[parent]
    unseen = stage.factors[parent] * (1.0 - stage.fractions[parent])
    single = (sampled == 1) & (unseen > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficients = np.where(sampled > 1, unseen * sampled / (sampled - 1), 0.0)
    rescaled = 1.0
    if lonely == "fail":
        coefficients[single] = np.nan
    elif lonely == "average":
        all_single = (stage.sampled == 1) & (stage.fractions < 1)
        others = len(all_single) - int(all_single.sum())
        rescaled = len(all_single) / others if others else np.nan
    return _Prepared(
        units=None if alone else inverse,
        pairs=len(pairs),
        parents=within,
        lacking=sampled - np.bincount(within, minlength=len(occurring)),
        sampled=sampled,
        domains=occurring // parents,
        coefficients=coefficients,
        adjusted=np.where(single, unseen, 0.0) if lonely == "adjust" else np.zeros(len(occurring)),
        rescaled=rescaled,
    )


def _of_stage(stage: _Prepared, values: FloatArray, count: int) -> FloatArray:
    totals = values if stage.units is None else group_sums(stage.units, values, stage.pairs)
    occurring = len(stage.sampled)
    means = group_sums(stage.parents, totals, occurring) / stage.sampled
    distances = totals - means[stage.parents]
    squares = group_sums(stage.parents, distances * distances, occurring) + stage.lacking * means * means
    parts = stage.coefficients * squares + stage.adjusted * means * means
    return group_sums(stage.domains, parts, count) * stage.rescaled
