"""The service on a port: uvicorn, bound to this machine alone as long as no key is configured."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from dtindex_service.app import create_app
from dtindex_service.logs import make_logger
from dtindex_service.services import Services
from dtindex_service.settings import Settings, listening_host
from dtindex_service.store import Store

__all__ = ["ReadyServer", "Server", "configuration", "run"]

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
        Server(configuration(app, settings, host), app).run()
    else:
        uvicorn.run(
            "dtindex_service.app:create_app",
            factory=True,
            host=host,
            port=settings.port,
            workers=settings.workers,
            **_options(settings),
        )


class Server(uvicorn.Server):
    """uvicorn, which tells the app that it is to stop before it waits for what runs: streams end, no job is begun."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._services: Services = app.state.services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._services.stopping.set()
        super().handle_exit(sig, frame)


class ReadyServer(Server):
    """uvicorn, which says when it is ready, and gives the signal that ended it back rather than dying of it."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, ready: Callable[[], None]) -> None:
        super().__init__(config, app)
        self._ready = ready
        self.signal = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.signal = self.signal or sig
        super().handle_exit(sig, frame)


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
