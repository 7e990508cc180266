"""``Idempotency-Key``: a request that changes something may be sent again, and is carried out once.

The first request with a key claims it; the answer is kept and given again to the same request (method, address and
body), with ``Idempotency-Replayed: true``. Another request with the key is refused (422), one that comes while the
first runs too (409). A request that failed has changed nothing: its key is free again. Who may change nothing is simply
answered: the header has no meaning then, and writes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dtindex_service.call import call_of
from dtindex_service.context import authenticate, services_of
from dtindex_service.problems import Refusal, invalid
from dtindex_service.store import Kept
from dtindex_service.store.clock import now

__all__ = ["HEADER", "once"]

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_NO_KEY = "-"
_CHANGING = {"write", "admin"}
_NOT_KEPT = {"date", "x-request-id", "content-length"}


async def once(request: Request, body: str, carry_out: Callable[[], Awaitable[Response]]) -> Response:
    """Carry a request out, or give the answer that it got before.

    ``body`` is a hash of the body. Without the header, the request is simply carried out.

    Raises
    ------
    Refusal
        DT714 (422) where the key was sent with another request, DT715 (409) while the first one runs.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return await carry_out()
    if not _KEY.fullmatch(key):
        raise invalid("1 to 255 visible ASCII characters.", parameter=f"header {HEADER}")
    principal = await authenticate(request)
    services = services_of(request)
    if services.settings.read_only or not principal.scopes & _CHANGING:
        return await carry_out()
    keys = services.store.idempotency
    who = (principal.project, principal.key or _NO_KEY, key)
    lifetime = timedelta(hours=services.settings.idempotency_hours)
    claim, token = await run_in_threadpool(keys.claim, *who, _fingerprint(request, body), now(), lifetime)
    if claim.state == "other":
        raise Refusal("DT714")
    if claim.state == "running":
        raise Refusal("DT715", headers={"Retry-After": "1"})
    if claim.kept is not None:
        return _again(claim.kept)
    kept = None
    try:
        response = await carry_out()
        if response.status_code < 400:
            kept = _keeping(response, call_of(request.scope).kept_body)
            await run_in_threadpool(keys.keep, *who, token, kept)
        return response
    finally:
        if kept is None:
            await run_in_threadpool(keys.release, *who, token)


def _fingerprint(request: Request, body: str) -> str:
    parts = (request.method, request.url.path, request.url.query, request.headers.get("content-type", ""), body)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _keeping(response: Response, instead: bytes | None) -> Kept:
    headers = tuple((name, value) for name, value in response.headers.items() if name not in _NOT_KEPT)
    return Kept(response.status_code, headers, bytes(response.body) if instead is None else instead)


def _again(kept: Kept) -> Response:
    return Response(kept.body, kept.status, {**dict(kept.headers), "Idempotency-Replayed": "true"})
