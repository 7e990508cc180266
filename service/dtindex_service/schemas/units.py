"""Units of an edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from dtindex_service.schemas.common import FindingOut, Out

__all__ = ["ItemProfile", "UnitEntry", "UnitList", "UnitProfile"]

Names = Mapping[str, str]


class UnitEntry(Out):
    """A unit, and where its profile stands."""

    unit: str = Field(examples=["广东"])
    names: Names
    periods: list[str]
    address: str


class UnitList(Out):
    items: list[UnitEntry]


class ItemProfile(Out):
    """What a unit has of a node or an indicator."""

    item: str
    label: Names
    kind: str
    parent: str | None
    depth: int
    score: float | None
    rank: int | None
    percentile: float | None = Field(description="Per cent of the ranked units that score lower, ties counted half.")
    coverage: float | None
    status: str = Field(examples=["normal"])
    weight: float | None = Field(description="Effective weight, under the node.")
    value: float | None = Field(description="Raw, in its own unit of measure.")
    unit: Names | None
    cells: list[Mapping[str, Any]] = Field(description="Where the value comes from.")
    source: str | None
    source_text: str | None
    contribution: float | None = Field(description="Points that it brings to the node.")
    full: float | None = Field(description="Points that it could bring.")


class UnitProfile(Out):
    """Everything that an edition says of a unit."""

    edition: Mapping[str, str]
    unit: str
    names: Names
    period: str | None
    periods: list[str]
    groups: Mapping[str, str] = Field(description="Text columns of the table that group units.")
    node: str
    score: float | None
    rank: int | None
    ranked: int = Field(description="Ranked units of the period that have a score.")
    tiers: Mapping[str, str | None]
    classes: Mapping[str, str | None]
    items: list[ItemProfile] = Field(description="Top-down, from the node.")
    measured: Mapping[str, float | None] = Field(description="Raw values of indicators that are measured, not scored.")
    strengths: list[str]
    weaknesses: list[str]
    findings: list[FindingOut]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> UnitProfile:
        return cls(**told)
