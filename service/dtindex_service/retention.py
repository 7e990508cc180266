"""What is kept for a time only: uploads, and answers to idempotent requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from dtindex_service.settings import Settings
from dtindex_service.store import Store, Taken
from dtindex_service.store.base import Actor

__all__ = ["drop_job", "drop_jobs_of", "expiry", "sweep"]


def expiry(settings: Settings, created: datetime) -> datetime | None:
    """When an upload that comes now is to be removed."""
    return None if settings.retention_days is None else created + timedelta(days=settings.retention_days)


def sweep(store: Store, settings: Settings, now: datetime) -> int:
    """Remove uploads and jobs whose time is over, with their files, and old idempotency keys; how many uploads."""
    store.idempotency.purge(now - timedelta(hours=settings.idempotency_hours))
    if settings.job_days is not None:
        for project, job in store.jobs.ended_before(now - timedelta(days=settings.job_days)):
            drop_job(store, Actor(project), job, now)
    for project, job in store.files.with_parts() - store.jobs.active():  # in this order: new ones are active first
        store.files.drop_parts(project, job)
    removed = 0
    for project, dataset in store.datasets.expired(now):
        try:
            gone = store.datasets.delete(Actor(project), dataset.id, now)
        except Taken:  # an edition was frozen on it in between
            continue
        for blob in (dataset.id, dataset.parsed):
            if gone is not None and blob is not None:
                store.files.remove(project, blob)
        drop_jobs_of(store, Actor(project), dataset.id, now)
        removed += 1
    return removed


def drop_job(store: Store, actor: Actor, id: str, now: datetime) -> None:  # noqa: A002
    """Forget a job that has ended, and remove what it gave, unless another gave the same."""
    gone = store.jobs.remove(actor, id, now)
    for about in () if gone is None or gone.results is None else gone.results.values():
        if not store.jobs.needs_blob(actor.project, about["blob"]):
            store.files.remove(actor.project, about["blob"])


def drop_jobs_of(store: Store, actor: Actor, dataset: str, now: datetime) -> None:
    """What was scored of a dataset goes with it."""
    for job in store.jobs.resting_on(actor.project, dataset):
        if store.jobs.cancel(actor, job, now) is not None:
            store.files.drop_parts(actor.project, job)
            drop_job(store, actor, job, now)
