"""Editions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dtindex_service.figures import FIGURES, TITLES
from dtindex_service.rendering import MEDIA_TYPES
from dtindex_service.schemas.common import Body, FindingOut, Hash, Name, Out
from dtindex_service.store import EditionRow
from dtindex_service.tables import TABLES

__all__ = ["EditionDetail", "EditionList", "EditionOut", "FigureOut", "FrozenOut", "NewEdition"]


def _no_hash(name: str) -> str:
    """A name that nobody can take for something else in an address."""
    if len(name) == 64 and not set(name) - set("0123456789abcdef"):
        raise PydanticCustomError("edition_name", "A name must not look like a hash.")
    if name in {".", ".."} or name.endswith(".dtindex"):
        raise PydanticCustomError("edition_name", "A name must not be dots alone, nor end in .dtindex.")
    return name


EditionName = Annotated[Name, AfterValidator(_no_hash)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewEdition(Body):
    """An edition to be frozen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "2020", "methodology": "caict-computing-power-1.0", "dataset": None, "assume": None}]
        }
    )

    name: EditionName = Field(
        description="For ever: a name belongs to one edition of a project.",
        json_schema_extra={"not": {"pattern": r"^(\.{1,2}|[0-9a-f]{64}|.*\.dtindex)$"}},
    )
    methodology: Reference = Field(
        description="Id or hash of a methodology that ships, or of one of the project's own."
    )
    dataset: Hash | None = Field(None, description="Id of an upload; null for the methodology's own data.")
    assume: Reference | None = Field(
        None, description="What stands in for what is unpublished: `equal`, or one of the methodology's `assumptions`."
    )


class MethodologyOf(Out):
    """The methodology of an edition, its assumption applied."""

    id: str
    hash: str


class EditionOut(Out):
    """A frozen edition."""

    name: str = Field(examples=["2020"])
    hash: str
    methodology: MethodologyOf
    dataset: str | None
    created: datetime
    title: Mapping[str, str] | None = Field(examples=[{"en": "Computing Power Index", "zh": "算力发展指数"}])
    rows: int | None
    units: int | None
    periods: list[str]
    roots: list[str]
    items: int | None
    table_hash: str | None
    assumptions: list[str]
    synthetic: str | None = Field(description="What the table says of itself where its rows were made up.")

    @classmethod
    def of(cls, row: EditionRow) -> EditionOut:
        return cls(**_fields(row))


class TableOut(Out):
    """Where a table stands."""

    name: str = Field(examples=["scores"])
    title: Mapping[str, str]
    address: str
    metadata: str
    files: Mapping[str, str] = Field(description="Addresses by representation.")


class FigureOut(Out):
    """Where a figure stands."""

    name: str = Field(examples=["rank_intervals"])
    title: Mapping[str, str]
    files: Mapping[str, str] = Field(description="Addresses by format.")

    @classmethod
    def all_of(cls, hash: str) -> list[FigureOut]:  # noqa: A002
        """Every figure of an edition."""
        base = f"/v1/editions/{hash}/figures"
        return [
            cls(name=name, title=TITLES[name], files={form: f"{base}/{name}.{form}" for form in ("svg", "png")})
            for name in FIGURES
        ]


class EditionDetail(EditionOut):
    """A frozen edition, and where its parts stand for good."""

    file: str = Field(description="The edition itself: what `dtindex verify` takes.")
    tables: list[TableOut]
    figures: list[FigureOut]
    explorer: str = Field(description="The edition as a page for people.")

    @classmethod
    def of(cls, row: EditionRow) -> EditionDetail:
        return cls(**_detailed(row))


class FrozenOut(EditionDetail):
    """An edition that was just frozen, and what was found on the way: warnings and notes."""

    findings: list[FindingOut]

    @classmethod
    def made(cls, row: EditionRow, findings: Iterable[Mapping[str, Any]]) -> FrozenOut:
        return cls(**_detailed(row), findings=[FindingOut(**one) for one in findings])


class EditionList(Out):
    items: list[EditionOut]


def _detailed(row: EditionRow) -> dict[str, Any]:
    base = f"/v1/editions/{row.hash}"
    tables = [
        TableOut(
            name=name,
            title=kind.title,
            address=f"{base}/{name}",
            metadata=f"{base}/{name}.metadata.json",
            files={form: f"{base}/{name}.{form}" for form in MEDIA_TYPES},
        )
        for name, kind in TABLES.items()
    ]
    return _fields(row) | {
        "file": f"{base}.dtindex",
        "tables": tables,
        "figures": FigureOut.all_of(row.hash),
        "explorer": f"{base}/explorer",
    }


def _fields(row: EditionRow) -> dict[str, Any]:
    about = row.about
    return {
        "name": row.name,
        "hash": row.hash,
        "methodology": MethodologyOf(id=row.methodology_id, hash=row.methodology),
        "dataset": row.dataset,
        "created": row.created,
        "title": about.get("title"),
        "rows": about.get("rows"),
        "units": about.get("units"),
        "periods": list(about.get("periods", ())),
        "roots": list(about.get("roots", ())),
        "items": about.get("items"),
        "table_hash": about.get("table_hash"),
        "assumptions": list(about.get("assumptions", ())),
        "synthetic": about.get("synthetic"),
    }
