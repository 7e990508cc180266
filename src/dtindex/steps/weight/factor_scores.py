"""Weights by which one common factor is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dtindex.engine.correlation import correlation_matrix
from dtindex.engine.sums import constant
from dtindex.spec.methods import FactorScoreWeights
from dtindex.steps.types import FloatArray, Problem
from dtindex.steps.weight.base import Learning, Siblings
from dtindex.steps.weight.components import principal, signed

__all__ = ["FactorScores", "NotFitted", "score_coefficients"]

_FEWEST = 3
_HEYWOOD = 5e-3


class NotFitted(ValueError):
    """No single factor fits: an indicator without a variance of its own, or no convergence."""


def score_coefficients(correlations: FloatArray, by: str) -> tuple[FloatArray, FloatArray]:
    """Loadings and score coefficients ``(m,)`` of one factor fitted by maximum likelihood.

    ``regression`` (Thomson): ``R^-1 l``; ``bartlett``: ``(l' P^-1 l)^-1 l' P^-1`` with uniquenesses P.

    Raises
    ------
    NotFitted
        The likelihood has no maximum within the bounds, or a uniqueness is next to nothing (a Heywood case).
    """
    import warnings

    from statsmodels.multivariate.factor import Factor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said below, by what came of it
        # From the first component: statsmodels would begin anywhere.
        values, vectors = principal(correlations)
        start = vectors[:, :1] * np.sqrt(values[0]) * 0.9
        found: Any = Factor(corr=correlations, n_factor=1, method="ml").fit(start=(start, 1.0 - start[:, 0] ** 2))
    loadings = signed(np.asarray(found.loadings, dtype=np.float64))[:, 0]
    unique = 1.0 - loadings * loadings
    if not np.isfinite(loadings).all() or not found.mle_retvals.success:
        raise NotFitted("the likelihood of one factor did not converge")
    if unique.min() < _HEYWOOD:
        raise NotFitted("an indicator is the factor itself (its uniqueness is nothing)")
    scaled = loadings / unique
    if by == "bartlett":
        return loadings, scaled / float(loadings @ scaled)
    return loadings, scaled / (1.0 + float(loadings @ scaled))


class FactorScores(Learning[FactorScoreWeights]):
    """``w ~ max(R^-1 l, 0)``: coefficients of one factor's scores, by regression or Bartlett, on standardised children.

    One factor is fitted to the correlations by maximum likelihood (statsmodels) over the rows in which all children
    have a score; three children and rows at least, and convergence without a Heywood case, or DT344. A child whose
    loading is negative gets no weight (DT342).
    """

    method = "factor-scores"
    reference = (
        "Lawley & Maxwell (1971), Factor Analysis as a Statistical Method; "
        "Bartlett (1937), doi:10.1111/j.2044-8295.1937.tb00863.x"
    )

    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        importance = np.zeros(len(varying))
        columns = siblings.complete_rows(varying)
        kept = [at for at, column in enumerate(columns) if not constant(column)]
        if len(kept) < _FEWEST or columns[0].size <= len(kept):
            message = f"`{self.method}` needs three children and more complete rows than children, found {len(kept)}"
            return importance, [Problem("DT344", siblings.node, f"{message} and {columns[0].size}")]
        try:
            loadings, weights = score_coefficients(correlation_matrix([columns[at] for at in kept]), self.spec.by)
        except NotFitted as reason:
            return importance, [Problem("DT344", siblings.node, f"`{self.method}`: {reason}")]
        share = float((loadings * loadings).mean())
        problems = [
            Problem("DT343", siblings.node, f"weights by `{self.method}`: one factor has {share:.1%} of the variance")
        ]
        for at, loading, weight in zip(kept, loadings.tolist(), weights.tolist(), strict=True):
            importance[at] = max(weight, 0.0)
            if loading < 0:
                item = siblings.ids[varying[at]]
                message = f"loads {loading:.3f} on the factor, against the others: `{self.method}` gives it no weight"
                problems.append(Problem("DT342", item, message))
        return importance, problems
