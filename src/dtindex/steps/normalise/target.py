"""Distance to a target."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import percentile
from dtindex.engine.sums import constant
from dtindex.spec.methods import Percentile, Target
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, NoVariation, Sample, State, Unfit

__all__ = ["TargetNormaliser"]


class TargetNormaliser(Normaliser[Target]):
    """:func:`linear` from a base to a target: ``(x - base) / (target - base)`` of the scale's width.

    The base is given, a percentile, or the worst value of the reference table: its smallest, or its largest where lower
    is better. `clip: best` caps at the target. Base and target are in raw units.
    """

    method = "target"
    reference = "OECD/JRC Handbook (2008), step 5: distance to a reference; COINr 1.1.14, n_dist2targ"

    @property
    def clip(self) -> str:
        return self.spec.clip

    @property
    def learns(self) -> bool:
        return not isinstance(self.spec.base, float)

    def fit(self, sample: Sample) -> State:
        base, target = self._base(sample), self.spec.target
        if constant(np.array([base, target])):
            raise NoVariation(f"base and target are both {target:g}")
        if (target < base) != (self.direction == "lower"):
            said = f"the target {target:g} is no better than the base {base:g}, while `direction` is {self.direction}"
            raise Unfit("DT025", f"{said}; say the other `direction`, or set another `target` or `base`")
        return {"goalposts": sample.carry(base, target)}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        base, target = state["goalposts"]
        return linear(sample.values, base, target, self.bounds)

    def _base(self, sample: Sample) -> float:
        if isinstance(self.spec.base, float):
            return self.spec.base
        raw = sample.in_raw_units()
        raw = raw[~np.isnan(raw)]
        if isinstance(self.spec.base, Percentile):
            return percentile(raw, self.spec.base.percentile)
        return float(raw.min() if self.direction == "higher" else raw.max())
