"""Methodologies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dtindex_service.methodologies import Found
from dtindex_service.schemas.common import FindingOut, Out
from dtindex_service.store import MethodologyRow

__all__ = ["MethodologyEntry", "MethodologyList", "MethodologyOut", "StoredMethodology", "Validation"]

Title = str | dict[str, str]
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_FINDING: dict[str, Any] = {
    "code": "DT010",
    "severity": "error",
    "message": 'unknown key "wieght"; nearest is "weight"',
    "place": {"file": "methodology", "line": 8, "column": 33},
}


class MethodologyEntry(Out):
    """A methodology that may be named."""

    id: str = Field(examples=["caict-computing-power-1.0"])
    hash: str = Field(examples=[_HASH])
    origin: Literal["shipped", "own"] = Field(
        description="Whether it ships with dtindex, or the project has stored it."
    )
    created: datetime | None = Field(description="When it was stored; null for one that ships.")

    @classmethod
    def of(cls, found: Found | MethodologyRow) -> MethodologyEntry:
        if isinstance(found, MethodologyRow):
            return cls(id=found.id, hash=found.hash, origin="own", created=found.created)
        methodology = found.methodology
        return cls(id=methodology.id, hash=methodology.hash, origin=found.origin, created=found.created)


class MethodologyList(Out):
    items: list[MethodologyEntry]


class MethodologyOut(MethodologyEntry):
    """A methodology."""

    scores_hash: str = Field(description="SHA-256 over what affects scores: labels do not.")
    methodology: dict[str, Any] = Field(description="The file as JSON, without what is equal to its default.")
    findings: list[FindingOut]

    @classmethod
    def whole(cls, found: Found) -> MethodologyOut:
        methodology = found.methodology
        return cls(
            **MethodologyEntry.of(found).model_dump(),
            scores_hash=methodology.scores_hash,
            methodology=methodology.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            findings=[FindingOut.of(one) for one in methodology.findings],
        )


class Validation(Out):
    """What there is to say about a file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"valid": False, "id": None, "hash": None, "scores_hash": None, "title": None, "findings": [_FINDING]}
            ]
        }
    )

    valid: bool
    id: str | None
    hash: str | None
    scores_hash: str | None
    title: Title | None
    findings: list[FindingOut] = Field(description="Each with its line and column.")

    @classmethod
    def of(cls, said: dict[str, Any]) -> Validation:
        known = {name: said.get(name) for name in ("id", "hash", "scores_hash", "title")}
        return cls(valid=said["hash"] is not None, findings=[FindingOut(**one) for one in said["findings"]], **known)


class StoredMethodology(MethodologyEntry):
    """A methodology that was stored, and the warnings and notes on it."""

    title: Title
    findings: list[FindingOut]
