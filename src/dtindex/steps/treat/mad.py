"""Distance from the median in median absolute deviations."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import median
from dtindex.engine.spread import median_deviation
from dtindex.spec.methods import Mad
from dtindex.steps.treat.base import Treatment, limited
from dtindex.steps.types import FloatArray, State

__all__ = ["MedianDeviations", "mad_limits"]


def mad_limits(observed: FloatArray, k: float = 3.5) -> tuple[float, float]:
    """``median -+ k * 1.4826 * median |x - median|`` of ``observed`` ``(n,)``.

    Infinite limits for an empty sample, and where more than half of the values are equal, so that the deviation is 0.
    """
    reach = k * median_deviation(observed)
    if not reach > 0:
        return -np.inf, np.inf
    middle = median(observed)
    return middle - reach, middle + reach


class MedianDeviations(Treatment[Mad]):
    """``min(max(x, lower), upper)`` with the limits of :func:`mad_limits` in the reference table."""

    method = "mad"
    reference = "Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers, ASQC Quality Press"

    def fit(self, observed: FloatArray) -> State:
        return {"limits": np.array(mad_limits(observed, self.spec.k))}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return limited(values, state["limits"])
