"""Scoring units: what is asked, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema
from typing_extensions import TypedDict

from dtindex_service.schemas.common import Body, FindingOut, Name, Out

__all__ = ["MOST_UNITS", "MatrixAnswer", "RecordsAnswer", "ScoreRequest", "ScoredItem", "ScoredUnit", "UnitIn"]

MOST_UNITS = 5_000

Text = Annotated[str, StringConstraints(max_length=1000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]

_STATUS = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["missing", "not_applicable", "withheld"]}},
    "additionalProperties": False,
}
_WORD = {"type": ["number", "string"]}
_VALUE = {
    "description": "A number, an option (id, label or code), several options, of a matrix an object by row; null is "
    "missing, and a status says why there is no value.",
    "anyOf": [
        {"type": ["number", "string", "null"]},
        {"type": "array", "items": _WORD},
        _STATUS,
        {"type": "object", "additionalProperties": {"anyOf": [{"type": ["number", "string", "null"]}, _STATUS]}},
    ],
}
_VALUES = {
    "type": "object",
    "description": "By indicator, node with a column, or question; what is not named is missing.",
    "additionalProperties": _VALUE,
}
_UNIT = {
    "type": "object",
    "required": ["values"],
    "properties": {
        "unit": {"type": "string", "maxLength": 1000},
        "period": {"type": ["string", "null"], "maxLength": 1000},
        "groups": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1000}},
        "values": _VALUES,
    },
    "additionalProperties": False,
}
_UNITS = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_UNITS,
    "description": "Records; or the names of the units, where `indicators` and `values` are a matrix.",
    "items": {"anyOf": [_UNIT, {"type": "string", "maxLength": 1000}]},
}
_ROWS = {"anyOf": [{"type": "array", "items": {"type": "array", "items": _VALUE}}, {"type": "null"}]}


class UnitIn(TypedDict):
    """A unit as a record."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]  # pydantic's documented way

    values: dict[str, Any]
    unit: NotRequired[Text]
    period: NotRequired[Text | None]
    groups: NotRequired[dict[str, Text]]


class ScoreRequest(Body):
    """One unit or several, as records (``units``) or as a matrix (``indicators``, ``units``, ``values``)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "methodology": "caict-computing-power-1.0",
                    "units": [
                        {
                            "unit": "广东",
                            "values": {
                                "computing_scale": 47.09,
                                "environment": 77.99,
                                "application": 96.54,
                                "compute": 22.15,
                            },
                        }
                    ],
                },
            ]
        }
    )

    edition: Name | None = Field(None, description="Name or hash of an edition: this, or a methodology.")
    methodology: Label | None = Field(
        None, description="Id or hash of a methodology: then the data that it names itself are the reference."
    )
    assume: Label | None = Field(None, description="With a methodology: the assumption for what is unpublished.")
    ranked_against: Literal["table", "reference"] = Field(
        "reference", description="Whom a rank is among: the reference units, or the units of this request."
    )
    contributions: bool = Field(False, description="Whether to say what each item brings to the index.")
    units: Annotated[list[Any], Field(min_length=1), WithJsonSchema(_UNITS)]
    indicators: list[Label] | None = Field(None, description="Columns of a matrix.")
    values: Annotated[list[list[Any]] | None, WithJsonSchema(_ROWS)] = None
    periods: list[Text | None] | None = Field(None, description="With a matrix: the period of each unit.")
    groups: dict[str, list[Text]] | None = Field(None, description="With a matrix: the group of each unit, by name.")


class ScoredItem(Out):
    """A node or an indicator of a unit."""

    score: float | None = Field(description="Null where there is none: `status` says why.")
    rank: int | None
    percentile: float | None = Field(description="Share of those whom the unit is ranked among that score lower.")
    coverage: float
    status: str = Field(examples=["normal", "missing", "clipped+partial"])
    contribution: float | None = Field(None, description="Points of the index that come from it, where asked for.")


class ScoredUnit(Out):
    unit: str
    period: str | None
    items: dict[str, ScoredItem]
    tiers: dict[str, str | None]
    classes: dict[str, str | None]


class SubjectOut(Out):
    id: str
    hash: str


class EditionNamed(Out):
    name: str | None = Field(description="Null where a methodology was asked for, which has no name as an edition.")
    hash: str


class _Answer(Out):
    methodology: SubjectOut
    edition: EditionNamed
    assumptions: list[str]
    ranked_against: Literal["table", "reference"]
    items: list[str] = Field(description="Nodes, then indicators, in the order of the methodology.")
    findings: list[FindingOut] = Field(description="What there is to say of these units.")


class RecordsAnswer(_Answer):
    """Scores of units that were given as records."""

    units: list[ScoredUnit]


class MatrixAnswer(_Answer):
    """Scores of units that were given as a matrix: a row a unit, a column an item."""

    units: list[str]
    periods: list[str | None] | None
    scores: list[list[float | None]]
    ranks: list[list[int | None]]
    percentiles: list[list[float | None]]
    coverage: list[list[float]]
    status: list[list[str]]
    contributions: list[list[float | None]] | None
    tiers: dict[str, list[str | None]]
    classes: dict[str, list[str | None]]
