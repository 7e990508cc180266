"""Long analyses: asked for once, followed, given at addresses that stay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from dtindex_service.answering import Form, analysed, form_of, kept_answer
from dtindex_service.context import Reader, Scorer, Service, charge
from dtindex_service.jobs import asking
from dtindex_service.jobs.kinds import RESULT
from dtindex_service.negotiate import FOR_EVER, PageOf, matches, next_link, table_answers
from dtindex_service.problems import Refusal, not_found
from dtindex_service.rendering import MEDIA_TYPES
from dtindex_service.routing import ServiceRoute
from dtindex_service.schemas.jobs import JobList, JobOut, NewJob
from dtindex_service.store import JobRow
from dtindex_service.windows import WindowOf, next_rows

__all__ = ["router"]

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=ServiceRoute)

_COST = 20
"""Cost units of a job that was not asked for before."""
_LOOK_SECONDS = 0.3
_PING_SECONDS = 15.0

Id = Annotated[
    str, Path(max_length=200, description="Id of a job: the hash of what is asked.", examples=["0123456789abcdef" * 4])
]
_EVENT = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "id": {"type": "string"}, "data": {"type": "string"}},
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An event `job` for each change, its data the job; the last one when it has ended",
        "content": {"text/event-stream": {"itemSchema": _EVENT}},
    }
}
_RESULT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JSON of an analysis, or the file that was asked for",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                "schema": {"type": "string", "format": "binary"}
            },
        },
    },
    304: {"description": "Not changed"},
}


@router.post("", status_code=202, responses={200: {"model": JobOut, "description": "It has ended already"}})
async def create_job(body: NewJob, who: Scorer, service: Service, request: Request, response: Response) -> JobOut:
    """Ask for something that takes long. The same request is the same job: asked again, it answers at once."""
    asked = body.parameters.model_dump(mode="json")
    dataset = getattr(body, "dataset", None)
    pay = partial(charge, request, _COST)
    row = await asking.submit(service, who, body.kind, body.edition, dataset, asked, pay)
    response.status_code = 200 if row.has_ended else 202
    response.headers["Location"] = f"/v1/jobs/{row.id}"
    return JobOut.of(row)


@router.get("")
def list_jobs(who: Reader, service: Service, page: PageOf, request: Request, response: Response) -> JobList:
    """The project's jobs, by id."""
    found = service.store.jobs.list(who.project, after=page.after, limit=page.limit + 1)
    response.headers.update(next_link(request, page, found, lambda row: row.id))
    return JobList(items=[JobOut.of(row) for row in found[: page.limit]])


@router.get("/{id}")
def get_job(id: Id, who: Reader, service: Service, response: Response) -> JobOut:  # noqa: A002
    """How a job stands."""
    row = asking.find(service, who, id)
    if not row.has_ended:
        response.headers["Retry-After"] = "1"
    return JobOut.of(row)


@router.post("/{id}/cancel")
def cancel_job(id: Id, who: Scorer, service: Service) -> JobOut:  # noqa: A002
    """Give up what is not done of a job. One that has ended stays as it is."""
    return JobOut.of(asking.cancel(service, who, id))


@router.delete("/{id}", status_code=204)
def delete_job(id: Id, who: Scorer, service: Service) -> Response:  # noqa: A002
    """Forget a job, with what it gave; one that has not ended is cancelled before."""
    asking.forget(service, who, id)
    return Response(status_code=204)


@router.get("/{id}/events", response_class=Response, responses=_EVENTS)
async def get_job_events(
    id: Id,  # noqa: A002
    who: Reader,
    service: Service,
    request: Request,
    last_event_id: Annotated[
        str | None, Header(max_length=20, description="Version of the last event that came; changes since are told.")
    ] = None,
) -> Response:
    """How a job goes, as server-sent events."""
    row = await run_in_threadpool(asking.find, service, who, id)
    known = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else 0

    async def events() -> AsyncIterator[bytes]:
        told, quiet = known, 0.0
        current: JobRow | None = row
        until = time.monotonic() + service.settings.stream_seconds
        while current is not None and not service.stopping.is_set() and time.monotonic() < until:
            if current.version != told:
                data = JobOut.of(current).model_dump_json()
                yield format_sse_event(data_str=data, event="job", id=str(current.version))
                told, quiet = current.version, 0.0
            if current.has_ended or await request.is_disconnected():
                return
            await asyncio.sleep(_LOOK_SECONDS)
            quiet += _LOOK_SECONDS
            if quiet >= _PING_SECONDS:
                yield format_sse_event(data_str=None, comment="still there")
                quiet = 0.0
            current = await run_in_threadpool(service.store.jobs.get, who.project, id)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/{id}/result", response_class=Response, responses=_RESULT)
def get_job_result(id: Id, who: Reader, service: Service, request: Request) -> Response:  # noqa: A002
    """What a job gave: an analysis as JSON, as the library tells it, or the file that was asked for."""
    about = _given(asking.find(service, who, id), RESULT)
    return _file(service, who.project, about, request)


@router.get("/{id}/{table}.{form}", response_class=Response, responses=table_answers())
async def get_job_table(
    id: Id,  # noqa: A002
    table: Annotated[str, Path(max_length=50, examples=["rank_intervals"])],
    form: Form,
    who: Reader,
    service: Service,
    window: WindowOf,
    request: Request,
) -> Response:
    """A table that a job gave; `.csv` is what the command line writes."""
    chosen = form_of(form)
    row = await run_in_threadpool(asking.find, service, who, id)
    if table == RESULT:
        raise not_found()
    about = _given(row, table)
    if chosen == "parquet" and window.limit is None and not window.start:
        return await run_in_threadpool(_file, service, who.project, about, request)
    shown = window.in_json() if chosen == "json" else window
    path = str(service.store.files.path(who.project, about["blob"]))
    arguments = {"path": path, "form": chosen, "start": shown.start, "stop": shown.stop}

    async def make() -> bytes:
        return await analysed(service, request, "stored", arguments, {})

    key = (who.project, id, "job", table, chosen, repr(shown))
    answer = await kept_answer(service, request, key, make, MEDIA_TYPES[chosen], by_hash=True, place="")
    answer.headers.update(next_rows(request, shown, about["rows"] or 0))
    return answer


def _given(row: JobRow, name: str) -> dict[str, Any]:
    """What a job gave under a name.

    Raises
    ------
    Refusal
        404 where it gave nothing of that name; DT722 (409) where it has given nothing yet, or will not.
    """
    if row.results is None:
        told = {"failed": "The job failed: it gives nothing.", "cancelled": "The job was cancelled: it gives nothing."}
        later = {} if row.has_ended else {"Retry-After": "1"}
        raise Refusal("DT722", told.get(row.state, "The job has not ended."), headers=later)
    if name not in row.results:
        raise not_found()
    found: dict[str, Any] = row.results[name]
    return found


def _file(service: Service, project: str, about: dict[str, Any], request: Request) -> Response:
    etag = f'"{about["blob"][:32]}"'
    headers = {"ETag": etag, "Cache-Control": FOR_EVER, "Vary": "Authorization"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    path = service.store.files.path(project, about["blob"])
    if not path.exists():
        raise not_found()
    return FileResponse(path, media_type=about["media_type"], headers=headers)
