"""Imputation by row: what a unit's other indicators say."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from dtindex.spec.methods import ImputeRowMean, ImputeRowMedian
from dtindex.steps.impute.base import FromOthers
from dtindex.steps.types import FloatArray

__all__ = ["ByRow", "RowMean", "RowMedian", "row_mean", "row_median"]


def row_mean(scores: list[FloatArray]) -> FloatArray:
    """``sum x / n`` over the known ``scores`` of each row, columns ``(rows,)``; NaN where none is known."""
    total = np.zeros(scores[0].shape)
    count = np.zeros(scores[0].shape)
    for column in scores:
        known = ~np.isnan(column)
        total = total + np.where(known, column, 0.0)
        count = count + known
    found: FloatArray = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return found


def row_median(scores: list[FloatArray]) -> FloatArray:
    """The middle of the known ``scores`` of each row, or the mean of the two middle ones; NaN where none is known."""
    ordered = np.sort(np.column_stack(scores), axis=1)  # NaN last
    count = (~np.isnan(ordered)).sum(axis=1)
    rows = np.arange(len(count))
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, ordered.shape[1] - 1)]
    return np.where(count > 0, low + (high - low) / 2, np.nan)


class ByRow(FromOthers[ImputeRowMean | ImputeRowMedian]):
    """Takes the scores of the other indicators under a node; learns nothing, and looks at no other unit."""

    @staticmethod
    @abstractmethod
    def centre(scores: list[FloatArray]) -> FloatArray:
        """One score a row ``(rows,)`` of the scores of others."""


class RowMean(ByRow):
    """``s_ij = mean of the known s_ik, k among the other indicators under the node``."""

    method = "row-mean"
    reference = "OECD/JRC Handbook (2008), step 3; COINr Impute(impute_by = 'row', f_i = 'i_mean')"
    centre = staticmethod(row_mean)


class RowMedian(ByRow):
    """``s_ij = median of the known s_ik, k among the other indicators under the node``."""

    method = "row-median"
    reference = "OECD/JRC Handbook (2008), step 3; COINr Impute(impute_by = 'row', f_i = 'i_median')"
    centre = staticmethod(row_median)
