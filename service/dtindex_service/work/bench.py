"""What a child process has at hand: the last few editions and results, since questions about one come together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from dtindex import Edition, Scores, load_edition

__all__ = ["Bench"]

_MOST = 4


class Bench:
    """Editions and their scores by the path of their file, which never changes."""

    def __init__(self) -> None:
        self._editions: OrderedDict[str, Edition] = OrderedDict()
        self._scores: dict[str, Scores] = {}
        self._results: OrderedDict[str, Any] = OrderedDict()

    def edition(self, path: str) -> Edition:
        if path not in self._editions:
            self._editions[path] = load_edition(path)
            while len(self._editions) > _MOST:
                gone, _ = self._editions.popitem(last=False)
                self._scores.pop(gone, None)
        self._editions.move_to_end(path)
        return self._editions[path]

    def scores(self, path: str) -> Scores:
        edition = self.edition(path)
        if path not in self._scores:
            self._scores[path] = edition.score()
        return self._scores[path]

    def result(self, key: str, make: Callable[[], Any]) -> Any:
        """What a question gave: its tables and figures are asked for one by one."""
        if key not in self._results:
            self._results[key] = make()
            while len(self._results) > _MOST:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key]

    def clear(self) -> None:
        """Give all memory back."""
        self._editions.clear()
        self._scores.clear()
        self._results.clear()
