"""What the descriptions of several resources share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dtindex import Finding

__all__ = ["WHOLE", "Body", "FindingOut", "Finite", "Hash", "Instant", "Name", "Out"]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _instant(value: object) -> object:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("instant", "Input should be a date, a time and a zone, as 2027-01-31T12:00:00Z")
    return value


Name = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f/\\?#%]([^\x00-\x1f\x7f/\\?#%]*[^\x00-\x20\x7f/\\?#%])?$",
    ),
]
"""A name that can stand in an address: no control characters, none of ``/ \\ ? # %``, no space at its ends."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant), Field(strict=False)]
"""An instant with its zone, as RFC 3339 writes it."""


def _whole(value: object) -> object:
    """JSON knows numbers only: 5.0 is the whole number 5, as the description says of it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""After the bounds of a whole number: before them, the description would not know these."""
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Body(BaseModel):
    """The body of a request: a name that is not known is an error, and no value is taken for one of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)


class Out(BaseModel):
    """The body of an answer."""

    model_config = ConfigDict(frozen=True)


class FindingOut(Out):
    """One coded remark on an input."""

    code: str = Field(examples=["DT202"])
    severity: str = Field(examples=["error"])
    message: str
    place: Mapping[str, Any] = Field(default_factory=dict, examples=[{"file": "table.csv", "line": 3}])

    @classmethod
    def of(cls, one: Finding) -> FindingOut:
        return cls(code=one.code, severity=str(one.severity), message=one.message, place=one.place.to_dict())
