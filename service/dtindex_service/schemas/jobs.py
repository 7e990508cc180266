"""Jobs: what may be asked, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dtindex_service.jobs.kinds import RESULT
from dtindex_service.rendering import MEDIA_TYPES
from dtindex_service.schemas.common import WHOLE, Body, Finite, Hash, Out
from dtindex_service.store import JobRow
from dtindex_service.tables import TABLES

__all__ = ["JobList", "JobOut", "NewJob"]

MOST_RUNS = 1_000_000_000
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=200)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1), WHOLE]
Confidence = Annotated[float, Field(ge=0.5, le=0.9999, allow_inf_nan=False)]
Error = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Factors = Annotated[
    list[dict[str, Any]] | None,
    Field(
        max_length=200, description="As `uncertainty: {factors: [...]}` spells them; the methodology's, unless said."
    ),
]
Errors = Annotated[
    dict[Text, dict[Text, Error]] | None,
    Field(max_length=1_000, description="Standard errors of figures, by item and unit."),
]
Points = Literal["sobol", "random"]


_TABLES = [name for name in TABLES if name != "rankings"]


def _known(name: str) -> str:
    if name not in _TABLES:
        raise PydanticCustomError("table", "No table of that name.")
    return name


class SimulationParameters(Body):
    """Those of `dtindex.simulate`."""

    node: Text | None = None
    period: Text | None = None
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS), WHOLE] = 10_000
    seed: Seed = 0
    method: Points = "sobol"
    confidence: Confidence = 0.95
    factors: Factors = None
    errors: Errors = None


class SensitivityParameters(Body):
    """Those of `dtindex.sensitivity`."""

    node: Text | None = None
    period: Text | None = None
    runs: Annotated[int, Field(ge=1, le=10_000_000), WHOLE] = 1_024
    scrambles: Annotated[int, Field(ge=2, le=1_000), WHOLE] = 16
    seed: Seed = 0
    method: Points = "sobol"
    confidence: Confidence = 0.95
    groups: dict[Text, Annotated[list[Text], Field(min_length=1)]] | None = Field(None, max_length=100)
    shapley: bool | None = None
    factors: Factors = None
    errors: Errors = None


class RankBoundsParameters(Body):
    """Those of `dtindex.rank_bounds`."""

    node: Text | None = None
    period: Text | None = None
    within: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    effort: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = None
    runs: Annotated[int, Field(ge=0, le=10_000_000), WHOLE] | None = None
    seed: Seed = 0
    factors: Factors = None


class RankSetsParameters(Body):
    """Those of `dtindex.rank_sets`."""

    by: Annotated[list[Text], Field(min_length=1, max_length=10)] | None = None
    of: Text | None = None
    node: Text | None = None
    period: Text | None = None
    confidence: Confidence = 0.95
    draws: Annotated[int, Field(ge=100, le=1_000_000), WHOLE] = 20_000
    seed: Seed = 0


class EstimatesParameters(Body):
    """Those of `dtindex.estimate`; `replicates` is a number of bootstrap replicates, or a method."""

    of: Annotated[list[Text], Field(min_length=1, max_length=1_000)] | None = None
    by: Annotated[list[Text], Field(min_length=1, max_length=10)] | None = None
    kind: Literal["mean", "share", "total", "ratio", "quantile"] | None = None
    quantiles: list[Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]] = Field([0.25, 0.5, 0.75], max_length=99)
    weight: Text | None = None
    replicates: (
        Annotated[int, Field(ge=2, le=100_000), WHOLE] | Literal["taylor", "jk1", "jkn", "brr", "bootstrap"] | None
    ) = None
    seed: Seed = 0
    confidence: Confidence = 0.95
    suppress_below: Annotated[int, Field(ge=0, le=10**6), WHOLE] | None = None
    benchmark: dict[Text, Finite] | None = Field(None, max_length=1_000)
    period: Text | None = None


TableName = Annotated[
    str, StringConstraints(max_length=50), Field(json_schema_extra={"enum": _TABLES}), AfterValidator(_known)
]


class ScoresParameters(Body):
    """How a dataset is scored, and which tables are kept of it."""

    ranked_against: Literal["table", "reference"] = "table"
    tables: list[TableName] = Field(["scores_wide", "findings"], min_length=1, max_length=len(TABLES))


class ReportParameters(Body):
    """Those of `dtindex.report`."""

    format: Literal["html", "xlsx"] = "html"
    language: Literal["en", "zh"] = "zh"
    runs: Annotated[int, Field(ge=0, le=10_000_000), WHOLE] | None = None
    seed: Seed = 1


class _OfEdition(Body):
    edition: Reference = Field(description="Name or hash.", examples=["caict-computing-power-1.0"])


class SimulationJob(_OfEdition):
    """How far scores and ranks move."""

    kind: Literal["simulation"]
    parameters: SimulationParameters = SimulationParameters()


class SensitivityJob(_OfEdition):
    """Which choice moves them."""

    kind: Literal["sensitivity"]
    parameters: SensitivityParameters = SensitivityParameters()


class RankBoundsJob(_OfEdition):
    """What holds of the ranks whatever the weights."""

    kind: Literal["rank-bounds"]
    parameters: RankBoundsParameters = RankBoundsParameters()


class RankSetsJob(_OfEdition):
    """Which ranks can be told apart."""

    kind: Literal["rank-sets"]
    parameters: RankSetsParameters = RankSetsParameters()


class EstimatesJob(_OfEdition):
    """Figures of the population, with standard errors."""

    kind: Literal["estimates"]
    parameters: EstimatesParameters = EstimatesParameters()


class ScoresJob(_OfEdition):
    """A dataset against the edition."""

    kind: Literal["scores"]
    dataset: Hash = Field(description="Id of an upload.")
    parameters: ScoresParameters = ScoresParameters()


class ReportJob(_OfEdition):
    """A report as a file."""

    kind: Literal["report"]
    parameters: ReportParameters = ReportParameters()


NewJob = Annotated[
    SimulationJob | SensitivityJob | RankBoundsJob | RankSetsJob | EstimatesJob | ScoresJob | ReportJob,
    Field(
        discriminator="kind",
        examples=[
            {"kind": "simulation", "edition": "caict-computing-power-1.0", "parameters": {"runs": 4096, "seed": 1}}
        ],
    ),
]


class Progress(Out):
    """How far a job is: parts, and the runs, evaluations, programmes or replicates that they hold."""

    parts: int
    parts_done: int
    size: int
    size_done: int


class FileOut(Out):
    """Something that a job gave, and where it stands."""

    media_type: str
    bytes: int
    rows: int | None = Field(description="Of a table.")
    href: Mapping[str, str] = Field(description="By representation.")


class JobOut(Out):
    """A job."""

    id: str = Field(description="Hash of what is asked, of which edition, by which version: an equal request has it.")
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    version: int = Field(description="Goes up with each change.")
    edition: str
    dataset: str | None
    parameters: Mapping[str, Any]
    created: datetime
    started: datetime | None
    ended: datetime | None
    progress: Progress
    problem: Mapping[str, Any] | None = Field(description="Why it failed: code, kind, detail, errors.")
    results: Mapping[str, FileOut] | None
    href: Mapping[str, str] = Field(description="Where it stands, and its events.")

    @classmethod
    def of(cls, row: JobRow) -> JobOut:
        here = f"/v1/jobs/{row.id}"
        return cls(
            id=row.id,
            kind=row.kind,
            state=row.state,  # type: ignore[arg-type]
            version=row.version,
            edition=row.edition,
            dataset=row.dataset,
            parameters=row.asked,
            created=row.created,
            started=row.started,
            ended=row.ended,
            progress=Progress(parts=row.parts, parts_done=row.parts_done, size=row.size, size_done=row.size_done),
            problem=row.problem,
            results=None
            if row.results is None
            else {name: _file(here, name, about) for name, about in row.results.items()},
            href={"self": here, "events": f"{here}/events"},
        )


def _file(here: str, name: str, about: Mapping[str, Any]) -> FileOut:
    forms: dict[str, str] = {form: f"{here}/{name}.{form}" for form in MEDIA_TYPES}
    return FileOut(
        media_type=about["media_type"],
        bytes=about["bytes"],
        rows=about["rows"],
        href={"file": f"{here}/{RESULT}"} if name == RESULT else forms,
    )


class JobList(Out):
    """Jobs of the project."""

    items: list[JobOut]
