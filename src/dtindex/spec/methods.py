"""The methods that a methodology file can name, step by step, as data. What they compute stands in `dtindex.steps`."""

from __future__ import annotations

from itertools import pairwise
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
    "has_open_scale",
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


class ImputeRowMean(Block):
    """The mean of the unit's own scores of the other indicators under ``of``, a node above; by default the parent."""

    method: Literal["row-mean"]
    of: Id | None = None


class ImputeRowMedian(Block):
    """The median of the unit's own scores of the other indicators under ``of``, a node above; by default the parent."""

    method: Literal["row-median"]
    of: Id | None = None


class ImputePanel(Block):
    """The unit's own values of other periods, at most ``at_most`` periods away.

    ``last``: the latest one before. ``constant``: the same, and before the first one, the first. ``linear``: on the
    line between the one before and the one after. ``linear-constant``: the same, and beyond the ends, the nearest.
    """

    method: Literal["panel"]
    fill: Literal["last", "constant", "linear", "linear-constant"] = "last"
    at_most: Positive | None = None


Impute = Annotated[
    ImputeNone | ImputeGroupMean | ImputeGroupMedian | ImputeRowMean | ImputeRowMedian | ImputePanel,
    Field(discriminator="method"),
]


class TreatNone(Block):
    """Outliers stay."""

    method: Literal["none"]


class Winsorise(Block):
    """The lowest ``floor(n * low)`` and highest ``floor(n * high)`` values become their nearest remaining neighbour."""

    method: Literal["winsorise"]
    low: Annotated[float, Field(ge=0, lt=0.5)] = 0
    high: Annotated[float, Field(ge=0, lt=0.5)] = 0


class SkewKurtosis(Block):
    """Up to ``at_most`` extreme values become their neighbour until ``|G1| < skew`` or ``G2 < kurtosis``.

    ``otherwise`` says what becomes of the original values where that is not enough.
    """

    method: Literal["skew-kurtosis"]
    skew: Positive = 2
    kurtosis: Positive = 3.5
    at_most: Annotated[int, Field(ge=0)] = 5
    otherwise: Literal["log-shift", "box-cox", "none"] = "log-shift"


class PercentileTreat(Block):
    """Values beyond two percentiles, interpolated between observations, become those percentiles."""

    method: Literal["percentile"]
    low: Annotated[float, Field(ge=0, le=100)] = 5
    high: Annotated[float, Field(ge=0, le=100)] = 95

    @model_validator(mode="after")
    def _low_below_high(self) -> PercentileTreat:
        if self.low >= self.high:
            raise ValueError(f"`low` is below `high`, found {self.low:g} and {self.high:g}")
        return self


class Tukey(Block):
    """Values beyond the quartiles by more than ``k`` interquartile ranges become those fences."""

    method: Literal["tukey"]
    k: Positive = 1.5


class Mad(Block):
    """Values further than ``k`` times 1.4826 median absolute deviations from the median become those limits."""

    method: Literal["mad"]
    k: Positive = 3.5


Treat = Annotated[TreatNone | Winsorise | SkewKurtosis | PercentileTreat | Tukey | Mad, Field(discriminator="method")]


class TransformLog(Block):
    """``ln(x + plus)``; goalposts stay in raw units."""

    method: Literal["log"]
    plus: Number = 0


class Asinh(Block):
    """``asinh(x / c)``: a logarithm on both sides of zero."""

    method: Literal["asinh"]
    c: Positive = 1


class LogShift(Block):
    """``ln(x - min + 0.01 (max - min))``; for a long low ``tail``, ``-ln(max - x + 0.01 (max - min))``."""

    method: Literal["log-shift"]
    tail: Literal["high", "low"] = "high"


class GiiLog(Block):
    """``ln((factor max - 1) (x - min) / (max - min) + 1)``."""

    method: Literal["gii-log"]
    factor: Positive = 1


class BoxCox(Block):
    """``((x + plus)^lambda - 1) / lambda``, the logarithm at zero; ``lambda`` is fitted where it is not given."""

    method: Literal["box-cox"]
    lambda_: Annotated[Number | None, Field(alias="lambda")] = None
    plus: Number = 0


class YeoJohnson(Block):
    """Box-Cox of ``1 + x``, mirrored below zero; ``lambda`` is fitted where it is not given."""

    method: Literal["yeo-johnson"]
    lambda_: Annotated[Number | None, Field(alias="lambda")] = None


