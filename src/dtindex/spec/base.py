"""What every block of a methodology file is made of: strict frozen models, ids, texts in two languages, provenance."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Block",
    "Id",
    "Language",
    "Localised",
    "Number",
    "Origin",
    "Provenance",
    "ProvenanceNote",
    "Text",
    "Unpublished",
    "text",
]

Language = Literal["en", "zh"]
Id = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=80)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Unpublished = Literal["unpublished"]


class Block(BaseModel):
    """A block of a methodology file: unknown keys are errors, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Localised(Block):
    """A text in English, Chinese, or both."""

    en: str | None = None
    zh: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Localised:
        if not (self.en or self.zh):
            raise ValueError("expected `en`, `zh`, or both")
        return self


Text = str | Localised


def text(value: Text | None, language: Language = "en", default: str = "") -> str:
    """``value`` in ``language``, else in the other one, else ``default``."""
    if value is None:
        return default
    if isinstance(value, str):
        return value
    first, second = (value.en, value.zh) if language == "en" else (value.zh, value.en)
    return first or second or default


class Origin(StrEnum):
    """Where a parameter comes from."""

    PUBLISHED = "published"
    RECOVERED = "recovered"
    ASSUMED = "assumed"
    UNPUBLISHED = "unpublished"


class ProvenanceNote(Block):
    """An origin with the check or the reason behind it."""

    origin: Origin
    check: Text | None = None
    source: Id | None = None


Provenance = Origin | ProvenanceNote
