"""Whether the service runs, whether it can work, what it is made of, and how it fares."""

from __future__ import annotations

import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from dtindex_service import __version__
from dtindex_service.context import Service, may_read_metrics
from dtindex_service.problems import ErrorItem, Refusal, answers, not_found
from dtindex_service.routing import OpenRoute
from dtindex_service.schemas.health import Alive, Ready, Versions

__all__ = ["router"]

router = APIRouter(tags=["health"], route_class=OpenRoute)

_LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "pydantic", "fastapi", "starlette", "uvicorn", "sqlalchemy")


@router.get("/livez")
async def is_alive() -> Alive:
    """The process answers. It asks nothing of anything else."""
    return Alive(status="alive")


@router.get("/readyz", responses=answers(503))
def is_ready(service: Service) -> Ready:
    """The database answers, its schema is this version's, and the folder of data can be written to."""
    checks: dict[str, bool] = {"database": False, "migrations": False, "data_dir": service.store.files.is_writable()}
    try:
        checks["migrations"] = service.store.database.is_at_head()
        checks["database"] = True
    except SQLAlchemyError as error:
        service.logger.error("not ready", exc_info=error)
    if not all(checks.values()):
        failed = [name for name, holds in checks.items() if not holds]
        items = [ErrorItem(pointer=None, parameter=None, code="DT717", detail=name, place=None) for name in failed]
        raise Refusal("DT717", f"Not ready: {', '.join(failed)}.", errors=items, headers={"Retry-After": "5"})
    return Ready(status="ready", checks=checks)


@router.get("/version")
async def get_version() -> Versions:
    """What runs here."""
    return Versions(dtindex=__version__, python=platform.python_version(), libraries=_libraries())


@cache
def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # vendored, or renamed by a distribution
            found[name] = "unknown"
    return found


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **answers(404)},
)
async def get_metrics(service: Service, request: Request) -> Response:
    """Figures for Prometheus: to callers from this machine, and to whoever bears the token of the settings."""
    if not may_read_metrics(request):
        raise not_found()
    with suppress(SQLAlchemyError):  # the other figures are wanted most where the database is away
        service.metrics.jobs(await run_in_threadpool(service.store.jobs.counts))
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
