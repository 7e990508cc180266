"""The outermost layer: what holds for every request and every answer, whatever is below.

It gives the request its id, makes HEAD of GET, answers OPTIONS, turns whatever nobody caught into a problem without a
word of it, sets the headers that every answer has, counts it and writes its line in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from dtindex_service.call import Call, new_request_id
from dtindex_service.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from structlog.typing import FilteringBoundLogger

    from dtindex_service.metrics import Metrics

__all__ = ["Edge"]

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_CACHE = (b"cache-control", b"no-store")
_CSP = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
)
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})


class Edge:
    """An ASGI middleware around the whole app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        logger: FilteringBoundLogger,
        metrics: Metrics,
        methods: Callable[[str], list[str]],
    ) -> None:
        self._app = app
        self._logger = logger
        self._metrics = metrics
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        call = Call(new_request_id(given), self._logger)
        call.enter(scope)
        answer = _Answer(send, call, without_body=scope["method"] == "HEAD")
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        self._metrics.running.inc()
        try:
            response = self._at_once(scope)
            if response is not None:
                await response(scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            if not answer.status:  # the service stops, and this took longer than it waits
                await problem_response(scope, "DT717", headers={"Retry-After": "5"})(scope, receive, answer.send)
            raise
        except ClientDisconnect:
            pass  # whoever sent a body went away: nobody is left to answer, and nothing was changed
        except Exception as error:
            call.log.error("bug", route=_route(scope), exc_info=error)
            if answer.status:
                raise  # too late for another answer: the server breaks the connection off
            await problem_response(scope, "DT900")(scope, receive, answer.send)
        finally:
            self._metrics.running.dec()
            self._note(scope, call, answer)

    def _at_once(self, scope: Scope) -> Response | None:
        """Answers that need no route."""
        path: str = scope["path"]
        if "\0" in path or b"%00" in scope["query_string"] or not _is_text(path):
            return problem_response(scope, "DT700")
        if scope["method"] == "OPTIONS":
            methods = self._methods(path)
            if not methods:
                return problem_response(scope, "DT703")
            return Response(status_code=204, headers={"Allow": ", ".join(methods)})
        return None

    def _note(self, scope: Scope, call: Call, answer: _Answer) -> None:
        seconds = time.perf_counter() - call.started
        route, method, status = _route(scope), scope["method"], answer.status or 499
        self._metrics.ended(method, route, status, seconds)
        log = self._logger.debug if route in _QUIET else self._logger.info
        log(
            "request",
            request_id=call.request_id,
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            key=call.principal.key if call.principal else None,
        )


class _Answer:
    """The way back: notes the status, sets the headers, keeps a HEAD's body back."""

    def __init__(self, send: Send, call: Call, *, without_body: bool) -> None:
        self._send = send
        self._call = call
        self._without_body = without_body
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._headers(message["headers"])
        elif self._without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name for name, _ in headers}
        added = [*headers, *_ALWAYS, (b"x-request-id", self._call.request_id.encode()), *self._call.headers]
        if b"cache-control" not in names:
            added.append(_CACHE)
        if b"content-security-policy" not in names:
            added.append(_CSP)
        return added


def _route(scope: Scope) -> str:
    """The route as it is written in the description: an address itself may hold a name."""
    return getattr(scope.get("route"), "path", "none")


def _is_text(path: str) -> bool:
    return path.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in path)
