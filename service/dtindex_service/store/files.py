"""Blobs under the SHA-256 of their bytes, ``blobs/PROJECT/ab/cd/abcd...``, and parts of jobs, ``jobs/PROJECT/JOB/...``.

A blob is written to a temporary file, brought to the disk, and takes its name in one step; what has a name is whole.
Each project has a folder of its own: nothing can be inferred of another project's blobs, and none is removed with them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from dtindex_service.store.processes import Processes

__all__ = ["Files", "Incoming"]

_PREFIX = ".dtindex-"
_CHUNK = 2**20
_PROJECT = re.compile(r"[a-z0-9]{1,32}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PART = re.compile(r"[0-9]{1,9}\.[0-9]{1,19}", re.ASCII)
"""Position and fence."""


class Files:
    """The folder of the blobs, and the one where this process's unfinished ones wait (on the same file system)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = folder / "blobs"
        self.jobs = folder / "jobs"
        self.processes = Processes(folder / "processes")
        self._incoming = folder / "incoming"
        self.waiting = self._incoming / self.processes.token

    def open(self) -> int:
        """Make the folders, and remove what processes that were killed left behind; how many files that were."""
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.jobs.mkdir(exist_ok=True)
        self.processes.enter()
        self.waiting.mkdir(parents=True)
        removed = sum(self.clear_after(token) for token in self.processes.gone())
        if not self.processes.others():  # what bears nobody's name can be nobody else's
            strays = (*self._incoming.glob(f"{_PREFIX}*"), *self.folder.glob(f"{_PREFIX}*"))
            for left in (*strays, *self.blobs.rglob(f"{_PREFIX}*"), *self.jobs.rglob(f"{_PREFIX}*")):
                if left.is_file():
                    left.unlink()
                    removed += 1
        return removed

    def clear_after(self, token: str) -> int:
        """Remove the unfinished files of a process that is gone; how many these were."""
        left = self._incoming / token
        count = sum(1 for path in left.rglob("*") if path.is_file())
        shutil.rmtree(left, ignore_errors=True)
        return count

    def close(self) -> None:
        shutil.rmtree(self.waiting, ignore_errors=True)
        self.processes.leave()

    # --- blobs ---

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

    def take_file(self, project: str, path: Path) -> str:
        """Keep a file that lies in :attr:`waiting`, which is gone from there then; its hash."""
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
            os.fsync(stream.fileno())
        blob = digest.hexdigest()
        self._name(path, self.path(project, blob))
        return blob

    def _name(self, path: Path, target: Path) -> None:
        """Give what is on the disk its name, for good."""
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        for folder in (*list(target.parents)[:3], self.blobs):
            _sync(folder)

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

    # --- parts of jobs ---

    def part_path(self, project: str, job: str, name: str) -> Path:
        """Where a part of a job lies, or would lie."""
        if not _PROJECT.fullmatch(project) or not _HASH.fullmatch(job) or not _PART.fullmatch(name):
            raise ValueError("not a project, not the id of a job, or not the name of a part")
        return self.jobs / project / job / name

    def put_part(self, project: str, job: str, name: str, content: bytes) -> None:
        """Keep what a part of a job gave, whole or not at all."""
        target = self.part_path(project, job, name)
        waiting = self.waiting / f"{_PREFIX}{secrets.token_hex(8)}"
        try:
            with waiting.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(waiting, target)
        finally:
            waiting.unlink(missing_ok=True)
        _sync(target.parent)

    def drop_part(self, project: str, job: str, name: str) -> None:
        """Remove what came too late."""
        path = self.part_path(project, job, name)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others lie there too
            path.parent.rmdir()

    def drop_parts(self, project: str, job: str) -> None:
        """Remove all parts of a job that has ended."""
        shutil.rmtree(self.part_path(project, job, "0.0").parent, ignore_errors=True)

    def with_parts(self) -> set[tuple[str, str]]:
        """Project and id of the jobs that have parts here."""
        return {(path.parent.name, path.name) for path in self.jobs.glob("*/*") if path.is_dir()}

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
        self._files._name(self.path, target)
        return blob

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
        with suppress(FileNotFoundError):
            self.path.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
