"""Rankings: units from the best rank down, whole or by pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dtindex_service.answering import Form, Ref, answer_table, form_of
from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import table_answers
from dtindex_service.routing import ServiceRoute
from dtindex_service.tables import Asked, Language
from dtindex_service.windows import WindowOf

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["rankings"], route_class=ServiceRoute)

Node = Annotated[str | None, Query(max_length=200, description="Node or indicator; the index, unless said.")]
Period = Annotated[
    str | None, Query(max_length=200, description="Of a panel; the latest, unless said; `all` for every one.")
]
Group = Annotated[str | None, Query(max_length=200, description="A column: ranks among units of the same group.")]
Of = Annotated[Language, Query(description="Of the names.")]


@router.get("/{ref}/rankings", response_class=Response, responses=table_answers())
async def get_ranking(
    ref: Ref,
    who: Reader,
    service: Service,
    window: WindowOf,
    request: Request,
    node: Node = None,
    period: Period = None,
    group: Group = None,
    language: Of = "en",
) -> Response:
    """The ranking of an edition in the representation that `Accept` names."""
    asked = Asked("rankings", node, period, group, language)
    return await answer_table(service, who, request, ref, asked, None, window)


@router.get("/{ref}/rankings.{form}", response_class=Response, responses=table_answers())
async def get_ranking_as(
    ref: Ref,
    form: Form,
    who: Reader,
    service: Service,
    window: WindowOf,
    request: Request,
    node: Node = None,
    period: Period = None,
    group: Group = None,
    language: Of = "en",
) -> Response:
    """The ranking of an edition in the representation that the address names."""
    asked = Asked("rankings", node, period, group, language)
    return await answer_table(service, who, request, ref, asked, form_of(form), window)
