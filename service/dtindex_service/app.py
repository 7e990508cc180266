"""The app: its parts put together, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dtindex_service import __version__, problems
from dtindex_service.addresses import Addresses
from dtindex_service.description import describe
from dtindex_service.edge import Edge
from dtindex_service.jobs.runner import Runner
from dtindex_service.keyring import Keyring
from dtindex_service.limits import Limiter
from dtindex_service.logs import make_logger
from dtindex_service.metrics import Metrics
from dtindex_service.negotiate import Rendered
from dtindex_service.parsing.parent import Parsers
from dtindex_service.references import References
from dtindex_service.retention import sweep
from dtindex_service.routes import (
    classes,
    compare,
    datasets,
    docs,
    editions,
    estimates,
    explorer,
    health,
    jobs,
    keys,
    metadata,
    methodologies,
    rank_bounds,
    rank_sets,
    rankings,
    score,
    units,
    validity,
)
from dtindex_service.services import Services
from dtindex_service.settings import Settings
from dtindex_service.shelf import Shelf
from dtindex_service.store import Store
from dtindex_service.store.clock import now
from dtindex_service.work.parent import Workers

__all__ = ["ROUTERS", "create_app"]

ROUTERS: tuple[APIRouter, ...] = (
    score.router,
    metadata.router,
    rankings.router,
    units.router,
    compare.router,
    estimates.router,
    explorer.router,
    classes.router,
    validity.router,
    rank_bounds.router,
    rank_sets.router,
    editions.router,  # after those above, which have addresses of their own among its tables
    methodologies.router,
    datasets.router,
    jobs.router,
    keys.router,
    health.router,
    docs.router,
)
"""One a resource, in the order of the description."""

_FLUSH_SECONDS = 10.0
_SWEEP = timedelta(minutes=10)
_ANY = (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429, 500, 503, 507)
_OPEN = (400, 404, 405, 413, 415, 500)


def create_app(settings: Settings | None = None, store: Store | None = None) -> FastAPI:
    """The service as an ASGI app.

    Parameters
    ----------
    settings
        Read from the environment if not given.
    store
        Made from the settings if not given. The app opens it when it starts, and closes it when it stops.
    """
    settings = settings or Settings()
    store = store or Store(settings.database, settings.data_dir)
    logger = make_logger(settings)
    stopping = threading.Event()
    services = Services(
        settings=settings,
        store=store,
        keyring=Keyring(store, settings.pepper()),
        limiter=Limiter(settings),
        metrics=Metrics(),
        rendered=Rendered(settings.max_cached_bytes),
        shelf=Shelf(store, settings.max_open_bytes),
        workers=Workers(settings),
        parsers=Parsers(settings, logger),
        references=References(),
        runner=Runner(store, settings, logger, settings.job_processes, stopping),
        logger=logger,
        stopping=stopping,
    )
    app = FastAPI(
        title="dtindex",
        version=__version__,
        summary="Scores against frozen editions of composite indices.",
        lifespan=_lifespan,
        exception_handlers=problems.handlers(),
        generate_unique_id_function=_operation,
        redirect_slashes=False,
        openapi_url=None,
    )
    app.state.services = services
    for router in ROUTERS:
        open_to_all = router in (health.router, docs.router)
        app.include_router(router, responses=problems.answers(*(_OPEN if open_to_all else _ANY)))
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # the framework's documented way
    addresses = Addresses(ROUTERS)
    app.add_exception_handler(405, _not_allowed(addresses))
    app.add_middleware(Edge, logger=services.logger, metrics=services.metrics, methods=addresses.methods)
    return app


def _operation(route: APIRoute) -> str:
    return route.name


def _not_allowed(addresses: Addresses) -> Callable[[Request, Exception], Awaitable[Response]]:
    """405 with all methods of the address: routes that share it know their own only."""

    async def handler(request: Request, error: Exception) -> Response:
        allow = ", ".join(addresses.methods(request.url.path))
        return problems.problem_response(request.scope, "DT704", headers={"Allow": allow})

    return handler


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    removed = await run_in_threadpool(services.store.open)
    if removed:
        services.logger.warning("temporary files removed", files=removed)
    if not await services.keyring.any():
        services.logger.warning("no key is configured: callers from this machine only, without a key")
    services.runner.start()
    chores = asyncio.create_task(_chores(services))
    try:
        yield
    finally:
        chores.cancel()
        with suppress(asyncio.CancelledError):
            await chores
        services.stopping.set()
        await run_in_threadpool(services.runner.stop, services.settings.shutdown_seconds)
        await run_in_threadpool(services.workers.close)
        await run_in_threadpool(services.parsers.close)
        await run_in_threadpool(services.keyring.flush)
        await run_in_threadpool(services.store.close)


async def _chores(services: Services) -> None:
    """What is done now and then: last uses are written down, what has expired is removed."""
    swept = now() - _SWEEP
    while True:
        try:
            await run_in_threadpool(services.keyring.flush)
            await run_in_threadpool(services.workers.tidy)
            if now() - swept >= _SWEEP:
                swept = now()
                await run_in_threadpool(sweep, services.store, services.settings, swept)
        except Exception as error:
            services.logger.error("chore", exc_info=error)
        await asyncio.sleep(_FLUSH_SECONDS)
        read_only = services.settings.read_only
        if read_only is False or (read_only is None and await services.keyring.any()):  # somebody may upload
            await run_in_threadpool(services.parsers.warm)
