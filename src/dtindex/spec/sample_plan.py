"""What a synthetic sample of a questionnaire is to look like, as data; `dtindex.synthetic` makes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Provenance, Text
from dtindex.spec.methods import Share

__all__ = [
    "NormalOutcome",
    "Outcome",
    "PopulationWeights",
    "SamplePlan",
    "ShareOutcome",
    "TargetClass",
    "TargetMean",
    "TargetShare",
]

Shares = dict[str, Share]


class _Target(Block):
    study: Id | None = None
    """The source that prints the figure."""
    label: Text | None = None
    provenance: Provenance | None = None


class TargetShare(_Target):
    """The share of those asked who choose an option."""

    question: Id
    option: Id
    row: Id | None = None
    share: Share


class TargetMean(_Target):
    """The mean score of a node, or of a scored indicator."""

    item: Id
    mean: Number
    below: bool = False
    """Whether the printed figure is only an upper bound (`below 40`), of which ``mean`` is our reading."""


class TargetClass(_Target):
    """The share of the respondents in a class, which the class's rule and the correlations bring about."""

    class_: Annotated[Id, Field(alias="class")]
    share: Share


class _Outcome(_Target):
    study_of_classes: Id | None = None
    """The source that prints the figures of classes, where it is another than ``study``."""


class NormalOutcome(_Outcome):
    """A measured indicator: normal with this mean and deviation, in each class named ``ratios`` times the mean."""

    method: Literal["normal"]
    item: Id
    mean: Number
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    ratios: dict[Id, Number] = {}
    decimals: Annotated[int, Field(ge=0, le=9)] = 1
    range: tuple[Number, Number] | None = None


class ShareOutcome(_Outcome):
    """A share of the respondents who answer in a way, or whose measured value lies above a bound; by class.

    The share is met exactly, to the last respondent, in each class named and among all others.
    """

    method: Literal["share"]
    question: Id | None = None
    option: Id | None = None
    item: Id | None = None
    above: Number | None = None
    range: tuple[Number, Number] | None = None
    share: Share
    shares: dict[Id, Share] = {}

    @model_validator(mode="after")
    def _is_one_thing(self) -> ShareOutcome:
        of_question = self.question is not None and self.option is not None and self.item is None
        of_item = self.item is not None and self.above is not None and self.range is not None and self.question is None
        if not (of_question or of_item):
            raise ValueError("expected `question` and `option`, or `item`, `above` and `range`")
        return self


Outcome = Annotated[NormalOutcome | ShareOutcome, Field(discriminator="method")]


class PopulationWeights(Block):
    """Sampling weights: the share of a group in the population over its share in the sample."""

    by: Id
    population: Shares


class SamplePlan(Block):
    """Correlations, strata, gaps and the figures that a sample is made to show.

    ``correlation`` is between the dimensions (children of the root), ``loading`` that of an answer with its dimension,
    both of the normal variables behind the answers. ``strata`` give the shares of the options of a question.
    """

    correlation: Annotated[float, Field(ge=0, lt=1)] = 0.5
    loading: Annotated[float, Field(gt=0, lt=1)] = 0.8
    missing: Share = 0.0
    careless: Share = 0.0
    assume: Id | None = None
    strata: dict[Id, Shares] = {}
    weights: PopulationWeights | None = None
    shares: tuple[TargetShare, ...] = ()
    means: tuple[TargetMean, ...] = ()
    classes: tuple[TargetClass, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
