"""Derived indicators, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number

__all__ = ["Derive", "Difference", "Growth", "NetAddition", "Per", "PointChange", "Ratio", "ShareOf", "Sum"]


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
