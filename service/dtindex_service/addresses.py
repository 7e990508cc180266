"""Which methods an address takes, over all routes that share it."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

__all__ = ["Addresses"]


class Addresses:
    """The addresses of some routers. A route of the framework knows its own methods only."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self._known = [
            (compile_path(route.path)[0], frozenset(route.methods or ()))
            for router in routers
            for route in iter_route_contexts(router.routes)
            if route.path is not None
        ]

    def methods(self, path: str) -> list[str]:
        """What the address takes, for the header ``Allow``; nothing where there is no such address."""
        found = {method for pattern, methods in self._known if pattern.match(path) for method in methods}
        if not found:
            return []
        return sorted(found | ({"HEAD"} if "GET" in found else set()) | {"OPTIONS"})
