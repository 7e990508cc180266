"""The methods that a methodology file can name, step by step, as data. What they compute stands in `dtindex.steps`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Provenance, Text, Unpublished

__all__ = [
    "Aggregate",
    "CodeRule",
    "Coverage",
    "Derive",
    "Goalpost",
    "Impute",
    "Interval",
    "Normalise",
    "Percentile",
    "Rank",
    "Scale",
    "Tiers",
    "Transform",
    "Treat",
    "Weight",
    "Weights",
]

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Interval = tuple[Number, Number]
Scale = Interval | Literal["open"]
Weight = Number | Unpublished
Clip = Literal["none", "both", "worst", "best"]


class Percentile(Block):
    """A goalpost that is a percentile of the reference table."""

    percentile: Annotated[float, Field(ge=0, le=100)]


Goalpost = Number | Percentile | Unpublished


# --- derive ---


class Ratio(Block):
    """``of / to``."""

    method: Literal["ratio"]
    of: Id
    to: Id
    when_zero: Number | None = None


class Per(Block):
    """``of / per * times``: per head, per 10,000 households."""

    method: Literal["per"]
    of: Id
    per: Id
    times: Number = 1
    when_zero: Number | None = None


class ShareOf(Block):
    """``100 * of / in``, in per cent; without ``in``, of the sum over the table's units (of the period)."""

    method: Literal["share"]
    of: Id
    within: Annotated[Id | None, Field(alias="in")] = None
    when_zero: Number | None = None


class Growth(Block):
    """``100 * (of / since - 1)``, in per cent; without ``since``, against the period before."""

    method: Literal["growth"]
    of: Id
    since: Id | None = None
    when_zero: Number | None = None


class Sum(Block):
    """The sum of several columns; missing where one of them is."""

    method: Literal["sum"]
    of: Annotated[tuple[Id, ...], Field(min_length=1)]


class Difference(Block):
    """``of - minus``."""

    method: Literal["difference"]
    of: Id
    minus: Id


class PointChange(Block):
    """``of - since`` for two percentages, in percentage points; without ``since``, against the period before."""

    method: Literal["point-change"]
    of: Id
    since: Id | None = None


class NetAddition(Block):
    """``of - since`` for a stock; with ``growth`` (a column in per cent) ``of * g / (100 + g)``.

    Without either, against the period before.
    """

    method: Literal["net-addition"]
    of: Id
    since: Id | None = None
    growth: Id | None = None

    @model_validator(mode="after")
    def _one_way(self) -> NetAddition:
        if self.since is not None and self.growth is not None:
            raise ValueError("`since` and `growth` exclude each other")
        return self


Derive = Annotated[
    Ratio | Per | ShareOf | Growth | Sum | Difference | PointChange | NetAddition, Field(discriminator="method")
]


# --- impute, treat, transform ---


class ImputeNone(Block):
    """Missing stays missing."""

    method: Literal["none"]


class ImputeGroupMean(Block):
    """The mean of the observed values of the unit's group (``by``), or of all units."""

    method: Literal["group-mean"]
    by: str | None = None


class ImputeGroupMedian(Block):
    """The median of the observed values of the unit's group (``by``), or of all units."""

    method: Literal["group-median"]
    by: str | None = None


Impute = Annotated[ImputeNone | ImputeGroupMean | ImputeGroupMedian, Field(discriminator="method")]


class TreatNone(Block):
    """Outliers stay."""

    method: Literal["none"]


class Winsorise(Block):
    """The lowest ``floor(n * low)`` and highest ``floor(n * high)`` values become their nearest remaining neighbour."""

    method: Literal["winsorise"]
    low: Annotated[float, Field(ge=0, lt=0.5)] = 0
    high: Annotated[float, Field(ge=0, lt=0.5)] = 0


Treat = Annotated[TreatNone | Winsorise, Field(discriminator="method")]


class TransformLog(Block):
    """``ln(x + plus)``; goalposts stay in raw units."""

    method: Literal["log"]
    plus: Number = 0


Transform = Annotated[TransformLog, Field(discriminator="method")]


# --- normalise ---


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


class RankNormalise(Block):
    """The rank from below among the reference units, 1 to n, ties sharing the average; the scale is open."""

    method: Literal["rank"]


class PercentileNormalise(Block):
    """``(rank - 1) / (n - 1)`` on the scale, ties sharing the average rank."""

    method: Literal["percentile"]


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
    NormaliseNone | Goalposts | MinMax | ZScore | RankNormalise | PercentileNormalise | Likert | BaseIndex,
    Field(discriminator="method"),
]


# --- weights ---


class GivenWeights(Block):
    """The ``weight:`` of each child."""

    method: Literal["given"]


class EqualWeights(Block):
    """The same weight for each child."""

    method: Literal["equal"]


