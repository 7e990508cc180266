"""Winsorisation point by point until skew or kurtosis is acceptable, else a transformation: the JRC's rule."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dtindex.engine.spread import skew_and_kurtosis
from dtindex.spec.methods import SkewKurtosis
from dtindex.steps.transform.box_cox import box_cox, box_cox_lambda
from dtindex.steps.transform.log_shift import log_shift
from dtindex.steps.treat.base import Treatment, limited
from dtindex.steps.types import FloatArray, State

__all__ = ["SkewKurtosisRule", "Winsorised", "passes", "winsorise_by_shape"]

_NOISE = 1e-12
_NO_LIMITS = np.array([-np.inf, np.inf])


class Winsorised(NamedTuple):
    """What :func:`winsorise_by_shape` found: limits, the points moved at each side, and whether the test is passed."""

    limits: FloatArray
    low: int
    high: int
    passed: bool
    skew: float
    """Of the values as they were."""


def passes(shape: tuple[float, float], skew: float = 2.0, kurtosis: float = 3.5) -> bool:
    """``|G1| < skew`` or ``G2 < kurtosis`` for a ``shape`` ``(G1, G2)``; true where they are not defined, and at the
    bound but for the twelfth digit.

    G1 of n values is at most sqrt(n), so that the rule never fires below five of them.
    """
    found, excess = shape
    return math.isnan(found) or abs(found) <= skew * (1 + _NOISE) or excess <= kurtosis * (1 + _NOISE)


def winsorise_by_shape(observed: FloatArray, skew: float = 2.0, kurtosis: float = 3.5, at_most: int = 5) -> Winsorised:
    """Move the extreme of ``observed`` ``(n,)`` to its neighbour, on the side that the skew points to, until
    :func:`passes` or until ``at_most`` points have been moved.

    Equal extremes move together, so that a run of them may take the count beyond ``at_most``. Shuffling changes no bit.
    """
    ordered = np.sort(observed)
    before = shape = skew_and_kurtosis(ordered)
    low = high = 0
    limits = _NO_LIMITS.copy()
    while not passes(shape, skew, kurtosis) and low + high < at_most:
        if shape[0] > 0:
            high = ordered.size - int(np.searchsorted(ordered, ordered[-1], side="left"))
            limits[1] = ordered[-high:] = ordered[-high - 1]
        else:
            low = int(np.searchsorted(ordered, ordered[0], side="right"))
            limits[0] = ordered[:low] = ordered[low]
        shape = skew_and_kurtosis(ordered)
    return Winsorised(limits, low, high, passes(shape, skew, kurtosis), before[0])


class SkewKurtosisRule(Treatment[SkewKurtosis]):
    """While ``|G1| >= skew`` and ``G2 >= kurtosis``, the extreme becomes its neighbour; if that fails, ``otherwise``.

    :func:`winsorise_by_shape` in the reference table; ``otherwise`` is of the original values.
    ``log-shift``: :func:`log_shift`, of the high tail where the skew is positive, of the low one where it is negative.
    ``box-cox``: :func:`box_cox` with the likeliest power. ``none``: the winsorised values. Limits or the
    transformation's parameters are frozen; the direction is not looked at.
    """

    method = "skew-kurtosis"
    reference = (
        "JRC COIN Tool user guide (2019); Joanes & Gill (1998), doi:10.1111/1467-9884.00122; COINr 1.1.14, Treat"
    )
    domain = "the fallback of skew-kurtosis has no value here: set another `otherwise`"

    def fit(self, observed: FloatArray) -> State:
        spec = self.spec
        found = winsorise_by_shape(observed, spec.skew, spec.kurtosis, spec.at_most)
        state: State = {"limits": found.limits}
        if not found.passed and spec.otherwise != "none":
            state = {"limits": _NO_LIMITS.copy(), **self._fallback(observed, found.skew)}
            carried = self.carry(observed, state)
            shape = skew_and_kurtosis(np.sort(carried[~np.isnan(carried)]))
            found = found._replace(passed=passes(shape, spec.skew, spec.kurtosis))
        return state if found.passed else {**state, "failed": np.ones(1)}

    def treat(self, values: FloatArray, state: State) -> FloatArray:
        return limited(values, state["limits"])

    def carry(self, figures: FloatArray, state: State) -> FloatArray:
        if "log_shift" in state:
            low, high, tail = state["log_shift"]
            return log_shift(figures, low, high, "high" if tail > 0 else "low")
        return box_cox(figures, float(state["box_cox"][0])) if "box_cox" in state else figures

    def done(self, state: State) -> str:
        fallback = "log-shift" if "log_shift" in state else "box-cox" if "box_cox" in state else "winsorised"
        return f"{self.method}: {fallback}{', and still fails' if 'failed' in state else ''}"

    def _fallback(self, observed: FloatArray, skew: float) -> State:
        if self.spec.otherwise == "box-cox":
            return {"box_cox": np.array([box_cox_lambda(observed)])}
        return {"log_shift": np.array([observed.min(), observed.max(), 1.0 if skew > 0 else -1.0])}
