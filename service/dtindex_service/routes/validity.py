"""Whether an edition's index measures what its tree says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from dtindex_service.analyses import ANALYSES
from dtindex_service.answering import Form, Ref, answer_analysis, document_answers, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.problems import not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.metadata import AnalysisMetadata

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["validity"], route_class=ServiceRoute)


async def _asked(
    period: Annotated[str | None, Query(max_length=200, description="Of a panel, or `all`; else the latest.")] = None,
    of: Annotated[
        Literal["children", "leaves"], Query(description="Whose belonging together is asked of each node.")
    ] = "children",
    rows: Annotated[Literal["complete", "pairwise"], Query(description="What a covariance rests on.")] = "complete",
    runs: Annotated[int, Query(ge=1, le=20_000, description="Random matrices of the parallel analysis.")] = 1_000,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 1,
) -> dict[str, Any]:
    return {"period": period, "of": of, "rows": rows, "runs": runs, "seed": seed}


Asked = Annotated[dict[str, Any], Depends(_asked)]


@router.get("/{ref}/validity", responses=document_answers("The answers"), response_class=Response)
async def get_validity(ref: Ref, who: Reader, service: Service, request: Request, asked: Asked) -> Response:
    """Reliability, sampling adequacy, dimensions, importance, and correlations that are too high, low or negative."""
    return await answer_analysis(service, who, request, ref, "validity", asked, "json", rest="/validity")


@router.get("/{ref}/validity/{table}.metadata.json", response_model=AnalysisMetadata)
async def get_validity_metadata(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["validity"])})],
    who: Reader,
    service: Service,
    request: Request,
    asked: Asked,
) -> Response:
    """What is to be known about one table of it."""
    if table not in ANALYSES["validity"]:
        raise not_found()
    rest = f"/validity/{table}.metadata.json"
    return await answer_analysis(service, who, request, ref, "validity", asked, "metadata", table=table, rest=rest)


@router.get("/{ref}/validity/{table}.{form}", response_class=Response, responses=table_answers())
async def get_validity_as(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["validity"])})],
    form: Form,
    who: Reader,
    service: Service,
    request: Request,
    asked: Asked,
) -> Response:
    """One table of it; `.csv` is what `dtindex validity -o` writes."""
    if table not in ANALYSES["validity"]:
        raise not_found()
    rest = f"/validity/{table}.{form}"
    return await answer_analysis(service, who, request, ref, "validity", asked, form_of(form), table=table, rest=rest)
