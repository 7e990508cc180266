"""What is to be known about a table, beside the table."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from dtindex_service.answering import Ref, answer_analysis, json_bytes, kept_answer, table_of
from dtindex_service.context import Reader, Service
from dtindex_service.metadata import metadata_of
from dtindex_service.routes import estimates
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.metadata import AnalysisMetadata, TableMetadata
from dtindex_service.tables import TABLES, Asked

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["editions"], route_class=ServiceRoute)


@router.get("/{ref}/estimates.metadata.json", response_model=AnalysisMetadata)
async def get_estimates_metadata(
    ref: Ref, who: Reader, service: Service, request: Request, asked: estimates.Asked
) -> Response:
    """What is to be known about a table of estimates."""
    rest = "/estimates.metadata.json"
    return await answer_analysis(
        service, who, request, ref, "estimates", asked, "metadata", table="estimates", rest=rest
    )


@router.get("/{ref}/{table}.metadata.json", response_model=TableMetadata)
async def get_table_metadata(
    ref: Ref,
    table: Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(TABLES)})],
    who: Reader,
    service: Service,
    request: Request,
) -> Response:
    """What is to be known about a table: columns, units of measure, sources, licences, assumptions, rank rule."""
    row = await service.shelf.find(who.project, ref)
    asked = Asked(table_of(table))
    opened = await service.shelf.open(who.project, row)

    async def make() -> bytes:
        return json_bytes(await run_in_threadpool(lambda: metadata_of(opened.edition, opened.scores(), asked)))

    return await kept_answer(
        service,
        request,
        (who.project, row.hash, "metadata", table),
        make,
        "application/json",
        by_hash=ref == row.hash,
        place=f"/v1/editions/{row.hash}/{table}.metadata.json",
    )
