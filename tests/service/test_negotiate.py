"""Tables as JSON, CSV, Arrow and Parquet; what may be kept, and pages."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from dtindex_service.context import Reader, Service
from dtindex_service.negotiate import (
    MEDIA_TYPES,
    Format,
    Rendered,
    chosen_format,
    immutable,
    render,
    table_answers,
)
from dtindex_service.routing import ServiceRoute

FRAME = pd.DataFrame(
    {
        "name": ["北京", "=1+1", None, "-x"],
        "score": [1 / 3, math.nan, -0.0, 1e300],
        "rank": pd.array([1, None, 3, 4], dtype="Int64"),
        "ranked": [True, False, True, True],
    },
    index=pd.Index(["110000", "b", "c", "d"], name="unit"),
)
ROWS = [
    {"unit": "110000", "name": "北京", "score": 0.333333333333, "rank": 1, "ranked": True},
    {"unit": "b", "name": "=1+1", "score": None, "rank": None, "ranked": False},
    {"unit": "c", "name": None, "score": 0.0, "rank": 3, "ranked": True},
    {"unit": "d", "name": "-x", "score": 1e300, "rank": 4, "ranked": True},
]
HASH = "a" * 64


def add_routes(app: FastAPI) -> None:
    router = APIRouter(route_class=ServiceRoute)

    @router.get("/test/{ref}/table", response_class=Response, responses=table_answers(), name="table")
    @router.get("/test/{ref}/table.{form}", response_class=Response, responses=table_answers(), name="table_as")
    def table(ref: str, who: Reader, service: Service, request: Request, form: Format | None = None) -> Response:
        chosen = chosen_format(request, form)
        body = service.rendered.make((HASH, "table", chosen), lambda: render(FRAME, chosen))
        where = f"/test/{HASH}/table.{chosen}"
        return immutable(request, body, MEDIA_TYPES[chosen], by_hash=ref == HASH, location=where)

    app.include_router(router)


@pytest.fixture
def service(serve: Any) -> Any:
    return serve(prepare=add_routes)


def test_json_says_null_for_what_is_missing() -> None:
    body = json.loads(render(FRAME, "json"))
    assert body == {"columns": ["unit", "name", "score", "rank", "ranked"], "rows": ROWS}
    assert math.copysign(1, body["rows"][2]["score"]) == 1


def test_csv_is_what_the_library_writes_and_no_formula() -> None:
    text = render(FRAME, "csv")
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").splitlines() == [
        "unit,name,score,rank,ranked",
        "110000,北京,0.333333333333,1,true",
        "b,'=1+1,,,false",
        "c,,0,3,true",
        "d,'-x,1e+300,4,true",
    ]


def test_arrow_and_parquet_hold_the_values_as_they_are() -> None:
    arrow = pa.ipc.open_stream(render(FRAME, "arrow")).read_all()
    parquet = pq.read_table(io.BytesIO(render(FRAME, "parquet")))
    for table in (arrow, parquet):
        assert table.column_names == ["unit", "name", "score", "rank", "ranked"]
        assert table["name"].to_pylist() == ["北京", "=1+1", None, "-x"]
        assert table["score"][0].as_py() == 1 / 3
        assert table["rank"].to_pylist() == [1, None, 3, 4]
        assert table.schema.metadata is None


@pytest.mark.parametrize("form", list(MEDIA_TYPES))
def test_the_same_frame_gives_the_same_bytes(form: Format) -> None:
    assert render(FRAME, form) == render(FRAME.copy(), form)


def test_an_empty_table() -> None:
    empty = FRAME.iloc[:0]
    assert json.loads(render(empty, "json"))["rows"] == []
    assert render(empty, "csv").decode("utf-8-sig") == "unit,name,score,rank,ranked\n"
    assert pq.read_table(io.BytesIO(render(empty, "parquet"))).num_rows == 0


def test_a_lone_surrogate_breaks_nothing() -> None:
    frame = pd.DataFrame({"a": ["\ud800"]}, dtype=object)
    assert json.loads(render(frame, "json"))["rows"][0]["a"] == "?"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("application/*", "application/json"),
        ("text/*, application/json;q=0.5", "text/csv"),
        ("application/json;q=0.1, application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("*/*, application/json;q=0", "text/csv"),
        ("text/csv;charset=utf-8", "text/csv"),
    ],
)
def test_accept(service: Any, accept: str | None, kind: str) -> None:
    headers = {"Accept": accept} if accept is not None else {"Accept": ""}
    response = service.client.get(f"/test/{HASH}/table", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=x", "nonsense", "*/*;q=0"])
def test_what_there_is_not_is_406(service: Any, accept: str) -> None:
    response = service.client.get(f"/test/{HASH}/table", headers={"Accept": accept})
    assert (response.status_code, response.json()["code"]) == (406, "DT705")


@pytest.mark.parametrize(("form", "kind"), list(MEDIA_TYPES.items()))
def test_the_ending_of_the_address_wins(service: Any, form: Format, kind: str) -> None:
    response = service.client.get(f"/test/{HASH}/table.{form}", headers={"Accept": "image/png"})
    assert response.headers["content-type"] == kind
    assert response.content == render(FRAME, form)


def test_by_hash_it_may_be_kept_for_ever(service: Any) -> None:
    response = service.client.get(f"/test/{HASH}/table.csv")
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "content-location" not in response.headers
    for sent in (response.headers["etag"], f'"x", {response.headers["etag"]}', f"W/{response.headers['etag']}", "*"):
        again = service.client.get(f"/test/{HASH}/table.csv", headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == response.headers["etag"]
    assert service.client.get(f"/test/{HASH}/table.csv", headers={"If-None-Match": '"x"'}).status_code == 200


def test_by_name_it_may_not_be_kept_and_says_where_it_stands_for_good(service: Any) -> None:
    response = service.client.get("/test/2020/table.csv")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-location"] == f"/test/{HASH}/table.csv"
    assert service.client.get(response.headers["content-location"]).content == response.content


def test_each_representation_has_its_own_mark(service: Any) -> None:
    assert len({service.client.get(f"/test/{HASH}/table.{form}").headers["etag"] for form in MEDIA_TYPES}) == 4


def test_head_has_the_same_headers(service: Any) -> None:
    got, head = service.client.get(f"/test/{HASH}/table"), service.client.head(f"/test/{HASH}/table")
    assert (head.headers["etag"], head.headers["content-length"]) == (
        got.headers["etag"],
        got.headers["content-length"],
    )
    assert head.content == b""


def test_what_is_rendered_is_kept_within_bounds() -> None:
    made: list[str] = []

    def body(name: str, size: int = 40) -> bytes:
        made.append(name)
        return b"x" * size

    kept = Rendered(100)
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.make((name,), lambda name=name: body(name))
    assert made == ["a", "b", "c", "b"]  # b was the one not asked for when c came
    assert kept.make(("large",), lambda: body("large", 101)).content == b"x" * 101
    assert kept.get(("large",)) is None
    assert Rendered(0).make(("a",), lambda: b"x").content == b"x"
