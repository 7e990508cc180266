"""Saying no: which exception a code is raised as, and collecting many findings of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from dtindex.findings import DtindexError, Finding, InputError, LimitError, Place, Severity, UsageError, finding

__all__ = ["Remarks", "error_for", "refuse"]

_CANNOT_START = frozenset({"DT103", "DT112", "DT113", "DT114", "DT115", "DT116", "DT902", "DT904"})
_LIMITS = frozenset({"DT104", "DT110", "DT111", "DT126", "DT903"})


def error_for(code: str) -> type[DtindexError]:
    """The exception that an error of this code is raised as, which decides the exit code."""
    if code in _LIMITS:
        return LimitError
    return UsageError if code in _CANNOT_START else InputError


def refuse(code: str, message: str, place: Place | None = None, before: Iterable[Finding] = ()) -> NoReturn:
    """Raise one error, after the findings that were met ``before`` it."""
    raise error_for(code)([*before, finding(code, message, place)])


class Remarks:
    """Findings on one file: of each code the first ``shown`` are kept, the others counted."""

    def __init__(self, file: str, shown: int = 20) -> None:
        self._file = file
        self._shown = shown
        self._kept: list[Finding] = []
        self._met: Counter[str] = Counter()

    def add(self, code: str, message: str, place: Place | None = None) -> None:
        """Note a finding."""
        self.extend([finding(code, message, place or Place(file=self._file))])

    def extend(self, findings: Iterable[Finding]) -> None:
        """Note findings that were made elsewhere."""
        for item in findings:
            self._met[item.code] += 1
            if self._met[item.code] <= self._shown:
                self._kept.append(item)

    def all(self) -> tuple[Finding, ...]:
        """What was kept, and for each code a line on how many more there were."""
        more = {code: met - self._shown for code, met in self._met.items() if met > self._shown}
        place = Place(file=self._file)
        return (*self._kept, *(finding(code, f"and {count:,} more like this", place) for code, count in more.items()))

    def raise_errors(self) -> None:
        """Raise everything at once if there is an error among it."""
        first = next((item for item in self._kept if item.severity is Severity.ERROR), None)
        if first is not None:
            raise error_for(first.code)(self.all())
