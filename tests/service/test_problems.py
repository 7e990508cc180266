"""Every error has one shape, and says nothing of an exception or of what was sent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator

from dtindex import CATALOGUE, InputError, LimitError, Place, UsageError, finding
from dtindex_service import logs
from dtindex_service.bodies import strict_json
from dtindex_service.context import Scorer
from dtindex_service.problems import STATUS, Refusal
from dtindex_service.routing import ServiceRoute, UploadRoute
from dtindex_service.schemas.common import Body

JSON = {"Content-Type": "application/json"}
SECRET = "a respondent's answer 4711"


class Echo(Body):
    value: float | None = None
    units: list[dict[str, Any]] = Field(default_factory=list)
    checked: str = ""

    @field_validator("checked")
    @classmethod
    def _check(cls, value: str) -> str:
        if value:
            raise ValueError(f"cannot use {value}")
        return value


def add_routes(app: FastAPI) -> None:
    """Routes that fail in every way there is."""
    router = APIRouter(prefix="/test", route_class=ServiceRoute)

    @router.post("/echo")
    def echo(body: Echo, who: Scorer) -> dict[str, int]:
        return {"units": len(body.units)}

    @router.get("/bug")
    def bug() -> None:
        raise RuntimeError(SECRET)

    @router.get("/system")
    def system() -> None:
        raise PermissionError(13, SECRET)

    @router.get("/full")
    def full() -> None:
        raise OSError(28, SECRET)

    @router.get("/found/{kind}")
    def found(kind: str) -> None:
        raise {"input": InputError, "usage": UsageError, "limit": LimitError}[kind](
            [
                finding("DT212", "a note"),
                finding("DT202", "no column gdp", Place(file="t.csv", line=1, name="gdp")),
            ]
        )

    @router.get("/answer")
    def answer() -> dict[str, float]:
        return {"value": float("nan")}

    uploads = APIRouter(prefix="/test", route_class=UploadRoute)

    @uploads.post("/upload")
    async def upload(request: Request) -> dict[str, int]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return {"size": size}

    app.include_router(router)
    app.include_router(uploads)


@pytest.fixture
def service(serve: Any) -> Any:
    return serve(
        prepare=add_routes, raise_server_exceptions=False, max_body_bytes=2_000, max_upload_bytes=4_000, read_only=False
    )


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The one shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "kind", "errors", "trace_id"}
    assert problem["type"] == f"urn:dtindex:problem:{code}"
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["title"] == CATALOGUE[code].title
    assert problem["instance"] == response.request.url.path
    assert problem["trace_id"] == response.headers["x-request-id"]
    for item in problem["errors"]:
        assert (
            {"code", "severity", "detail"}
            <= set(item)
            <= {"pointer", "parameter", "code", "severity", "detail", "place"}
        )
    return problem


def test_each_problem_of_the_service_is_in_the_catalogue() -> None:
    assert set(STATUS) <= set(CATALOGUE)
    told_elsewhere = {"DT721", "DT723", "DT724"}  # by a job that failed, and by the command line
    assert {code for code in CATALOGUE if code.startswith("DT7")} - told_elsewhere <= set(STATUS)


def test_an_unknown_address(service: Any) -> None:
    assert_problem(service.client.get("/v1/nothing"), 404, "DT703")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_an_address_does_not_take_names_all_it_takes(service: Any, method: str) -> None:
    response = service.client.request(method, "/v1/keys")
    assert_problem(response, 405, "DT704")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_options_says_what_an_address_takes(service: Any) -> None:
    response = service.client.options("/v1/keys")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert_problem(service.client.options("/v1/nothing"), 404, "DT703")


def test_head_is_get_without_a_body(service: Any) -> None:
    got, head = service.client.get("/livez"), service.client.head("/livez")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert service.client.head("/v1/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/bug", "/system"])
def test_a_bug_tells_nothing_and_is_in_the_log_under_its_trace(
    serve: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr("dtindex_service.app.make_logger", lambda settings: logs.make_logger(settings, lines))
    service = serve(prepare=add_routes, raise_server_exceptions=False)
    problem = assert_problem(service.client.get(f"/test{path}"), 500, "DT900")
    assert SECRET not in json.dumps(problem)
    (entry,) = [json.loads(line) for line in lines.getvalue().splitlines() if '"bug"' in line]
    assert entry["request_id"] == problem["trace_id"]
    assert SECRET in entry["exception"]


def test_a_full_disk_is_told_as_such(service: Any) -> None:
    assert_problem(service.client.get("/test/full"), 507, "DT718")


@pytest.mark.parametrize(("kind", "status"), [("input", 422), ("usage", 422), ("limit", 413)])
def test_findings_of_the_library_are_told_with_their_places(service: Any, kind: str, status: int) -> None:
    problem = assert_problem(service.client.get(f"/test/found/{kind}"), status, "DT202")
    error, note = problem["errors"]
    assert error == {
        "code": "DT202",
        "severity": "error",
        "detail": "no column gdp",
        "place": {"file": "t.csv", "line": 1, "name": "gdp"},
    }
    assert (note["code"], note["severity"]) == ("DT212", "note")


# --- JSON ---


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1E+400", "1" + "0" * 400])
@pytest.mark.parametrize("body", ['{{"value": {}}}', '{{"units": [{{"a": {}}}]}}'])
def test_what_is_no_json_number_is_422(service: Any, number: str, body: str) -> None:
    response = service.client.post("/test/echo", content=body.format(number), headers=JSON)
    assert_problem(response, 422, "DT713")


def test_large_numbers_that_a_float_can_hold_are_taken() -> None:
    assert strict_json(b"[1e308, 123456789012345678901234567890]", 64) == [1e308, 123456789012345678901234567890]


@pytest.mark.parametrize("text", [r"\ud800", r"a\u0000", r"\uDfFf\ud800"])
def test_what_is_no_text_is_422(service: Any, text: str) -> None:
    assert_problem(service.client.post("/test/echo", content=f'{{"checked": "{text}"}}', headers=JSON), 422, "DT713")


@pytest.mark.parametrize("text", [r"\\u0000", r"\\ud800", r"\ud83d\ude00"])
def test_what_only_looks_so_is_taken(text: str) -> None:
    assert strict_json(f'"{text}"'.encode(), 64) == json.loads(f'"{text}"')


@pytest.mark.parametrize(
    "body", ['{"value": 1, "value": 2}', '{"units": [{"a": 1, "b": 2, "a": 1}]}', '{"a": 1, "\\u0061": 2}']
)
def test_a_name_that_stands_twice_is_422(service: Any, body: str) -> None:
    assert_problem(service.client.post("/test/echo", content=body, headers=JSON), 422, "DT711")


@pytest.mark.parametrize("depth", [65, 300, 900])
def test_deep_nesting_is_422(service: Any, depth: int) -> None:
    for body in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth)[: 2 if depth < 300 else 1]:
        assert_problem(service.client.post("/test/echo", content=body, headers=JSON), 422, "DT712")


def test_nesting_beyond_the_stack_is_refused_too() -> None:
    with pytest.raises(Refusal) as refused:
        strict_json(b"[" * 1_000_000, 64)
    assert refused.value.code == "DT712"


nested = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


def depth_of(value: Any) -> int:
    """How deep containers stand in each other, told by recursion."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(nested, st.integers(0, 6))
