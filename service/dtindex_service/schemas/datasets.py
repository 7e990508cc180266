"""Datasets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dtindex_service.schemas.common import FindingOut, Out
from dtindex_service.store import DatasetRow

__all__ = ["DatasetColumn", "DatasetEntry", "DatasetList", "DatasetOut"]

_EXAMPLE: dict[str, Any] = {
    "id": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "name": "provinces.csv",
    "media_type": "text/csv",
    "size": 2048,
    "state": "parsed",
    "rows": 31,
    "columns": 2,
    "created": "2026-11-26T02:00:00Z",
    "expires": None,
    "findings": [],
}


class DatasetColumn(Out):
    """What a column looks like, and what the methodology that was named makes of it; none of its cells."""

    name: str
    position: int = Field(description="From 1.")
    looks: str = Field(examples=["number"], description="number, percent, thousands, text or empty.")
    filled: int = Field(description="Cells that are not empty.")
    distinct: int
    matched: str | None = Field(description="The ids that read it, or key, period, name, ranked, group, published.")
    nearest: str | None = Field(description="The most similar name that the methodology wants and the table lacks.")


class DatasetEntry(Out):
    """A table that was uploaded."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str = Field(description="SHA-256 of the bytes that were uploaded; these are not kept.")
    name: str | None = Field(description="What the uploader called it.")
    media_type: str
    size: int = Field(description="Bytes.")
    state: Literal["parsed"]
    rows: int | None
    columns: int | None
    created: datetime
    expires: datetime | None = Field(description="When it is removed, unless an edition rests on it.")
    findings: list[FindingOut] = Field(description="Warnings and notes.")

    @classmethod
    def of(cls, row: DatasetRow) -> DatasetEntry:
        return cls(**_known(row))


class DatasetOut(DatasetEntry):
    """A table that was uploaded, and its columns."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_EXAMPLE, "found": {"format": "text", "encoding": "UTF-8"}, "described": []}]
        }
    )

    found: dict[str, str] = Field(description="Format, encoding, delimiter, sheet.")
    described: list[DatasetColumn]

    @classmethod
    def with_columns(cls, row: DatasetRow, notes: Mapping[str, Any]) -> DatasetOut:
        return cls(**_known(row), found=notes["found"], described=[DatasetColumn(**one) for one in notes["columns"]])


class DatasetList(Out):
    items: list[DatasetEntry]


def _known(row: DatasetRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "state": row.state,
        "rows": row.rows,
        "columns": row.columns,
        "created": row.created,
        "expires": row.expires,
        "findings": [FindingOut(**one) for one in row.findings],
    }
