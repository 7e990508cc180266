"""Methodologies: those that ship, and those of the project."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

import dtindex
from dtindex_service.context import Reader, Service, Writer
from dtindex_service.idempotency import once
from dtindex_service.methodologies import Found, check, find, keep, shipped
from dtindex_service.negotiate import PageOf, TableBody, immutable, next_link
from dtindex_service.problems import Refusal, invalid
from dtindex_service.routing import ServiceRoute, UploadRoute
from dtindex_service.schemas.methodologies import (
    MethodologyEntry,
    MethodologyList,
    MethodologyOut,
    StoredMethodology,
    Validation,
)
from dtindex_service.store.files import Incoming
from dtindex_service.uploads import receive

if TYPE_CHECKING:
    from dtindex import Methodology

__all__ = ["router"]

router = APIRouter(prefix="/v1/methodologies", tags=["methodologies"], route_class=ServiceRoute)
_uploads = APIRouter(prefix="/v1/methodologies", tags=["methodologies"], route_class=UploadRoute)

Reference = Annotated[str, Path(max_length=200, description="Id or hash.", examples=["caict-computing-power-1.0"])]
Periods = Annotated[
    list[Annotated[str, Query(max_length=40)]] | None, Query(max_length=100, description="One row a unit and period.")
]
_YAML = "application/yaml"
_TEXTS = dict.fromkeys(
    (
        _YAML,
        "text/yaml",
        "application/x-yaml",
        "text/x-yaml",
        "text/plain",
        "application/json",
        "application/octet-stream",
    ),
    "",
)
_EXAMPLE = """\
schema_version: 1
id: my-index-1.0
title: {en: My index, zh: 我的指数}
units: {kind: city, key: city}
nodes:
  - {id: index, label: {en: My index, zh: 我的指数}}
indicators:
  - {id: broadband, parent: index, normalise: {method: goalposts, worst: 0, best: 500, clip: both}}
  - {id: online_services, parent: index, normalise: {method: goalposts, worst: 0, best: 100, clip: both}}
"""
_BODY = {
    "required": True,
    "content": {
        _YAML: {"schema": {}, "example": _EXAMPLE},
        "text/plain": {"schema": {"type": "string", "minLength": 1}},
    },
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SCHEMA = "application/schema+json"
_SHIPPED, _OWN = "0:", "1:"
"""Before the ids of those that ship and the hashes of the project's own: a list shows the former first."""
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"model": MethodologyOut, "content": {_YAML: {"schema": {}}}},
    304: {"description": "Not changed"},
}


@router.get("")
def list_methodologies(
    who: Reader, service: Service, page: PageOf, request: Request, response: Response
) -> MethodologyList:
    """Those that ship by id, then those of the project by hash."""
    wanted = page.limit + 1
    rows = [
        (_SHIPPED + id, MethodologyEntry.of(Found(one, "", "shipped")))
        for id, one in sorted(shipped().items())  # noqa: A001
        if page.after < _SHIPPED + id
    ][:wanted]
    if len(rows) < wanted:
        after = page.after.removeprefix(_OWN) if page.after.startswith(_OWN) else ""
        own = service.store.methodologies.list(who.project, after=after, limit=wanted - len(rows))
        rows += [(_OWN + row.hash, MethodologyEntry.of(row)) for row in own]
    response.headers.update(next_link(request, page, rows, lambda row: row[0]))
    return MethodologyList(items=[entry for _, entry in rows[: page.limit]])


@router.get(
    "/schema",
    response_class=Response,
    responses={200: {"content": {_SCHEMA: {"schema": {"type": "object"}}}}},
)
def get_methodology_schema(who: Reader) -> Response:
    """The JSON Schema of methodology files, for editors."""
    return Response(json.dumps(dtindex.json_schema(), ensure_ascii=False), media_type=_SCHEMA)


@_uploads.post(":validate", openapi_extra={"requestBody": _BODY})
async def validate_methodology(request: Request, who: Reader, service: Service) -> Validation:
    """All that there is to say about a methodology file, each with its line and column. Nothing is stored."""
    with service.store.files.incoming(who.project) as incoming:
        await _receive(request, service, incoming)
        return Validation.of(await check(service, incoming.flush()))


@_uploads.post(
    "",
    status_code=201,
    response_model=StoredMethodology,
    responses={200: {"model": StoredMethodology, "description": "It was stored before"}},
    openapi_extra={"requestBody": _BODY},
)
async def create_methodology(request: Request, who: Writer, service: Service) -> Response:
    """Store a methodology file for the project. What has errors is answered with 422 and all findings."""
    with service.store.files.incoming(who.project) as incoming:
        await _receive(request, service, incoming)

        async def carry_out() -> Response:
            row, is_new, said = await keep(service, who, incoming.flush())
            entry = MethodologyEntry.of(row).model_dump()
            body = StoredMethodology(**entry, title=said["title"], findings=said["findings"]).model_dump_json()
            headers = {"Location": f"/v1/methodologies/{row.hash}"}
            return Response(body, 201 if is_new else 200, headers, "application/json")

        return await once(request, incoming.hash, carry_out)


