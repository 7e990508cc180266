"""The description of the service, for programs and for people. Nothing is fetched from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response

from dtindex_service.routing import OpenRoute

__all__ = ["router"]

router = APIRouter(tags=["description"], route_class=OpenRoute)

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}code{background:#eee;padding:.1em .3em}"
)


@router.get(
    "/openapi.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def get_description(request: Request) -> Response:
    """The whole description as OpenAPI 3.1."""
    return Response(json.dumps(request.app.openapi(), ensure_ascii=False, indent=2), media_type="application/json")


@router.get(
    "/docs", response_class=Response, responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
)
def get_docs(request: Request) -> Response:
    """The same on one page for people."""
    return Response(_page(request.app.openapi()), media_type="text/html; charset=utf-8")


def _page(description: dict[str, Any]) -> str:
    operations = [
        f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('description', ''))}</p>"
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>dtindex</title><style>{_STYLE}</style>'
        f"<h1>dtindex {escape(description['info']['version'])}</h1><p>{escape(description['info'].get('summary', ''))} "
        f'The whole description: <a href="/openapi.json">openapi.json</a>.</p>{"".join(operations)}</html>'
    )
