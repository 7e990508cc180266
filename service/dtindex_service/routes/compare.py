"""Two editions held against each other: what came from data, from weights and from the method."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from dtindex_service.analyses import ANALYSES
from dtindex_service.answering import Form, Ref, answer_analysis, document_answers, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.problems import not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.metadata import AnalysisMetadata

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["compare"], route_class=ServiceRoute)

Other = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="Name or hash of the edition that came after.",
        examples=["caict-computing-power-1.0"],
    ),
]
Node = Annotated[str | None, Query(max_length=200, description="Which both have; the index, unless said.")]
Periods = Annotated[
    list[str] | None,
    Query(min_length=2, max_length=2, description="Of panels: the period of the first, and that of the second."),
]


@router.get("/{ref}/compare", responses=document_answers("The comparison"), response_class=Response)
async def compare_editions(
    ref: Ref,
    other: Other,
    who: Reader,
    service: Service,
    request: Request,
    node: Node = None,
    periods: Periods = None,
) -> Response:
    """What changed from an edition to another, for every unit of both."""
    asked = {"node": node, "periods": periods}
    return await answer_analysis(service, who, request, ref, "compare", asked, "json", rest="/compare", other=other)


@router.get("/{ref}/compare/{table}.metadata.json", response_model=AnalysisMetadata)
async def get_compared_metadata(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["compare"])})],
    other: Other,
    who: Reader,
    service: Service,
    request: Request,
    node: Node = None,
    periods: Periods = None,
) -> Response:
    """What is to be known about one table of it."""
    if table not in ANALYSES["compare"]:
        raise not_found()
    asked, rest = {"node": node, "periods": periods}, f"/compare/{table}.metadata.json"
    return await answer_analysis(
        service, who, request, ref, "compare", asked, "metadata", table=table, rest=rest, other=other
    )


@router.get("/{ref}/compare/{table}.{form}", response_class=Response, responses=table_answers())
async def get_compared(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(ANALYSES["compare"])})],
    form: Form,
    other: Other,
    who: Reader,
    service: Service,
    request: Request,
    node: Node = None,
    periods: Periods = None,
) -> Response:
    """One table of it: `units`, `items` (a row a unit and item) or `summary`."""
    if table not in ANALYSES["compare"]:
        raise not_found()
    asked, rest = {"node": node, "periods": periods}, f"/compare/{table}.{form}"
    return await answer_analysis(
        service, who, request, ref, "compare", asked, form_of(form), table=table, rest=rest, other=other
    )
