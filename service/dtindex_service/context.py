"""What a route depends on: the service, and who asks.

``Reader``, ``Scorer``, ``Writer`` and ``Admin`` are annotations of a parameter: the request gets no further without the
scope. A caller from this machine without a key may read and score as long as no key is configured.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends
from fastapi.security import HTTPBearer
from starlette.requests import Request

from dtindex_service.call import call_of
from dtindex_service.problems import Refusal
from dtindex_service.services import Services
from dtindex_service.settings import is_loopback
from dtindex_service.store.base import LOCAL, Actor

__all__ = [
    "SCOPES",
    "Admin",
    "Principal",
    "Reader",
    "Scope",
    "Scorer",
    "Service",
    "Writer",
    "authenticate",
    "charge",
    "is_local",
    "may_read_metrics",
    "require",
    "services_of",
]

Scope = Literal["read", "score", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "score", "write", "admin")

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dtindex"'}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a project, the key that speaks for it (None: a caller from this machine), and what it may do."""

    project: str
    key: str | None
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """The same for the audit log."""
        return Actor(self.project, self.key)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _service(request: Request) -> Services:
    """Asynchronous, since the framework hands dependencies that are not to a thread."""
    return services_of(request)


Service = Annotated[Services, Depends(_service)]
_described = HTTPBearer(auto_error=False, scheme_name="key", description="An API key: `dtindex keys create`.")


async def authenticate(request: Request) -> Principal:
    """Who asks; asked once a request.

    Raises
    ------
    Refusal
        DT701 (401) without a key where one is configured, and for any key that is not valid, whatever it lacks.
    """
    call = call_of(request.scope)
    if call.principal is None:
        call.principal = await _principal(request, services_of(request))
        services_of(request).limiter.charge(call)
    return call.principal


async def _principal(request: Request, services: Services) -> Principal:
    sent = request.headers.get("authorization")
    if sent is None:
        if not is_local(request.scope) or await services.keyring.any():
            raise Refusal("DT701", headers=_CHALLENGE)
        return Principal(LOCAL, None, _without_key(services.settings.read_only))
    address = request.client.host if request.client else ""
    services.limiter.check_failures(address)
    scheme, _, token = sent.partition(" ")
    row = await services.keyring.open(token.strip())
    if row is None or scheme.lower() != "bearer":
        services.limiter.count_failure(address)
        raise Refusal("DT701", headers=_CHALLENGE)
    return Principal(row.project, row.id, frozenset(row.scopes))


def _without_key(read_only: bool | None) -> frozenset[str]:
    return frozenset({"read", "score", "write"} if read_only is False else {"read", "score"})


def is_local(scope: Mapping[str, Any]) -> bool:
    """Whether a request comes from this machine, was sent to its own address and by its own name.

    The name is looked at since a page in a browser may have a name of its own lead to 127.0.0.1; headers of proxies
    are, since a proxy on this machine speaks for others.
    """
    headers = {name: value for name, value in scope["headers"] if name == b"host" or name.decode() in _FORWARDED}
    host = headers.pop(b"host", b"").decode("latin-1")
    if headers or not is_loopback(_name(host)):
        return False
    client, server = scope.get("client"), scope.get("server")
    return all(end is None or end[1] is None or is_loopback(end[0]) for end in (client, server))


def _name(host: str) -> str:
    """The name in a header ``Host``, without its port."""
    return host.partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def may_read_metrics(request: Request) -> bool:
    """Callers from this machine, and whoever bears the token of the settings."""
    token = services_of(request).settings.metrics_token
    sent = request.headers.get("authorization", "")
    if token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return True
    return is_local(request.scope)


def require(scope: Scope) -> Callable[..., Coroutine[Any, Any, Principal]]:
    """A dependency that lets through who has the scope.

    Raises
    ------
    Refusal
        DT702 (403) where the key lacks the scope, DT720 (403) where the service changes nothing.
    """

    async def principal(request: Request, _: Annotated[object, Depends(_described)]) -> Principal:
        found = await authenticate(request)
        changes = scope in {"write", "admin"} and request.method not in _SAFE
        if changes and services_of(request).settings.read_only:
            raise Refusal("DT720")
        if scope not in found.scopes:
            if found.key is None and scope == "write":
                raise Refusal("DT720")
            raise Refusal("DT702", f"This needs a key with the scope `{scope}`.")
        return found

    return principal


Reader = Annotated[Principal, Depends(require("read"))]
Scorer = Annotated[Principal, Depends(require("score"))]
Writer = Annotated[Principal, Depends(require("write"))]
Admin = Annotated[Principal, Depends(require("admin"))]


def charge(request: Request, units: float) -> None:
    """Charge the caller for work beyond that of a plain request, in cost units (1 for each 100 units scored)."""
    services_of(request).limiter.charge(call_of(request.scope), max(0, math.ceil(units)))
