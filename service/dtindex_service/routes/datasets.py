"""Tables that are uploaded, to be frozen into editions."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from dtindex_service.context import Reader, Service, Writer, charge
from dtindex_service.datasets import find, forget, keep, notes_of
from dtindex_service.idempotency import once
from dtindex_service.negotiate import PageOf, next_link
from dtindex_service.routing import ServiceRoute, UploadRoute
from dtindex_service.schemas.datasets import DatasetEntry, DatasetList, DatasetOut
from dtindex_service.store.clock import now
from dtindex_service.uploads import TABLES, receive

__all__ = ["router"]

router = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=ServiceRoute)
_uploads = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=UploadRoute)

_EXAMPLE = "city,broadband,power_price,online_services\n甲市,410,0.62,93.1\n乙市,355,0.55,88.4\n"
DatasetId = Annotated[
    str,
    Path(
        max_length=64,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of what was uploaded.",
        examples=[hashlib.sha256(_EXAMPLE.encode()).hexdigest()],
    ),
]
_BINARY = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "required": ["file"], "properties": {"file": _BINARY}, "additionalProperties": False}
_BODY = {
    "required": True,
    "content": {kind: {"schema": _BINARY} for kind in TABLES}
    | {"text/csv": {"schema": _BINARY, "example": _EXAMPLE}, "multipart/form-data": {"schema": _FORM}},
}
_COST_BYTES = 2**20


@_uploads.post(
    "",
    status_code=201,
    response_model=DatasetOut,
    responses={200: {"model": DatasetOut, "description": "The same bytes were uploaded before"}},
    openapi_extra={"requestBody": _BODY},
)
async def create_dataset(
    request: Request,
    who: Writer,
    service: Service,
    methodology: Annotated[
        str | None,
        Query(max_length=200, description="Id or hash of what it is to be scored by: it is held against it."),
    ] = None,
    name: Annotated[str | None, Query(max_length=400, description="What to call it.")] = None,
    layout: Literal["auto", "wide", "long"] = "auto",
    sheet: Annotated[str | None, Query(max_length=100, description="Of a workbook with several.")] = None,
    delimiter: Annotated[str | None, Query(min_length=1, max_length=1, description="Of a text file.")] = None,
    encoding: Annotated[str | None, Query(max_length=40, description="Of a text or SPSS file.")] = None,
    header_rows: Annotated[
        list[Annotated[int, Query(ge=1, le=1_000)]] | None,
        Query(max_length=10, description="Lines or rows of the header, from 1."),
    ] = None,
) -> Response:
    """Upload a table: CSV, TSV, XLSX, XLS, SAV, Parquet or Arrow, as the body or as the one file of a form.

    It is read apart, and all findings come back: with a methodology also those of holding the table against it. What
    has errors is answered with 422 and not kept. Of what is kept, columns that identify a person are emptied before.
    """
    options = {
        "layout": layout,
        "sheet": sheet,
        "delimiter": delimiter,
        "encoding": encoding,
        "header_rows": header_rows,
    }
    with service.store.files.incoming(who.project) as incoming:
        named = await receive(request, incoming.write, TABLES, name)
        charge(request, incoming.size / _COST_BYTES)

        async def carry_out() -> Response:
            kept = await keep(service, who, incoming, named, options, methodology)
            body = DatasetOut.with_columns(kept.row, kept.notes).model_dump_json()
            headers = {"Location": f"/v1/datasets/{kept.row.id}"}
            return Response(body, 201 if kept.is_new else 200, headers, "application/json")

        return await once(request, incoming.hash, carry_out)


@router.get("")
def list_datasets(who: Reader, service: Service, page: PageOf, request: Request, response: Response) -> DatasetList:
    """The tables of the project, by id."""
    found = service.store.datasets.list(who.project, now(), after=page.after, limit=page.limit + 1)
    response.headers.update(next_link(request, page, found, lambda row: row.id))
    return DatasetList(items=[DatasetEntry.of(row) for row in found[: page.limit]])


@router.get("/{id}")
def get_dataset(id: DatasetId, who: Reader, service: Service) -> DatasetOut:  # noqa: A002
    """A table of the project: what was found of it, and none of its cells."""
    row = find(service, who.project, id)
    return DatasetOut.with_columns(row, notes_of(service, who.project, row))


@router.delete("/{id}", status_code=204)
def delete_dataset(id: DatasetId, who: Writer, service: Service) -> None:  # noqa: A002
    """Remove a table and its cells. Editions that were frozen on it keep it: then it stays (409)."""
    forget(service, who, id)


router.routes.extend(_uploads.routes)
