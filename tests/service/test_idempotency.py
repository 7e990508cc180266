"""A request with an idempotency key is carried out once."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response

from dtindex_service.context import Writer
from dtindex_service.idempotency import once
from dtindex_service.problems import conflict
from dtindex_service.routing import ServiceRoute, UploadRoute
from dtindex_service.schemas.common import Body
from dtindex_service.store import Kept, Store
from dtindex_service.store.clock import now
from dtindex_service.store.idempotency import ABANDONED


class Order(Body):
    what: str
    fail: str = ""


class Kitchen:
    """Routes that count what they do."""

    def __init__(self) -> None:
        self.done = 0
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()

    def add_routes(self, app: FastAPI) -> None:
        router = APIRouter(prefix="/test", route_class=ServiceRoute)
        uploads = APIRouter(prefix="/test", route_class=UploadRoute)

        @router.post("/orders", status_code=201)
        def order(body: Order, who: Writer, response: Response) -> dict[str, Any]:
            self.begun.set()
            assert self.may_end.wait(10)
            if body.fail == "conflict":
                raise conflict("It is there already.")
            if body.fail == "bug":
                raise RuntimeError
            self.done += 1
            response.headers["Location"] = f"/test/orders/{self.done}"
            return {"what": body.what, "number": self.done}

        @uploads.post("/uploads")
        async def upload(who: Writer, request: Request) -> Response:
            body = b"".join([piece async for piece in request.stream()])

            async def carry_out() -> Response:
                self.done += 1
                return JSONResponse({"number": self.done}, 201)

            return await once(request, hashlib.sha256(body).hexdigest(), carry_out)

        app.include_router(router)
        app.include_router(uploads)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def service(serve: Any, kitchen: Kitchen) -> Any:
    return serve(prepare=kitchen.add_routes, raise_server_exceptions=False)


def ordered(
    service: Any, headers: dict[str, str], key: str | None = "k", path: str = "/test/orders", **body: Any
) -> Any:
    sent = headers if key is None else {**headers, "Idempotency-Key": key}
    return service.client.post(path, json={"what": "tea", **body}, headers=sent)


def test_the_same_request_is_answered_again_and_not_done_again(service: Any, kitchen: Kitchen) -> None:
    headers = service.key("write")
    first, second = ordered(service, headers), ordered(service, headers)
    assert kitchen.done == 1
    assert (second.status_code, second.content) == (first.status_code, first.content) == (201, first.content)
    assert second.headers["location"] == first.headers["location"] == "/test/orders/1"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("change", [{"what": "coffee"}, {"path": "/test/orders?x=1"}, {"path": "/test/uploads"}])
def test_another_request_with_the_key_is_422(service: Any, kitchen: Kitchen, change: dict[str, str]) -> None:
    headers = service.key("write")
    ordered(service, headers)
    response = ordered(service, headers, **change)
    assert (response.status_code, response.json()["code"]) == (422, "DT714")
    assert kitchen.done == 1


def test_two_at_once_are_done_once(service: Any, kitchen: Kitchen) -> None:
    headers = service.key("write")
    kitchen.may_end.clear()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(ordered, service, headers)
        assert kitchen.begun.wait(10)
        second = ordered(service, headers)
        kitchen.may_end.set()
    assert first.result().status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "DT715")
    assert int(second.headers["retry-after"]) > 0
    assert ordered(service, headers).headers["idempotency-replayed"] == "true"
    assert kitchen.done == 1


@pytest.mark.parametrize(("fail", "status"), [("conflict", 409), ("bug", 500)])
def test_a_request_that_failed_leaves_its_key_free(service: Any, kitchen: Kitchen, fail: str, status: int) -> None:
    headers = service.key("write")
    assert ordered(service, headers, fail=fail).status_code == status
    assert service.store.idempotency.count() == 0
    assert ordered(service, headers).status_code == 201
    assert kitchen.done == 1


def test_an_invalid_request_leaves_its_key_free(service: Any, kitchen: Kitchen) -> None:
    headers = service.key("write")
    assert ordered(service, headers, what=1).status_code == 422
    assert ordered(service, headers).status_code == 201


def test_keys_belong_to_their_caller(service: Any, kitchen: Kitchen) -> None:
    callers = [service.key("write"), service.key("write"), service.key("write", project="other")]
    assert [ordered(service, headers).json()["number"] for headers in callers] == [1, 2, 3]


def test_without_the_header_each_request_is_done(service: Any, kitchen: Kitchen) -> None:
    headers = service.key("write")
    assert [ordered(service, headers, key=None).json()["number"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256])
def test_a_key_that_is_none(service: Any, kitchen: Kitchen, key: str) -> None:
    sent = {**service.key("write"), "Idempotency-Key": key.encode()}
    response = service.client.post("/test/orders", json={"what": "tea"}, headers=sent)
    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == "header Idempotency-Key"
    assert kitchen.done == 0


def test_uploads_are_done_once_too(service: Any, kitchen: Kitchen) -> None:
    headers = {**service.key("write"), "Idempotency-Key": "u"}
    sent = [service.client.post("/test/uploads", content=content, headers=headers) for content in (b"a", b"a", b"b")]
    assert [one.status_code for one in sent] == [201, 201, 422]
    assert sent[0].json() == sent[1].json()
    assert kitchen.done == 1


def test_who_may_change_nothing_writes_nothing(service: Any, kitchen: Kitchen) -> None:
    assert ordered(service, service.key("read", "score")).status_code == 403
    assert service.store.idempotency.count() == 0


def test_a_key_that_was_made_is_not_kept_in_clear(served: Any) -> None:
    headers = {**served.key("admin"), "Idempotency-Key": "k"}
    first, second = (
        served.client.post("/v1/keys", json={"name": "a", "scopes": ["read"]}, headers=headers) for _ in range(2)
    )
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == {**first.json(), "key": None}
    assert second.headers["location"] == first.headers["location"]
    served.store.database.close()
    for path in served.services.settings.data_dir.rglob("*.sqlite*"):
        assert first.json()["key"].encode() not in path.read_bytes()


# --- the store, on both databases ---

LONG = timedelta(hours=24)
KEPT = Kept(201, (("location", "/x"),), b"\x00\xffbody")


def test_a_claim_and_its_end(store: Store) -> None:
    keys = store.idempotency
    claim, token = keys.claim("local", "c", "k", "a" * 64, now(), LONG)
    assert claim.state == "new"
    assert keys.claim("local", "c", "k", "a" * 64, now(), LONG)[0].state == "running"
    assert keys.claim("local", "c", "k", "b" * 64, now(), LONG)[0].state == "other"
    keys.keep("local", "c", "k", token, KEPT)
    assert keys.claim("local", "c", "k", "a" * 64, now(), LONG)[0].kept == KEPT
    assert keys.claim("local", "c", "k", "b" * 64, now(), LONG)[0].state == "other"


def test_a_claim_whose_process_is_gone_may_be_taken_over(store: Store) -> None:
    keys = store.idempotency
    begun = now()
    _, lost = keys.claim("local", "c", "k", "a" * 64, begun, LONG)
    later = begun + ABANDONED + timedelta(seconds=1)
    claim, token = keys.claim("local", "c", "k", "a" * 64, later, LONG)
    assert claim.state == "new"
    keys.keep("local", "c", "k", lost, KEPT)  # the first comes back after all, and is too late
    keys.release("local", "c", "k", lost)
    assert keys.claim("local", "c", "k", "a" * 64, later, LONG)[0].state == "running"
    keys.keep("local", "c", "k", token, KEPT)
    assert keys.claim("local", "c", "k", "a" * 64, later, LONG)[0].kept == KEPT


def test_an_answer_is_kept_for_its_time(store: Store) -> None:
    keys = store.idempotency
    begun = now()
    _, token = keys.claim("local", "c", "k", "a" * 64, begun, LONG)
    keys.keep("local", "c", "k", token, KEPT)
    assert keys.claim("local", "c", "k", "b" * 64, begun + LONG + timedelta(seconds=1), LONG)[0].state == "new"
    assert keys.purge(begun + timedelta(seconds=1)) == 0
    assert keys.purge(begun + LONG + timedelta(seconds=2)) == 1
    assert keys.count() == 0


def test_of_many_claims_at_once_one_is_new(store: Store) -> None:
    barrier = threading.Barrier(8)

    def claimed(_: int) -> str:
        barrier.wait()
        return store.idempotency.claim("local", "c", "k", "a" * 64, now(), LONG)[0].state

    with ThreadPoolExecutor(8) as pool:
        states = sorted(pool.map(claimed, range(8)))
    assert states == ["new", *["running"] * 7]
