"""The explorer of an edition: the page that `dtindex report` writes, at an address of its own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from dtindex import Explorer
from dtindex_service.answering import Ref, analysed, kept_answer, location
from dtindex_service.context import Reader, Service, charge
from dtindex_service.figures import MOST_RUNS
from dtindex_service.routing import ServiceRoute
from dtindex_service.tables import Language

__all__ = ["router"]

router = APIRouter(prefix="/v1/editions", tags=["explorer"], route_class=ServiceRoute)

_HTML = "text/html; charset=utf-8"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page that needs nothing else", "content": {"text/html": {"schema": {"type": "string"}}}},
    304: {"description": "Not changed"},
}


@router.get("/{ref}/explorer", response_class=Response, responses=_ANSWERS)
async def get_explorer(
    ref: Ref,
    who: Reader,
    service: Service,
    request: Request,
    language: Annotated[Language, Query(description="In which the page begins.")] = "zh",
    runs: Annotated[
        int | None,
        Query(ge=0, le=MOST_RUNS, description="Of the simulation; 0 for none; unless said, 10,000 up to 300 units."),
    ] = None,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1)] = 1,
    part: Annotated[int, Query(ge=1, le=100_000, description="Which 5,000 rows, by rank.")] = 1,
) -> Response:
    """The edition as one page to open, turn and search: ranking, weights to try, profiles, map, uncertainty, classes.

    Of more than 5,000 rows each part holds the next 5,000 by rank, and links the others.
    """
    row = await service.shelf.find(who.project, ref)
    asked = {"language": language, "runs": runs, "seed": seed, "part": part}
    key = (who.project, row.hash, "explorer", repr(asked))

    async def make() -> bytes:
        charge(request, (runs or 0) / 1_000)
        path = str(service.store.files.path(who.project, row.blob))
        return await analysed(service, request, "explorer", {"edition": path, "asked": asked}, asked)

    answer = await kept_answer(
        service,
        request,
        key,
        make,
        _HTML,
        by_hash=ref == row.hash,
        place=location(row, "/explorer", request),
    )
    # What may run in this page is said by its own policy, which names its scripts by their hashes.
    answer.headers["Content-Security-Policy"] = f"{Explorer.policy()}; frame-ancestors 'none'"
    return answer
