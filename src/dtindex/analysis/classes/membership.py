"""Is a unit in a class, by how much, and how likely is it when scores have errors and bounds come from a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.asked import Asked
from dtindex.analysis.classes.bounds import Bound, margin
from dtindex.analysis.classes.measurement_error import Errors, measurement_errors
from dtindex.analysis.classes.normal_box import normal_box
from dtindex.analysis.classes.simulated import simulated
from dtindex.analysis.computable import NotComputable, listed
from dtindex.scores import Scores
from dtindex.steps.classify import UNKNOWN
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WORDS", "Membership", "Settings", "membership", "word"]

WORDS = ("firm", "likely", "borderline", "no")
_LEAST = {"firm": 0.95, "likely": 0.5, "borderline": 0.05}
_ROUNDED = 1e-12


@dataclass(frozen=True)
class Settings:
    """Errors of items, where they are given; and the random numbers."""

    error: Mapping[str, float] | pd.DataFrame | None = None
    runs: int = 2000
    seed: int = 0
    weighted: bool = False


@dataclass
class Membership:
    """Answers for ``rows`` of one period; NaN where something is not computable, and then ``reasons`` say why."""

    scheme: str
    of: str
    period: str
    rows: NDArray[np.intp]
    classes: TextArray
    bounds: tuple[Bound, ...]
    whole: bool
    """Whether the class is these bounds and nothing else."""
    thresholds: list[float]
    deviations: list[float]
    margin: FloatArray
    binding: TextArray
    """The item whose bound gives the margin; '' where there is none."""
    errors: Errors | None = None
    measurement: FloatArray | None = None
    sampling: FloatArray | None = None
    probability: FloatArray | None = None
    marginal: bool = False
    """Whether the reference was drawn item by item, since its units are not known."""
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """Which errors the probability counts."""
        return "+".join(name for name in ("measurement", "sampling") if getattr(self, name) is not None)


def word(probability: float) -> str:
    """``firm`` from 0.95, ``likely`` from 0.5, ``borderline`` from 0.05, else ``no``; '' where there is none."""
    if probability != probability:
        return ""
    return next((name for name, least in _LEAST.items() if probability >= least - _ROUNDED), "no")


def membership(
    scores: Scores, scheme: str, of: str, period: str, rows: NDArray[np.intp], settings: Settings
) -> Membership:
    """How ``rows``, units of one period, stand to the class ``of``.

    The margin ``min_d sign_d (x_d - c_d) / sd_d`` is over the bounds that every member keeps. Its probability under
    measurement error is that of a normal box where the class is those bounds and comes first in its scheme; else the
    rules are simulated, as they are under sampling error.
    """
    asked = Asked(scores, scheme, of, period, rows)
    bounds = asked.conjunction.bounds
    found = Membership(
        scheme=scheme,
        of=of,
        period=period,
        rows=rows,
        classes=scores.class_values[scheme][rows],
        bounds=bounds,
        whole=asked.exact,
        thresholds=[asked.threshold(bound) for bound in bounds],
        deviations=[asked.spread(bound.item) for bound in bounds],
        margin=np.full(len(rows), np.nan),
        binding=np.full(len(rows), "", dtype=object),
    )
    try:
        _set_margins(found, asked)
    except NotComputable as reason:
        found.reasons["margin"] = str(reason)
    _set_probabilities(found, asked, settings)
    return found


def _set_margins(found: Membership, asked: Asked) -> None:
    if not found.bounds:
        raise NotComputable(f"the rule of {found.of} has no bound that every member keeps")
    lacking = [bound.item for bound, at in zip(found.bounds, found.thresholds, strict=True) if at != at]
    if lacking:
        raise NotComputable(f"no reference unit to hold {listed(lacking)} against")
    flat = [bound.item for bound, spread in zip(found.bounds, found.deviations, strict=True) if not spread > 0]
    if flat:
        raise NotComputable(f"no variation in {listed(flat)}")
    figures = zip(found.bounds, found.thresholds, found.deviations, strict=True)
    margins = np.column_stack([margin(asked.values[bound.item], bound, at) / spread for bound, at, spread in figures])
    known = ~np.isnan(margins).any(axis=1)
    items = np.array([bound.item for bound in found.bounds], dtype=object)
    found.margin[known] = margins[known].min(axis=1)
    found.binding[known] = items[margins[known].argmin(axis=1)]


def _set_probabilities(found: Membership, asked: Asked, settings: Settings) -> None:
    runs, seed = settings.runs, settings.seed
    given: Mapping[str, float] | list[str] = {}
    if settings.error is not None:
        given = settings.error if isinstance(settings.error, Mapping) else list(settings.error.index)
    uncertain = [item for item in asked.items if item in asked.scored or item in given]
    errors = found.errors = measurement_errors(asked.scores, uncertain, asked.rows, asked.spread, settings.error)
    reference = asked.resampled(settings.weighted) if asked.relative else None
    found.marginal = reference is not None and reference.units is None
    both = None
    if not uncertain or errors.covariance is None:
        found.reasons["measurement"] = errors.reason or "no error is known of what is measured and not scored"
    elif asked.exact:
        found.measurement = _box(asked, errors)
    else:
        found.measurement = simulated(asked, errors, None, runs=runs, seed=seed)
    if reference is not None:
        found.sampling = simulated(asked, None, reference, runs=runs, seed=seed)
        if found.measurement is not None:
            both = simulated(asked, errors, reference, runs=runs, seed=seed)
    found.probability = next((one for one in (both, found.measurement, found.sampling) if one is not None), None)
    gaps = found.classes == UNKNOWN
    for values in asked.values.values():
        gaps |= np.isnan(values)
    if any(at != at for at in found.thresholds):
        gaps[:] = True
    for one in (found.measurement, found.sampling, found.probability):
        if one is not None:
            one[gaps] = np.nan


def _box(asked: Asked, errors: Errors) -> FloatArray:
    """``P(all bounds are kept)`` ``(rows,)`` under normal errors; what has no error keeps its bound, or does not."""
    assert errors.covariance is not None
    spreads = np.sqrt(np.clip(np.diag(errors.covariance), 0.0, None))
    lower = np.full((len(asked.rows), len(spreads)), -np.inf)
    upper = -lower
    certain = np.ones(len(asked.rows), dtype=bool)
    for bound in asked.conjunction.bounds:
        difference = margin(asked.values[bound.item], bound, asked.threshold(bound))
        place = errors.items.index(bound.item) if bound.item in errors.items else -1
        if place < 0 or spreads[place] == 0:
            certain &= difference > 0 if bound.strict else difference >= 0
        elif bound.sign > 0:
            lower[:, place] = np.maximum(lower[:, place], -difference / spreads[place])
        else:
            upper[:, place] = np.minimum(upper[:, place], difference / spreads[place])
    moving = np.flatnonzero(spreads > 0)
    correlations = errors.covariance[np.ix_(moving, moving)] / np.outer(spreads[moving], spreads[moving])
    lower, upper = lower[:, moving], upper[:, moving]
    # Where a value is missing the answer is not asked for.
    certain &= ~np.isnan(lower).any(axis=1) & ~np.isnan(upper).any(axis=1)
    found = np.zeros(len(asked.rows))
    found[certain] = normal_box(lower[certain], np.maximum(lower, upper)[certain], correlations)
    return found
