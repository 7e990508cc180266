"""From figures to rows: intervals, design effects, comparisons with a benchmark, and words where there is no figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from dtindex.analysis.survey.domains import Domains
from dtindex.analysis.survey.intervals import exact_share, logit_share, student, two_sided
from dtindex.analysis.survey.taylor import Figures
from dtindex.steps.types import FloatArray

__all__ = ["Row", "Rules", "rows_of"]

_ENOUGH = 0.5
"""Share of the replicates that must have a value."""


@dataclass(frozen=True, eq=False)
class Rules:
    """How rows are made."""

    confidence: float
    least: int
    benchmarks: Mapping[str, tuple[float, float]]
    weights: FloatArray


@dataclass(frozen=True)
class Row:
    """One figure; ``numbers`` lacks what cannot be computed, and ``note`` says why."""

    item: str
    category: str
    kind: str
    groups: tuple[str, ...]
    n: int
    numbers: Mapping[str, float | None]
    method: str
    note: str = ""
    reason: str = ""
    """What could not be computed, for the findings."""
    suppressed: bool = field(default=False)


def rows_of(figures: Figures, domains: Domains, rules: Rules, method: str) -> Iterator[Row]:
    """A row for each domain."""
    errors = np.sqrt(np.maximum(figures.variances, 0.0))
    low, high = _interval(figures, errors, rules.confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = np.where(figures.random > 0, figures.variances / figures.random, np.nan)
    for domain, groups in enumerate(domains.labels):
        yield _row(figures, domain, groups, rules, method, errors, low, high, deff)


def _interval(figures: Figures, errors: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    if figures.low is not None and figures.high is not None:
        return figures.low, figures.high
    times = student(confidence, figures.counted.degrees)
    if figures.outcome.kind == "share":
        return logit_share(figures.estimates, errors, times)
    return figures.estimates - times * errors, figures.estimates + times * errors


def _row(
    figures: Figures,
    domain: int,
    groups: tuple[str, ...],
    rules: Rules,
    method: str,
    errors: FloatArray,
    lows: FloatArray,
    highs: FloatArray,
    deffs: FloatArray,
) -> Row:
    outcome, counted = figures.outcome, figures.counted
    count = int(counted.respondents[domain])
    weighted = float(counted.weighted[domain])
    head = (outcome.item, outcome.category, outcome.kind, groups, count)
    if count == 0:
        reason = "not computable: no respondent"
        return Row(*head, {"weighted": 0.0}, method, reason, reason)
    if count < rules.least:
        note = f"suppressed: fewer than {rules.least} respondents"
        return Row(*head, {"weighted": weighted}, method, note, note, suppressed=True)
    value = float(figures.estimates[domain])
    if not np.isfinite(value):
        reason = "not computable: the sum to divide by is zero"
        return Row(*head, {"weighted": weighted}, method, reason, reason)
    degrees = int(counted.degrees[domain])
    numbers: dict[str, float | None] = {"weighted": weighted, "estimate": value, "df": float(degrees)}
    reason = _no_error(figures, domain, count)
    if reason:
        numbers |= _compared(outcome.item, outcome.category, value, None, degrees, rules)
        return Row(*head, numbers, method, reason, reason)
    error, low, high = float(errors[domain]), float(lows[domain]), float(highs[domain])
    notes = []
    flat = figures.flat is not None and bool(figures.flat[domain])
    if outcome.kind == "share" and value in (0.0, 1.0):
        effective = weighted * weighted / float(counted.squared[domain])
        low, high = exact_share(value, effective, rules.confidence)
        who = "nobody" if value == 0 else "everybody"
        notes.append(f"{who}: interval after Clopper and Pearson for {effective:.3g} respondents")
    elif flat:
        reason = "no variation: all values are the same"
        notes.append(reason)
    elif not np.isfinite(low) or not np.isfinite(high):
        reason = (
            "interval not computable: no degrees of freedom"
            if degrees < 1
            else "interval not computable: it passes beyond the values of the sample"
        )
        notes.append(reason)
    numbers |= {"se": error, "low": low, "high": high, "deff": None if flat else float(deffs[domain])}
    if numbers["se"] is not None and not np.isfinite(error):
        numbers["se"] = None
    numbers |= _compared(outcome.item, outcome.category, value, error, degrees, rules)
    return Row(*head, numbers, method, "; ".join(notes), reason)


def _no_error(figures: Figures, domain: int, count: int) -> str:
    """Why there is no standard error; '' where there is one."""
    variance = figures.variances[domain]
    if figures.outcome.kind == "quantile" and not np.isfinite(variance):
        return "" if count > 1 and figures.counted.psus[domain] > 1 else _single(figures, domain, count)
    if count == 1 or figures.counted.psus[domain] == 1:
        return _single(figures, domain, count)
    if not np.isfinite(variance):
        return "standard error not computable: strata with a single PSU, or replicates without a value"
    return ""


def _single(figures: Figures, domain: int, count: int) -> str:
    return (
        "standard error not computable: a single respondent"
        if count == 1
        else "standard error not computable: all respondents are of one PSU"
    )


def _compared(
    item: str, category: str, value: float, error: float | None, degrees: int, rules: Rules
) -> dict[str, float | None]:
    """Difference from the benchmark of the category, else of the item, else of all; with a t test."""
    known = rules.benchmarks
    found = next((known[name] for name in (category, item, "") if name in known), None)
    if found is None:
        return {}
    figure, own = found
    difference = value - figure
    numbers: dict[str, float | None] = {"benchmark": figure, "difference": difference}
    if error is None or not np.isfinite(error) or degrees < 1:
        return numbers
    joint = float(np.hypot(error, own))
    degree = np.array([degrees])
    spread = float(student(rules.confidence, degree)[0]) * joint
    numbers |= {"difference_low": difference - spread, "difference_high": difference + spread}
    if joint > 0:
        statistic = np.array([difference / joint])
        numbers |= {"t": float(statistic[0]), "p": float(two_sided(statistic, degree)[0])}
    return numbers
