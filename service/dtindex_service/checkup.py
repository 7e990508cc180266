"""Whether a store is whole: its database, the files that rows name, the audit log, and jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from dtindex_service.serve import is_configured, open_store, settings_of
from dtindex_service.store import Store
from dtindex_service.store.database import HEAD
from dtindex_service.store.models import Dataset, Edition, Job

__all__ = ["Line", "check", "check_store", "named_blobs"]

_CHUNK = 2**20
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at; ``holds`` is None for what is only told."""

    what: str
    found: str
    holds: bool | None = None


def check(*, data_dir: str | None = None) -> list[Line]:
    """The lines of a store that is named, here or by the environment; none where none is.

    Raises
    ------
    UsageError
        DT717 for a store that cannot be opened; DT902 for settings that are not valid.
    """
    settings = settings_of(data_dir=data_dir)
    if not is_configured(settings):
        return []
    with open_store(settings) as store:
        return list(check_store(store))


def check_store(store: Store) -> Iterator[Line]:
    """What is to be said of a store that is open."""
    yield Line("store", str(store.files.folder), store.files.is_writable())
    yield from _database(store)
    yield from _files(store)
    for project in store.projects.list():
        broken = store.audit.broken_at(project.id)
        said = f"{project.name}: whole" if broken is None else f"{project.name}: does not hold from entry {broken} on"
        yield Line("store: audit log", said, broken is None)
    yield from _jobs(store)


def named_blobs(store: Store) -> dict[tuple[str, str], str]:
    """By project and hash, what names a blob."""
    found: dict[tuple[str, str], str] = {}
    with store.database.reading() as session:
        for project, name, blob in session.execute(select(Edition.project, Edition.name, Edition.blob)):
            found[project, blob] = f"edition {name}"
        for project, id_, parsed in session.execute(select(Dataset.project, Dataset.id, Dataset.parsed)):
            if parsed is not None:
                found[project, parsed] = f"dataset {id_[:12]}"
        for project, id_, results in session.execute(select(Job.project, Job.id, Job.results)):
            for about in (results or {}).values():
                found[project, about["blob"]] = f"job {id_[:12]}"
    return found


def _database(store: Store) -> Iterator[Line]:
    revision = store.database.revision()
    yield Line("store: schema", f"{revision}, of {HEAD}", revision == HEAD)
    if not store.database.is_sqlite:
        yield Line("store: database", "PostgreSQL, which looks after itself")
        return
    with store.database.engine.connect() as connection:
        told = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(10)"))]
        loose = connection.execute(text("PRAGMA foreign_key_check")).all()
    yield Line("store: database", "; ".join(told) if told != ["ok"] else "SQLite, whole", told == ["ok"])
    yield Line("store: references", f"{len(loose)} rows without what they refer to" if loose else "whole", not loose)


def _files(store: Store) -> Iterator[Line]:
    named = named_blobs(store)
    wrong = [
        f"{what}: {fault}"
        for (project, blob), what in named.items()
        if (fault := _fault(store.files.path(project, blob), blob))
    ]
    more = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
    told = f"{len(named)}, each as its hash says" if not wrong else f"{'; '.join(wrong[:_MOST_NAMED])}{more}"
    yield Line("store: files", told, not wrong)
    there = {(path.parts[-4], path.name): path for path in store.files.blobs.glob("*/??/??/*")}
    spare = [path.stat().st_size for key, path in there.items() if key not in named]
    if spare:
        yield Line(
            "store: files", f"{len(spare)} that nothing names, {sum(spare) / 2**20:.1f} MiB: of requests cut off"
        )


def _fault(path: Path, blob: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
    except FileNotFoundError:
        return "its file is missing"
    except OSError as error:
        return f"its file cannot be read: {error.strerror}"
    return None if digest.hexdigest() == blob else "its file is not what it was"


def _jobs(store: Store) -> Iterator[Line]:
    counts = store.jobs.counts()
    words = [
        f"{counts[state]} {state}" for state in ("queued", "running", "done", "failed", "cancelled") if state in counts
    ]
    yield Line("store: jobs", ", ".join(words) or "none")
    living = store.files.processes.others()
    held = store.jobs.held()
    if held:
        orphans = sum(one.worker not in living for one in held)
        told = f"{len(held)} chunks are worked on, {orphans} of them by nobody of this machine; they will be taken over"
        yield Line("store: leases", told if orphans else f"{len(held)} chunks are worked on")
