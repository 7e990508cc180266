"""What is kept for a time only: uploads, and answers to idempotent requests."""

from __future__ import annotations

from datetime import datetime, timedelta

from dtindex_service.settings import Settings
from dtindex_service.store import Store, Taken
from dtindex_service.store.base import Actor

__all__ = ["expiry", "sweep"]


def expiry(settings: Settings, created: datetime) -> datetime | None:
    """When an upload that comes now is to be removed."""
    return None if settings.retention_days is None else created + timedelta(days=settings.retention_days)


def sweep(store: Store, settings: Settings, now: datetime) -> int:
    """Remove uploads whose time is over, with their blobs, and old idempotency keys; how many uploads."""
    store.idempotency.purge(now - timedelta(hours=settings.idempotency_hours))
    removed = 0
    for project, dataset in store.datasets.expired(now):
        try:
            gone = store.datasets.delete(Actor(project), dataset.id, now)
        except Taken:  # an edition was frozen on it in between
            continue
        for blob in (dataset.id, dataset.parsed):
            if gone is not None and blob is not None:
                store.files.remove(project, blob)
        removed += 1
    return removed
