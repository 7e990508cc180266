"""Normalisation, as blocks of a methodology file."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Number
from dtindex.spec.methods.common import Clip, Goalpost, Percentile, Positive
from dtindex.spec.methods.registered import RegisteredNormalise

__all__ = [
    "Balance",
    "BaseIndex",
    "Categories",
    "Category",
    "FractionOfMaximum",
    "FractionOfSum",
    "Goalposts",
    "Likert",
    "Logistic",
    "Maturity",
    "MinMax",
    "NormalScores",
    "Normalise",
    "NormaliseNone",
    "PercentileNormalise",
    "RankNormalise",
    "Reference",
    "ReferencePoint",
    "RobustZ",
    "Target",
    "Ties",
    "TopBox",
    "ZScore",
    "has_open_scale",
]


class NormaliseNone(Block):
    """The value is already a score on the indicator's scale."""

    method: Literal["none"]


class Goalposts(Block):
    """``(x - worst) / (best - worst)`` on the scale; direction follows from the goalposts."""

    method: Literal["goalposts"]
    worst: Goalpost
    best: Goalpost
    clip: Clip = "both"


class MinMax(Block):
    """Goalposts fitted as the smallest and largest value of the reference table."""

    method: Literal["min-max"]
    clip: Clip = "both"


class ZScore(Block):
    """``mean + sd * (x - average) / deviation``; the scale is open."""

    method: Literal["z-score"]
    mean: Number = 0
    sd: Positive = 1
    ddof: Literal[0, 1] = 1


class RobustZ(Block):
    """``mean + sd * (x - median) / (1.4826 MAD)``; the scale is open.

    ``fallbacks`` are tried in turn where more than half of the values are equal: the interquartile range / 1.349, then
    the standard deviation.
    """

    method: Literal["robust-z"]
    mean: Number = 0
    sd: Positive = 1
    fallbacks: tuple[Literal["iqr", "sd"], ...] = ("iqr", "sd")


Ties = Literal["average", "minimum", "maximum"]


class RankNormalise(Block):
    """The rank from below among the reference units, 1 to n; the scale is open."""

    method: Literal["rank"]
    ties: Ties = "average"


class PercentileNormalise(Block):
    """``(rank - 1) / (n - 1)`` on the scale."""

    method: Literal["percentile"]
    ties: Ties = "average"


class NormalScores(Block):
    """The standard normal quantile of ``(rank - 3/8) / (n + 1/4)``; the scale is open."""

    method: Literal["normal-scores"]


class Target(Block):
    """``(x - base) / (target - base)`` on the scale; ``base`` is the worst reference value unless given."""

    method: Literal["target"]
    target: Number
    base: Number | Percentile | None = None
    clip: Clip = "both"


class ReferencePoint(Block):
    """A value to compare with: a percentile of the reference table, or the value of one unit."""

    percentile: Annotated[float | None, Field(ge=0, le=100)] = None
    unit: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> ReferencePoint:
        if (self.percentile is None) == (self.unit is None):
            raise ValueError("expected one of `percentile`, `unit`")
        return self


class Reference(Block):
    """Distance to a reference value.

    ``ratio``: ``x / to``, and ``log``: ``ln(x / to)``, on an open scale. ``one-minus``: ``1 - |x - to| / max |x - to|``
    on the scale, where the nearer is the better.
    """

    method: Literal["reference"]
    to: Number | ReferencePoint | Literal["mean"]
    form: Literal["ratio", "one-minus", "log"] = "ratio"
    clip: Clip = "both"


class FractionOfMaximum(Block):
    """``x / max`` on the scale, or ``min / x`` where lower is better."""

    method: Literal["fraction-of-maximum"]
    clip: Clip = "both"


class FractionOfSum(Block):
    """``x / sum`` on the scale, or ``(1 / x) / sum of 1 / x`` where lower is better."""

    method: Literal["fraction-of-sum"]
    clip: Clip = "both"


class Balance(Block):
    """The low end, the middle or the high end of the scale: below, at or above ``at``, give or take ``within``."""

    method: Literal["balance"]
    at: Number = 0
    within: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0


class Category(Block):
    """One value that an indicator can have, and its score."""

    value: Number
    score: Number


class Categories(Block):
    """The score of each value, which no order of the values bears on."""

    method: Literal["categories"]
    levels: Annotated[tuple[Category, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once_each(self) -> Categories:
        values = [level.value for level in self.levels]
        if len(set(values)) < len(values):
            raise ValueError("each `value` stands once")
        return self


class Maturity(Block):
    """Levels ``first, first + 1, ...``: evenly on the scale, or with the ``scores`` of a table that never falls."""

    method: Literal["maturity"]
    levels: Annotated[int | None, Field(ge=2, le=101)] = None
    scores: Annotated[tuple[Number, ...] | None, Field(min_length=2)] = None
    first: int = 1

    @model_validator(mode="after")
    def _never_falls(self) -> Maturity:
        if (self.levels is None) == (self.scores is None):
            raise ValueError("expected one of `levels`, `scores`")
        scores = self.scores or (0.0, 1.0)
        if any(above < below for below, above in pairwise(scores)) or scores[0] == scores[-1]:
            raise ValueError("`scores` rise from the lowest level to the highest")
        return self


class TopBox(Block):
    """The high end of the scale for the ``top`` best answers of ``points``, the low end for the others."""

    method: Literal["top-box"]
    points: Annotated[int, Field(ge=2, le=101)]
    top: Annotated[int, Field(ge=1)] = 2
    first: int = 1

    @model_validator(mode="after")
    def _leaves_some(self) -> TopBox:
        if self.top >= self.points:
            raise ValueError("`top` is less than `points`")
        return self


class Logistic(Block):
    """``1 / (1 + exp(-(x - midpoint) / spread))`` on the scale; fitted as mean and standard deviation unless given."""

    method: Literal["logistic"]
    midpoint: Number | None = None
    spread: Positive | None = None


class Likert(Block):
    """``(answer - first) / (points - 1)`` on the scale, for answers ``first ... first + points - 1``."""

    method: Literal["likert"]
    points: Annotated[int, Field(ge=2, le=101)]
    first: int = 1


class BaseIndex(Block):
    """``base * x / x_base`` with the base period's value of the unit, or its mean over units; the scale is open."""

    method: Literal["base-index"]
    base: Positive = 100
    of: Literal["unit", "mean"] = "unit"


Normalise = Annotated[
    NormaliseNone
    | Goalposts
    | MinMax
    | ZScore
    | RobustZ
    | RankNormalise
    | PercentileNormalise
    | NormalScores
    | Target
    | Reference
    | FractionOfMaximum
    | FractionOfSum
    | Balance
    | Categories
    | Maturity
    | TopBox
    | Likert
    | Logistic
    | BaseIndex
    | RegisteredNormalise,
    Field(discriminator="method"),
]


def has_open_scale(normalise: Normalise) -> bool:
    """Whether the scores have no ends of their own."""
    if isinstance(normalise, Reference):
        return normalise.form != "one-minus"
    return isinstance(normalise, ZScore | RobustZ | RankNormalise | NormalScores | BaseIndex)
