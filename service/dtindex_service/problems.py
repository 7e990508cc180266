"""Problems: every error leaves the service in one shape (RFC 9457), whatever raised it.

Never the text of an exception, and never a value of the input: an answer may be logged by anyone on its way. What the
library finds in an input is told as findings, each with its code and place.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dtindex import CATALOGUE, DtindexError, Finding, InputError, LimitError, UsageError
from dtindex_service.call import call_of

__all__ = [
    "PROBLEM_TYPE",
    "ErrorItem",
    "Problem",
    "Refusal",
    "answers",
    "conflict",
    "findings_response",
    "from_finding",
    "handlers",
    "invalid",
    "kind_of",
    "not_found",
    "problem_response",
]

PROBLEM_TYPE = "application/problem+json"
_MOST_ERRORS = 100

STATUS: dict[str, int] = {
    "DT700": 400,
    "DT701": 401,
    "DT702": 403,
    "DT703": 404,
    "DT704": 405,
    "DT705": 406,
    "DT706": 409,
    "DT707": 413,
    "DT708": 415,
    "DT709": 422,
    "DT710": 400,
    "DT711": 422,
    "DT712": 422,
    "DT713": 422,
    "DT714": 422,
    "DT715": 409,
    "DT716": 429,
    "DT717": 503,
    "DT718": 507,
    "DT719": 404,
    "DT720": 403,
    "DT722": 409,
    "DT900": 500,
}
"""The status of each problem that is the service's own."""

BY_EXCEPTION: dict[type[DtindexError], int] = {LimitError: 413, UsageError: 422, InputError: 422, DtindexError: 422}
"""The status of what the library raises."""

Kind = Literal["input", "usage", "limit", "bug"]
_KINDS: dict[type[DtindexError], Kind] = {LimitError: "limit", UsageError: "usage", DtindexError: "input"}

_BY_STATUS = {400: "DT700", 401: "DT701", 403: "DT702", 404: "DT703", 405: "DT704", 406: "DT705", 409: "DT706"} | {
    413: "DT707",
    415: "DT708",
    422: "DT709",
    429: "DT716",
    503: "DT717",
}
_LIMITS = {413, 429, 503, 507}
_FULL = {errno.ENOSPC, errno.EDQUOT}


class ErrorItem(BaseModel):
    """One fault, and where it is: ``pointer`` into the body (a JSON pointer as a fragment) or ``parameter``."""

    pointer: str | None = Field(None, examples=["#/units/0/values/gdp"])
    parameter: str | None = Field(None, examples=["query limit"])
    code: str = Field(examples=["DT709"])
    severity: str = "error"
    detail: str
    place: dict[str, str | int] | None = Field(None, description="Where in a table or a methodology the fault is.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:dtindex:problem:DT703",
                "title": "not found",
                "status": 404,
                "detail": "Nothing of that name is there for this key.",
                "instance": "/v1/editions/2020",
                "code": "DT703",
                "kind": "usage",
                "errors": [],
                "trace_id": "0c6f2f4e9d3b4c41",
            }
        }
    )

    type: str = Field(description="Names the kind of problem; `dtindex code CODE` explains it.")
    title: str
    status: int
    detail: str
    instance: str
    code: str
    kind: Kind = Field(description="What the library calls it: an error of an input, of a call, or of a limit.")
    errors: list[ErrorItem]
    trace_id: str = Field(description="Finds the request in the log.")


class Refusal(HTTPException):
    """A request that is not carried out: raised anywhere below a route, answered as a problem.

    Parameters
    ----------
    code
        One of :data:`STATUS`, which gives the status too; or one of the library's own, of an input: 422.
    detail
        One sentence for people; the catalogue's own where none is given. No value of the input.
    errors
        The single faults, where there are several or they have places.
    kind
        What the library calls it; by the status, unless said.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[ErrorItem] = (),
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        kind: Kind | None = None,
    ) -> None:
        super().__init__(status or STATUS.get(code, 422), detail or CATALOGUE[code].why, dict(headers or {}))
        self.code = code
        self.errors = tuple(errors)
        self.kind = kind


def not_found() -> Refusal:
    """What is not there, and what is another project's: the same answer."""
    return Refusal("DT703")


def conflict(detail: str) -> Refusal:
    """Something that is there already stands in the way."""
    return Refusal("DT706", detail)


