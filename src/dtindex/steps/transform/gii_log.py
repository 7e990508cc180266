"""The logarithm of the Global Innovation Index."""

from __future__ import annotations

from dtindex.spec.methods import GiiLog
from dtindex.steps.transform.base import Transformation
from dtindex.steps.transform.log import log
from dtindex.steps.transform.log_shift import ends
from dtindex.steps.types import FloatArray, State, Unfit

__all__ = ["GlobalInnovationLog", "gii_log"]


def gii_log(values: FloatArray, low: float, high: float, factor: float = 1.0) -> FloatArray:
    """``ln((factor high - 1) (x - low) / (high - low) + 1)`` of ``values`` of any shape.

    ``low < high`` are the smallest and the largest value of the reference, ``factor high > 1``. ``low`` becomes 0 and
    ``high`` becomes ``ln(factor high)``. NaN stays, and becomes of a value so far below ``low`` that no logarithm is
    left.
    """
    return log((factor * high - 1) * ((values - low) / (high - low)), 1.0)


class GlobalInnovationLog(Transformation[GiiLog]):
    """:func:`gii_log` with the ends of the reference table.

    COINr's `log_GII` computes the same and then returns its input.
    """

    method = "gii-log"
    reference = "Global Innovation Index, appendix on adjustments; COINr 1.1.14, log_GII as documented"
    learns = True
    domain = "gii-log of a value too far below the reference"

    def fit(self, observed: FloatArray) -> State:
        found = ends(observed)
        if not self.spec.factor * found[1] > 1:
            said = f"`factor` times the largest value must exceed 1, found {self.spec.factor * found[1]:g}"
            raise Unfit("DT304", f"gii-log: {said}; set another `factor`, or `log-shift`")
        return {"ends": found}

    def transform(self, values: FloatArray, state: State) -> FloatArray:
        low, high = state["ends"]
        return gii_log(values, low, high, self.spec.factor)
