"""Who is not heard of any more: leases are taken from them.

A lease bears no time. Whoever watches notes, by a clock of its own that nobody sets, since when a beat has not moved;
clocks that step, or differ between machines, take nothing from anybody. Of a process of this machine that is gone the
system says so at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from dtindex_service.store import Lease, Store
from dtindex_service.store.clock import now

__all__ = ["LOST", "Watch"]

LOST: Mapping[str, Any] = {
    "code": "DT721",
    "kind": "bug",
    "detail": "A chunk lost its worker each time that it was tried.",
    "errors": [],
}

Key = tuple[str, str, int, int]


class Watch:
    """What one watcher has seen. ``seconds`` is how long a beat may stand still; ``told`` hears what is taken over."""

    def __init__(
        self,
        store: Store,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[Lease], None] = lambda lease: None,
    ) -> None:
        self._store = store
        self._seconds = seconds
        self._clock = clock
        self._told = told
        self._since: dict[Key, tuple[int, float]] = {}

    def look(self) -> int:
        """Take over leases of those who are gone, and clear away what they left; how many leases."""
        processes = self._store.files.processes
        gone = processes.gone()  # before leases are read, so that none of theirs is missed
        taken, since = 0, {}
        for seen in self._store.jobs.held():
            lease = seen.lease
            key = (lease.project, lease.job, lease.position, lease.fence)
            beat, first = self._since.get(key, (-1, 0.0))
            moment = self._clock()
            since[key] = (seen.beat, first if beat == seen.beat else moment)
            is_lost = seen.worker in gone or moment - since[key][1] >= self._seconds
            if is_lost and self._store.jobs.take_over(seen, LOST, now()):
                self._told(lease)
                taken += 1
        self._since = since
        for token in gone:
            self._store.files.clear_after(token)
            processes.forget(token)
        return taken