def test_json_that_is_within_the_rules_is_read_as_python_reads_it(value: Any, depth: int) -> None:
    body = json.dumps(value).encode()
    has_nul = "\\u0000" in json.dumps(value, ensure_ascii=True).replace("\\\\", "")
    if depth_of(value) > depth:
        with pytest.raises(Refusal, match="nested"):
            strict_json(body, depth)
    elif has_nul:
        with pytest.raises(Refusal, match="NUL"):
            strict_json(body, depth)
    else:
        assert strict_json(body, depth) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_a_refusal(body: bytes) -> None:
    code = None
    try:
        strict_json(body, 64)
    except Refusal as refused:
        code = refused.code
    assert code in {None, "DT710", "DT711", "DT712", "DT713"}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"value": 01}', b"{'value': 1}", b"\xef\xbb\xbf{}"])
def test_what_is_not_json_is_400(service: Any, body: bytes) -> None:
    assert_problem(service.client.post("/test/echo", content=body, headers=JSON), 400, "DT710")


def test_faults_of_a_body_are_named_by_pointers_and_without_values(service: Any) -> None:
    body = {"value": SECRET, "units": [{}, 7], "unknown/~": 1}
    problem = assert_problem(service.client.post("/test/echo", json=body), 422, "DT709")
    assert [item["pointer"] for item in problem["errors"]] == ["#/value", "#/units/1", "#/unknown~1~0"]
    assert SECRET not in json.dumps(problem)


