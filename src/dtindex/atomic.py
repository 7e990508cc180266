"""Writing that never leaves half a file: temporary file, fsync, rename."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from dtindex.findings import Place, UsageError, finding

__all__ = ["MADE", "PREFIX", "write_bytes", "write_files"]

MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The time of making that workbooks are given, so that their bytes follow from their content; xlsxwriter: UTC."""

PREFIX = ".dtindex-"
_STALE_SECONDS = 3600


def write_bytes(path: Path | str, content: bytes) -> Path:
    """Put ``content`` at ``path``; whatever happens, either the old file stands there or the new one, whole."""
    target = Path(path)
    return write_files(target.parent, {target.name: content})[0]


def write_files(folder: Path | str, contents: Mapping[str, bytes]) -> list[Path]:
    """Put several files into ``folder`` (made if it does not exist): all are on disk before the first takes its name.

    Raises
    ------
    UsageError
        DT410 where the folder or a file cannot be written; what was there is untouched.
    """
    folder = Path(folder)
    waiting: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        for name, content in contents.items():
            waiting.append((_on_disk(folder, content), folder / name))
        for temporary, target in waiting:
            os.replace(temporary, target)
        _sync_folder(folder)
    except OSError as error:
        place = Place(file=str(error.filename or folder))
        raise UsageError([finding("DT410", f"cannot write: {error.strerror or error}", place)]) from error
    finally:
        for temporary, _ in waiting:
            with suppress(OSError):
                os.unlink(temporary)
    return [target for _, target in waiting]


def _sweep(folder: Path) -> None:
    """Remove what a killed process left behind: temporary files that nobody has written to for an hour."""
    stale = time.time() - _STALE_SECONDS
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if left.stat().st_mtime < stale:
                left.unlink()


def _on_disk(folder: Path, content: bytes) -> str:
    descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~_umask())
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return name


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
