"""The store: one database, one folder of blobs, and a repository for each kind of thing."""

from __future__ import annotations

from pathlib import Path

from dtindex_service.store.audit import Audit
from dtindex_service.store.base import LOCAL
from dtindex_service.store.clock import now
from dtindex_service.store.database import Database
from dtindex_service.store.datasets import Datasets
from dtindex_service.store.editions import Editions
from dtindex_service.store.files import Files
from dtindex_service.store.idempotency import IdempotencyKeys
from dtindex_service.store.jobs import Jobs
from dtindex_service.store.keys import Keys
from dtindex_service.store.methodologies import Methodologies
from dtindex_service.store.projects import Projects

__all__ = ["Store"]


class Store:
    """Everything that outlives a request. All calls block: routes make them in a thread.

    Every read of a repository takes the project; another project's rows do not exist for it.
    """

    def __init__(self, database_url: str, data_dir: Path) -> None:
        self.database = Database(database_url)
        self.files = Files(data_dir)
        self.projects = Projects(self.database)
        self.keys = Keys(self.database)
        self.methodologies = Methodologies(self.database)
        self.datasets = Datasets(self.database)
        self.editions = Editions(self.database)
        self.jobs = Jobs(self.database)
        self.idempotency = IdempotencyKeys(self.database)
        self.audit = Audit(self.database)

    def open(self) -> int:
        """Make what is not there, bring the schema to its head; how many temporary files were removed."""
        removed = self.files.open()
        self.open_database()
        return removed

    def open_database(self) -> None:
        """The database alone: what the command line needs to make a key."""
        self.database.upgrade()
        self.projects.ensure(LOCAL, now(), id=LOCAL)

    def close(self) -> None:
        self.files.close()
        self.database.close()
