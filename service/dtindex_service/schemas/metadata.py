"""The metadata of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from dtindex_service.schemas.common import Out

__all__ = ["AnalysisMetadata", "SourceOut", "TableColumn", "TableItem", "TableMetadata"]

Labels = Mapping[Literal["en", "zh"], str]


class TableColumn(Out):
    """A column of a table."""

    name: str
    type: Literal["string", "number", "integer", "boolean"]
    label: Labels
    unit: Labels | None = Field(description="Unit of measure.")


class TableItem(Out):
    """A node or indicator of the methodology."""

    id: str
    kind: Literal["node", "indicator"]
    parent: str | None
    scored: bool
    label: Labels
    unit: Labels | None
    scale: str | list[float]
    source: str | None


class SourceOut(Out):
    """Where figures or definitions come from."""

    id: str
    title: Labels
    publisher: Labels | None
    year: int | None
    pages: str | None
    url: str | None
    licence: str | None


class _Metadata(Out):
    table: str
    rows: int
    columns: list[TableColumn]
    edition: Mapping[str, Any]
    methodology: Mapping[str, Any]
    table_hash: str
    dtindex: str
    missing: Mapping[str, Any] = Field(description="How a missing value is written, by representation.")
    items: list[TableItem]
    periods: list[str]
    rank_rule: Mapping[str, Any]
    ranked_against: str
    assumptions: list[str]
    provenance: Mapping[str, Any]
    synthetic: str | None
    sources: list[SourceOut]
    licences: list[str]


class TableMetadata(_Metadata):
    """What is to be known about a table of an edition."""

    title: Labels
    files: Mapping[str, Any]


class AnalysisMetadata(_Metadata):
    """What is to be known about a table of an analysis."""

    analysis: str
    asked: Mapping[str, Any] = Field(description="By what parameters, those that were not said included.")
