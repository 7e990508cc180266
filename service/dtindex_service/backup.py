"""``dtindex backup`` and ``dtindex restore``: the embedded store as one file, and the store of such a file.

A backup is a tar: ``manifest.json`` first, then the database as one moment saw it, the secret, and every blob that it
names, each under its SHA-256. It may be made while a service runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import make_url

from dtindex import InputError, Place, UsageError, finding
from dtindex_service import __version__
from dtindex_service.checkup import check_store, named_blobs
from dtindex_service.serve import is_configured, open_store, settings_of
from dtindex_service.settings import Settings
from dtindex_service.store import Store
from dtindex_service.store.clock import now
from dtindex_service.store.database import HEAD
from dtindex_service.store.files import Files

__all__ = ["Told", "backup", "restore"]

_FORMAT = 1
_MANIFEST, _DATABASE, _SECRET = "manifest.json", "dtindex.sqlite", "secret"
_CHUNK = 2**20
_MOST_MANIFEST = 2**28


@dataclass(frozen=True, slots=True)
class Told:
    """What was kept, or brought back."""

    path: str
    files: int
    bytes: int
    made: str
    version: str


def backup(path: str, *, data_dir: str | None = None) -> Told:
    """Keep a store in a file, which is whole or not there, and readable for its owner only: it holds the secret.

    Raises
    ------
    UsageError
        DT902 where no store is named, it is not the embedded one, or the file is there already; DT410 where the file
        cannot be written; DT717 where the store cannot be opened.
    InputError
        DT723 where a file that the database names is missing or damaged.
    """
    settings = _settings(data_dir)
    target = Path(path)
    if target.exists():
        raise UsageError([finding("DT902", f"{path} is there already; name another file")])
    if not settings.data_dir.is_dir() or not (settings.data_dir / _DATABASE).is_file():
        raise UsageError([finding("DT902", f"{settings.data_dir} holds no store")])
    with open_store(settings) as store, tempfile.TemporaryDirectory(dir=store.files.waiting) as room:
        copy = Path(room) / _DATABASE
        _copy_database(settings.data_dir / _DATABASE, copy)
        contents = _contents(store, settings, copy)
        manifest = {
            "format": _FORMAT,
            "dtindex": __version__,
            "schema": HEAD,
            "made": now().isoformat(timespec="seconds"),
            "files": [{"name": name, "sha256": digest, "bytes": size} for name, (_, digest, size) in contents.items()],
        }
        _write(target, manifest, contents)
    return _told(path, manifest)


def restore(path: str, *, data_dir: str | None = None) -> Told:
    """Bring a store back into a folder that holds none; it is whole or not there.

    Raises
    ------
    UsageError
        DT902 where no folder is named, or it is not empty; DT103 where there is no such file; DT410 where the folder
        cannot be written.
    InputError
        DT724 where the file is no backup, damaged, or of a newer version.
    """
    settings = _settings(data_dir)
    folder = settings.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise UsageError([finding("DT902", f"{folder} is not empty; name a folder that is, or that is not there")])
    folder.parent.mkdir(parents=True, exist_ok=True)
    room = folder.parent / f".dtindex-{secrets.token_hex(8)}"
    try:
        room.mkdir(mode=0o700)
        manifest = _unpack(Path(path), room)
        _check(room)
        if folder.exists():
            folder.rmdir()
        room.rename(folder)
    except OSError as error:
        raise UsageError([finding("DT410", f"cannot write: {error.strerror}", Place(file=str(folder)))]) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return _told(str(folder), manifest)


def _settings(data_dir: str | None) -> Settings:
    settings = settings_of(data_dir=data_dir)
    if not is_configured(settings):
        raise UsageError([finding("DT902", "name the store, with --data-dir DIR or DTINDEX_DATA_DIR")])
    if settings.database_url is not None and make_url(settings.database).get_backend_name() != "sqlite":
        message = "the store is on PostgreSQL: `pg_dump` keeps its rows; copy the folder `blobs` after it has ended"
        raise UsageError([finding("DT902", message)])
    if settings.database_url is not None:
        raise UsageError([finding("DT902", "the database lies elsewhere (DTINDEX_DATABASE_URL): copy it by hand")])
    return settings


def _told(path: str, manifest: Mapping[str, Any]) -> Told:
    files = manifest["files"]
    return Told(path, len(files), sum(one["bytes"] for one in files), manifest["made"], manifest["dtindex"])


# --- keeping ---

Contents = dict[str, tuple[Path, str, int]]


def _copy_database(source: Path, target: Path) -> None:
    """One moment of the database, while others may write to it."""
    with closing(sqlite3.connect(source)) as theirs, closing(sqlite3.connect(target)) as mine:
        theirs.backup(mine)
        mine.execute("PRAGMA journal_mode = DELETE")


def _contents(store: Store, settings: Settings, copy: Path) -> Contents:
    found = {_DATABASE: copy}
    if (settings.data_dir / _SECRET).is_file():
        found[_SECRET] = settings.data_dir / _SECRET
    with rows_of(copy, settings.data_dir) as seen:
        named = named_blobs(seen)
    for (project, blob), what in sorted(named.items()):
        path = store.files.path(project, blob)
        if not path.is_file():
            raise InputError([finding("DT723", f"{what}: its file is missing", Place(file=str(path)))])
        found[f"blobs/{project}/{blob}"] = path
    contents = {name: (path, *_digest(path)) for name, path in found.items()}
    wrong = [name for name, (_, digest, _) in contents.items() if "/" in name and not name.endswith(digest)]
    if wrong:
        raise InputError([finding("DT723", "its file is not what it was", Place(file=name)) for name in wrong])
    return contents


@contextmanager
def rows_of(database: Path, folder: Path) -> Iterator[Store]:
    """The rows of a copy of a database, with the files that they name; nothing is opened for writing."""
    store = Store(f"sqlite:///{database.absolute()}", folder)
    try:
        yield store
    finally:
        store.database.close()


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _write(target: Path, manifest: Mapping[str, Any], contents: Contents) -> None:
    waiting = target.with_name(f".dtindex-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                told = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
                tar.addfile(_entry(_MANIFEST, len(told)), io.BytesIO(told))
                for name, (path, _, size) in contents.items():
                    with path.open("rb") as source:
                        tar.addfile(_entry(name, size), source)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(waiting, target)
    except FileExistsError:
        raise UsageError([finding("DT902", f"{target} is there already; name another file")]) from None
    except OSError as error:
        raise UsageError([finding("DT410", f"cannot write: {error.strerror}", Place(file=str(target)))]) from error
    finally:
        waiting.unlink(missing_ok=True)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


# --- bringing back ---


def _unpack(path: Path, room: Path) -> dict[str, Any]:
    """Write what the manifest lists, and nothing else, where a store has it; each file as its hash says."""
    place = Place(file=str(path))
    try:
        with path.open("rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            manifest = _manifest(tar)
            known = {one["name"]: (one["sha256"], one["bytes"]) for one in manifest["files"]}
            while (entry := tar.next()) is not None:
                digest, size = known.pop(entry.name)
                content = tar.extractfile(entry)
                if content is None or not entry.isreg():
                    raise ValueError(f"{entry.name} is no file")
                if _copied(content, _place(room, entry.name)) != (digest, size):
                    raise ValueError(f"{entry.name} is not what it was")
    except FileNotFoundError as error:
        raise UsageError([finding("DT103", "no such file", place)]) from error
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise InputError([finding("DT724", f"not a backup, or damaged: {error}", place)]) from error
    if known:
        raise InputError([finding("DT724", f"{len(known)} files are missing in it", place)])
    if str(manifest["schema"]) > HEAD:
        message = f"it is of dtindex {manifest['dtindex']}, which is newer than this one ({__version__})"
        raise InputError([finding("DT724", message, place)])
    return manifest


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    first = tar.next()
    content = None if first is None or first.name != _MANIFEST else tar.extractfile(first)
    if first is None or content is None or first.size > _MOST_MANIFEST:
        raise ValueError("it does not begin with a manifest")
    manifest: dict[str, Any] = json.loads(content.read())
    if manifest["format"] != _FORMAT:
        raise ValueError("it is of another format")
    return manifest


def _place(room: Path, name: str) -> Path:
    if name in (_DATABASE, _SECRET):
        return room / name
    folder, project, blob = name.split("/")
    if folder != "blobs":
        raise ValueError(f"{name} is no part of a store")
    return Files(room).path(project, blob)


def _copied(source: IO[bytes], target: Path) -> tuple[str, int]:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        while piece := source.read(_CHUNK):
            stream.write(piece)
            digest.update(piece)
            size += len(piece)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest(), size


def _check(room: Path) -> None:
    """The store opens, its schema is brought up where it is older, and it is whole.

    Raises
    ------
    InputError
        DT724 where it is not.
    """
    with open_store(settings_of(data_dir=str(room))) as store:
        store.jobs.begin_all_again()
        wrong = [line for line in check_store(store) if line.holds is False]
    if wrong:
        raise InputError([finding("DT724", f"{line.what}: {line.found}") for line in wrong])
