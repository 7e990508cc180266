"""BLAS on one thread while blocks of runs are worked on: threads are outside, over blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import threadpool_limits

__all__ = ["one_blas_thread"]


class _Limit:
    """The limit is one of the process, so those who want it are counted: the first sets it, the last lifts it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wanted = 0
        self._limit: threadpool_limits | None = None

    def __enter__(self) -> None:
        from threadpoolctl import ThreadpoolController

        with self._lock:
            if not self._wanted:
                self._limit = ThreadpoolController().limit(limits=1, user_api="blas")
            self._wanted += 1

    def __exit__(self, *reason: object) -> None:
        with self._lock:
            self._wanted -= 1
            if not self._wanted and self._limit is not None:
                self._limit.restore_original_limits()
                self._limit = None


_LIMIT = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Nothing that is multiplied inside uses more than one thread."""
    with _LIMIT:
        yield
