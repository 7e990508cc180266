"""How tables, analyses and figures of an edition are answered: from memory where they were rendered before, else
rendered where it holds nobody up, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dtindex import DtindexError, LimitError
from dtindex_service.context import Principal, charge
from dtindex_service.negotiate import chosen_format, immutable
from dtindex_service.problems import ErrorItem, Refusal, kind_of, not_found
from dtindex_service.rendering import MEDIA_TYPES, Format
from dtindex_service.tables import TABLES, Asked, written
from dtindex_service.windows import Window, next_rows

if TYPE_CHECKING:
    from dtindex_service.services import Services
    from dtindex_service.shelf import Opened
    from dtindex_service.store import EditionRow

__all__ = [
    "FORMS",
    "Form",
    "Ref",
    "analysed",
    "answer_analysis",
    "answer_table",
    "blamed",
    "document_answers",
    "form_of",
    "json_bytes",
    "kept_answer",
    "location",
    "table_of",
]

Ref = Annotated[
    str, Path(max_length=200, description="Name or hash of an edition.", examples=["caict-computing-power-1.0"])
]
FORMS: tuple[Format, ...] = ("json", "csv", "arrow", "parquet")
Form = Annotated[str, Path(max_length=20, json_schema_extra={"enum": list(FORMS)})]

_MANY_CELLS = 200_000
"""A table with more cells is rendered in a child process."""
_COST = 10
"""Cost units of an analysis."""
_MOST_ERRORS = 100
_SPELT = {"quantiles": "quantile", "most_profiles": "profiles"}
"""Parameters that addresses call otherwise than the library."""
_NOT_THERE = ("DT061", "DT360")
"""Findings of what an edition does not have: its table, classes."""


def form_of(form: str) -> Format:
    """The representation that an address names; what is none is no address (404)."""
    found = next((known for known in FORMS if known == form), None)
    if found is None:
        raise not_found()
    return found


def location(row: EditionRow, rest: str, request: Request, instead: Mapping[str, str] | None = None) -> str:
    """The address by hash of what a request asked for by name; ``instead`` are parameters that it named too."""
    other = instead or {}
    pairs = [(name, other.get(name, value)) for name, value in request.query_params.multi_items()]
    query = f"?{urlencode(pairs)}" if pairs else ""
    return f"/v1/editions/{row.hash}{rest}{query}"


# --- tables ---


async def answer_table(
    services: Services,
    who: Principal,
    request: Request,
    ref: str,
    asked: Asked,
    form: Format | None,
    window: Window,
) -> Response:
    """A table of an edition, or a part of it. One that was rendered before is answered without a thread."""
    row = await services.shelf.find(who.project, ref)
    chosen = chosen_format(request, form)
    if chosen == "json":
        window = window.in_json()
    key = (who.project, row.hash, "table", chosen, repr((asked, window)))
    opened = services.shelf.known(who.project, row)
    body = None if opened is None else services.rendered.get(key)
    if opened is None or body is None or (window.limit is not None and asked not in opened.rows):
        opened = await services.shelf.open(who.project, row)
        content = await _rendered(services, who, opened, asked, chosen, window)
        body = services.rendered.make(key, lambda: content)
    rest = f"/{asked.table}.{chosen}"
    response = immutable(
        request, body, MEDIA_TYPES[chosen], by_hash=ref == row.hash, location=location(row, rest, request)
    )
    if window.limit is not None:
        response.headers.update(next_rows(request, window, opened.rows.get(asked, 0)))
    return response


async def _rendered(
    services: Services, who: Principal, opened: Opened, asked: Asked, form: Format, window: Window
) -> bytes:
    edition = opened.edition
    rows = 0 if edition.table is None else len(edition.table)
    try:
        if rows * len(edition.fitted.plan.items) <= _MANY_CELLS:
            content, count = await run_in_threadpool(_written, opened, asked, form, window)
        else:
            path = services.store.files.path(who.project, opened.row.blob)
            arguments = {"edition": str(path), "asked": asked.to_dict(), "form": form}
            answer = await services.workers.run("table", arguments | {"start": window.start, "stop": window.stop})
            content, count = answer.body, answer.head["rows"]
    except DtindexError as error:
        raise blamed(error, asked.to_dict()) from error
    if count >= 0:
        opened.rows[asked] = count
    return content


def _written(opened: Opened, asked: Asked, form: Format, window: Window) -> tuple[bytes, int]:
    return written(opened.scores(), asked, form, window.start, window.stop)


def table_of(name: str) -> str:
    """A table that every edition has; what is none is no address (404)."""
    if name not in TABLES:
        raise not_found()
    return name


# --- analyses ---


async def answer_analysis(
    services: Services,
    who: Principal,
    request: Request,
    ref: str,
    kind: str,
    asked: Mapping[str, Any],
    form: Format | Literal["metadata"],
    *,
    table: str | None = None,
    rest: str,
    other: str | None = None,
) -> Response:
    """An analysis of an edition as JSON, or one of its tables, or what is to be known about that."""
    row = await services.shelf.find(who.project, ref)
    against = None if other is None else await services.shelf.find(who.project, other)
    told = json.dumps([against and against.hash, dict(asked)], sort_keys=True)
    key = (who.project, row.hash, kind, table or "", form, told)

    async def make() -> bytes:
        files = services.store.files
        arguments = {
            "edition": str(files.path(who.project, row.blob)),
            "other": None if against is None else str(files.path(who.project, against.blob)),
            "kind": kind,
            "asked": dict(asked),
            "table": table,
            "form": form,
        }
        return await analysed(services, request, "analysis", arguments, asked)

    by_hash = ref == row.hash and (against is None or other == against.hash)
    place = location(row, rest, request, {} if against is None else {"other": against.hash})
    media_type = MEDIA_TYPES["json" if form == "metadata" else form]
    return await kept_answer(services, request, key, make, media_type, by_hash=by_hash, place=place)


async def analysed(
    services: Services, request: Request, task: str, arguments: Mapping[str, Any], asked: Mapping[str, Any]
) -> bytes:
    """Have a task done for a request that pays for it; what the library refuses is put down to the parameter."""
    charge(request, _COST)
    try:
        return (await services.workers.run(task, arguments)).body
    except DtindexError as error:
        raise blamed(error, asked) from error


async def kept_answer(
    services: Services,
    request: Request,
    key: tuple[str, ...],
    make: Callable[[], Any],
    media_type: str,
    *,
    by_hash: bool,
    place: str,
) -> Response:
    """What was made before, or is made now and kept."""
    body = services.rendered.get(key)
    if body is None:
        content = await make()
        body = services.rendered.make(key, lambda: content)
    return immutable(request, body, media_type, by_hash=by_hash, location=place)


def json_bytes(content: object) -> bytes:
    """A value as the body of an answer."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def document_answers(description: str) -> dict[int | str, dict[str, Any]]:
    """For the description of a route: a JSON object that the library makes, or nothing new."""
    content = {"application/json": {"schema": {"type": "object"}}}
    return {200: {"description": description, "content": content}, 304: {"description": "Not changed"}}


def blamed(error: DtindexError, asked: Mapping[str, Any]) -> Refusal:
    """The library's finding about a parameter as a fault of it: the one whose name or value its message tells."""
    items = []
    for one in error.findings:
        guilty = next((name for name, value in asked.items() if _tells(one.message, name, value)), None)
        items.append(
            ErrorItem(
                pointer=None,
                parameter=None if guilty is None else f"query {_SPELT.get(guilty, guilty)}",
                code=one.code,
                severity=str(one.severity),
                detail=one.message,
                place=one.place.to_dict() or None,
            )
        )
    first = (error.findings.errors or error.findings)[0]
    status = 404 if first.code in _NOT_THERE else 413 if isinstance(error, LimitError) else 422
    return Refusal(first.code, first.message, errors=items[:_MOST_ERRORS], status=status, kind=kind_of(error))


def _tells(message: str, name: str, value: Any) -> bool:
    if value is None:
        return False
    values = value if isinstance(value, list | tuple) else [value]
    return f"{name}=" in message or any(isinstance(one, str) and repr(one) in message for one in values)
