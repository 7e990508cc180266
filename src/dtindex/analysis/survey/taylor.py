"""Estimates with standard errors by Taylor linearisation: everything is a function of totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.survey.calibration import Calibration
from dtindex.analysis.survey.design import SampleDesign
from dtindex.analysis.survey.domains import Domains
from dtindex.analysis.survey.intervals import student
from dtindex.analysis.survey.outcomes import Outcome
from dtindex.engine.clusters import DomainTotals
from dtindex.engine.groups import group_sums
from dtindex.engine.quantiles import weighted_quantiles
from dtindex.steps.types import FloatArray

__all__ = ["Counted", "Figures", "Linearisation"]

_COLUMNS = 16
"""Influences that are regressed on auxiliaries at a time."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Who has a value, by domain, each ``(domains,)``."""

    respondents: NDArray[np.intp]
    weighted: FloatArray
    squared: FloatArray
    """Sum of the squared weights."""
    psus: NDArray[np.intp]
    strata: NDArray[np.intp]

    @property
    def degrees(self) -> NDArray[np.intp]:
        """PSUs less strata."""
        return self.psus - self.strata


@dataclass(frozen=True, eq=False)
class Figures:
    """One outcome in every domain, each ``(domains,)``; NaN where there is none."""

    outcome: Outcome
    counted: Counted
    estimates: FloatArray
    variances: FloatArray
    random: FloatArray
    """Variance in a simple random sample of as many respondents."""
    low: FloatArray | None = None
    high: FloatArray | None = None
    """An interval of its own, of quantiles."""
    flat: NDArray[np.bool_] | None = None
    """Where all values are one."""


