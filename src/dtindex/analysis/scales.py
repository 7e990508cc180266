"""Everything that is asked of one node's members together: reliability, sampling adequacy, dimensions, factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from dtindex.analysis.blocks import Block, Moments, RowsUsed, moments
from dtindex.analysis.components import Parallel, eigenvalues, parallel_analysis
from dtindex.analysis.computable import NotComputable, require_rank
from dtindex.analysis.factors import Hierarchical, minres, omega, omega_hierarchical
from dtindex.analysis.reliability import (
    alpha_if_deleted,
    cronbach_alpha,
    feldt_interval,
    item_total,
    mean_inter_item,
)
from dtindex.analysis.sampling import Bartlett, bartlett, kmo, variance_inflation
from dtindex.steps.types import FloatArray

__all__ = ["ScaleAnswers", "answers"]

T = TypeVar("T")


@dataclass
class ScaleAnswers:
    """What could be computed of a block; None otherwise, and then ``reasons`` says by statistic why not."""

    block: Block
    moments: Moments | None = None
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    standardised: float | None = None
    loadings: FloatArray | None = None
    hierarchical: Hierarchical | None = None
    kmo: tuple[float, FloatArray] | None = None
    bartlett: Bartlett | None = None
    inflation: FloatArray | None = None
    eigenvalues: FloatArray | None = None
    parallel: Parallel | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows that the statistics rest on."""
        return 0 if self.moments is None else self.moments.rows

    @property
    def mean_correlation(self) -> float | None:
        """Mean correlation of two items."""
        return None if self.moments is None else mean_inter_item(self.moments.correlations)

    @property
    def omega(self) -> float | None:
        """Omega of one factor."""
        if self.moments is None or self.loadings is None:
            return None
        return omega(self.loadings, self.moments.covariances)

    @property
    def if_deleted(self) -> tuple[FloatArray, FloatArray] | None:
        """Alpha, raw and standardised, without each item."""
        if self.moments is None:
            return None
        return alpha_if_deleted(self.moments.covariances), alpha_if_deleted(self.moments.correlations)

    @property
    def item_total(self) -> FloatArray | None:
        """Correlation of each item with the sum of the others."""
        return None if self.moments is None else item_total(self.moments.covariances)

    def attempt(self, statistic: str, compute: Callable[[], T]) -> T | None:
        """The statistic; or None, with the reason kept."""
        try:
            return compute()
        except NotComputable as reason:
            self.reasons[statistic] = str(reason)
            return None


def answers(block: Block, rows: RowsUsed, *, runs: int, seed: int) -> ScaleAnswers:
    """Every statistic of a block that its data determine."""
    found = ScaleAnswers(block)
    found.moments = found.attempt("all", lambda: moments(block, rows))
    if found.moments is None:
        return found
    known = found.moments
    _reliability(found, known)
    found.eigenvalues = eigenvalues(known.correlations)
    regular = found.attempt("regular", lambda: _regular(block, known))
    if regular is None:
        return found
    found.parallel = parallel_analysis(known.rows, len(block.items), runs=runs, seed=seed)
    found.kmo = kmo(known.correlations)
    found.bartlett = bartlett(known.correlations, known.rows)
    found.inflation = variance_inflation(known.correlations)
    one = found.attempt("omega", lambda: minres(known.correlations, names=block.items))
    found.loadings = None if one is None else one[:, 0]
    found.hierarchical = found.attempt(
        "omega_hierarchical", lambda: omega_hierarchical(known.correlations, block.items)
    )
    return found


def _reliability(found: ScaleAnswers, known: Moments) -> None:
    found.alpha = found.attempt("alpha", lambda: cronbach_alpha(known.covariances))
    found.standardised = found.attempt("alpha_standardised", lambda: cronbach_alpha(known.correlations))
    if found.alpha is not None:
        found.interval = feldt_interval(found.alpha, known.rows, len(found.block.items))


def _regular(block: Block, known: Moments) -> bool:
    require_rank(known.correlations, known.rows, block.items)
    return bool(np.isfinite(known.correlations).all())
