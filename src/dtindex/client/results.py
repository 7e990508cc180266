"""What the client gives back where the library has no object of its own for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from dtindex.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dataset", "Job", "NewKey", "Profile", "ScoredUnits", "Stored"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A methodology that the service keeps for the project."""

    id: str
    hash: str
    is_new: bool
    findings: Findings


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table that was uploaded; ``id`` is the SHA-256 of the bytes that were sent."""

    id: str
    name: str | None
    rows: int | None
    created: datetime
    expires: datetime | None
    findings: Findings
    columns: pd.DataFrame
    """A row a column: name, position, looks, filled, distinct, matched, nearest."""


@dataclass(frozen=True, slots=True)
class Job:
    """A long analysis over there, as it stood when it was asked for; ``id`` is the hash of what is asked."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    edition: str
    dataset: str | None
    parameters: Mapping[str, Any]
    created: datetime
    started: datetime | None
    ended: datetime | None
    done: int
    """Runs, evaluations, programmes or replicates that are worked out."""
    size: int
    """All of them; 0 before it is planned, and where nothing is parted."""
    results: tuple[str, ...]
    """Names of what it gave: ``result``, and tables."""
    problem: Mapping[str, Any] | None
    """Why it failed: code, kind, detail, errors."""

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: ``secret`` is shown here, and never again."""

    id: str
    name: str
    scopes: tuple[str, ...]
    expires: datetime | None
    secret: str = field(repr=False)


@dataclass(frozen=True, eq=False)
class ScoredUnits:
    """Scores of units that were sent, as frames: rows (unit) or (unit, period) in the order in which they were sent,
    columns node ids, then indicators; as :class:`dtindex.Scores` has them."""

    scores: pd.DataFrame
    ranks: pd.DataFrame
    percentiles: pd.DataFrame
    coverage: pd.DataFrame
    status: pd.DataFrame
    tiers: pd.DataFrame
    classes: pd.DataFrame
    contributions: pd.DataFrame | None
    """Points of the index that come from each item, where they were asked for."""
    findings: Findings
    edition: str
    """Hash of the edition that they were scored by."""
    methodology: str
    """Id of its methodology."""
    assumptions: tuple[str, ...]
    ranked_against: str


@dataclass(frozen=True, eq=False)
class Profile:
    """What an edition says of a unit."""

    unit: str
    names: Mapping[str, str]
    """By language."""
    period: str | None
    score: float | None
    rank: int | None
    ranked: int
    """Units that have a rank, the unit's own included."""
    tiers: Mapping[str, str | None]
    classes: Mapping[str, str | None]
    items: pd.DataFrame
    """A row a node or indicator, top-down: score, rank, percentile, coverage, status, weight, value, cell, source,
    contribution ..."""
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    findings: Findings
