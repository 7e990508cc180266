"""A part of a table: so many rows after a place that a link names. Tables of editions never change, so that a row's
number is a key that stays."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from starlette.requests import Request

from dtindex_service.negotiate import next_address
from dtindex_service.problems import invalid

__all__ = ["MOST_JSON_ROWS", "Window", "WindowOf", "next_rows"]

MOST_JSON_ROWS = 10_000
"""Rows of a table in JSON that come at once; the rest is linked."""

_ROW = re.compile(r"r([0-9]{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """Rows from ``start`` on; ``limit`` None: all of them."""

    start: int = 0
    limit: int | None = None

    @property
    def stop(self) -> int | None:
        return None if self.limit is None else self.start + self.limit

    def in_json(self) -> Window:
        """The same, with no more rows than JSON is given at once."""
        return self if self.limit is not None else Window(self.start, MOST_JSON_ROWS)


async def _window(
    limit: Annotated[
        int | None, Query(ge=1, le=MOST_JSON_ROWS, description="How many rows; all, but in JSON 10,000, unless said.")
    ] = None,
    after: Annotated[
        str | None, Query(max_length=100, description="The cursor of a link `next`; a table begins without it.")
    ] = None,
) -> Window:
    return Window(0 if after is None else _read(after), limit)


WindowOf = Annotated[Window, Depends(_window)]


def next_rows(request: Request, window: Window, rows: int) -> dict[str, str]:
    """The header ``Link`` to the next rows, where the table has more than the window shows."""
    if window.stop is None or window.stop >= rows:
        return {}
    cursor = base64.urlsafe_b64encode(f"r{window.stop}".encode()).decode().rstrip("=")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in {"after", "limit"}]
    query = urlencode([*kept, ("limit", str(window.limit)), ("after", cursor)])
    return next_address(request, query)


def _read(cursor: str) -> int:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = _ROW.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise invalid("Not a cursor of this service.", parameter="query after", code="DT719")
    return int(found[1])
