"""The logarithm after a shift that makes every value of the reference positive."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import LogShift
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.log import log
from dtindex.steps.types import FloatArray, NoVariation, State

__all__ = ["LogAfterShift", "ends", "log_shift"]

_SHARE = 0.01


def log_shift(values: FloatArray, low: float, high: float, tail: str = "high") -> FloatArray:
    """``ln(x - low + 0.01 (high - low))``, for a long low tail ``-ln(high - x + 0.01 (high - low))``.

    ``values`` may have any shape; ``low < high`` are the smallest and the largest value of the reference. NaN stays,
    and
    becomes of a value that lies further beyond the reference than one part in a hundred of its range.
    """
    shift = _SHARE * (high - low)
    return log(values - low + shift) if tail == "high" else -log(high - values + shift)


def ends(observed: FloatArray) -> FloatArray:
    """The smallest and the largest of ``observed`` ``(n,)``, as an array ``(2,)``.

    Raises
    ------
    NoVariation
        The values are constant, or there is none.
    """
    if constant(observed):
        raise NoVariation(f"every value is {observed[0]:g}" if observed.size else "no value to fit on")
    return np.array([observed.min(), observed.max()])


class LogAfterShift(Transformation[LogShift]):
    """:func:`log_shift` with the ends of the reference table; ``log_CT`` of the COIN Tool."""

    method = "log-shift"
    reference = "JRC COIN Tool user guide (2019); COINr 1.1.14, log_CT and log_CT_plus"
    learns = True
    domain = "log-shift of a value beyond the reference by more than 1 % of its range"

    def fit(self, observed: FloatArray) -> State:
        return {"ends": ends(observed)}

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        low, high = state["ends"]
        return log_shift(values, low, high, self.spec.tail)
