"""Clipping at percentiles."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import percentile
from dtindex.spec.methods import PercentileTreat
from dtindex.steps.treat.base import Treatment, limited
from dtindex.steps.types import FloatArray, State

__all__ = ["PercentileClipping", "percentile_limits"]


def percentile_limits(observed: FloatArray, low: float, high: float) -> tuple[float, float]:
    """Two percentiles of ``observed`` ``(n,)``, ``0 <= low < high <= 100``, interpolated between order statistics
    (Hyndman & Fan type 7).

    Infinite limits for an empty sample.
    """
    return (percentile(observed, low), percentile(observed, high)) if observed.size else (-np.inf, np.inf)


class PercentileClipping(Treatment[PercentileTreat]):
    """``min(max(x, lower), upper)`` with interpolated percentiles of the reference table.

    Not winsorisation, whose limits are observations: of ten values, the 5th percentile lies between the two lowest and
    moves one of them, while ``floor(10 * 0.05)`` is none.
    """

    method = "percentile"
    reference = "Hyndman & Fan (1996), doi:10.1080/00031305.1996.10473566; OECD/JRC Handbook (2008), step 3"

    def fit(self, observed: FloatArray) -> State:
        return {"limits": np.array(percentile_limits(observed, self.spec.low, self.spec.high))}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return limited(values, state["limits"])
