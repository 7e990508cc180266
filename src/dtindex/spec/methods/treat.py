"""Treatment of outliers, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block
from dtindex.spec.methods.common import Positive

__all__ = ["Mad", "PercentileTreat", "SkewKurtosis", "Treat", "TreatNone", "Tukey", "Winsorise"]


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
