"""Transformation, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dtindex.spec.base import Block, Number
from dtindex.spec.methods.common import Positive

__all__ = ["Asinh", "BoxCox", "GiiLog", "LogShift", "Transform", "TransformLog", "YeoJohnson"]


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
