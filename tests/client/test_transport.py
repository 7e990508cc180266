"""What the client sends, sends again, and makes of a refusal; against answers that are made up here."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx2
import pytest

from dtindex import InputError, LimitError, Place, Severity, UsageError
from dtindex.client import Client
from dtindex.client.transport import Transport

Handler = Callable[[httpx2.Request], httpx2.Response]


def transport(handler: Handler, *, retries: int = 3, slept: list[float] | None = None) -> Transport:
    return Transport(
        "http://service.test/",
        "dti_live_x",
        timeout=5.0,
        retries=retries,
        transport=httpx2.MockTransport(handler),
        sleep=([] if slept is None else slept).append,
    )


def problem(status: int, code: str, **more: object) -> httpx2.Response:
    body = {"type": "", "title": "", "status": status, "detail": "said", "instance": "/", "code": code, "errors": []}
    return httpx2.Response(status, json={**body, "trace_id": "abc", **more})


def test_the_key_and_what_is_wanted_are_sent() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, content=b"x", headers={"ETag": '"1"'})

    found = transport(answer).get("/v1/editions", {"by": ["a", "b"], "none": None, "whole": True}, accept="text/csv")
    assert (found.status, found.content, found.headers["etag"]) == (200, b"x", '"1"')
    assert seen[0].headers["authorization"] == "Bearer dti_live_x"
    assert seen[0].headers["accept"] == "text/csv"
    assert str(seen[0].url) == "http://service.test/v1/editions?by=a&by=b&whole=true"
    assert "idempotency-key" not in seen[0].headers


def test_what_changes_something_is_sent_again_with_the_same_key() -> None:
    keys: list[str] = []
    answers = iter([httpx2.ConnectError("gone"), 503, 409, 201])

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        one = next(answers)
        if isinstance(one, Exception):
            raise one
        return problem(one, "DT715" if one == 409 else "DT717") if one != 201 else httpx2.Response(201, json={})

    slept: list[float] = []
    assert transport(answer, slept=slept).post("/v1/editions", json={}).status == 201
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert len(slept) == 3
    transport(lambda request: httpx2.Response(201), slept=slept).post("/v1/editions", json={})


def test_each_request_has_a_key_of_its_own() -> None:
    keys: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        return httpx2.Response(201)

    sender = transport(answer)
    sender.post("/v1/editions", json={})
    sender.post("/v1/editions", json={})
    sender.delete("/v1/datasets/x")
    assert len(set(keys)) == 3


def test_it_waits_as_long_as_it_is_told() -> None:
    answers = iter([problem(429, "DT716"), httpx2.Response(200)])
    slept: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = next(answers)
        if found.status_code == 429:
            found.headers["retry-after"] = "7"
        return found

    transport(answer, slept=slept).get("/v1/editions")
    assert slept == [7.0]


def test_it_does_not_wait_for_minutes() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        found = problem(429, "DT716", kind="limit")
        found.headers["retry-after"] = "60"
        return found

    slept: list[float] = []
    with pytest.raises(LimitError, match="DT716"):
        transport(answer, slept=slept).get("/v1/editions")
    assert slept == []


def test_it_gives_up() -> None:
    slept: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow")

    with pytest.raises(LimitError, match="DT717 the service does not answer: ReadTimeout"):
        transport(answer, slept=slept, retries=2).get("/livez")
    # Each wait is twice the one before, times a random half to one and a half.
    assert 0.1 <= slept[0] <= 0.3
    assert 0.2 <= slept[1] <= 0.6


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 413, 415, 422, 500])
def test_what_would_fail_again_is_not_sent_again(status: int) -> None:
    asked: list[object] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return problem(status, "DT703")

    with pytest.raises(UsageError, match="DT703 said") as refused:
        transport(answer).get("/v1/editions/x")
    assert len(asked) == 1
    assert refused.value.__notes__ == [f"status {status}, request abc"]


@pytest.mark.parametrize(("kind", "error"), [("input", InputError), ("usage", UsageError), ("limit", LimitError)])
def test_findings_are_rebuilt(kind: str, error: type[Exception]) -> None:
    errors = [
        {"code": "DT220", "severity": "error", "detail": "not a number", "place": {"file": "x.csv", "line": 3}},
        {"code": "DT315", "severity": "warning", "detail": "missing"},
        {"code": "DT709", "severity": "error", "detail": "lacks", "pointer": "#/units/0"},
        {"code": "DT709", "detail": "less than 1", "parameter": "query limit", "place": {"odd": 1}},
    ]
    with pytest.raises(error) as refused:
        transport(lambda request: problem(422, "DT220", kind=kind, errors=errors)).get("/")
    found = refused.value.findings  # type: ignore[attr-defined]
    assert found.codes == ["DT220", "DT315", "DT709", "DT709"]
    assert found[0].place == Place(file="x.csv", line=3)
    assert found[1].severity is Severity.WARNING
    assert found[2].place == Place(name="#/units/0")
    assert found[3].place == Place()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"a": 1}', b"\xff"])
def test_what_is_no_problem_comes_from_something_else(body: bytes) -> None:
    with pytest.raises(LimitError, match=r"DT717 .*status 404, and no problem of this service"):
        transport(lambda request: httpx2.Response(404, content=body)).get("/")


@pytest.mark.parametrize(
    "answer", [httpx2.Response(307, headers={"Location": "/login"}), httpx2.Response(200, text="<html>")]
)
def test_a_page_of_something_else_is_no_answer(answer: httpx2.Response) -> None:
    client = Client("http://service.test", transport=httpx2.MockTransport(lambda request: answer))
    with pytest.raises(LimitError, match="DT717"):
        client.version()


def test_pages_are_followed() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        after = request.url.params.get("after")
        if after is None:
            return httpx2.Response(200, json=[1], headers={"Link": '</v1/x?limit=1&after=b>; rel="next"'})
        return httpx2.Response(200, json=[2])

    assert [json.loads(page.content) for page in transport(answer).pages("/v1/x", {"limit": 1})] == [[1], [2]]


@pytest.mark.parametrize("url", ["service.test", "ftp://service.test", "http://[", ""])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError, match="DT902"):
        Transport(url, None, timeout=1, retries=0).get("/livez")
