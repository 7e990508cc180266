"""Distance to a reference value."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import percentile
from dtindex.engine.sums import mean
from dtindex.spec.methods import Reference, ReferencePoint
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, NoVariation, Sample, State, Unfit

__all__ = ["ReferenceNormaliser", "closeness", "ratio"]


def ratio(values: FloatArray, to: float, direction: str = "higher") -> FloatArray:
    """``x / to``, or ``to / x`` where lower is better, of ``values`` of any shape and ``to > 0``.

    NaN stays, and becomes of a divisor that is not positive: there the quotient would jump, and worse would score
    higher.
    """
    if direction == "higher":
        return values / to
    turned: FloatArray = np.divide(to, values, out=np.full(values.shape, np.nan), where=values > 0)
    return turned


def closeness(values: FloatArray, to: float, farthest: float) -> FloatArray:
    """``1 - |x - to| / farthest`` of ``values`` of any shape: 1 at ``to``, 0 at the farthest of the reference; NaN
    stays.
    """
    return 1.0 - np.abs(values - to) / farthest


class ReferenceNormaliser(Normaliser[Reference]):
    """:func:`ratio` to a reference value, its logarithm, or :func:`closeness` to it on the scale.

    The value is given in raw units, the mean or a percentile of the reference table, or the value of one of its units.
    Ratio and logarithm are on an open scale, 1 and 0 at the value itself, which must be positive. Closeness has no
    direction: nearer is better, from either side.
    """

    method = "reference"
    reference = "OECD/JRC Handbook (2008), step 5: distance to a reference"
    needs_keys = True
    domain = ("DT304", "a ratio to the reference value, or its logarithm, of a value that is not positive")

    @property
    def clip(self) -> str:
        return self.spec.clip

    @property
    def learns(self) -> bool:
        return not isinstance(self.spec.to, float) or self.spec.form == "one-minus"

    def fit(self, sample: Sample) -> State:
        to = float(sample.carry(self._to(sample))[0])
        if self.spec.form != "one-minus":
            if not to > 0:
                raise Unfit("DT304", f"the reference value must be positive for a {self.spec.form}, found {to:g}")
            return {"to": np.array([to])}
        farthest = float(np.nanmax(np.abs(sample.values - to)))
        if not farthest > 0:
            raise NoVariation(f"every value is the reference value {to:g}")
        return {"to": np.array([to]), "farthest": np.array([farthest])}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        to = float(state["to"][0])
        if self.spec.form == "one-minus":
            return linear(closeness(sample.values, to, float(state["farthest"][0])), 0.0, 1.0, self.bounds)
        found = ratio(sample.values, to, self.direction)
        if self.spec.form == "ratio":
            return found
        return np.log(found, out=np.full(found.shape, np.nan), where=found > 0)

    def _to(self, sample: Sample) -> float:
        raw, to = sample.in_raw_units(), self.spec.to
        known = raw[~np.isnan(raw)]
        if isinstance(to, float):
            return to
        if not isinstance(to, ReferencePoint):
            return mean(known)
        if to.percentile is not None:
            return percentile(known, to.percentile)
        assert sample.units is not None
        own = raw[(sample.units == to.unit) & ~np.isnan(raw)]
        if own.size != 1:
            which = "no value" if not own.size else f"{own.size} values, one a period: set `fit: base` or `each_period`"
            raise Unfit("DT024", f'the reference unit "{to.unit}" has {which}')
        return float(own[0])
