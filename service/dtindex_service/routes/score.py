"""Scoring units against an edition, or against the data that a methodology names itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from dtindex import DtindexError
from dtindex_service.context import Principal, Scorer, Service, charge
from dtindex_service.negotiate import MEDIA_TYPES, Format, chosen_format, render
from dtindex_service.problems import findings_response, invalid
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.common import FindingOut
from dtindex_service.schemas.score import MatrixAnswer, RecordsAnswer, ScoreRequest
from dtindex_service.scoring import Asked, Scored, run
from dtindex_service.scoring.text import matrix_text, records_text
from dtindex_service.services import Services

if TYPE_CHECKING:
    from dtindex import Edition

__all__ = ["router"]

router = APIRouter(prefix="/v1/score", tags=["score"], route_class=ServiceRoute)

_AT_ONCE = 16
"""Units that are scored without a thread, which takes longer to ask for than they do."""
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RecordsAnswer | MatrixAnswer,
        "description": "The scores; as a table, one row a unit and item.",
        "content": {kind.partition(";")[0]: _BINARY for name, kind in MEDIA_TYPES.items() if name != "json"},
    }
}


@router.post("", response_class=Response, responses=_ANSWERS)
async def score(body: ScoreRequest, who: Scorer, service: Service, request: Request) -> Response:
    """Score one unit or up to 5,000.

    The answer has the shape of the request: a record for each unit, or matrices. Nothing is kept.
    """
    form = chosen_format(request)
    most = service.settings.max_units_per_request
    if len(body.units) > most:
        raise invalid(f"At most {most:,} units in one request.", pointer="#/units")
    edition = await _subject(body, who, service)
    charge(request, len(body.units) / 100)
    if len(body.units) <= _AT_ONCE and form == "json":
        return _answer(request, body, edition, form)
    return await run_in_threadpool(_answer, request, body, edition, form)


async def _subject(body: ScoreRequest, who: Principal, service: Services) -> Edition:
    if (body.edition is None) == (body.methodology is None):
        raise invalid("Name an edition or a methodology: one of the two.", pointer="#")
    if body.methodology is not None:
        known = service.references.known(body.methodology, body.assume)
        if known is not None:
            return known
        return await run_in_threadpool(service.references.find, service, who.project, body.methodology, body.assume)
    assert body.edition is not None
    if body.assume is not None:
        raise invalid("An edition has its assumption already.", pointer="#/assume")
    row = await service.shelf.find(who.project, body.edition)
    return (await service.shelf.open(who.project, row)).edition


def _answer(request: Request, body: ScoreRequest, edition: Edition, form: Format) -> Response:
    asked = Asked.of(body)
    try:
        scored = run(edition, asked, body.ranked_against, contributions=body.contributions)
    except DtindexError as error:
        return findings_response(request.scope, error, 422, asked.item)
    content = _text(body, edition, scored, matrix=asked.matrix) if form == "json" else render(scored.frame(), form)
    return Response(content, media_type=MEDIA_TYPES[form], headers={"Vary": "Accept, Authorization"})


def _text(body: ScoreRequest, edition: Edition, scored: Scored, *, matrix: bool) -> bytes:
    methodology = edition.methodology
    head = {
        "methodology": {"id": methodology.id, "hash": methodology.hash},
        "edition": {"name": edition.name if body.methodology is None else None, "hash": edition.hash},
        "assumptions": list(edition.fitted.assumptions),
        "ranked_against": body.ranked_against,
        "items": list(scored.items),
        "findings": [FindingOut.of(one).model_dump() for one in scored.findings],
    }
    return matrix_text(scored, head) if matrix else records_text(scored, head)
