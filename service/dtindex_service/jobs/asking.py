"""From a request to a job: what is asked in full, under the hash of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from dtindex_service import __version__
from dtindex_service.problems import ErrorItem, Refusal, not_found
from dtindex_service.retention import drop_job
from dtindex_service.store import JobRow
from dtindex_service.store.clock import now

if TYPE_CHECKING:
    from dtindex_service.context import Principal
    from dtindex_service.services import Services

__all__ = ["cancel", "find", "forget", "job_id", "submit"]


def job_id(kind: str, edition: str, dataset: str | None, asked: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of all that a result depends on, the version that works it out included."""
    content = {"version": __version__, "kind": kind, "edition": edition, "dataset": dataset, "asked": dict(asked)}
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def submit(
    services: Services,
    who: Principal,
    kind: str,
    edition: str,
    dataset: str | None,
    asked: Mapping[str, Any],
    pay: Callable[[], None],
) -> JobRow:
    """The job of a request; ``pay`` is called before one is begun that was not asked for before, and may refuse.

    Raises
    ------
    Refusal
        DT703 (404) where the project has no such edition or dataset.
    """
    row = await services.shelf.find(who.project, edition)
    if dataset is not None:
        found = await run_in_threadpool(services.store.datasets.get, who.project, dataset, now())
        if found is None:
            item = ErrorItem(pointer="#/dataset", parameter=None, code="DT703", detail="No such dataset.", place=None)
            raise Refusal("DT703", errors=[item])
    job = JobRow(
        project=who.project,
        id=job_id(kind, row.hash, dataset, asked),
        kind=kind,
        edition=row.hash,
        dataset=dataset,
        asked=asked,
        created=now(),
    )
    known = await run_in_threadpool(services.store.jobs.get, who.project, job.id)
    if known is not None and not known.begins_anew:
        return known
    pay()
    kept, _ = await run_in_threadpool(services.store.jobs.submit, who.actor, job)
    services.runner.wake()
    return kept


def find(services: Services, who: Principal, id: str) -> JobRow:  # noqa: A002
    """A job of the project. Blocks; 404 where there is none."""
    row = services.store.jobs.get(who.project, id)
    if row is None:
        raise not_found()
    return row


def cancel(services: Services, who: Principal, id: str) -> JobRow:  # noqa: A002
    """Give a job up; one that has ended stays as it is. Blocks; 404 where there is none."""
    row = services.store.jobs.cancel(who.actor, id, now())
    if row is None:
        raise not_found()
    if row.state == "cancelled":
        services.store.files.drop_parts(who.project, id)
    return row


def forget(services: Services, who: Principal, id: str) -> None:  # noqa: A002
    """Forget a job with what it gave, cancelled before if need be. Blocks; 404 where there is none."""
    cancel(services, who, id)
    drop_job(services.store, who.actor, id, now())
