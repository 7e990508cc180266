"""Correlation of columns pair by pair, over the rows in which both are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import LEAST_ROWS
from dtindex.engine.sums import constant
from dtindex.steps.types import FloatArray

__all__ = ["METHODS", "Correlations", "covariance", "holm", "kendall", "pearson", "spearman"]

_NOISE = 1e-12


@dataclass(frozen=True)
class Correlations:
    """Coefficients, two-sided p-values and numbers of rows, each ``(items, items)``; NaN where not computable.

    Not computable are pairs with fewer than three rows in common, and those in which one column is constant there.
    """

    values: FloatArray
    p_values: FloatArray
    rows: NDArray[np.int64]


def pearson(values: FloatArray) -> Correlations:
    """Product-moment correlation ``cov(x, y) / (sd(x) sd(y))`` of columns of ``values`` ``(rows, items)``.

    Each pair over its complete rows; ``p`` from ``t = r sqrt((n - 2) / (1 - r^2))`` with ``n - 2`` degrees of freedom.
    The same as R's ``cor(use = "pairwise.complete.obs")`` and ``cor.test``.
    """
    rows, products, variances = _pairwise(_standardised(values))
    spreads = np.sqrt(variances * variances.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.clip(products / spreads, -1.0, 1.0)
    found[(rows < LEAST_ROWS) | np.isnan(spreads)] = np.nan
    np.fill_diagonal(found, np.where(np.isnan(np.diag(found)), np.nan, 1.0))
    return Correlations(found, _t_test(found, rows), rows)


def spearman(values: FloatArray) -> Correlations:
    """Pearson correlation of average ranks of ``values`` ``(rows, items)``, taken anew among each pair's rows.

    ``p`` by the same t as Pearson's, as scipy's ``spearmanr`` has it.
    """
    from scipy.stats import rankdata

    if not np.isnan(values).any():
        return pearson(np.asarray(rankdata(values, axis=0), dtype=np.float64))

    def of_pair(first: FloatArray, second: FloatArray) -> tuple[float, float]:
        ranks = np.asarray(rankdata(np.column_stack([first, second]), axis=0), dtype=np.float64)
        found = pearson(ranks)
        return float(found.values[0, 1]), float(found.p_values[0, 1])

    return _each_pair(values, of_pair)


def kendall(values: FloatArray) -> Correlations:
    """Kendall's tau-b of ``values`` ``(rows, items)``, which allows for ties; ``p`` exact in small tables without ties.

    References
    ----------
    Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33, doi:10.1093/biomet/33.3.239
    """
    from scipy.stats import kendalltau

    def of_pair(first: FloatArray, second: FloatArray) -> tuple[float, float]:
        found = kendalltau(first, second)
        return float(found.statistic), float(found.pvalue)

    return _each_pair(values, of_pair)


METHODS: Mapping[str, Callable[[FloatArray], Correlations]] = {
    "pearson": pearson,
    "spearman": spearman,
    "kendall": kendall,
}


def covariance(values: FloatArray) -> FloatArray:
    """``sum((x - mean x)(y - mean y)) / (n - 1)`` of columns of ``values`` ``(rows, items)``, pair by pair.

    A variance is over all that is known of its column, a covariance over the rows that both know: with gaps the matrix
    need not be positive semi-definite. NaN with fewer than two rows.
    """
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / count, 0.0)
    rows = known.astype(np.float64)
    pairs = rows.T @ rows
    sums = centred.T @ rows
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = (centred.T @ centred - sums * sums.T / pairs) / (pairs - 1)
    found[pairs < 2] = np.nan
    return found


def holm(p_values: FloatArray) -> FloatArray:
    """P-values ``(n,)`` adjusted for their number: ``max over j <= i of (n - j + 1) p_(j)``, at most 1. NaN stays.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
    """
    from statsmodels.stats.multitest import multipletests

    adjusted = np.full(p_values.shape, np.nan)
    known = ~np.isnan(p_values)
    if known.any():
        adjusted[known] = multipletests(p_values[known], method="holm")[1]
    return adjusted


def _standardised(values: FloatArray) -> FloatArray:
    """Columns less their mean and over their deviation, so that sums of products lose few digits; 0 where constant."""
    known = ~np.isnan(values)
    found = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        own = values[known[:, column], column]
        flat = constant(own)
        found[known[:, column], column] = 0.0 if flat else (own - own.mean()) / own.std()
    return found


def _pairwise(values: FloatArray) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Of each pair: rows in common, sum of products and (for the first of the two) of squares about the pair's means.

    A sum of squares is NaN where nothing but the rounding of a constant is left of it.
    """
    known = ~np.isnan(values)
    filled, mask = np.where(known, values, 0.0), known.astype(np.float64)
    rows = mask.T @ mask
    sums = filled.T @ mask
    squares = (filled * filled).T @ mask
    with np.errstate(invalid="ignore", divide="ignore"):
        products = filled.T @ filled - sums * sums.T / rows
        variances = squares - sums * sums / rows
    variances[~(variances > _NOISE * np.maximum(squares, 1.0))] = np.nan
    return np.rint(rows).astype(np.int64), products, variances


def _each_pair(values: FloatArray, of_pair: Callable[[FloatArray, FloatArray], tuple[float, float]]) -> Correlations:
    items = values.shape[1]
    known = ~np.isnan(values)
    found, p_values = np.full((items, items), np.nan), np.full((items, items), np.nan)
    rows = (known.T.astype(np.int64)) @ known.astype(np.int64)
    for first in range(items):
        for second in range(first, items):
            both = known[:, first] & known[:, second]
            x, y = values[both, first], values[both, second]
            if rows[first, second] < LEAST_ROWS or constant(x) or constant(y):
                continue
            value, p_value = (1.0, 0.0) if first == second else of_pair(x, y)
            found[first, second] = found[second, first] = value
            p_values[first, second] = p_values[second, first] = p_value
    return Correlations(found, p_values, rows)


def _t_test(correlations: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
    from scipy.special import stdtr

    freedom = np.maximum(rows - 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(correlations) * np.sqrt(freedom / ((1 - correlations) * (1 + correlations)))
    found: FloatArray = 2 * stdtr(freedom, -statistic)
    return found