def invalid(detail: str, *, pointer: str | None = None, parameter: str | None = None, code: str = "DT709") -> Refusal:
    """One place of the request that is not as it should be."""
    return Refusal(code, detail, errors=[ErrorItem(pointer=pointer, parameter=parameter, code=code, detail=detail)])


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the description of a route: which problems it may answer with."""
    return {
        status: {
            "description": "Problem",
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem_response(
    scope: Mapping[str, Any],
    code: str,
    *,
    status: int | None = None,
    detail: str = "",
    errors: Iterable[ErrorItem] = (),
    headers: Mapping[str, str] | None = None,
    kind: Kind | None = None,
) -> Response:
    """The answer that tells a problem."""
    entry = CATALOGUE[code]
    number = status or STATUS[code]
    body = {
        "type": f"urn:dtindex:problem:{code}",
        "title": entry.title,
        "status": number,
        "detail": detail or entry.why,
        "instance": quote(str(scope.get("path", "")), safe="/:@!$&'()*+,;=-._~", errors="replace"),
        "code": code,
        "kind": kind or ("bug" if code == "DT900" else "limit" if number in _LIMITS or code == "DT903" else "usage"),
        "errors": [item.model_dump(exclude_none=True) for item in errors],
        "trace_id": call_of(scope).request_id,
    }
    # Findings may carry lone surrogates of a damaged table: they are escaped, as JSON allows.
    content = json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return Response(content, number, {"Cache-Control": "no-store", **(headers or {})}, PROBLEM_TYPE)


# --- what is raised, and how it is told ---


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(
        request.scope,
        error.code,
        status=error.status_code,
        detail=error.detail,
        errors=error.errors,
        headers=error.headers,
        kind=error.kind,
    )


async def _http(request: Request, error: Exception) -> Response:
    """What the framework raises: its status, and none of its words."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Refusal):
        return await _refused(request, error)
    code = _BY_STATUS.get(error.status_code, "DT700" if error.status_code < 500 else "DT900")
    return problem_response(request.scope, code, status=error.status_code, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    items = [_item(one) for one in found[:_MOST_ERRORS]]
    more = f" The first {_MOST_ERRORS} of {len(found)} are listed." if len(found) > _MOST_ERRORS else ""
    detail = f"{items[0].detail}{more}" if len(found) == 1 else f"{len(found)} places are not valid.{more}"
    return problem_response(request.scope, "DT709", detail=detail, errors=items)


# Messages of these hold the text of an exception or a part of the input.
_SILENT = {"value_error", "assertion_error", "union_tag_invalid", "json_invalid"}


def _item(one: Mapping[str, Any]) -> ErrorItem:
    kind, *path = one["loc"] or ("body",)
    said = "not one of the kinds that may stand here" if one["type"] == "union_tag_invalid" else "not valid"
    detail = said if one["type"] in _SILENT else str(one["msg"])
    if kind == "body":
        return ErrorItem(pointer=_pointer(path), parameter=None, code="DT709", detail=detail, place=None)
    name = " ".join([str(kind), *(str(part) for part in path)])
    return ErrorItem(pointer=None, parameter=name, code="DT709", detail=detail, place=None)


def _pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901) as a fragment."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


async def _found(request: Request, error: Exception) -> Response:
    """Errors of the library: its findings, warnings and notes among them."""
    assert isinstance(error, DtindexError)
    status = next(number for kind, number in BY_EXCEPTION.items() if isinstance(error, kind))
    return findings_response(request.scope, error, status)


def findings_response(
    scope: Mapping[str, Any],
    error: DtindexError,
    status: int,
    item: Callable[[Finding], ErrorItem] | None = None,
) -> Response:
    """The answer with what the library found; ``item`` says where in the request each is."""
    findings = error.findings
    first = (findings.errors or findings)[0]
    more = f" The first {_MOST_ERRORS} of {len(findings)} are listed." if len(findings) > _MOST_ERRORS else ""
    ordered = [*findings.errors, *(one for one in findings if one not in findings.errors)][:_MOST_ERRORS]
    return problem_response(
        scope,
        first.code,
        status=status,
        detail=f"{first.message}{more}",
        errors=[(item or from_finding)(one) for one in ordered],
        kind=kind_of(error),
    )


def kind_of(error: DtindexError) -> Kind:
    """What the library calls an error of its own."""
    return next(kind for family, kind in _KINDS.items() if isinstance(error, family))


def from_finding(one: Finding) -> ErrorItem:
    """A finding as a fault of a request."""
    place = one.place.to_dict() or None
    return ErrorItem(
        pointer=None, parameter=None, code=one.code, severity=str(one.severity), detail=one.message, place=place
    )


async def _database(request: Request, error: Exception) -> Response:
    """A database that is locked, away or full: try again later."""
    if isinstance(error, DBAPIError) and _is_lasting(error):
        raise error  # a bug, and told as one
    call_of(request.scope).log.error("database", exc_info=error)
    if "full" in str(getattr(error, "orig", "")).lower():
        return problem_response(request.scope, "DT718")
    return problem_response(request.scope, "DT717", headers={"Retry-After": "5"})


def _is_lasting(error: DBAPIError) -> bool:
    return type(error).__name__ not in {"OperationalError", "InterfaceError", "InternalError"}


async def _system(request: Request, error: Exception) -> Response:
    """A full disk; any other error of the system is a bug here."""
    assert isinstance(error, OSError)
    if error.errno not in _FULL:
        raise error
    call_of(request.scope).log.error("disk full")
    return problem_response(request.scope, "DT718")


def handlers() -> dict[int | type[Exception], Any]:
    """The one table from exceptions to their answers."""
    return {
        Refusal: _refused,
        HTTPException: _http,
        RequestValidationError: _invalid,
        DtindexError: _found,
        DBAPIError: _database,
        PoolTimeoutError: _database,
        OSError: _system,
    }
