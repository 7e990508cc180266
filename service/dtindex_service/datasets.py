"""Datasets: an upload is parsed apart, and what is kept are its cells, without what identifies a person.

The bytes that came are not kept. Their hash is the dataset's id, so that the same file is the same dataset.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

import dtindex
from dtindex import DtindexError
from dtindex_service.methodologies import job_of
from dtindex_service.problems import conflict, not_found
from dtindex_service.retention import drop_jobs_of, expiry
from dtindex_service.store import DatasetRow, Taken
from dtindex_service.store.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dtindex import RawTable
    from dtindex_service.context import Principal
    from dtindex_service.services import Services
    from dtindex_service.store.files import Incoming
    from dtindex_service.uploads import Named

__all__ = ["Kept", "cells_of", "cells_path", "find", "forget", "keep", "notes_of"]

_MOST_FINDINGS = 1_000


@dataclass(frozen=True)
class Kept:
    """An upload that was parsed and stored."""

    row: DatasetRow
    is_new: bool
    notes: Mapping[str, Any]
    """What was found of the file and of each of its columns."""


async def keep(
    services: Services,
    who: Principal,
    incoming: Incoming,
    named: Named,
    options: Mapping[str, Any],
    methodology: str | None,
) -> Kept:
    """Parse what has arrived, and keep its cells.

    Raises
    ------
    DtindexError
        All findings, where one is an error: then nothing is kept.
    """
    subject = None if methodology is None else await run_in_threadpool(job_of, services, who.project, methodology)
    project, files = who.project, services.store.files
    with files.incoming(project) as cells, _under(incoming.flush(), named.promise) as path:
        job = {
            "work": "table",
            "path": str(path),
            "options": dict(options),
            "methodology": subject,
            "hash_key": _hash_key(services, project),
            # No two uploads share a blob: what removes one never takes it from another.
            "upload": secrets.token_hex(16),
        }
        try:
            found = await services.parsers.parse(job, cells.write)
        except DtindexError as error:
            services.metrics.findings.labels(error.code).inc()
            raise
        blob = await run_in_threadpool(cells.keep)
    created = now()
    row = DatasetRow(
        id=incoming.hash,
        media_type=named.media_type,
        size=incoming.size,
        state="parsed",
        created=created,
        expires=expiry(services.settings, created),
        name=named.name,
        findings=found["findings"][:_MOST_FINDINGS],
        rows=found["rows"],
        columns=len(found["columns"]),
        parsed=blob,
    )
    stored, before = await run_in_threadpool(services.store.datasets.put, who.actor, row)
    if before is not None and before.parsed is not None:
        await run_in_threadpool(files.remove, project, before.parsed)
    return Kept(stored, before is None, found)


@contextmanager
def _under(path: Path, ending: str) -> Iterator[Path]:
    """The same file under an ending that we chose: readers hold what is in it against that."""
    if not ending:
        yield path
        return
    other = path.with_name(f"{path.name}{ending}")
    os.link(path, other)
    try:
        yield other
    finally:
        with suppress(FileNotFoundError):
            other.unlink()


def _hash_key(services: Services, project: str) -> str:
    """The key of a project's pseudonyms: theirs cannot be told from those of another."""
    return hmac.new(services.keyring.pepper, f"pseudonyms {project}".encode(), hashlib.sha256).hexdigest()


def find(services: Services, project: str, id: str) -> DatasetRow:  # noqa: A002
    """A dataset of the project. Blocks; 404 where there is none."""
    row = services.store.datasets.get(project, id, now())
    if row is None:
        raise not_found()
    return row


def notes_of(services: Services, project: str, row: DatasetRow) -> dict[str, Any]:
    """What was found of the file and its columns. Blocks."""
    assert row.parsed is not None
    try:
        return dtindex.stored_notes(services.store.files.path(project, row.parsed))
    except DtindexError:
        _check_is_there(services, project, row)
        raise


def cells_of(services: Services, project: str, id: str) -> RawTable:  # noqa: A002
    """The cells of a dataset, as a source for :func:`dtindex.read_table`. Blocks; 404 where there is none."""
    row = find(services, project, id)
    assert row.parsed is not None
    try:
        return dtindex.load_cells(services.store.files.path(project, row.parsed))
    except DtindexError:
        _check_is_there(services, project, row)
        raise


def cells_path(services: Services, project: str, id: str) -> Path:  # noqa: A002
    """Where the cells of a dataset lie, for another process: :func:`dtindex.load_cells` reads them. Blocks; 404."""
    row = find(services, project, id)
    assert row.parsed is not None
    _check_is_there(services, project, row)
    return services.store.files.path(project, row.parsed)


def _check_is_there(services: Services, project: str, row: DatasetRow) -> None:
    """404 where the dataset was removed, or put anew, between the row and its cells."""
    assert row.parsed is not None
    if not services.store.files.path(project, row.parsed).exists():
        raise not_found()


def forget(services: Services, who: Principal, id: str) -> None:  # noqa: A002
    """Remove a dataset and its cells. Blocks; 404 where there is none, 409 where an edition rests on it."""
    try:
        gone = services.store.datasets.delete(who.actor, id, now())
    except Taken:
        raise conflict("An edition was frozen on the dataset.") from None
    if gone is None:
        raise not_found()
    if gone.parsed is not None:
        services.store.files.remove(who.project, gone.parsed)
    drop_jobs_of(services.store, who.actor, id, now())
