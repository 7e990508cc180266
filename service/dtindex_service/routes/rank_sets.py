"""Which ranks of an edition can be told apart, where figures have standard errors."""

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

router = APIRouter(prefix="/v1/editions", tags=["rank sets"], route_class=ServiceRoute)

_KIND = "rank-sets"
Table = Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES[_KIND])})]


async def _asked(
    by: Annotated[
        list[str] | None,
        Query(max_length=10, description="Groups of the sample to rank; else units, by errors of the edition."),
    ] = None,
    of: Annotated[str | None, Query(max_length=200, description="What is estimated of groups; the index.")] = None,
    node: Annotated[str | None, Query(max_length=200, description="Whose scores, of units; the index.")] = None,
    period: Annotated[str | None, Query(max_length=200, description="Of a panel; the latest, unless said.")] = None,
    confidence: Annotated[float, Query(ge=0.5, le=0.9999)] = 0.95,
    draws: Annotated[int, Query(ge=100, le=100_000, description="Of the critical values.")] = 20_000,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 0,
) -> dict[str, Any]:
    return {
        "by": by,
        "of": of,
        "node": node,
        "period": period,
        "confidence": confidence,
        "draws": draws,
        "seed": seed,
    }


Asked = Annotated[dict[str, Any], Depends(_asked)]


@router.get("/{ref}/rank-sets", responses=document_answers("The sets"), response_class=Response)
async def get_rank_sets(ref: Ref, who: Reader, service: Service, request: Request, asked: Asked) -> Response:
    """Confidence sets for ranks, one by one and all at once, and groups of what is level."""
    return await answer_analysis(service, who, request, ref, _KIND, asked, "json", rest="/rank-sets")


@router.get("/{ref}/rank-sets/{table}.metadata.json", response_model=AnalysisMetadata)
async def get_rank_sets_metadata(
    ref: Ref, table: Table, who: Reader, service: Service, request: Request, asked: Asked
) -> Response:
    """What is to be known about one table of it."""
    if table not in ANALYSES[_KIND]:
        raise not_found()
    rest = f"/rank-sets/{table}.metadata.json"
    return await answer_analysis(service, who, request, ref, _KIND, asked, "metadata", table=table, rest=rest)


@router.get("/{ref}/rank-sets/{table}.{form}", response_class=Response, responses=table_answers())
async def get_rank_sets_as(
    ref: Ref, table: Table, form: Form, who: Reader, service: Service, request: Request, asked: Asked
) -> Response:
    """One table of it, as `dtindex rank-sets -o` writes it."""
    if table not in ANALYSES[_KIND]:
        raise not_found()
    rest = f"/rank-sets/{table}.{form}"
    return await answer_analysis(service, who, request, ref, _KIND, asked, form_of(form), table=table, rest=rest)