class EntropyWeights(Block):
    """More weight to what tells units apart, by Shannon's entropy of the shares."""

    method: Literal["entropy"]
    at_most: dict[Id, Share] = {}


class CriticWeights(Block):
    """More weight to what varies and is not said by another, by deviation and correlation."""

    method: Literal["critic"]
    at_most: dict[Id, Share] = {}


class InverseSdWeights(Block):
    """Weights proportional to one over the standard deviation."""

    method: Literal["inverse-sd"]
    at_most: dict[Id, Share] = {}


Judgement = Positive | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)?$")]


class AhpWeights(Block):
    """Weights of pairwise judgements; ``judgements`` is the full matrix or its upper rows, over ``order``."""

    method: Literal["ahp"]
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    judgements: Annotated[tuple[tuple[Judgement, ...], ...], Field(min_length=1)]


class MixedPart(Block):
    """One part of mixed weights."""

    share: Share
    method: Literal["given", "equal", "entropy", "critic", "inverse-sd"]


class MixedWeights(Block):
    """A mixture of weights of several methods, capped by ``at_most``."""

    method: Literal["mix"]
    of: Annotated[tuple[MixedPart, ...], Field(min_length=2)]
    at_most: dict[Id, Share] = {}


Weights = Annotated[
    GivenWeights | EqualWeights | EntropyWeights | CriticWeights | InverseSdWeights | AhpWeights | MixedWeights,
    Field(discriminator="method"),
]


# --- aggregate ---

Over = Literal["children", "leaves"]
Zeros = Literal["warn", "allow"]


class Arithmetic(Block):
    """``sum w x / sum w``."""

    method: Literal["arithmetic"]
    over: Over = "children"


class Geometric(Block):
    """``exp(sum w ln x / sum w)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["geometric"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Harmonic(Block):
    """``sum w / sum (w / x)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["harmonic"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Power(Block):
    """``(sum w x^p / sum w)^(1/p)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["power"]
    p: Number
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class SumAggregate(Block):
    """``sum w x`` with the weights as they stand, 1 where none is given."""

    method: Literal["sum"]
    over: Over = "children"


class When(Block):
    """A condition on the value of a node or an indicator."""

    id: Id
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> When:
        if all(bound is None for bound in (self.above, self.at_least, self.below, self.at_most)):
            raise ValueError("expected one of `above`, `at_least`, `below`, `at_most`")
        return self


class Case(Block):
    """``take`` this child where the condition holds; without a condition, always."""

    take: Id
    when: When | None = None


class Cases(Block):
    """The first case whose condition holds; missing where a condition is met on a missing value."""

    method: Literal["cases"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class Topsis(Block):
    """Closeness to the ideal against the worst."""

    method: Literal["topsis"]
    over: Over = "children"
    normalise: Literal["none", "vector"] = "none"


Aggregate = Annotated[
    Arithmetic | Geometric | Harmonic | Power | SumAggregate | Cases | Topsis, Field(discriminator="method")
]


# --- coverage, rank, tiers, codes ---


class Coverage(Block):
    """How much of a node must be known, of what, by what, and what stands in for the rest."""

    at_least: Share = 0.65
    of: Literal["leaves", "children"] = "leaves"
    by: Literal["weight", "count"] = "weight"
    missing: Literal["renormalise", "zero"] = "renormalise"


class Rank(Block):
    """Ranks, tiers and classes go by the score rounded to ``decimals``, half up; without, by the score itself."""

    decimals: Annotated[int, Field(ge=0, le=9)] | None = None


class Level(Block):
    """A tier: from ``at_least`` upwards; the last one, without a bound, takes the rest."""

    id: Id
    label: Text | None = None
    at_least: Number | None = None


class _TierBlock(Block):
    node: Id
    label: Text | None = None
    provenance: Provenance | None = None


class ThresholdTiers(_TierBlock):
    """Tiers by fixed thresholds, best first."""

    method: Literal["thresholds"]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]


class QuantileLevel(Block):
    """A tier that takes this share of the ranked units."""

    id: Id
    label: Text | None = None
    share: Share | None = None


class QuantileTiers(_TierBlock):
    """Tiers by shares of the ranked units, best first."""

    method: Literal["quantiles"]
    levels: Annotated[tuple[QuantileLevel, ...], Field(min_length=1)]


Tiers = Annotated[ThresholdTiers | QuantileTiers, Field(discriminator="method")]


class CodeRule(Block):
    """What a code in a cell means: a raw value, a score, or a status."""

    value: Number | None = None
    score: Number | None = None
    status: Literal["missing", "not-applicable", "withheld", "estimated", "break"] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> CodeRule:
        if (self.value is None) + (self.score is None) != 1 and self.status is None:
            raise ValueError("expected one of `value`, `score`, `status`")
        if self.status in ("missing", "not-applicable", "withheld") and not (self.value is None and self.score is None):
            raise ValueError(f"`status: {self.status}` leaves no value")
        return self
