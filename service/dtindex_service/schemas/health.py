"""Health."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dtindex_service.schemas.common import Out

__all__ = ["Alive", "Ready", "Versions"]


class Alive(Out):
    status: Literal["alive"]


class Ready(Out):
    status: Literal["ready"]
    checks: dict[str, bool] = Field(examples=[{"database": True, "migrations": True, "data_dir": True}])


class Versions(Out):
    dtindex: str = Field(examples=["0.1.0"])
    python: str = Field(examples=["3.11.7"])
    libraries: dict[str, str] = Field(examples=[{"numpy": "2.4.6"}])
