"""How much a key may ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request

from dtindex_service.context import Scorer, charge
from dtindex_service.routing import ServiceRoute


def add_route(app: FastAPI) -> None:
    router = APIRouter(route_class=ServiceRoute)

    @router.get("/test/dear/{units}")
    async def dear(units: float, who: Scorer, request: Request) -> dict[str, float]:
        charge(request, units)
        return {"units": units}

    app.include_router(router)


def left(response: Any) -> int:
    found = re.fullmatch(r'"minute";r=(\d+);t=(\d+)', response.headers["ratelimit"])
    assert found is not None
    assert 1 <= int(found.group(2)) <= 60
    return int(found.group(1))


def test_each_request_costs_one_and_says_what_is_left(serve: Any) -> None:
    served = serve(requests_per_minute=5)
    headers = served.key("admin")
    assert [left(served.client.get("/v1/keys", headers=headers)) for _ in range(5)] == [4, 3, 2, 1, 0]
    response = served.client.get("/v1/keys", headers=headers)
    assert (response.status_code, response.json()["code"]) == (429, "DT716")
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert response.headers["ratelimit-policy"] == '"minute";q=5;w=60'
    assert left(response) == 0


def test_the_next_key_is_not_concerned(serve: Any) -> None:
    served = serve(requests_per_minute=1)
    first, second = served.key("admin"), served.key("admin")
    assert [served.client.get("/v1/keys", headers=first).status_code for _ in range(2)] == [200, 429]
    assert served.client.get("/v1/keys", headers=second).status_code == 200


@pytest.mark.parametrize(("units", "expected"), [(0, 99), (0.01, 98), (50, 49)])
def test_dear_work_is_charged_for(serve: Any, units: float, expected: int) -> None:
    served = serve(requests_per_minute=100, prepare=add_route)
    assert left(served.client.get(f"/test/dear/{units}", headers=served.key("score"))) == expected


def test_what_is_dearer_than_what_is_left_is_refused(serve: Any) -> None:
    served = serve(requests_per_minute=10, prepare=add_route)
    headers = served.key("score")
    assert served.client.get("/test/dear/20", headers=headers).status_code == 429
    assert served.client.get("/test/dear/5", headers=headers).status_code == 200


def test_the_minute_passes(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    served = serve(requests_per_minute=2)
    headers = served.key("admin")
    assert [served.client.get("/v1/keys", headers=headers).status_code for _ in range(3)] == [200, 200, 429]
    later = time.time() + 125
    monkeypatch.setattr("time.time", lambda: later)
    assert served.client.get("/v1/keys", headers=headers).status_code == 200


def test_no_limit_where_none_is_set(serve: Any) -> None:
    served = serve(requests_per_minute=0, failed_keys_per_minute=0)
    response = served.client.get("/v1/keys", headers=served.key("admin"))
    assert "ratelimit" not in response.headers
    for _ in range(20):
        assert served.client.get("/v1/keys", headers={"Authorization": "Bearer x"}).status_code == 401


def test_callers_without_a_key_are_not_counted(serve: Any) -> None:
    served = serve(requests_per_minute=1, prepare=add_route)
    assert [served.client.get("/test/dear/5").status_code for _ in range(3)] == [200, 200, 200]