Transform = Annotated[TransformLog | Asinh | LogShift | GiiLog | BoxCox | YeoJohnson, Field(discriminator="method")]


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
    | BaseIndex,
    Field(discriminator="method"),
]


def has_open_scale(normalise: Normalise) -> bool:
    """Whether the scores have no ends of their own."""
    if isinstance(normalise, Reference):
        return normalise.form != "one-minus"
    return isinstance(normalise, ZScore | RobustZ | RankNormalise | NormalScores | BaseIndex)


# --- weights ---


class GivenWeights(Block):
    """The ``weight:`` of each child."""

    method: Literal["given"]


class EqualWeights(Block):
    """The same weight for each child."""

    method: Literal["equal"]


class _CappedWeights(Block):
    """Weights learned from the reference scores, no item heavier than its cap."""

    at_most: dict[Id, Share] = {}


class EntropyWeights(_CappedWeights):
    """More weight to what tells units apart, by Shannon's entropy of the shares."""

    method: Literal["entropy"]


class CriticWeights(_CappedWeights):
    """More weight to what varies and is not said by another, by deviation and correlation."""

    method: Literal["critic"]


class InverseSdWeights(_CappedWeights):
    """Weights proportional to one over the standard deviation."""

    method: Literal["inverse-sd"]


class PcaWeights(_CappedWeights):
    """The loadings on the first principal component; those against it count as zero."""

    method: Literal["pca"]


class _Rotated(Block):
    factors: Annotated[int, Field(ge=1)] | Literal["eigenvalue", "variance"] = "eigenvalue"
    kaiser: bool = True


class OecdPcaWeights(_CappedWeights, _Rotated):
    """The largest squared loading on factors after varimax rotation, as the OECD/JRC Handbook does it."""

    method: Literal["oecd-pca"]


Judgement = Positive | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)?$")]
Judgements = Annotated[tuple[tuple[Judgement | None, ...], ...], Field(min_length=1)]


class AhpExpert(Block):
    """The judgements of one expert."""

    name: str
    judgements: Judgements
    weight: Positive = 1


class _Judged(Block):
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    judgements: Judgements | None = None
    experts: tuple[AhpExpert, ...] = ()
    group: Literal["aij", "aip"] = "aij"
    solve: Literal["eigenvector", "geometric-mean"] = "eigenvector"
    random_index: Literal["saaty", "alonso-lamata"] = "saaty"


class AhpWeights(_Judged):
    """Weights of pairwise judgements; ``judgements`` is the full matrix or its upper rows, over ``order``."""

    method: Literal["ahp"]


class BudgetExpert(Block):
    """How one expert distributes 100 points, in the order of ``order``."""

    name: str
    points: Annotated[tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...], Field(min_length=2)]
    weight: Positive = 1


class _Budget(Block):
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    experts: Annotated[tuple[BudgetExpert, ...], Field(min_length=1)]


class BudgetWeights(_Budget):
    """The mean of how experts distribute 100 points."""

    method: Literal["budget"]


class _Part(Block):
    share: Share


class PlainPart(_Part):
    """A part that needs no settings."""

    method: Literal["given", "equal", "entropy", "critic", "inverse-sd", "pca"]


class OecdPcaPart(_Part, _Rotated):
    """Rotated factors as a part."""

    method: Literal["oecd-pca"]


class AhpPart(_Part, _Judged):
    """Pairwise judgements as a part."""

    method: Literal["ahp"]


class BudgetPart(_Part, _Budget):
    """Distributed points as a part."""

    method: Literal["budget"]


MixedPart = Annotated[PlainPart | OecdPcaPart | AhpPart | BudgetPart, Field(discriminator="method")]


class MixedWeights(Block):
    """A mixture of weights of several methods, capped by ``at_most``."""

    method: Literal["mix"]
    of: Annotated[tuple[MixedPart, ...], Field(min_length=2)]
    at_most: dict[Id, Share] = {}


Weights = Annotated[
    GivenWeights
    | EqualWeights
    | EntropyWeights
    | CriticWeights
    | InverseSdWeights
    | PcaWeights
    | OecdPcaWeights
    | AhpWeights
    | BudgetWeights
    | MixedWeights,
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
