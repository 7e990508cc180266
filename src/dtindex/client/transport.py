"""Requests over HTTP: time limits, repetition of what may be repeated, refusals as errors."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dtindex.client.refusals import refusal, unreachable
from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    import httpx2

__all__ = ["Answer", "Transport"]

_NOTHING: Mapping[str, object] = {}
_AGAIN = frozenset({429, 502, 503, 504})
_IN_PROGRESS = b'"DT715"'
_REFUSED = 300
_CONFLICT = 409
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 30.0
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status below 300, headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    next: str | None = None
    """The address of the next page of a list."""


class Transport:
    """One pool of connections to one service.

    What changes something is sent with an ``Idempotency-Key`` of its own, so that it may be sent again: it is carried
    out once. A request that got no answer, or 429, 502, 503 or 504, is sent again up to ``retries`` times, as late as
    ``Retry-After`` says or after a time that doubles.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        timeout: float,
        retries: int,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import httpx2
        except ModuleNotFoundError:
            message = "httpx2 is not installed; the client needs the extra: pip install 'dtindex[service]'"
            raise UsageError([finding("DT904", message)]) from None
        self._failed: tuple[type[Exception], ...] = (httpx2.TransportError,)
        self._retries = retries
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx2.Client(
            base_url=_address(url), headers=headers, timeout=timeout, transport=transport, follow_redirects=False
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, object] = _NOTHING, *, accept: str = "application/json") -> Answer:
        """Ask for something."""
        return self._send("GET", path, {"Accept": accept}, query)

    def post(
        self,
        path: str,
        query: Mapping[str, object] = _NOTHING,
        *,
        json: object = None,
        content: bytes | None = None,
        media_type: str | None = None,
        accept: str = "application/json",
        changes: bool = True,
    ) -> Answer:
        """Send something. ``changes``: whether it is to be carried out once only."""
        headers = {"Accept": accept}
        if changes:
            headers["Idempotency-Key"] = secrets.token_hex(16)
        if media_type is not None:
            headers["Content-Type"] = media_type
        body: dict[str, Any] = {"content": content} if content is not None else {} if json is None else {"json": json}
        return self._send("POST", path, headers, query, **body)

    def delete(self, path: str) -> Answer:
        """Remove something. It is gone after the first time, and the answer to the first is given again."""
        return self._send("DELETE", path, {"Idempotency-Key": secrets.token_hex(16)}, {})

    def pages(self, path: str, query: Mapping[str, object] = _NOTHING) -> Iterator[Answer]:
        """A list, page by page."""
        answer = self.get(path, query)
        yield answer
        for _ in range(_MOST_PAGES):
            if answer.next is None:
                return
            answer = self.get(answer.next)
            yield answer

    def _send(
        self, method: str, path: str, headers: dict[str, str], query: Mapping[str, object], **body: Any
    ) -> Answer:
        asked = {name: _written(value) for name, value in query.items() if value is not None}
        for left in range(self._retries, -1, -1):
            wait = _FIRST_WAIT * 2.0 ** (self._retries - left) * (0.5 + random.random())
            try:
                found = self._http.request(method, path, headers=headers, params=asked or None, **body)
            except self._failed as error:
                if not left:
                    raise unreachable(type(error).__name__) from error
                self._sleep(min(wait, _LONGEST_WAIT))
                continue
            if found.status_code < _REFUSED:
                return Answer(found.status_code, found.headers, found.content, _next(found))
            later = _seconds(found.headers.get("retry-after"), wait)
            if not left or not _may_come_again(found) or later > _LONGEST_WAIT:
                raise refusal(found.status_code, found.content)
            self._sleep(later)
        raise AssertionError("unreachable")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one:
        raise UsageError([finding("DT902", "not the address of a service; expected one such as http://127.0.0.1:8000")])
    return url.rstrip("/")


def _written(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _may_come_again(found: httpx2.Response) -> bool:
    if found.status_code in _AGAIN:
        return True
    return found.status_code == _CONFLICT and _IN_PROGRESS in found.content


def _seconds(said: str | None, otherwise: float) -> float:
    return float(said) if said is not None and said.isdecimal() else otherwise


def _next(found: httpx2.Response) -> str | None:
    link = found.links.get("next")
    return None if link is None else str(link["url"])