class Linearisation:
    """Point estimates and variances of outcomes in domains; rows outside a domain stay in the design as zeros.

    With influences ``u`` of each respondent on the estimate, ``V = V(sum w u)``. Mean ``u = (y - mean) / W``, total
    ``u = y``, ratio ``u = (y - R x) / X``. Calibrated: ``u`` is replaced by its residual on the auxiliaries. A quantile
    takes the interval of the share of those below it, turned back into values (Woodruff 1952).
    """

    def __init__(
        self, sample: SampleDesign, domains: Domains, calibration: Calibration | None, confidence: float
    ) -> None:
        self.sample = sample
        self.domains = domains
        self.calibration = calibration
        self.confidence = confidence
        self.weights = sample.weights if calibration is None else calibration.weights
        self._positive = self.weights != 0
        self._totals = DomainTotals(sample.clusters, domains.codes, len(domains))
        self._whole: DomainTotals | None = None
        self._everyone: Counted | None = None

    def figures(self, outcome: Outcome, variances: bool = True) -> Figures:
        """The outcome in every domain; without ``variances`` those are left at NaN."""
        valid, values, under = _numbers(outcome)
        counted = self.counted(valid)
        if outcome.kind == "quantile":
            return self._quantile(outcome, valid, counted, variances)
        influences, estimates = self._influences(outcome, valid, values, under)
        flat = self._flat(outcome, valid) & (counted.respondents > 0)
        nothing = np.full(len(self.domains), np.nan)
        if not variances:
            return Figures(outcome, counted, estimates, nothing, self._random(influences, valid, counted), flat=flat)
        found = self._variances(np.where(np.isfinite(influences), influences, 0.0))
        if outcome.kind != "total":
            found = np.where(flat, 0.0, found) if self.calibration is None else found
        return Figures(outcome, counted, estimates, found, self._random(influences, valid, counted), flat=flat)

    def influences(self, outcome: Outcome) -> FloatArray:
        """Influence ``(respondents, domains)`` of each respondent on the estimate of each domain, but for quantiles."""
        own, _ = self._influences(outcome, *_numbers(outcome))
        columns = np.where(self.domains.codes[:, None] == np.arange(len(self.domains)), own[:, None], 0.0)
        columns = np.where(np.isfinite(columns), columns, 0.0)
        return columns if self.calibration is None else self.calibration.residuals(columns)

    def _influences(
        self, outcome: Outcome, valid: NDArray[np.bool_], values: FloatArray, under: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Influence of each respondent on the estimate of its own domain ``(respondents,)``, and the estimates."""
        over = self._sums(self.weights * values)
        if outcome.kind == "total":
            return values, np.where(self.counted(valid).respondents > 0, over, np.nan)
        divisors = self._sums(self.weights * under)
        with np.errstate(divide="ignore", invalid="ignore"):
            estimates = np.where(divisors != 0, over / divisors, np.nan)
            spread = values - self._each(estimates) * under
            influences = np.where(valid & (self.domains.codes >= 0), spread / self._each(divisors), 0.0)
        return influences, estimates

    def counted(self, valid: NDArray[np.bool_]) -> Counted:
        """Who has a value and a weight."""
        everyone = bool(valid.all())
        if everyone and self._everyone is not None:
            return self._everyone
        own = valid & self._positive
        inside = own & (self.domains.codes >= 0)
        codes = self.domains.codes[inside]
        count = len(self.domains)
        weights = self.weights[inside]
        psus, strata = self._totals.degrees(inside)
        found = Counted(
            np.bincount(codes, minlength=count).astype(np.intp),
            group_sums(codes, weights, count),
            group_sums(codes, weights * weights, count),
            psus.astype(np.intp),
            strata.astype(np.intp),
        )
        if everyone:
            self._everyone = found
        return found

    def _sums(self, values: FloatArray) -> FloatArray:
        inside = self.domains.codes >= 0
        if inside.all():
            return group_sums(self.domains.codes, values, len(self.domains))
        return group_sums(self.domains.codes[inside], values[inside], len(self.domains))

    def _each(self, of_domain: FloatArray) -> FloatArray:
        """A figure of its domain for each respondent; NaN for those in none."""
        found: FloatArray = np.append(of_domain, np.nan)[self.domains.codes]
        return found

    def _variances(self, influences: FloatArray) -> FloatArray:
        """``V(sum w u)`` of each domain."""
        if self.calibration is None:
            return self._totals.variances(self.weights * influences)
        if self._whole is None:
            everyone = np.zeros(len(self.weights), dtype=np.intp)
            self._whole = DomainTotals(self.sample.clusters, everyone, 1)
        found = np.empty(len(self.domains))
        for start in range(0, len(found), _COLUMNS):
            block = np.arange(start, min(start + _COLUMNS, len(found)))
            own = np.where(self.domains.codes[:, None] == block, influences[:, None], 0.0)
            residuals = self.calibration.residuals(own)
            for column, domain in enumerate(block.tolist()):
                found[domain] = self._whole.variances(self.weights * residuals[:, column])[0]
        return found

    def _random(self, influences: FloatArray, valid: NDArray[np.bool_], counted: Counted) -> FloatArray:
        """``W^2 s^2 / n``, less the share drawn where a population is known; ``s^2`` weighted, with ``n - 1``."""
        count = counted.respondents
        with np.errstate(divide="ignore", invalid="ignore"):
            means = self._sums(self.weights * np.where(valid, influences, 0.0)) / counted.weighted
            distances = np.where(valid, influences - self._each(means), 0.0)
            squares = self._sums(self.weights * np.nan_to_num(distances) ** 2)
            found = counted.weighted * squares / (count - 1)
            if self.sample.finite:
                found = found * np.clip(1.0 - count / counted.weighted, 0.0, 1.0)
        return np.where(count > 1, found, np.nan)

    def _flat(self, outcome: Outcome, valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Domains in which all values are one."""
        if outcome.kind not in ("mean", "share"):
            return np.zeros(len(self.domains), dtype=bool)
        inside = valid & self._positive & (self.domains.codes >= 0)
        codes, values = self.domains.codes[inside], outcome.values[inside]
        lows, highs = np.full(len(self.domains), np.inf), np.full(len(self.domains), -np.inf)
        np.minimum.at(lows, codes, values)
        np.maximum.at(highs, codes, values)
        flat: NDArray[np.bool_] = lows == highs
        return flat

    def _quantile(self, outcome: Outcome, valid: NDArray[np.bool_], counted: Counted, variances: bool) -> Figures:
        count = len(self.domains)
        estimates, found = np.full(count, np.nan), np.full(count, np.nan)
        low, high = np.full(count, np.nan), np.full(count, np.nan)
        share = np.array([outcome.quantile])
        members = [np.flatnonzero(valid & self._positive & (self.domains.codes == domain)) for domain in range(count)]
        for domain, own in enumerate(members):
            if own.size:
                estimates[domain] = weighted_quantiles(outcome.values[own], self.weights[own], share)[0]
        if variances:
            with np.errstate(invalid="ignore"):
                below = np.where(valid, (outcome.values <= self._each(estimates)).astype(np.float64), np.nan)
            shares = self.figures(Outcome(outcome.item, "", "mean", below))
            spread = student(self.confidence, counted.degrees) * np.sqrt(shares.variances)
            for domain, own in enumerate(members):
                if own.size and np.isfinite(spread[domain]):
                    ends = shares.estimates[domain] + np.array([-1.0, 1.0]) * spread[domain]
                    ends = weighted_quantiles(outcome.values[own], self.weights[own], ends)
                    low[domain], high[domain] = ends
            with np.errstate(invalid="ignore", divide="ignore"):
                found = ((high - low) / (2 * student(self.confidence, counted.degrees))) ** 2
        return Figures(outcome, counted, estimates, found, np.full(count, np.nan), low, high)


def _numbers(outcome: Outcome) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    """Who has a value, the values and what they are divided by, 0 for those who have none."""
    valid = ~np.isnan(outcome.values)
    if outcome.under is not None:
        valid &= ~np.isnan(outcome.under)
    values = np.where(valid, outcome.values, 0.0)
    under = np.where(valid, 1.0 if outcome.under is None else outcome.under, 0.0)
    return valid, values, under
