"""Units of an edition: who they are, and why their scores are what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dtindex import DtindexError
from dtindex_service.answering import (
    Form,
    Ref,
    blamed,
    document_answers,
    form_of,
    json_bytes,
    kept_answer,
    location,
)
from dtindex_service.context import Principal, Reader, Service
from dtindex_service.negotiate import PageOf, chosen_format, next_link, table_answers
from dtindex_service.profiles import explained, profile_of, units_of
from dtindex_service.rendering import MEDIA_TYPES, render
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.units import UnitEntry, UnitList, UnitProfile
from dtindex_service.tables import Language, indexed

if TYPE_CHECKING:
    from dtindex_service.rendering import Format
    from dtindex_service.services import Services
    from dtindex_service.shelf import Opened

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["units"], route_class=ServiceRoute)

Key = Annotated[
    str,
    Path(max_length=200, description="A unit's key, name, or a spelling that the codelist knows.", examples=["广东"]),
]
Against = Annotated[str | None, Query(max_length=200, description="Another unit, `mean` or `best`; else by itself.")]
Period = Annotated[str | None, Query(max_length=200, description="Of a panel; the latest, unless said.")]
Other = Annotated[str | None, Query(max_length=200, description="Period of the other side; the same, unless said.")]
Node = Annotated[str | None, Query(max_length=200, description="The index, unless said.")]


@router.get("/{ref}/units")
def list_units(ref: Ref, who: Reader, service: Service, page: PageOf, request: Request, response: Response) -> UnitList:
    """Units that the edition scores, by key."""
    row = service.shelf.find_now(who.project, ref)
    found = units_of(service.shelf.open_now(who.project, row).scores(), page.after, page.limit + 1)
    response.headers.update(next_link(request, page, found, lambda one: str(one["unit"])))
    base = f"/v1/editions/{row.hash}/units"
    return UnitList(
        items=[UnitEntry(**one, address=f"{base}/{quote(one['unit'], safe='')}") for one in found[: page.limit]]
    )


@router.get("/{ref}/units/{key}", response_model=UnitProfile)
async def get_unit(
    ref: Ref, key: Key, who: Reader, service: Service, request: Request, period: Period = None, node: Node = None
) -> Response:
    """A unit's profile: scores, ranks, percentiles, tiers, classes, coverage, status, raw values, contributions."""

    def make(opened: Opened) -> bytes:
        told = profile_of(opened.edition, opened.scores(), key, period, node)
        return json_bytes(UnitProfile.of(told).model_dump(mode="json"))

    return await _told(service, who, request, ref, key, "", make, {"period": period, "node": node}, "json")


@router.get("/{ref}/units/{key}/contributions", response_class=Response, responses=table_answers())
async def get_contributions(
    ref: Ref,
    key: Key,
    who: Reader,
    service: Service,
    request: Request,
    period: Period = None,
    node: Node = None,
    language: Language = "en",
) -> Response:
    """Points that each item brings to a unit's score, in the representation that `Accept` names."""
    return await _contributions(service, who, request, ref, key, None, period, node, language)


@router.get("/{ref}/units/{key}/contributions.{form}", response_class=Response, responses=table_answers())
async def get_contributions_as(
    ref: Ref,
    key: Key,
    form: Form,
    who: Reader,
    service: Service,
    request: Request,
    period: Period = None,
    node: Node = None,
    language: Language = "en",
) -> Response:
    """Points that each item brings to a unit's score, in the representation that the address names."""
    return await _contributions(service, who, request, ref, key, form_of(form), period, node, language)


@router.get("/{ref}/units/{key}/explanation", responses=document_answers("The explanation"), response_class=Response)
async def explain_unit(
    ref: Ref,
    key: Key,
    who: Reader,
    service: Service,
    request: Request,
    against: Against = None,
    period: Period = None,
    against_period: Other = None,
    node: Node = None,
) -> Response:
    """What a unit's score is made of, or what sets it apart from another unit, the mean or the best."""
    asked = {"against": against, "period": period, "against_period": against_period, "node": node}

    def make(opened: Opened) -> bytes:
        from dtindex import json_text

        found = explained(opened.scores(), key, **asked)
        head = {"edition": {"name": opened.edition.name, "hash": opened.edition.hash}}
        return json_text(head | found.to_dict()).encode("utf-8", "replace")

    return await _told(service, who, request, ref, key, "/explanation", make, asked, "json")


@router.get("/{ref}/units/{key}/explanation.{form}", response_class=Response, responses=table_answers())
async def explain_unit_as(
    ref: Ref,
    key: Key,
    form: Form,
    who: Reader,
    service: Service,
    request: Request,
    against: Against = None,
    period: Period = None,
    against_period: Other = None,
    node: Node = None,
    language: Language = "en",
) -> Response:
    """The same as a table, a row an item; `.csv` is what `dtindex explain -o` writes."""
    chosen = form_of(form)
    asked = {"against": against, "period": period, "against_period": against_period, "node": node}

    def make(opened: Opened) -> bytes:
        return render(indexed(explained(opened.scores(), key, **asked).in_language(language)), chosen)

    rest = f"/explanation.{chosen}"
    return await _told(service, who, request, ref, key, rest, make, asked | {"language": language}, chosen)


async def _contributions(
    service: Services,
    who: Principal,
    request: Request,
    ref: str,
    key: str,
    form: Format | None,
    period: str | None,
    node: str | None,
    language: Language,
) -> Response:
    chosen = chosen_format(request, form)

    def make(opened: Opened) -> bytes:
        found = explained(opened.scores(), key, period=period, node=node)
        return render(indexed(found.in_language(language)), chosen)

    asked = {"period": period, "node": node, "language": language}
    return await _told(service, who, request, ref, key, f"/contributions.{chosen}", make, asked, chosen)


async def _told(
    service: Services,
    who: Principal,
    request: Request,
    ref: str,
    key: str,
    rest: str,
    make: Any,
    asked: dict[str, str | None],
    form: Format,
) -> Response:
    row = await service.shelf.find(who.project, ref)

    async def made() -> bytes:
        opened = await service.shelf.open(who.project, row)
        try:
            content: bytes = await run_in_threadpool(make, opened)
        except DtindexError as error:
            raise blamed(error, asked) from error
        return content

    mark = (who.project, row.hash, "unit", rest, key, json.dumps(asked, sort_keys=True))
    place = location(row, f"/units/{quote(key, safe='')}{rest}", request)
    return await kept_answer(service, request, mark, made, MEDIA_TYPES[form], by_hash=ref == row.hash, place=place)
