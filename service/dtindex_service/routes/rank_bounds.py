"""What holds of an edition's ranks whatever the weights."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from dtindex_service.analyses import ANALYSES
from dtindex_service.answering import Form, Ref, answer_analysis, document_answers, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.problems import not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.metadata import AnalysisMetadata

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["rank bounds"], route_class=ServiceRoute)

_KIND = "rank-bounds"
Table = Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES[_KIND])})]


async def _asked(
    node: Annotated[str | None, Query(max_length=200, description="The index, unless said.")] = None,
    period: Annotated[str | None, Query(max_length=200, description="Of a panel; the latest, unless said.")] = None,
    within: Annotated[
        float | None,
        Query(gt=0, le=1, description="Every weight within this share of what it is; else what the edition says."),
    ] = None,
    effort: Annotated[
        int | None, Query(ge=0, le=200, description="Nodes of branch and bound a rank; 200 up to 300 units, else 0.")
    ] = None,
    runs: Annotated[int, Query(ge=0, le=20_000, description="Of a simulation beside the bounds.")] = 0,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 0,
) -> dict[str, Any]:
    return {"node": node, "period": period, "within": within, "effort": effort, "runs": runs, "seed": seed}


Asked = Annotated[dict[str, Any], Depends(_asked)]


@router.get("/{ref}/rank-bounds", responses=document_answers("The bounds"), response_class=Response)
async def get_rank_bounds(ref: Ref, who: Reader, service: Service, request: Request, asked: Asked) -> Response:
    """Best and worst attainable ranks with weights that attain them, certain orders, and how far a weight can move."""
    return await answer_analysis(service, who, request, ref, _KIND, asked, "json", rest="/rank-bounds")


@router.get("/{ref}/rank-bounds/{table}.metadata.json", response_model=AnalysisMetadata)
async def get_rank_bounds_metadata(
    ref: Ref, table: Table, who: Reader, service: Service, request: Request, asked: Asked
) -> Response:
    """What is to be known about one table of it."""
    if table not in ANALYSES[_KIND]:
        raise not_found()
    rest = f"/rank-bounds/{table}.metadata.json"
    return await answer_analysis(service, who, request, ref, _KIND, asked, "metadata", table=table, rest=rest)


@router.get("/{ref}/rank-bounds/{table}.{form}", response_class=Response, responses=table_answers())
async def get_rank_bounds_as(
    ref: Ref, table: Table, form: Form, who: Reader, service: Service, request: Request, asked: Asked
) -> Response:
    """One table of it, as `dtindex rank-bounds -o` writes it."""
    if table not in ANALYSES[_KIND]:
        raise not_found()
    rest = f"/rank-bounds/{table}.{form}"
    return await answer_analysis(service, who, request, ref, _KIND, asked, form_of(form), table=table, rest=rest)
