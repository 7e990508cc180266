"""What the blocks of several steps share: goalposts, scales, bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dtindex.spec.base import Block, Number, Unpublished

__all__ = ["Clip", "Goalpost", "Interval", "Percentile", "Positive", "Scale", "Share", "Weight"]


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
