"""Kinds of routes: open ones, those for JSON and small bodies, and those for uploads that are streamed.

All count what arrives against their limit. The latter two ask who is there before they look at anything else. That
for small bodies holds JSON to be strict and makes ``POST`` and ``DELETE`` idempotent by key; an upload's body is known
after it was read only, so that its route calls :func:`dtindex_service.idempotency.once` itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from dtindex_service.bodies import LimitedRequest
from dtindex_service.context import authenticate, services_of
from dtindex_service.idempotency import HEADER, once
from dtindex_service.problems import Refusal

__all__ = ["OpenRoute", "ServiceRoute", "UploadRoute"]

_CHANGING = frozenset({"POST", "DELETE"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OpenRoute(APIRoute):
    """``APIRouter(route_class=OpenRoute)``: anybody may ask. No bodies."""

    def get_route_handler(self) -> Handler:
        carry_out = super().get_route_handler()

        async def handler(request: Request) -> Response:
            settings = services_of(request).settings
            return await carry_out(_limited(request, settings.max_body_bytes, settings.max_json_depth))

        return handler


class ServiceRoute(APIRoute):
    """``APIRouter(route_class=ServiceRoute)``: every route under ``/v1`` but those of uploads."""

    def get_route_handler(self) -> Handler:
        carry_out = super().get_route_handler()
        takes_json = self.body_field is not None

        async def handler(request: Request) -> Response:
            await authenticate(request)
            settings = services_of(request).settings
            limited = _limited(request, settings.max_body_bytes, settings.max_json_depth)
            if takes_json:
                _check_type(limited)
            if request.method not in _CHANGING or HEADER not in request.headers:
                return await carry_out(limited)
            body = hashlib.sha256(await limited.body()).hexdigest()
            return await once(limited, body, lambda: carry_out(limited))

        return handler


class UploadRoute(APIRoute):
    """``APIRouter(route_class=UploadRoute)``: the route reads ``request.stream()`` or ``request.form()`` itself."""

    def get_route_handler(self) -> Handler:
        carry_out = super().get_route_handler()

        async def handler(request: Request) -> Response:
            await authenticate(request)
            settings = services_of(request).settings
            return await carry_out(_limited(request, settings.max_upload_bytes, settings.max_json_depth))

        return handler


def _limited(request: Request, limit: int, depth: int) -> LimitedRequest:
    limited = LimitedRequest(request.scope, request.receive)
    limited.limit, limited.depth = limit, depth
    limited.check_length()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal("DT708", "Bodies are read as they are, without compression.")
    return limited


def _check_type(request: Request) -> None:
    sent = request.headers.get("content-type")
    kind = (sent or "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if (has_body or sent) and kind != "application/json" and not kind.endswith("+json"):
        raise Refusal("DT708", "This address reads application/json.")