def test_the_text_of_a_validator_is_not_told(service: Any) -> None:
    problem = assert_problem(service.client.post("/test/echo", json={"checked": SECRET}), 422, "DT709")
    assert problem["errors"][0] == {"pointer": "#/checked", "code": "DT709", "severity": "error", "detail": "not valid"}


def test_many_faults_are_cut(service: Any) -> None:
    problem = assert_problem(service.client.post("/test/echo", json={"units": [1] * 150}), 422, "DT709")
    assert len(problem["errors"]) == 100
    assert "150" in problem["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1001"])
def test_faults_of_parameters_are_named(service: Any, query: str) -> None:
    problem = assert_problem(service.client.get(f"/v1/keys?{query}", headers=service.key("admin")), 422, "DT709")
    assert problem["errors"][0]["parameter"] == "query limit"


@pytest.mark.parametrize("cursor", ["%21", "YQ%3D%3D%3D", "_____", "AA"])
def test_a_cursor_that_was_not_given_out(service: Any, cursor: str) -> None:
    assert_problem(service.client.get(f"/v1/keys?after={cursor}", headers=service.key("admin")), 404, "DT719")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_another_media_type_is_415(service: Any, kind: str) -> None:
    assert_problem(service.client.post("/test/echo", content="{}", headers={"Content-Type": kind}), 415, "DT708")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"]
)
def test_json_under_its_names_is_taken(service: Any, kind: str) -> None:
    assert service.client.post("/test/echo", content="{}", headers={"Content-Type": kind}).json() == {"units": 0}


def test_a_compressed_body_is_415(service: Any) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert_problem(service.client.post("/test/echo", content=b"\x1f\x8b", headers=headers), 415, "DT708")


def test_no_body_is_422(service: Any) -> None:
    assert_problem(service.client.post("/test/echo"), 422, "DT709")


# --- size ---


def in_pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 100):
        yield b" " * 100


@pytest.mark.parametrize(("path", "limit"), [("/test/echo", 2_000), ("/test/upload", 4_000)])
def test_a_body_over_the_limit_is_413_and_the_connection_is_closed(service: Any, path: str, limit: int) -> None:
    for content in (b" " * (limit + 1), in_pieces(limit + 100)):
        response = service.client.post(path, content=content, headers=JSON)
        problem = assert_problem(response, 413, "DT707")
        assert str(limit) in problem["detail"]
        assert response.headers["connection"] == "close"


def test_a_body_at_the_limit_is_taken(service: Any) -> None:
    assert service.client.post("/test/upload", content=in_pieces(4_000)).json() == {"size": 4_000}
    assert service.client.post("/test/echo", content=b"{}" + b" " * 1_998, headers=JSON).status_code == 200


@pytest.mark.parametrize("length", ["-1", "1_0", "٣", "9" * 30])
def test_a_length_that_is_no_number_is_400(service: Any, length: str) -> None:
    headers = {**JSON, "Content-Length": length.encode()}
    assert_problem(service.client.post("/test/echo", content=b"{}", headers=headers), 400, "DT700")


@pytest.mark.parametrize("path", ["/v1/keys/%00", "/v1/keys?after=%00", "/%00"])
def test_a_nul_in_an_address_is_400(service: Any, path: str) -> None:
    response = service.client.get(path)
    assert (response.status_code, response.json()["code"]) == (400, "DT700")


def test_every_answer_has_the_headers_that_browsers_are_told_by(service: Any) -> None:
    for path in ("/livez", "/v1/nothing", "/test/bug", "/docs"):
        headers = service.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("given", "taken"), [("abcd-1234", True), ("x", False), ("a b c d e f g", False), ("é" * 10, False)]
)
def test_a_request_id_of_the_caller_is_kept_where_it_is_harmless(service: Any, given: str, taken: bool) -> None:
    got = service.client.get("/livez", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert (got == given) is taken


def test_the_description_tells_problems_and_not_the_frameworks_errors(served: Any) -> None:
    description = served.client.get("/openapi.json").json()
    assert "Problem" in description["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(description)
    for methods in description["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]
