"""The service, found and started by the command line alone: as what an installed distribution offers, by entry point.

The library does not know it: it is an extra, and another process may be all that there is of it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from dtindex.findings import UsageError, finding

__all__ = ["offered"]

_GROUP = "dtindex.service"


def offered(name: str) -> Callable[..., Any]:
    """What the service offers under a name.

    Raises
    ------
    UsageError
        DT904 where it, or something that it needs, is not installed.
    """
    found = tuple(entry_points(group=_GROUP, name=name))
    try:
        if found:
            command: Callable[..., Any] = found[0].load()
            return command
        lacking = "dtindex_service"
    except ModuleNotFoundError as error:
        lacking = error.name or "a package"
    message = f"{lacking} is not installed; the service needs the extra: pip install 'dtindex[service]'"
    raise UsageError([finding("DT904", message)])
