"""What the service knows of one request while it runs."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from dtindex_service.context import Principal

__all__ = ["Call", "call_of", "new_request_id"]

_SCOPE = "dtindex"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


@dataclass(slots=True)
class Call:
    """A request: its id, who asks, and what is to be said in the headers of the answer."""

    request_id: str
    logger: FilteringBoundLogger
    started: float = field(default_factory=time.perf_counter)
    principal: Principal | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Added to whatever answer is given."""
    kept_body: bytes | None = None
    """What an idempotent repetition is answered with, where the answer itself holds what is shown once."""

    @property
    def log(self) -> FilteringBoundLogger:
        """The logger, which names the request in each line. No cell, no name and no key enters a line."""
        return self.logger.bind(request_id=self.request_id)

    def enter(self, scope: MutableMapping[str, Any]) -> None:
        scope[_SCOPE] = self


def call_of(scope: Mapping[str, Any]) -> Call:
    """The call of a request's scope."""
    call: Call = scope[_SCOPE]
    return call


def new_request_id(given: bytes | None) -> str:
    """The caller's own id where it is harmless in a log, a new one otherwise."""
    if given is not None:
        text = given.decode("latin-1")
        if _GIVEN.fullmatch(text):
            return text
    return secrets.token_hex(8)
