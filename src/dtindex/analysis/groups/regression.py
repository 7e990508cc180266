"""The difference between two groups when other things are held equal: weighted least squares, robust errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable, listed
from dtindex.analysis.groups.figure import Figure, figure, half_width
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

__all__ = ["Control", "regression"]

_SINGULAR = 1e-10


@dataclass(frozen=True)
class Control:
    """What is held equal: columns ``(rows, columns)``, NaN in rows of which it is not known."""

    name: str
    columns: FloatArray


def regression(
    values: FloatArray,
    member: NDArray[np.bool_],
    controls: tuple[Control, ...] = (),
    weights: FloatArray | None = None,
    clusters: NDArray[np.int64] | None = None,
    *,
    confidence: float = 0.95,
) -> Figure:
    """Coefficient of ``member`` ``(rows,)`` in the weighted regression of ``values`` ``(rows,)`` on it and controls.

    HC3 errors, ``(X'WX)^-1 X'W diag(e^2 / (1 - h)^2) WX (X'WX)^-1``, t with rows less columns degrees of freedom; with
    ``clusters`` CR1 errors, t with clusters less one. Rows with a gap in a control are left out.

    Raises
    ------
    NotComputable
        With fewer than two members in a group or two clusters, no variation, or controls that determine the group or
        each other.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved
    finite sample properties. doi:10.1016/0304-4076(85)90158-7
    """
    from statsmodels.regression.linear_model import WLS

    columns = [member.astype(np.float64)[:, None], *(control.columns for control in controls)]
    design = np.concatenate([np.ones((len(values), 1)), *columns], axis=1)
    known = ~np.isnan(design).any(axis=1)
    design, own, inside = design[known], values[known], member[known]
    if min(int(inside.sum()), int((~inside).sum())) < 2:
        raise NotComputable("two members of each group, with all controls known, are needed")
    if constant(own):
        raise NotComputable("all values are the same")
    positive = np.ones(len(own)) if weights is None else weights[known]
    _require_rank(design, positive, controls)
    model = WLS(own, design, weights=positive)
    if clusters is None:
        fitted = model.fit(cov_type="HC3", use_t=True)
        freedom, method = float(fitted.df_resid), "weighted least squares, HC3" if weights is not None else "HC3"
    else:
        groups = clusters[known]
        count = len(np.unique(groups))
        if count < 2:
            raise NotComputable("two clusters are needed")
        fitted = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        freedom, method = float(count - 1), f"{count:,} clusters, CR1"
    return _coefficient(float(fitted.params[1]), float(fitted.bse[1]), freedom, len(own), method, confidence)


def _coefficient(value: float, error: float, freedom: float, n: int, method: str, confidence: float) -> Figure:
    from scipy.special import stdtr

    if not error > 0:
        raise NotComputable("the residuals do not vary")
    width = half_width(freedom, confidence) * error
    p_value = 2 * float(stdtr(freedom, -abs(value) / error))
    return figure(
        value, low=value - width, high=value + width, error=error, freedom=freedom, p=p_value, n=n, method=method
    )


def _require_rank(design: FloatArray, weights: FloatArray, controls: tuple[Control, ...]) -> None:
    """Refuse columns that determine each other, and rows that alone determine a coefficient."""
    weighted = design * np.sqrt(weights)[:, None]
    lengths = np.sqrt((weighted * weighted).sum(axis=0))
    if len(design) <= design.shape[1]:
        raise NotComputable(f"{len(design)} rows for {design.shape[1]} coefficients")
    singular = not lengths.all()
    if not singular:
        spread = np.linalg.svd(weighted / lengths, compute_uv=False)
        singular = bool(spread[-1] <= _SINGULAR * spread[0])
    if singular:
        names = listed([control.name for control in controls])
        raise NotComputable(f"the group and the controls determine each other: {names}")
