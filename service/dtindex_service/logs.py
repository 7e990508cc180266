"""The log: one line of JSON (or of text, for people) a happening, to standard error.

A line names the request, the route as it is written in the description, and the key's id: never a key, a cell, the name
of a unit or the query.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

import structlog

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor

    from dtindex_service.settings import Settings

__all__ = ["make_logger"]


def make_logger(settings: Settings, stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger of its own for each app; nothing is configured for the whole process."""
    shape: list[Processor]
    if settings.log_format == "json":
        shape = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=True)]
    else:
        shape = [structlog.dev.ConsoleRenderer(colors=False)]
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        cache_logger_on_first_use=True,
    )
    return logger
