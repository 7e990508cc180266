"""What the service remembers: rows in a database, and blobs under the hash of what they hold."""

from dtindex_service.store.base import (
    Audited,
    Claim,
    DatasetRow,
    EditionRow,
    JobRow,
    Kept,
    KeyRow,
    Lease,
    MethodologyRow,
    Seen,
    Taken,
)
from dtindex_service.store.database import Database
from dtindex_service.store.store import Store

__all__ = [
    "Audited",
    "Claim",
    "Database",
    "DatasetRow",
    "EditionRow",
    "JobRow",
    "Kept",
    "KeyRow",
    "Lease",
    "MethodologyRow",
    "Seen",
    "Store",
    "Taken",
]
