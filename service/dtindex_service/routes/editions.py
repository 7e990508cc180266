"""Editions: frozen once, listed, shown, downloaded; their tables and figures at addresses that stay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dtindex_service.answering import (
    Form,
    Ref,
    analysed,
    answer_table,
    form_of,
    json_bytes,
    kept_answer,
    location,
    table_of,
)
from dtindex_service.context import Reader, Service, Writer, charge
from dtindex_service.figures import FIGURES, MOST_RUNS
from dtindex_service.freezing import freeze
from dtindex_service.negotiate import PageOf, next_link, table_answers
from dtindex_service.problems import Refusal, not_found
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.editions import EditionDetail, EditionList, EditionOut, FigureOut, FrozenOut, NewEdition
from dtindex_service.tables import TABLES, Asked, Language
from dtindex_service.windows import WindowOf

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["editions"], route_class=ServiceRoute)

EDITION_TYPE = "application/vnd.dtindex.edition+zip"
_FIGURE_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
_FREEZING = 20
"""Cost units."""
_NOT_INSTALLED = ("DT385", "DT904")
"""Findings that speak of this machine, and not of the request."""

TableName = Annotated[
    str, Path(max_length=50, json_schema_extra={"enum": [one for one in TABLES if one != "rankings"]})
]
FigureName = Annotated[str, Path(max_length=50, json_schema_extra={"enum": list(FIGURES)})]
FigureForm = Annotated[str, Path(max_length=10, json_schema_extra={"enum": list(_FIGURE_TYPES)})]


@router.post("", status_code=201, responses={200: {"model": FrozenOut, "description": "The same edition is there"}})
async def create_edition(
    body: NewEdition, who: Writer, service: Service, request: Request, response: Response
) -> FrozenOut:
    """Fit a methodology on a table and freeze it. The same content under the same name is the same edition (200)."""
    charge(request, _FREEZING)
    made = await freeze(
        service, who.actor, name=body.name, methodology=body.methodology, dataset=body.dataset, assume=body.assume
    )
    response.status_code = 201 if made.is_new else 200
    response.headers["Location"] = f"/v1/editions/{made.row.hash}"
    return FrozenOut.made(made.row, made.findings)


@router.get("")
def list_editions(who: Reader, service: Service, page: PageOf, request: Request, response: Response) -> EditionList:
    """The project's editions, by name."""
    found = service.store.editions.list(who.project, after=page.after, limit=page.limit + 1)
    response.headers.update(next_link(request, page, found, lambda row: row.name))
    return EditionList(items=[EditionOut.of(row) for row in found[: page.limit]])


@router.get(
    "/{ref}.dtindex",
    response_class=Response,
    responses={200: {"content": {EDITION_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_edition_file(ref: Ref, who: Reader, service: Service, request: Request) -> Response:
    """The edition itself, which `dtindex verify`, `dtindex score` and `dtindex.load_edition` take."""
    row = await service.shelf.find(who.project, ref)

    async def make() -> bytes:
        return await run_in_threadpool(service.store.files.read, who.project, row.blob)

    key = (who.project, row.hash, "file")
    answer = await kept_answer(
        service, request, key, make, EDITION_TYPE, by_hash=ref == row.hash, place=f"/v1/editions/{row.hash}.dtindex"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.hash[:16]}.dtindex"'
    return answer


@router.get("/{ref}", response_model=EditionDetail)
async def get_edition(ref: Ref, who: Reader, service: Service, request: Request) -> Response:
    """An edition by name or by hash, with the addresses of its tables and figures."""
    row = await service.shelf.find(who.project, ref)

    async def make() -> bytes:
        return json_bytes(EditionDetail.of(row).model_dump(mode="json"))

    key, place = (who.project, row.hash, "edition"), f"/v1/editions/{row.hash}"
    return await kept_answer(service, request, key, make, "application/json", by_hash=ref == row.hash, place=place)


# --- figures ---


@router.get("/{ref}/figures")
async def list_figures(ref: Ref, who: Reader, service: Service) -> list[FigureOut]:
    """Figures that can be drawn of an edition, and where they stand."""
    row = await service.shelf.find(who.project, ref)
    return FigureOut.all_of(row.hash)


@router.get(
    "/{ref}/figures/{name}.{form}",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _FIGURE_TYPES.values()}},
        304: {"description": "Not changed"},
        501: {
            "description": "Problem: what draws is not installed here (DT904), or no font has the characters (DT385)"
        },
    },
)
async def get_figure(
    ref: Ref,
    name: FigureName,
    form: FigureForm,
    who: Reader,
    service: Service,
    request: Request,
    language: Language = "en",
    runs: Annotated[int, Query(ge=16, le=MOST_RUNS, description="Runs of the simulation.")] = 2_000,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 0,
    node: Annotated[str | None, Query(max_length=200, description="The index, unless said.")] = None,
    period: Annotated[str | None, Query(max_length=200, description="Of a panel; the latest, unless said.")] = None,
    top: Annotated[int | None, Query(ge=1, le=1000, description="So many units from the best down.")] = None,
) -> Response:
    """A figure of how sure ranks are, by a simulation of what the methodology calls uncertain."""
    if name not in FIGURES or form not in _FIGURE_TYPES:
        raise not_found()
    row = await service.shelf.find(who.project, ref)
    asked = {"language": language, "runs": runs, "seed": seed, "node": node, "period": period, "top": top}
    key = (who.project, row.hash, "figure", name, form, repr(asked))
    path = str(service.store.files.path(who.project, row.blob))

    async def make() -> bytes:
        charge(request, runs / 1_000)
        try:
            arguments = {"edition": path, "name": name, "form": form, "asked": asked}
            return await analysed(service, request, "figure", arguments, asked)
        except Refusal as refusal:
            if refusal.code in _NOT_INSTALLED:
                raise Refusal(refusal.code, refusal.detail, errors=refusal.errors, status=501) from None
            raise

    return await kept_answer(
        service,
        request,
        key,
        make,
        _FIGURE_TYPES[form],
        by_hash=ref == row.hash,
        place=location(row, f"/figures/{name}.{form}", request),
    )


# --- tables ---


@router.get("/{ref}/{table}.{form}", response_class=Response, responses=table_answers())
async def get_table_as(
    ref: Ref, table: TableName, form: Form, who: Reader, service: Service, window: WindowOf, request: Request
) -> Response:
    """A table of an edition in the representation that the address names."""
    asked = Asked(table_of(table))
    return await answer_table(service, who, request, ref, asked, form_of(form), window)


@router.get("/{ref}/{table}", response_class=Response, responses=table_answers())
async def get_table(
    ref: Ref, table: TableName, who: Reader, service: Service, window: WindowOf, request: Request
) -> Response:
    """A table of an edition in the representation that `Accept` names; JSON where it does not say."""
    return await answer_table(service, who, request, ref, Asked(table_of(table)), None, window)
