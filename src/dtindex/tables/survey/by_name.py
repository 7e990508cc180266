"""Columns of an export by the names that a methodology says."""

from __future__ import annotations

from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.names import fold
from dtindex.tables.raw import RawTable

__all__ = ["ByName"]


class ByName:
    """The column of a name: so spelt if there is one, else in any case and spacing."""

    def __init__(self, raw: RawTable) -> None:
        self.folded = {fold(name): index for index, name in reversed([*enumerate(raw.header)])}
        self._exactly = {tidy_name(name): index for index, name in enumerate(raw.header)}

    def __call__(self, name: str) -> int | None:
        """Its position; None where there is none."""
        return self._exactly.get(tidy_name(name), self.folded.get(fold(name)))

    def __contains__(self, name: str) -> bool:
        return fold(name) in self.folded
