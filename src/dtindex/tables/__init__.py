"""Tables: what is scored. Readers, codelists, and the checks of a table against a methodology."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dtindex.tables.read import read_table
    from dtindex.tables.table import Table

__all__ = ["Table", "read_table"]

# On first use: the child process that parses workbooks imports this package, and wants neither pydantic nor numpy.
_HOME = {"Table": "dtindex.tables.table", "read_table": "dtindex.tables.read"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value
