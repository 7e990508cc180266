"""Index numbers with a base period."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import mean
from dtindex.spec.methods import BaseIndex
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["BaseIndexNormaliser", "base_index"]


def base_index(values: FloatArray, base: FloatArray, level: float = 100.0, direction: str = "higher") -> FloatArray:
    """``level * x / base``, or ``level * base / x`` where lower is better; NaN where the divisor is not positive.

    ``values`` and ``base`` are ``(rows,)``. A base must be positive in both directions: with a negative one, or with a
    quotient that jumps at zero, a better value would score lower.
    """
    over, under = (values, base) if direction == "higher" else (base, values)
    ratio: FloatArray = np.divide(over, under, out=np.full(values.shape, np.nan), where=(under > 0) & (base > 0))
    return level * ratio


class BaseIndexNormaliser(Normaliser[BaseIndex]):
    """:func:`base_index` with the value of the same unit in the base period, or with the mean over units there.

    It is fitted on the rows of the base period only. A unit without a base value has no score.
    """

    method = "base-index"
    frozen = Frozen.AGAINST_REFERENCE
    reference = "OECD/JRC Handbook (2008), step 5: indicators above or below a reference; NBS 经济发展新动能指数"
    needs_keys = True
    domain = ("DT304", "no value in the base period, or one that is not positive")

    def fit(self, sample: Sample) -> State:
        known = ~np.isnan(sample.values)
        if self.spec.of == "mean":
            return {"base": np.array([mean(sample.values[known])])}
        assert sample.units is not None
        units, values = sample.units[known], sample.values[known]
        order = np.argsort(units.astype(str), kind="stable")
        return {"unit": units[order], "base": values[order]}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        if self.spec.of == "mean":
            base = np.full(sample.values.shape, state["base"][0])
        else:
            assert sample.units is not None
            known = dict(zip(state["unit"], state["base"].tolist(), strict=True))
            base = np.array([known.get(unit, np.nan) for unit in sample.units], dtype=np.float64)
        return base_index(sample.values, base, self.spec.base, self.direction)
