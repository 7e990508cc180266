"""One question to an app in this process: no port, no thread."""

from __future__ import annotations

import httpx2
from fastapi import FastAPI

__all__ = ["ask"]

_HERE = ("127.0.0.1", 0)


async def ask(app: FastAPI, path: str) -> tuple[int, bytes]:
    """Status and body of the answer to ``GET path``, as a caller from this machine gets it."""
    transport = httpx2.ASGITransport(app=app, client=_HERE)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=None) as client,
    ):
        answer = await client.get(path)
        return answer.status_code, answer.content
