"""Normalisation between goalposts."""

from __future__ import annotations

import numpy as np

from dtindex.engine.order import percentile
from dtindex.engine.sums import constant
from dtindex.spec.methods import Goalpost, Goalposts, Percentile
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray, NoVariation, Sample, State, Unfit

__all__ = ["GoalpostsNormaliser"]


class GoalpostsNormaliser(Normaliser[Goalposts]):
    """:func:`linear` between a worst and a best value, given or percentiles of the reference table.

    Goalposts are in raw units: with a `transform` they are transformed like the values.
    """

    method = "goalposts"
    reference = "UNDP Human Development Report, technical note 1; OECD/JRC Handbook (2008), step 5"

    @property
    def clip(self) -> str:
        return self.spec.clip

    @property
    def learns(self) -> bool:
        return isinstance(self.spec.worst, Percentile) or isinstance(self.spec.best, Percentile)

    def fit(self, sample: Sample) -> State:
        raw = sample.in_raw_units()
        raw = raw[~np.isnan(raw)]
        posts = np.array([_value(post, raw) for post in (self.spec.worst, self.spec.best)])
        if constant(posts):
            raise NoVariation("both goalposts are the same value")
        if (posts[1] < posts[0]) != (self.direction == "lower"):
            # Only a percentile can say other than the file did: the numbers of the file were compared at loading.
            worst, best = posts.tolist()
            said = f"`worst` is {worst:g} and `best` {best:g}, while `direction` is {self.direction}"
            raise Unfit("DT025", f"{said}; say the other `direction`, or set other goalposts")
        return {"goalposts": sample.carry(*posts.tolist())}

    def normalise(self, sample: Sample, state: State) -> FloatArray:
        worst, best = state["goalposts"]
        return linear(sample.values, worst, best, self.bounds)


def _value(post: Goalpost, raw: FloatArray) -> float:
    if isinstance(post, Percentile):
        return percentile(raw, post.percentile)
    assert not isinstance(post, str), "an unpublished goalpost is refused before anything is fitted"
    return post
