"""Coverage, ranks, tiers and codes, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number, Provenance, Text
from dtindex.spec.methods.common import Share

__all__ = [
    "CodeRule",
    "Coverage",
    "LearnedTiers",
    "Level",
    "NamedLevel",
    "QuantileLevel",
    "QuantileTiers",
    "Rank",
    "ThresholdTiers",
    "Tiers",
]


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


class NamedLevel(Block):
    """A tier whose bound is learned."""

    id: Id
    label: Text | None = None


class LearnedTiers(_TierBlock):
    """As many tiers as levels, best first, with bounds learned from the scores of the ranked reference units."""

    method: Literal["jenks", "k-means", "mixture"]
    levels: Annotated[tuple[NamedLevel, ...], Field(min_length=1)]


Tiers = Annotated[ThresholdTiers | QuantileTiers | LearnedTiers, Field(discriminator="method")]


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
