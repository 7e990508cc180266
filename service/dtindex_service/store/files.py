"""Blobs under the SHA-256 of their bytes: ``blobs/PROJECT/ab/cd/abcd...``.

A blob is written to a temporary file, brought to the disk, and takes its name in one step; what has a name is whole.
Each project has a folder of its own: nothing can be inferred of another project's blobs, and none is removed with them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["Files", "Incoming"]

_PREFIX = ".dtindex-"
_CHUNK = 2**20
_PROJECT = re.compile(r"[a-z0-9]{1,32}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Files:
    """The folder of the blobs, and the one where unfinished ones wait (on the same file system)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = folder / "blobs"
        self.waiting = folder / "incoming"

    def open(self) -> int:
        """Make the folders, and remove what a process that was killed left behind; how many files that were.

        Where several processes share the folder each holds a lock of its own; only one that is alone removes anything.
        """
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.waiting.mkdir(exist_ok=True)
        self._lock = _Lock(self.folder / "lock")
        removed = 0
        if self._lock.alone():
            for left in (*self.waiting.iterdir(), *self.folder.glob(f"{_PREFIX}*"), *self.blobs.rglob(f"{_PREFIX}*")):
                if left.is_file():
                    left.unlink()
                    removed += 1
        self._lock.share()
        return removed

    def close(self) -> None:
        self._lock.release()

    def incoming(self, project: str) -> Incoming:
        """A blob that arrives in pieces; a context manager that removes what was not kept."""
        return Incoming(self, project)

    def put(self, project: str, content: bytes) -> str:
        """Keep bytes; their hash."""
        with self.incoming(project) as incoming:
            incoming.write(content)
            return incoming.keep()

    def put_file(self, project: str, path: Path) -> str:
        """Keep a copy of a file; its hash."""
        with self.incoming(project) as incoming, path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                incoming.write(piece)
            return incoming.keep()

    def path(self, project: str, blob: str) -> Path:
        """Where a blob lies, or would lie."""
        if not _PROJECT.fullmatch(project) or not _HASH.fullmatch(blob):
            raise ValueError("not a project or not the hash of a blob")
        return self.blobs / project / blob[:2] / blob[2:4] / blob

    def read(self, project: str, blob: str) -> bytes:
        """The bytes of a blob. FileNotFoundError where there is none."""
        return self.path(project, blob).read_bytes()

    def remove(self, project: str, blob: str) -> None:
        """Remove a blob that no row names any more. There need not be one."""
        with suppress(FileNotFoundError):
            self.path(project, blob).unlink()

    def is_writable(self) -> bool:
        """Whether a file can be made, written to the disk and removed."""
        probe = self.waiting / f"{_PREFIX}{secrets.token_hex(8)}"
        try:
            with probe.open("wb") as stream:
                stream.write(b"dtindex")
                stream.flush()
            probe.unlink()
        except OSError:
            return False
        return True


class Incoming:
    """A temporary file that is hashed while it is written."""

    def __init__(self, files: Files, project: str) -> None:
        self._files = files
        self._project = project
        self._hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Incoming:
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=self._files.waiting)
        self.path = Path(name)
        self._stream: BinaryIO = os.fdopen(descriptor, "wb")
        return self

    def write(self, piece: bytes) -> None:
        self._stream.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    @property
    def hash(self) -> str:
        """SHA-256 of what has arrived."""
        return self._hash.hexdigest()

    def flush(self) -> Path:
        """The file with all that has arrived, for a reader of another process."""
        self._stream.flush()
        return self.path

    def keep(self) -> str:
        """Give the file its name, once it is on the disk; the hash."""
        blob = self.hash
        target = self._files.path(self._project, blob)
        if target.exists():
            return blob
        self._stream.flush()
        os.fsync(self._stream.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.path, target)
        for folder in (*list(target.parents)[:3], self._files.blobs):
            _sync(folder)
        return blob

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
        with suppress(FileNotFoundError):
            self.path.unlink()


class _Lock:
    """A lock on a file: exclusive for the process that is alone, shared by all that run."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def alone(self) -> bool:
        import fcntl

        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        import fcntl

        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        os.close(self._descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
