"""Which processes have the store open, and which of them are gone.

Each holds a lock on a file of its own, ``processes/TOKEN``, which the system lets go of when the process ends, however
it does. What a process leaves behind bears its token: unfinished files in ``incoming/TOKEN``, and leases.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

__all__ = ["Processes"]

_NEW = ".dtindex-"


class Processes:
    """The folder of the locks; ``token`` is this process's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.token = secrets.token_hex(12)
        self._descriptor: int | None = None

    def enter(self) -> None:
        """Be there. The file has its name only once it is locked: nobody finds one of the living unlocked."""
        self._folder.mkdir(parents=True, exist_ok=True)
        made = self._folder / f"{_NEW}{self.token}"
        self._descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        made.rename(self._folder / self.token)

    def leave(self) -> None:
        """Be gone, in good order."""
        if self._descriptor is not None:
            self.forget(self.token)
            os.close(self._descriptor)
            self._descriptor = None

    def others(self) -> set[str]:
        """Tokens of processes that have the store open beside this one."""
        return {token for token in self._known() if self._is_alive(token)}

    def gone(self) -> set[str]:
        """Tokens of processes that ended without leaving."""
        return {token for token in self._known() if not self._is_alive(token)}

    def forget(self, token: str) -> None:
        """What a process left behind is cleared away."""
        (self._folder / token).unlink(missing_ok=True)

    def _known(self) -> set[str]:
        return {path.name for path in self._folder.iterdir() if not path.name.startswith(_NEW)} - {self.token}

    def _is_alive(self, token: str) -> bool:
        try:
            descriptor = os.open(self._folder / token, os.O_RDWR)
        except FileNotFoundError:  # it left just now
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False
