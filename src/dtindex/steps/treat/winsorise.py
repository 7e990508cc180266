"""Winsorisation by a share of the sample at each end."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Winsorise
from dtindex.steps.treat.base import Treatment, limited
from dtindex.steps.types import FloatArray, State

__all__ = ["Winsorisation", "winsorise_limits"]


def winsorise_limits(observed: FloatArray, low: float, high: float) -> tuple[float, float]:
    """The order statistics ``x_(l+1)`` and ``x_(n-h)``, ``l = floor(n low)``, ``h = floor(n high)``, of ``observed``
    ``(n,)``.

    ``low + high < 1``. Infinite limits for an empty sample. The same points as `scipy.stats.mstats.winsorize`;
    this is not clipping at percentiles, which interpolates between observations.
    """
    if not observed.size:
        return -np.inf, np.inf
    ordered = np.sort(observed)
    # The product of a decimal share and a count can fall just below a whole number: 0.29 * 100 is 28.999...
    cut = [int(np.floor(share * ordered.size + 1e-9)) for share in (low, high)]
    return float(ordered[cut[0]]), float(ordered[ordered.size - 1 - cut[1]])


class Winsorisation(Treatment[Winsorise]):
    """``min(max(x, x_(l+1)), x_(n-h))``, order statistics of the reference table: :func:`winsorise_limits`."""

    method = "winsorise"
    reference = "Dixon (1960), doi:10.1214/aoms/1177705900; OECD/JRC Handbook (2008), step 3"

    def fit(self, observed: FloatArray) -> State:
        return {"limits": np.array(winsorise_limits(observed, self.spec.low, self.spec.high))}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return limited(values, state["limits"])
