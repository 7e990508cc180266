"""What the service remembers: rows in a database, and blobs under the hash of what they hold."""

from dtindex_service.store.base import Audited, Claim, DatasetRow, EditionRow, Kept, KeyRow, MethodologyRow, Taken
from dtindex_service.store.database import Database
from dtindex_service.store.store import Store

__all__ = [
    "Audited",
    "Claim",
    "Database",
    "DatasetRow",
    "EditionRow",
    "Kept",
    "KeyRow",
    "MethodologyRow",
    "Store",
    "Taken",
]
