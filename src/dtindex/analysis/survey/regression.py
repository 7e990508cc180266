"""Linear regression in a sample: coefficients with design-based standard errors; a difference of groups is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.survey.design import SampleDesign
from dtindex.engine.clusters import DomainTotals
from dtindex.steps.types import FloatArray

__all__ = ["Regression", "regression"]


@dataclass(frozen=True, eq=False)
class Regression:
    """Coefficients ``(columns,)`` with standard errors, and the degrees of freedom of their t."""

    coefficients: FloatArray
    errors: FloatArray
    degrees: int


def regression(sample: SampleDesign, outcome: FloatArray, columns: FloatArray) -> Regression:
    """``B = (X'WX)^-1 X'Wy`` with variances of the totals of ``(X'WX)^-1 x_i w_i e_i`` by the design.

    Parameters
    ----------
    sample
        The design; the rows are its respondents.
    outcome
        ``y`` ``(respondents,)``; who has none stays in the design as zeros.
    columns
        ``X`` ``(respondents, columns)``, a column of ones included.

    Notes
    -----
    Degrees of freedom are PSUs less strata less columns, plus one: those of R's `svyglm` and `svyttest`.

    References
    ----------
    Binder (1983), doi:10.2307/1402588
    """
    known: NDArray[np.bool_] = ~np.isnan(outcome) & ~np.isnan(columns).any(axis=1)
    y, x = np.where(known, outcome, 0.0), np.where(known[:, None], columns, 0.0)
    weighted = x * sample.weights[:, None]
    gram = weighted.T @ x
    coefficients: FloatArray = np.linalg.solve(gram, weighted.T @ y).astype(np.float64, copy=False)
    influences = np.linalg.solve(gram, (weighted * (y - x @ coefficients)[:, None]).T)
    everyone = DomainTotals(sample.clusters, np.zeros(len(y), dtype=np.intp), 1)
    errors = np.sqrt(np.array([everyone.variances(column)[0] for column in influences], dtype=np.float64))
    psus, strata = everyone.degrees(known & (sample.weights != 0))
    return Regression(coefficients, errors, int(psus[0] - strata[0]) - x.shape[1] + 1)
