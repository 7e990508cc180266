"""How much one key may ask for in a minute, in cost units; and how often one address may be refused.

The counts are this process's: with several workers each has its own, and a proxy before them is the place for one limit
over all.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from dtindex_service.problems import Refusal

if TYPE_CHECKING:
    from dtindex_service.call import Call
    from dtindex_service.settings import Settings

__all__ = ["Limiter"]

_MINUTE = 60


class Limiter:
    """A sliding minute, from the counts of this minute and the one before."""

    def __init__(self, settings: Settings) -> None:
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = _item(settings.requests_per_minute)
        self._failures = _item(settings.failed_keys_per_minute)

    def charge(self, call: Call, cost: int = 1) -> None:
        """Count cost units against the caller's key, and say in the headers of the answer what is left.

        Raises
        ------
        Refusal
            DT716 (429) with ``Retry-After`` where the minute's units are used up.
        """
        principal = call.principal
        if self._requests is None or principal is None or principal.key is None:
            return
        allowed = self._windows.hit(self._requests, "key", principal.key, cost=cost)
        reset, left = self._windows.get_window_stats(self._requests, "key", principal.key)
        seconds = max(1, math.ceil(reset - time.time()))
        limit = self._requests.amount
        call.headers = [
            *(one for one in call.headers if not one[0].startswith(b"ratelimit")),
            (b"ratelimit-policy", b'"minute";q=%d;w=%d' % (limit, _MINUTE)),
            (b"ratelimit", b'"minute";r=%d;t=%d' % (max(0, left), seconds)),
        ]
        if not allowed:
            raise Refusal("DT716", headers={"Retry-After": str(seconds)})

    def check_failures(self, address: str) -> None:
        """Refuse an address that has sent too many wrong keys in this minute."""
        if self._failures is not None and not self._windows.test(self._failures, "failed", address):
            raise Refusal("DT716", headers={"Retry-After": str(_MINUTE)})

    def count_failure(self, address: str) -> None:
        if self._failures is not None:
            self._windows.hit(self._failures, "failed", address)


def _item(amount: int) -> RateLimitItemPerMinute | None:
    return RateLimitItemPerMinute(amount) if amount else None
