"""The service on a port: uvicorn, bound to this machine alone as long as no key is configured."""

from __future__ import annotations

import gc
from typing import Any

import uvicorn
from fastapi import FastAPI

from dtindex_service.app import create_app
from dtindex_service.logs import make_logger
from dtindex_service.settings import Settings, listening_host
from dtindex_service.store import Store

__all__ = ["configuration", "run"]

_BACKLOG = 2048


def run(settings: Settings | None = None) -> None:
    """Serve until a signal to stop: then what runs may end, new requests are not taken, and the store is closed.

    With several workers each is a process that reads the settings from the environment.
    """
    settings = settings or Settings()
    store = Store(settings.database, settings.data_dir)
    store.open_database()
    keyed = store.keys.any()
    store.database.close()
    host = listening_host(settings, keyed=keyed)
    log = make_logger(settings)
    if not keyed:
        log.warning("no key is configured: bound to this machine only", host=host, asked=settings.host)
    log.info("listening", host=host, port=settings.port, workers=settings.workers)
    if settings.workers == 1:
        app = create_app(settings)
        gc.freeze()  # what stays for good is not looked through again each time that a large request makes garbage
        uvicorn.Server(configuration(app, settings, host)).run()
    else:
        uvicorn.run(
            "dtindex_service.app:create_app",
            factory=True,
            host=host,
            port=settings.port,
            workers=settings.workers,
            **_options(settings),
        )


def configuration(app: FastAPI, settings: Settings, host: str) -> uvicorn.Config:
    """uvicorn's settings for one process: our log and no other, no word of the server, a bounded end."""
    return uvicorn.Config(app, host=host, port=settings.port, **_options(settings))


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
        "ws": "none",
        "backlog": _BACKLOG,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
    }