async def _receive(request: Request, service: Service, incoming: Incoming) -> None:
    await receive(request, _limited(incoming.write, service.settings.max_body_bytes), _TEXTS)
    if not incoming.size:
        raise invalid("The body is empty; it is to be a methodology file.", pointer="#")


def _limited(write: Any, most: int) -> Any:
    """Methodologies are small: their limit is that of other bodies, not that of tables."""
    left = most

    def counted(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise Refusal("DT707", f"The body may be {most} bytes at this address.", headers={"Connection": "close"})
        write(piece)

    return counted


@router.get(
    "/{ref}/template.{ending}",
    response_class=Response,
    responses={
        200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}, "text/csv": {}}},
        304: {"description": "Not changed"},
    },
)
def get_methodology_template(
    ref: Reference,
    ending: Literal["xlsx", "csv"],
    who: Reader,
    service: Service,
    request: Request,
    period: Periods = None,
) -> Response:
    """A sheet to fill in: its units, and one column for each figure; an .xlsx explains and checks what is entered."""
    found = find(service, who.project, ref)
    methodology, periods = found.methodology, tuple(period or ())
    key = (who.project, methodology.hash, "template", ending, *periods)
    body = service.rendered.make(key, lambda: _template(methodology, ending, periods))
    response = _as_asked(request, found, body, f"template.{ending}", _XLSX if ending == "xlsx" else "text/csv", ref)
    response.headers["Content-Disposition"] = f'attachment; filename="{methodology.id}.{ending}"'
    return response


def _template(methodology: Methodology, ending: str, periods: tuple[str, ...]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="dtindex-template-") as folder:
        return dtindex.write_template(methodology, FilePath(folder) / f"template.{ending}", None, periods).read_bytes()


@router.get(
    "/{ref}.yaml",
    response_class=Response,
    responses={200: {"content": {_YAML: {"schema": {}}}}, 304: _FORMS[304]},
)
def get_methodology_yaml(ref: Reference, who: Reader, service: Service, request: Request) -> Response:
    """The file as it was written."""
    return _shown(find(service, who.project, ref), "yaml", service, who.project, request, ref)


@router.get("/{ref}.json", response_class=Response, responses={200: {"model": MethodologyOut}, 304: _FORMS[304]})
def get_methodology_json(ref: Reference, who: Reader, service: Service, request: Request) -> Response:
    """The methodology as JSON."""
    return _shown(find(service, who.project, ref), "json", service, who.project, request, ref)


@router.get("/{ref}", response_class=Response, response_model=None, responses=_FORMS)
def get_methodology(ref: Reference, who: Reader, service: Service, request: Request) -> Response:
    """A methodology, as JSON or YAML by ``Accept``."""
    found = find(service, who.project, ref)
    return _shown(found, _accepted(request), service, who.project, request, ref)


def _accepted(request: Request) -> Literal["json", "yaml"]:
    accepted = request.headers.get("accept", "*/*").lower()
    if any(kind in accepted for kind in ("application/json", "*/*", "application/*")):
        return "json"
    if "yaml" in accepted or "text/*" in accepted:
        return "yaml"
    raise Refusal("DT705", f"A methodology comes as application/json, {_YAML}.", headers={"Vary": "Accept"})


def _shown(
    found: Found, form: Literal["json", "yaml"], service: Service, project: str, request: Request, ref: str
) -> Response:
    key = (project, found.methodology.hash, found.origin, "methodology", form)
    if form == "yaml":
        body = service.rendered.make(key, found.text.encode)
        return _as_asked(request, found, body, form, _YAML, ref)
    body = service.rendered.make(key, lambda: MethodologyOut.whole(found).model_dump_json().encode())
    return _as_asked(request, found, body, form, "application/json", ref)


def _as_asked(request: Request, found: Found, body: TableBody, rest: str, media_type: str, ref: str) -> Response:
    """What never changes under a hash, and is said to be of that hash under an id."""
    own = found.methodology.hash
    joint = "/" if rest.startswith("template") else "."
    query = f"?{request.url.query}" if request.url.query else ""
    location = f"/v1/methodologies/{own}{joint}{rest}{query}"
    return immutable(request, body, media_type, by_hash=ref == own, location=location)


router.routes.extend(_uploads.routes)
