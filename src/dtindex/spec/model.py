"""The methodology: what an index is, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from dtindex.findings import Findings
from dtindex.spec.base import Block, Id, Language, Number, Provenance, Text, text
from dtindex.spec.classes import ClassRule
from dtindex.spec.methods import (
    Aggregate,
    CodeRule,
    Coverage,
    Derive,
    Goalpost,
    Impute,
    Interval,
    Normalise,
    Rank,
    Scale,
    Tiers,
    Transform,
    Treat,
    Weight,
    Weights,
)
from dtindex.spec.origin import ReadFrom
from dtindex.spec.questions import Answer, Question
from dtindex.spec.sample_plan import SamplePlan
from dtindex.spec.screening import Screening
from dtindex.spec.survey import Survey
from dtindex.spec.uncertainty import Expert, Factor, Scenario, Uncertainty

if TYPE_CHECKING:
    from dtindex.spec.tree import Tree
    from dtindex.tables.table import Table

__all__ = [
    "Assumption",
    "Defaults",
    "Expert",
    "Factor",
    "Indicator",
    "Methodology",
    "Node",
    "Scenario",
    "Source",
    "Uncertainty",
    "Units",
]

Fit = Literal["pooled", "each_period", "base"]
Orientation = Literal["better", "worse"]
DeclaredStatus = Literal["estimated", "break"]


class Source(Block):
    """Where figures or definitions come from."""

    id: Id
    title: Text
    publisher: Text | None = None
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    pages: str | None = None
    url: str | None = None
    licence: str | None = None
    note: Text | None = None


class Units(Block):
    """What is scored: its kind, the column of its key, the codelist it must be in, its groups, its period."""

    kind: str
    key: str
    name: str | None = None
    codelist: str | None = None
    groups: tuple[str, ...] = ()
    period: str | None = None
    ranked: str | None = None
    totals: tuple[str, ...] = ()


class Defaults(Block):
    """Settings that every node or indicator takes unless it has its own."""

    normalise: Normalise | None = None
    transform: Transform | None = None
    treat: Treat | None = None
    impute: Impute | None = None
    aggregate: Aggregate | None = None
    weights: Weights | None = None
    coverage: Coverage | None = None
    codes: dict[str, CodeRule] | None = None
    round: Annotated[int, Field(ge=0, le=9)] | None = None
    range: Interval | None = None


class _Item(Block):
    id: Id
    parent: Id | None = None
    label: Text | None = None
    weight: Weight | None = None
    column: str | None = None
    unit: Text | None = None
    scale: Scale | None = None
    round: Annotated[int, Field(ge=0, le=9)] | None = None
    published: str | None = None
    tolerance: Annotated[float, Field(ge=0)] | None = None
    tags: tuple[str, ...] = ()
    provenance: dict[str, Provenance] = {}
    source: Id | None = None
    note: Text | None = None

    def name(self, language: Language = "en") -> str:
        """The label, or the id where there is none."""
        return text(self.label, language, self.id)


class Node(_Item):
    """An aggregate: the index, a dimension, a sub-dimension."""

    weights: Weights | None = None
    aggregate: Aggregate | None = None
    coverage: Coverage | None = None
    rank: Rank | None = None
    orientation: Orientation | None = None


class Indicator(_Item):
    """A measured column; with ``parent`` it is scored, without it is only measured."""

    type: Literal["number", "percent", "thousands"] = "number"
    direction: Literal["higher", "lower"] | None = None
    range: Interval | None = None
    codes: dict[str, CodeRule] | None = None
    from_: Annotated[Id | Answer | None, Field(alias="from")] = None
    derive: Derive | None = None
    impute: Impute | None = None
    treat: Treat | None = None
    transform: Transform | None = None
    normalise: Normalise | None = None
    power: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1
    times: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1
    constant: Number | None = None
    fit: Fit | None = None
    status: DeclaredStatus | None = None

    @property
    def answer(self) -> Answer | None:
        """What it takes of a question, or None."""
        return Answer(question=self.from_) if isinstance(self.from_, str) else self.from_


class AssumedGoalposts(Block):
    """Goalposts that an assumption sets."""

    worst: Goalpost | None = None
    best: Goalpost | None = None


class Assumption(Block):
    """Named values for what is unpublished."""

    note: Text | None = None
    weights: dict[Id, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    goalposts: dict[Id, AssumedGoalposts] = {}


class Methodology(Block):
    """An index definition. Flat lists refer to each other by id; nodes and indicators share one namespace."""

    schema_version: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=80)]
    title: Text
    description: Text | None = None
    sources: tuple[Source, ...] = ()
    units: Units
    data_: Annotated[str | None, Field(alias="data")] = None
    scale: Scale = (0.0, 100.0)
    rank: Rank = Rank()
    orientation: Orientation = "better"
    fit: Fit = "pooled"
    base_period: str | int | None = None
    defaults: Defaults = Defaults()
    screening: Screening | None = None
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    indicators: tuple[Indicator, ...] = ()
    survey: Survey | None = None
    questions: tuple[Question, ...] = ()
    tiers: tuple[Tiers, ...] = ()
    classes: tuple[ClassRule, ...] = ()
    uncertainty: Uncertainty | None = None
    assumptions: dict[Id, Assumption] = {}
    sample: SamplePlan | None = None

    _read_from: ReadFrom = PrivateAttr(default=ReadFrom())

    @property
    def file(self) -> Path | None:
        """The file that the methodology was read from, or None."""
        return self._read_from.file

    @property
    def source_text(self) -> str | None:
        """The YAML text that the methodology was read from, or None; a sheet's is written from the sheet."""
        return self._read_from.source_text

    @property
    def findings(self) -> Findings:
        """Warnings and notes of loading."""
        return self._read_from.findings

    def data(self) -> Table:
        """The table that the methodology itself names under `data:`."""
        from dtindex.tables.read import read_table

        return read_table(None, self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Methodology) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, without the tree and the hashes that were worked out for the original."""
        copy = super().model_copy(update=update, deep=deep)
        for name in ("tree", "hash", "scores_hash"):
            copy.__dict__.pop(name, None)
        return copy

    @cached_property
    def tree(self) -> Tree:
        """The tree of nodes and indicators, with defaults resolved."""
        from dtindex.spec.tree import Tree

        return Tree(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON in which values equal to their default are left out."""
        from dtindex.spec.identity import methodology_hash

        return methodology_hash(self)

    @cached_property
    def scores_hash(self) -> str:
        """The same over what affects scores only: no labels, titles, notes, sources."""
        from dtindex.spec.identity import scores_hash

        return scores_hash(self)
