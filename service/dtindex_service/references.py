"""Methodologies fitted on the data that they name themselves, so that units can be scored without an edition."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

import dtindex
from dtindex_service.methodologies import methodology_of
from dtindex_service.problems import invalid

if TYPE_CHECKING:
    from dtindex import Edition
    from dtindex_service.services import Services

__all__ = ["References"]

_MOST = 16
_EQUAL = "equal"
_EVERYBODY = ""
Key = tuple[str, str, str | None]


class References:
    """Fitted methodologies that were asked for of late, by project and hash; those that ship by id, for everybody."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Edition] = OrderedDict()
        self._lock = Lock()
        self._turns: dict[Key, Lock] = {}

    def known(self, reference: str, assume: str | None) -> Edition | None:
        """The methodology of that id, fitted, if it ships and is in memory: its id stands for nothing else."""
        return self._get((_EVERYBODY, reference, assume))

    def find(self, services: Services, project: str, reference: str, assume: str | None) -> Edition:
        """The methodology of that id or hash, fitted. Blocks; of several that ask at once one fits, the others wait.

        Raises
        ------
        Refusal
            404 where the project has none; 422 where it has no such assumption.
        DtindexError
            DT061 where it names no data of its own; what fitting finds.
        """
        methodology = methodology_of(services, project, reference)
        # A name only: the library would read a file of that path, too.
        if assume is not None and assume != _EQUAL and assume not in methodology.assumptions:
            raise invalid("The methodology has no assumption of that name.", pointer="#/assume", code="DT052")
        ships = reference in dtindex.shipped_methodologies()
        key = (_EVERYBODY, reference, assume) if ships else (project, methodology.hash, assume)
        with self._lock:
            turn = self._turns.setdefault(key, Lock())
        with turn:
            found = self._get(key)
            if found is None:
                found = dtindex.CompositeIndex(methodology, assume).fit().freeze(methodology.id)
                self._put(key, found)
        return found

    def _get(self, key: Key) -> Edition | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _put(self, key: Key, edition: Edition) -> None:
        with self._lock:
            self._kept[key] = edition
            while len(self._kept) > _MOST:
                gone, _ = self._kept.popitem(last=False)
                self._turns.pop(gone, None)
