"""The power mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dtindex.steps.aggregate.quasi import QuasiArithmeticMean
from dtindex.steps.types import FloatArray

__all__ = ["PowerMean"]

_SMALL = 0.1


class PowerMean(QuasiArithmeticMean):
    """``(sum w x^p / sum w)^(1/p)``; the geometric mean for ``p = 0``, its limit. Below 1 it punishes imbalance.

    With ``p <= 0`` one zero makes the mean zero; no value where one x is negative (DT304).

    Scores are divided by the row's largest (for ``p < 0`` smallest) one first, so that no power overflows; and near
    zero,
    where ``x^p`` is 1 to the last digits, ``expm1`` and ``log1p`` keep what differs.
    """

    method = "power"
    reference = "Hardy, Littlewood & Pólya (1934), chapter II; COINr 1.1.14, a_genmean"

    @property
    def zero_absorbs(self) -> bool:
        return bool(self.spec.p <= 0)

    def pivot(self, columns: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray | None:
        if abs(self.spec.p) < _SMALL:
            return None
        pick = np.fmax if self.spec.p > 0 else np.fmin
        pivot = np.full(columns[0].shape, np.nan)
        for column, weight in zip(columns, weights, strict=True):
            if weight > 0:
                pivot = pick(pivot, column)
        return np.where(pivot > 0, pivot, 1.0)

    def forward(self, values: FloatArray) -> FloatArray:
        p = float(self.spec.p)
        values = np.abs(values)  # -0.0 is 0; where a score is negative there is no value
        if p == 0:
            return np.log(values)
        return np.expm1(p * np.log(values)) if abs(p) < _SMALL else np.power(values, p)

    def back(self, values: FloatArray) -> FloatArray:
        p = float(self.spec.p)
        if p == 0:
            return np.exp(values)
        return np.exp(np.log1p(values) / p) if abs(p) < _SMALL else np.power(values, 1.0 / p)
