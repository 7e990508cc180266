"""How much of a node's variance goes with each child, whatever weight the child was given."""

from __future__ import annotations

import numpy as np

from dtindex.analysis.computable import LEAST_ROWS, NotComputable
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

__all__ = ["correlation_ratio", "squared_correlation"]

_LEAST_FOR_CURVE = 10
_LEAST_DISTINCT = 5
_INTERVALS = 10
_CAUTION = 1.4
_PENALTIES = np.logspace(-4, 8, 49)


def squared_correlation(child: FloatArray, node: FloatArray) -> float:
    """``corr(x, y)^2`` of complete ``(n,)`` columns: the linear importance ``S_j``.

    Raises
    ------
    NotComputable
        With fewer than three rows, or where one of the two is constant.

    References
    ----------
    Paruolo, P., Saisana, M. & Saltelli, A. (2013). Ratings and rankings: voodoo or science?
    doi:10.1111/j.1467-985X.2012.01059.x
    """
    _require(child, node, LEAST_ROWS)
    return float(np.corrcoef(child, node)[0, 1] ** 2)


def correlation_ratio(child: FloatArray, node: FloatArray) -> float:
    """``Var(E[y | x]) / Var(y)`` of complete ``(n,)`` columns, ``E[y | x]`` by a penalised cubic spline.

    Ten equal intervals, second differences of the coefficients penalised (a straight line costs nothing), the penalty
    by generalised cross-validation ``n RSS / (n - 1.4 df)^2``, whose 1.4 keeps small tables from wriggling. With n rows
    unrelated columns still give about ``(df - 1) / (n - 1)``.

    Raises
    ------
    NotComputable
        With fewer than ten rows or five distinct values of the child, or where one of the two is constant.

    References
    ----------
    Paruolo et al. (2013), as above; Eilers, P. H. C. & Marx, B. D. (1996). Flexible smoothing with B-splines and
    penalties. doi:10.1214/ss/1038425655; Kim, Y.-J. & Gu, C. (2004). Smoothing spline Gaussian regression.
    doi:10.1046/j.1369-7412.2003.05316.x
    """
    _require(child, node, _LEAST_FOR_CURVE)
    distinct = np.unique(child).size
    if distinct < _LEAST_DISTINCT:
        raise NotComputable(f"{distinct} distinct values; a curve needs {_LEAST_DISTINCT}")
    basis = _basis(child)
    centred = node - node.mean()
    gram, moments = basis.T @ basis, basis.T @ centred
    differences = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    roughness = differences.T @ differences
    total, means = float((centred**2).sum()), basis.mean(axis=0)
    best, explained = np.inf, 0.0
    for penalty in _PENALTIES:
        solved = np.linalg.solve(gram + penalty * roughness, np.column_stack([moments, gram]))
        curve, freedom = solved[:, 0], float(np.trace(solved[:, 1:]))
        squares = float(curve @ gram @ curve)
        residual = max(total - 2 * float(curve @ moments) + squares, 0.0)
        left = child.size - _CAUTION * freedom
        score = residual / left**2 if left > 0 else np.inf
        if score < best:
            best, explained = score, squares - child.size * float(curve @ means) ** 2
    return min(explained / total, 1.0)


def _basis(values: FloatArray) -> FloatArray:
    """Cubic B-splines ``(n, 13)`` on ten equal intervals of the values' range."""
    from scipy.interpolate import BSpline

    shares = (values - values.min()) / (values.max() - values.min())
    knots = np.arange(-3, _INTERVALS + 4) / _INTERVALS
    found: FloatArray = BSpline.design_matrix(np.clip(shares, 0.0, 1.0), knots, 3).toarray()
    return found


def _require(child: FloatArray, node: FloatArray, least: int) -> None:
    if child.size < least:
        raise NotComputable(f"{child.size} rows with both; {least} are needed")
    for name, column in (("the child", child), ("the node", node)):
        if constant(column):
            raise NotComputable(f"no variation in {name}")
