"""Tables in four representations, by the ending of the address or by ``Accept``; caching; pages.

What is addressed by the hash of an edition never changes: it has an ``ETag`` and may be kept for ever. What is
addressed by a name is the same body with ``no-store``, and says in ``Content-Location`` where it stands for good.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from dtindex_service.problems import Refusal, invalid
from dtindex_service.rendering import MEDIA_TYPES, Format, render

__all__ = [
    "FOR_EVER",
    "MEDIA_TYPES",
    "Format",
    "Page",
    "PageOf",
    "Rendered",
    "TableBody",
    "chosen_format",
    "immutable",
    "matches",
    "next_address",
    "next_link",
    "render",
    "table_answers",
]

_BY_TYPE: dict[str, Format] = {kind.partition(";")[0]: name for name, kind in MEDIA_TYPES.items()}
_IN_PATH = "/:@!$&'()*+,;=-._~"
FOR_EVER = "private, max-age=31536000, immutable"
_FOR_EVER_OPEN = "public, max-age=31536000, immutable"


# --- which representation ---


def chosen_format(request: Request, suffix: Format | None = None) -> Format:
    """The representation that an address names, or else the one that ``Accept`` likes best; JSON where it does not say.

    Raises
    ------
    Refusal
        DT705 (406) where none of the four is accepted.
    """
    if suffix is not None:
        return suffix
    accepted = request.headers.get("accept")
    if not accepted:
        return "json"
    ranked = [(_quality(accepted, kind), name) for kind, name in _BY_TYPE.items()]
    best = max(quality for quality, _ in ranked)
    if best <= 0:
        raise Refusal("DT705", f"This table comes as {', '.join(_BY_TYPE)}.", headers={"Vary": "Accept"})
    return next(name for quality, name in ranked if quality == best)


def _quality(accepted: str, kind: str) -> float:
    """How much a header ``Accept`` likes a media type: of the ranges that cover it the most exact counts (RFC 9110)."""
    best = (-1, 0.0)
    for part in accepted.split(","):
        wanted, *parameters = (piece.strip().lower() for piece in part.split(";"))
        exact = {kind: 2, f"{kind.partition('/')[0]}/*": 1, "*/*": 0}.get(wanted)
        if exact is not None:
            best = max(best, (exact, _q(parameters)))
    return best[1]


def _q(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0


# --- answers and their caching ---


@dataclass(frozen=True, slots=True)
class TableBody:
    """A rendered table and its mark."""

    content: bytes
    etag: str


class Rendered:
    """Tables of editions as they were rendered last; what was asked for least recently goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, ...], TableBody] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, ...]) -> TableBody | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def make(self, key: tuple[str, ...], content: Callable[[], bytes]) -> TableBody:
        """The body under a key, rendered if it is not there. Blocks: call it in a thread where it is not."""
        found = self.get(key)
        if found is not None:
            return found
        made = content()
        body = TableBody(made, f'"{hashlib.sha256(made).hexdigest()[:32]}"')
        with self._lock:
            if key not in self._kept and len(made) <= self._most:
                self._kept[key] = body
                self._bytes += len(made)
                while self._bytes > self._most:
                    self._bytes -= len(self._kept.popitem(last=False)[1].content)
        return body


def immutable(
    request: Request, body: TableBody, media_type: str, *, by_hash: bool, location: str, public: bool = False
) -> Response:
    """The answer with something that never changes.

    Parameters
    ----------
    by_hash
        Whether the request named it by its hash; a name may stand for something else on another service.
    location
        The address by hash, without what precedes the path.
    public
        Whether anybody may have it: then caches between may keep it too.
    """
    headers = {"ETag": body.etag, "Vary": "Accept, Authorization"}
    if by_hash:
        headers["Cache-Control"] = _FOR_EVER_OPEN if public else FOR_EVER
    else:
        headers |= {"Cache-Control": "no-store", "Content-Location": location}
    if matches(request.headers.get("if-none-match"), body.etag):
        return Response(status_code=304, headers=headers)
    return Response(body.content, 200, headers, media_type)


def matches(asked: str | None, etag: str) -> bool:
    """Whether a header ``If-None-Match`` names what would be answered."""
    if asked is None:
        return False
    marks = [mark.strip().removeprefix("W/") for mark in asked.split(",")]
    return etag in marks or marks == ["*"]


def table_answers(description: str = "The table") -> dict[int | str, dict[str, Any]]:
    """For the description of a route: a table in its four representations, or nothing new."""
    rows = {
        "type": "object",
        "required": ["columns", "rows"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "object"}},
        },
    }
    binary = {"type": "string", "format": "binary"}
    content = {_BY_TYPE_NAME[name]: {"schema": rows if name == "json" else binary} for name in MEDIA_TYPES}
    return {200: {"description": description, "content": content}, 304: {"description": "Not changed"}}


_BY_TYPE_NAME: dict[Format, str] = {name: kind for kind, name in _BY_TYPE.items()}


# --- pages ---


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: so many after the one that the cursor names."""

    limit: int
    after: str


async def _page(
    limit: Annotated[int, Query(ge=1, le=1000, description="How many to list.")] = 100,
    after: Annotated[
        str | None, Query(max_length=1000, description="The cursor of a link `next`; a list begins without it.")
    ] = None,
) -> Page:
    return Page(limit, "" if after is None else _read_cursor(after))


PageOf = Annotated[Page, Depends(_page)]
"""A route's parameter; the store is asked for ``page.limit + 1`` rows after ``page.after``."""


def next_link(request: Request, page: Page, found: Sequence[Any], key: Callable[[Any], str]) -> dict[str, str]:
    """The header ``Link`` to the next page, where more than ``page.limit`` were found; rows are in order of ``key``."""
    if len(found) <= page.limit:
        return {}
    cursor = base64.urlsafe_b64encode(key(found[page.limit - 1]).encode()).decode().rstrip("=")
    query = urlencode(
        [(name, value) for name, value in request.query_params.multi_items() if name not in {"after", "limit"}]
        + [("limit", str(page.limit)), ("after", cursor)]
    )
    return next_address(request, query)


def next_address(request: Request, query: str) -> dict[str, str]:
    """The header ``Link`` to the same address with another query. Headers are ASCII, and names need not be."""
    path = quote(request.scope["path"], safe=_IN_PATH)
    return {"Link": f'<{path}?{query}>; rel="next"'}


def _read_cursor(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        found = ""
    if not found or "\0" in found:
        raise invalid("Not a cursor of this service.", parameter="query after", code="DT719")
    return found
