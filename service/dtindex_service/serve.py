"""``dtindex serve``: methodologies frozen on their shipped data, or a store of one's own, on a port of this machine.

Without a store named, by an option or by the environment, everything lives in a temporary folder and nothing can be
changed: nobody needs a key, and nobody but callers from this machine is answered.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.supervisors import Multiprocess

from dtindex import UsageError, finding
from dtindex_service.ask import ask
from dtindex_service.settings import LOOPBACK, Settings, listening_host
from dtindex_service.stock import Stocked, stock
from dtindex_service.store import Store

__all__ = ["Ready", "get", "is_configured", "open_store", "serve", "settings_of"]

_TELL = ("log_format", "log_level")


@dataclass(frozen=True)
class Ready:
    """What is told when the service answers."""

    address: str
    editions: tuple[Stocked, ...]
    keyed: bool
    read_only: bool


def serve(
    subjects: Sequence[str],
    ready: Callable[[Ready], None],
    *,
    host: str | None = None,
    port: int | None = None,
    data_dir: str | None = None,
) -> int:
    """Serve until a signal to stop; its number. What runs may end, new requests are not taken, the store is closed.

    Parameters
    ----------
    subjects
        Ids or paths of methodologies, which are frozen on their own data, and paths of editions.
    ready
        Called once, when requests are answered.
    host, port, data_dir
        Settings that are said here rather than in the environment. Port 0 takes one that is free.

    Raises
    ------
    UsageError
        DT902 for settings that are not valid and a port that is taken, DT717 for a store that cannot be opened.
    InputError
        Where a methodology cannot be frozen on its own data.
    """
    try:
        with _terminating(), _settings(data_dir, host=host, port=port) as settings:
            return _serve(settings, subjects, ready)
    except _Terminated:
        return signal.SIGTERM


def _serve(settings: Settings, subjects: Sequence[str], ready: Callable[[Ready], None]) -> int:
    editions, keyed = _prepare(settings, subjects)
    bound = listening_host(settings, keyed=keyed)
    with _listen(bound, settings.port) as listener:
        address = f"http://{_written(bound)}:{listener.getsockname()[1]}"
        told = Ready(address, editions, keyed, settings.read_only is True)
        if settings.workers > 1:
            return _several(settings, bound, listener, lambda: ready(told))
        return _one(settings, bound, listener, lambda: ready(told))


def get(subjects: Sequence[str], path: str, *, data_dir: str | None = None) -> tuple[int, bytes]:
    """Status and body of what ``GET path`` answers, without a port. See :func:`serve` for the rest."""
    if not path.startswith("/"):
        raise UsageError([finding("DT902", "--get: an address begins with /, such as /v1/editions")])
    with _settings(data_dir, log_level="error") as settings:
        _prepare(settings, subjects)
        return asyncio.run(ask(_app(settings), path))


# --- settings and store ---


def settings_of(**said: Any) -> Settings:
    """Settings of the environment, but for what is said (None: not said).

    Raises
    ------
    UsageError
        DT902 for each one that is not valid.
    """
    try:
        return Settings(**{name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise UsageError(
            [finding("DT902", f"setting {'.'.join(map(str, one['loc']))}: {one['msg']}") for one in error.errors()]
        ) from None


def is_configured(settings: Settings) -> bool:
    """Whether a store is named."""
    return bool({"data_dir", "database_url"} & settings.model_fields_set)


@contextmanager
def open_store(settings: Settings, *, with_files: bool = True) -> Iterator[Store]:
    """The store, or its database alone, for as long as it is needed here.

    Raises
    ------
    UsageError
        DT717 where its folder or its database cannot be used.
    """
    try:
        store = Store(settings.database, settings.data_dir)
        if with_files:
            store.open()
        else:
            store.open_database()
    except OSError as error:
        raise _closed(f"{settings.data_dir}: {error.strerror}") from error
    except SQLAlchemyError as error:
        raise _closed(f"the database cannot be opened ({type(error).__name__})") from error
    except ValueError as error:  # an address of no database
        raise _closed("the address of the database is not valid") from error
    try:
        yield store
    finally:
        if with_files:
            store.close()
        else:
            store.database.close()


def _closed(what: str) -> UsageError:
    return UsageError([finding("DT717", what)])


@contextmanager
def _settings(data_dir: str | None, **said: Any) -> Iterator[Settings]:
    """The settings; without a store named, those of a service that keeps nothing and changes nothing."""
    settings = settings_of(data_dir=data_dir, **said)
    if is_configured(settings):
        yield settings
        return
    quiet = {"log_format": "console", "log_level": "warning"}
    plain = {name: said.get(name) or quiet[name] for name in _TELL if name not in settings.model_fields_set}
    with tempfile.TemporaryDirectory(prefix="dtindex-serve-") as folder:
        # One process: several would need a store to share.
        fixed = {"data_dir": folder, "read_only": True, "workers": 1, "host": settings.host}
        yield settings_of(**said | plain | fixed)


def _prepare(settings: Settings, subjects: Sequence[str]) -> tuple[tuple[Stocked, ...], bool]:
    with open_store(settings) as store:
        return stock(store, subjects), store.keys.any()


def _app(settings: Settings) -> FastAPI:
    from dtindex_service.app import create_app

    return create_app(settings)


class _Terminated(BaseException):
    """SIGTERM came before there was a server to end."""


@contextmanager
def _terminating() -> Iterator[None]:
    """Let SIGTERM unwind what was begun, so that no temporary folder is left."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# --- the port ---


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound before anything is said of it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named since asyncio sets TCP_NODELAY on such sockets only; without it each answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        hint = "; --port 0 takes one that is free" if port else ""
        raise UsageError([finding("DT902", f"cannot listen at {host}:{port}: {error.strerror}{hint}")]) from error
    with listener:
        listener.set_inheritable(True)
        yield listener


def _written(host: str) -> str:
    """A host as an address has it."""
    name = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)
    return f"[{name.strip('[]')}]" if ":" in name else name


class _Supervisor(Multiprocess):
    """uvicorn's processes, and the signal that ended them."""

    signal = 0

    def handle_int(self) -> None:
        self.signal = signal.SIGINT
        super().handle_int()

    def handle_term(self) -> None:
        self.signal = signal.SIGTERM
        super().handle_term()


def _one(settings: Settings, host: str, listener: socket.socket, ready: Callable[[], None]) -> int:
    from dtindex_service.server import ReadyServer, configuration

    app = _app(settings)
    gc.freeze()  # as :func:`dtindex_service.server.run` does
    config = configuration(app, settings, host)
    config.lifespan = "off"  # entered here, so that what fails at the start is told like any other failure
    server = ReadyServer(config, app, ready)

    async def run() -> None:
        async with app.router.lifespan_context(app):
            await server.serve(sockets=[listener])

    asyncio.run(run())
    return server.signal


def _several(settings: Settings, host: str, listener: socket.socket, ready: Callable[[], None]) -> int:
    """Several processes on one port; each reads the settings from the environment."""
    from dtindex_service.server import configuration

    os.environ |= {
        "DTINDEX_DATA_DIR": str(Path(settings.data_dir).absolute()),
        "DTINDEX_HOST": host,
        "DTINDEX_PORT": str(settings.port),
    }
    config: uvicorn.Config = configuration(_app(settings), settings, host)
    config.app, config.factory, config.workers = "dtindex_service.app:create_app", True, settings.workers
    supervisor = _Supervisor(config, sockets=[listener])
    ready()
    supervisor.run()
    return supervisor.signal
