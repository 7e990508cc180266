"""The parts of one app, made once and handed to every route."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from dtindex_service.jobs.runner import Runner
    from dtindex_service.keyring import Keyring
    from dtindex_service.limits import Limiter
    from dtindex_service.metrics import Metrics
    from dtindex_service.negotiate import Rendered
    from dtindex_service.parsing.parent import Parsers
    from dtindex_service.references import References
    from dtindex_service.settings import Settings
    from dtindex_service.shelf import Shelf
    from dtindex_service.store import Store
    from dtindex_service.work.parent import Workers

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, store and what goes with them; there is no other state."""

    settings: Settings
    store: Store
    keyring: Keyring
    limiter: Limiter
    metrics: Metrics
    rendered: Rendered
    shelf: Shelf
    workers: Workers
    parsers: Parsers
    references: References
    runner: Runner
    logger: FilteringBoundLogger
    stopping: threading.Event
    """Set when the service is told to stop: what streams ends then."""
