"""Editions that are open in this process: rows by reference, and editions with their scores by hash.

A name stands for one edition for ever, and an edition never changes: what was found once need not be asked for again.
Both are kept by project, so that nobody can tell from the time an answer takes what another project has.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from dtindex_service.problems import not_found
from dtindex_service.store import EditionRow, Store

if TYPE_CHECKING:
    from dtindex import Edition, Scores

__all__ = ["Opened", "Shelf"]

_MOST_ROWS = 10_000
_LEAST_BYTES = 2**20
_CELL = 64
"""Bytes of an item of a row: score, flags, coverage, rank, key, and the raw value with its status."""
_TEXT = 80
"""Bytes of a text in memory."""

Key = tuple[str, str]
V = TypeVar("V")


class Opened:
    """An edition in memory, and its scores of the table that it was frozen on."""

    def __init__(self, row: EditionRow, edition: Edition) -> None:
        self.row = row
        self.edition = edition
        self.bytes = _size(edition)
        self.rows: dict[object, int] = {}
        """How many rows tables that were rendered have."""
        self._scores: Scores | None = None
        self._lock = Lock()

    def scores(self) -> Scores:
        """The scores, worked out once. Blocks.

        Raises
        ------
        InputError
            DT061 where the edition was frozen without its table.
        """
        with self._lock:
            if self._scores is None:
                self._scores = self.edition.score()
            return self._scores


class Shelf:
    """Editions that were asked for of late. What was asked for least recently goes first.

    Parameters
    ----------
    most_bytes
        About how much memory editions and their scores may take together; one that is larger alone is kept alone.
    """

    def __init__(self, store: Store, most_bytes: int) -> None:
        self._store = store
        self._rows: _Recent[EditionRow] = _Recent(_MOST_ROWS, lambda row: 1)
        self._opened: _Recent[Opened] = _Recent(most_bytes, lambda opened: opened.bytes)
        self._opening: dict[Key, Lock] = {}
        self._lock = Lock()

    async def find(self, project: str, reference: str) -> EditionRow:
        """The edition of that name or hash.

        Raises
        ------
        Refusal
            DT703 (404) where the project has none.
        """
        found = self._rows.get((project, reference))
        return found if found is not None else await run_in_threadpool(self.find_now, project, reference)

    def find_now(self, project: str, reference: str) -> EditionRow:
        """As :meth:`find`; blocks."""
        key = (project, reference)
        found = self._rows.get(key)
        if found is None:
            found = self._store.editions.get(project, reference)
            if found is None:
                raise not_found()
            self._rows.put(key, found)
        return found

    def known(self, project: str, row: EditionRow) -> Opened | None:
        """The edition, if it is in memory."""
        return self._opened.get((project, row.hash))

    async def open(self, project: str, row: EditionRow) -> Opened:
        """The edition, read from its file if it is not in memory."""
        found = self.known(project, row)
        return found if found is not None else await run_in_threadpool(self.open_now, project, row)

    def open_now(self, project: str, row: EditionRow) -> Opened:
        """As :meth:`open`; blocks. Of several that ask at once one reads, and the others wait."""
        from dtindex import load_edition

        key = (project, row.hash)
        with self._lock:
            turn = self._opening.setdefault(key, Lock())
        try:
            with turn:
                found = self.known(project, row)
                if found is None:
                    found = Opened(row, load_edition(self._store.files.path(project, row.blob)))
                    self._opened.put(key, found)
                return found
        finally:
            with self._lock:
                self._opening.pop(key, None)


class _Recent(Generic[V]):
    """What was used last, as much as there is room for."""

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        self._most = most
        self._size = size
        self._used = 0
        self._kept: OrderedDict[Key, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, value: V) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = value
            self._used += self._size(value)
            while self._used > self._most and len(self._kept) > 1:
                self._used -= self._size(self._kept.popitem(last=False)[1])


def _size(edition: Edition) -> int:
    """About how many bytes an edition takes in memory, scores of its own table included."""
    table = edition.table
    rows = 0 if table is None else len(table)
    texts = 0 if table is None else len(table.texts) + 2
    return _LEAST_BYTES + rows * (len(edition.fitted.plan.items) * _CELL + texts * _TEXT)
