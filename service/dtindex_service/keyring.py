"""Who holds a key: looked up by its digest, remembered for a moment, and its last use noted in batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from dtindex_service.keys import digest, is_well_formed
from dtindex_service.store import KeyRow, Store
from dtindex_service.store.clock import now

__all__ = ["Keyring"]

_SECONDS = 1.0
"""How long a key that was found is taken for valid without asking again: what a revocation by another process takes to
become known here. One by this process is known at once."""
_MOST = 10_000


class Keyring:
    """The keys of a store, as requests need them."""

    def __init__(self, store: Store, pepper: bytes, clock: Callable[[], datetime] = now) -> None:
        self._store = store
        self._pepper = pepper
        self._clock = clock
        self._known: dict[str, tuple[KeyRow, float]] = {}
        self._used: dict[str, datetime] = {}
        self._keyed = False
        self._keyed_until = 0.0

    @property
    def pepper(self) -> bytes:
        return self._pepper

    async def open(self, token: str) -> KeyRow | None:
        """The valid key that a token is.

        What is mistyped, unknown, expired or revoked takes the same steps, one digest and one question to the store,
        and gives the same answer.
        """
        mark = digest(self._pepper, token)
        known = self._known.get(mark)
        asked = time.monotonic()
        if known is not None and asked < known[1]:
            row: KeyRow | None = known[0]
        else:
            row = await run_in_threadpool(self._store.keys.find, mark)
        at = self._clock()
        if not is_well_formed(token) or row is None or not row.is_valid(at):
            self._known.pop(mark, None)
            return None
        if known is None or known[0] is not row:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[mark] = (row, asked + _SECONDS)
        self._used[row.id] = at
        return row

    async def any(self) -> bool:
        """Whether a key is configured: then nobody gets in without one. Once one is, that stays so."""
        if not self._keyed and time.monotonic() >= self._keyed_until:
            self._keyed = await run_in_threadpool(self._store.keys.any)
            self._keyed_until = time.monotonic() + _SECONDS
        return self._keyed

    def forget(self) -> None:
        """Ask the store anew: keys have changed."""
        self._known.clear()
        self._keyed_until = 0.0

    def flush(self) -> None:
        """Write down when keys were last used. Blocks; called every few seconds and at the end."""
        used, self._used = self._used, {}
        self._store.keys.touch(used)
