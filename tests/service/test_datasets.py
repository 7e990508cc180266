"""Uploads: streamed, parsed apart, kept under the hash of their bytes without what identifies a person, and removed."""

from __future__ import annotations

import datetime
import errno
import hashlib
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlsxwriter
import xlwt

from dtindex import Methodology, load_methodology, read_table
from dtindex_service.datasets import cells_of, cells_path
from dtindex_service.retention import sweep
from dtindex_service.store.base import Actor, EditionRow
from dtindex_service.store.clock import now
from dtindex_service.store.files import Incoming

ROWS: list[list[Any]] = [
    ["province", "scale_subindex", "environment_subindex", "application_subindex"],
    ["广东", 25.8, 30.5, 31.5],
    ["北京", 10.0, 20.5, 21.5],
]
CSV = "".join(",".join(map(str, row)) + "\n" for row in ROWS).encode()
COLUMNS = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
CAICT = "caict-computing-power-1.0"
TEXT = {"Content-Type": "text/csv"}


@pytest.fixture
def own(serve: Any, near: None) -> Iterator[Any]:
    """A service that callers from this machine may write to."""
    return serve(read_only=False)


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_upload_by_a_process_of_its_own(serve: Any) -> None:
    served = serve(read_only=False)
    answer = served.client.post("/v1/datasets", content=CSV, headers=TEXT)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/v1/datasets/{body['id']}"
    assert body["id"] == hashlib.sha256(CSV).hexdigest()
    assert (body["rows"], body["columns"], body["size"], body["state"]) == (2, 4, len(CSV), "parsed")
    assert body["findings"] == []
    assert body["found"]["encoding"] == "utf-8"
    assert [(one["name"], one["looks"], one["filled"]) for one in body["described"][:2]] == [
        ("province", "text", 2),
        ("scale_subindex", "number", 2),
    ]
    assert served.client.get(answer.headers["location"]).json() == body


def workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("S1")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def old_workbook() -> bytes:
    stream = io.BytesIO()
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(stream)
    return stream.getvalue()


def arrow(make: Any) -> bytes:
    table, sink = pa.table(COLUMNS), pa.BufferOutputStream()
    with make(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(COLUMNS), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("text/csv", lambda: CSV),
        ("text/tab-separated-values", lambda: CSV.replace(b",", b"\t")),
        ("text/plain; charset=utf-8", lambda: CSV.replace(b",", b"\t")),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
        ("application/vnd.ms-excel", old_workbook),
        ("application/vnd.apache.parquet", parquet),
        ("application/vnd.apache.arrow.file", lambda: arrow(pa.ipc.new_file)),
        ("application/vnd.apache.arrow.stream", lambda: arrow(pa.ipc.new_stream)),
        *[
            ("application/octet-stream", make)
            for make in (lambda: CSV, workbook, old_workbook, parquet, lambda: arrow(pa.ipc.new_file))
        ],
    ],
)
def test_every_format_by_its_media_type_or_its_content(own: Any, kind: str, make: Any) -> None:
    address = f"/v1/datasets?methodology={CAICT}"
    answer = own.client.post(address, content=make(), headers={"Content-Type": kind})
    assert answer.status_code == 201, answer.text
    assert answer.json()["described"][1]["matched"] == "computing_scale"
    raw = cells_of(own.services, "local", answer.json()["id"])
    assert [str(unit) for unit in raw.columns[0]] == ["广东", "北京"]


def test_an_spss_file(own: Any, tmp_path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame(COLUMNS), tmp_path / "t.sav")
    content = (tmp_path / "t.sav").read_bytes()
    answer = own.client.post("/v1/datasets", content=content, headers={"Content-Type": "application/x-spss-sav"})
    assert (answer.status_code, answer.json()["found"]["format"]) == (201, "SPSS (.sav)")


def test_no_media_type_is_looked_at_and_a_strange_one_refused(own: Any) -> None:
    assert own.client.post("/v1/datasets", content=CSV).status_code == 201
    for kind in ("application/json", "image/png", "text/html", "nonsense"):
        answer = own.client.post("/v1/datasets", content=CSV, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "DT708")
        answer = own.client.post("/v1/datasets", files={"file": ("a.csv", CSV, kind)})
        assert (answer.status_code, answer.json()["code"]) == (415, "DT708")


def test_a_form_of_one_file(own: Any) -> None:
    answer = own.client.post("/v1/datasets", files={"file": ("各省.csv", CSV, "text/csv")})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["media_type"]) == ("各省.csv", "text/csv")
    assert answer.json()["id"] == hashlib.sha256(CSV).hexdigest()


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', "; boundary=x", 422, "DT709"),
        (
            "".join(
                f'--x\r\nContent-Disposition: form-data; name="f"; filename="{name}.csv"\r\n\r\na\r\n'
                for name in "ab"
            ).encode()
            + b"--x--\r\n",
            "; boundary=x",
            422,
            "DT709",
        ),
        (b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.csv"\r\n\r\na', "; boundary=x", 422, "DT709"),
        (b"--x--\r\n", "; boundary=x", 422, "DT709"),
        (b"", "; boundary=x", 422, "DT709"),
        (b"rubbish", "; boundary=x", 400, "DT700"),
        (b"--x\r\n" + b"a" * 20_000 + b": b\r\n\r\n", "; boundary=x", 400, "DT700"),
        (b"--x\r\n\x00: b\r\n\r\n", "; boundary=x", 400, "DT700"),
        (CSV, "", 400, "DT700"),
    ],
)  # fmt: skip
def test_forms_that_are_not_one_file(own: Any, content: bytes, kind: str, status: int, code: str) -> None:
    answer = own.client.post("/v1/datasets", content=content, headers={"Content-Type": f"multipart/form-data{kind}"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert own.client.get("/v1/datasets").json() == {"items": []}


def test_against_a_methodology_all_findings_come_back(own: Any) -> None:
    content = CSV.replace(b"25.8", "约25".encode()) + "北京市,1,2,3\n".encode()
    answer = own.client.post(f"/v1/datasets?methodology={CAICT}", content=content, headers=TEXT)
    assert answer.status_code == 422
    problem = answer.json()
    assert {one["code"] for one in problem["errors"] if one["severity"] == "error"} >= {"DT203", "DT220"}
    places = {one["code"]: one["place"] for one in problem["errors"]}
    assert (places["DT220"]["line"], places["DT220"]["name"]) == (2, "scale_subindex")
    assert own.client.get("/v1/datasets").json() == {"items": []}
    assert not files_below(own.services.store.files.blobs)
    # Without one only the file itself is looked at.
    assert own.client.post("/v1/datasets", content=content, headers=TEXT).status_code == 201


def test_an_unknown_methodology(own: Any) -> None:
    for name in ("no-such", "0" * 64, "../../etc/passwd"):
        answer = own.client.post(f"/v1/datasets?methodology={name}", content=CSV, headers=TEXT)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "query methodology")


def test_how_it_is_to_be_read(own: Any) -> None:
    content = "各省;;\n地区;指标;x\n广东;1;2\n".encode("gb18030")
    address = "/v1/datasets?delimiter=;&encoding=gb18030&header_rows=2&name=x.csv"
    answer = own.client.post(address, content=content, headers=TEXT)
    assert [one["name"] for one in answer.json()["described"]] == ["地区", "指标", "x"]
    for query in ("header_rows=0", "header_rows=x", "delimiter=ab", "layout=diagonal", "sheet=" + "x" * 200):
        answer = own.client.post(f"/v1/datasets?{query}", content=CSV, headers=TEXT)
        assert (answer.status_code, answer.json()["code"]) == (422, "DT709")
    answer = own.client.post("/v1/datasets?sheet=S1", content=CSV, headers=TEXT)
    assert (answer.status_code, answer.json()["code"]) == (422, "DT902")


def test_the_same_bytes_are_the_same_dataset(own: Any) -> None:
    first = own.client.post("/v1/datasets", content=CSV, headers=TEXT)
    again = own.client.post(f"/v1/datasets?methodology={CAICT}&name=b.csv", content=CSV, headers=TEXT)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["described"][1]["matched"] == "computing_scale"
    assert own.client.get(first.headers["location"]).json() == again.json()
    assert len(own.client.get("/v1/datasets").json()["items"]) == 1
    assert len(files_below(own.services.store.files.blobs)) == 1


def test_the_table_is_the_one_that_was_sent(own: Any) -> None:
    known: Methodology = load_methodology(CAICT)
    identity = own.client.post("/v1/datasets", content=CSV, headers=TEXT).json()["id"]
    table = read_table(cells_of(own.services, "local", identity), known)
    assert table.units.tolist() == ["广东", "北京"]
    assert table.column("computing_scale").tolist() == [25.8, 10.0]
    assert cells_path(own.services, "local", identity).is_file()


def test_persons_are_not_kept(own: Any) -> None:
    heads = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您的姓名\n"
    content = (heads + "1,2024/3/1 9:00:00,100秒,微信,N/A,1.2.3.4(北京),张三丰\n").encode()
    answer = own.client.post("/v1/datasets", content=content, headers=TEXT)
    assert answer.status_code == 201, answer.text
    assert [one["code"] for one in answer.json()["findings"]] == ["DT236"]
    for path in files_below(own.services.settings.data_dir):
        kept = path.read_bytes()
        assert "张三丰".encode() not in kept
        assert b"1.2.3.4" not in kept
    raw = cells_of(own.services, "local", answer.json()["id"])
    columns = dict(zip(raw.header, raw.columns, strict=True))
    assert (list(columns["来自IP"]), list(columns["1、您的姓名"])) == ([""], [""])


def test_nothing_but_the_cells_stays_on_the_disk(own: Any) -> None:
    own.client.post("/v1/datasets", files={"file": ("a.csv", CSV, "text/csv")})
    own.client.post("/v1/datasets", content=b"", headers=TEXT)
    files = own.services.store.files
    assert files_below(files.waiting) == []
    assert len(files_below(files.blobs)) == 1
    assert not [path for path in files_below(files.blobs) if path.read_bytes() == CSV]


def test_pages(own: Any) -> None:
    for number in range(5):
        own.client.post("/v1/datasets", content=CSV + f"x{number},1,2,3\n".encode(), headers=TEXT)
    found, address = [], "/v1/datasets?limit=2"
    for _ in range(3):
        answer = own.client.get(address)
        found += [one["id"] for one in answer.json()["items"]]
        link = answer.headers.get("link")
        address = link.partition("<")[2].partition(">")[0] if link else None
    assert address is None
    assert found == sorted(set(found))
    assert len(found) == 5


def test_removed(own: Any) -> None:
    address = own.client.post("/v1/datasets", content=CSV, headers=TEXT).headers["location"]
    answer = own.client.delete(address)
    assert (answer.status_code, answer.content) == (204, b"")
    assert own.client.get(address).status_code == 404
    assert own.client.delete(address).status_code == 404
    assert files_below(own.services.store.files.blobs) == []
    assert [one.action for one in own.store.audit.list("local")] == ["dataset.store", "dataset.delete"]
    assert own.client.post("/v1/datasets", content=CSV, headers=TEXT).status_code == 201


def test_one_that_an_edition_rests_on_stays(own: Any) -> None:
    address = own.client.post("/v1/datasets", content=CSV, headers=TEXT).headers["location"]
    row = EditionRow("a" * 64, "e", "b" * 64, "m", "c" * 64, now(), dataset=address.rpartition("/")[2])
    own.store.editions.add(Actor("local"), row)
    answer = own.client.delete(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "DT706")
    assert own.client.get(address).status_code == 200


@pytest.mark.parametrize("identity", ["0" * 64, "x", "0" * 63, "..%2f..%2fetc%2fpasswd", "a" * 300])
def test_what_is_not_there(own: Any, identity: str) -> None:
    for method in ("GET", "DELETE"):
        answer = own.client.request(method, f"/v1/datasets/{identity}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"


def test_retention(serve: Any, near: None) -> None:
    served = serve(read_only=False, retention_days=2)
    answer = served.client.post("/v1/datasets", content=CSV, headers=TEXT)
    expires = datetime.datetime.fromisoformat(answer.json()["expires"])
    assert timedelta(days=2) - (expires - now()) < timedelta(minutes=1)
    assert sweep(served.store, served.services.settings, now()) == 0
    assert sweep(served.store, served.services.settings, now() + timedelta(days=3)) == 1
    assert served.client.get(answer.headers["location"]).status_code == 404
    assert files_below(served.services.store.files.blobs) == []


def test_an_expired_one_is_removed_at_the_start(serve: Any, near: None, tmp_path: Path) -> None:
    served = serve(read_only=False, retention_days=1)
    answer = served.client.post("/v1/datasets", content=CSV, headers=TEXT)
    row = served.store.datasets.get("local", answer.json()["id"], now())
    served.store.datasets.put(Actor("local"), replace(row, expires=now() - timedelta(seconds=1)))
    assert served.client.get(answer.headers["location"]).status_code == 404
    again = serve(read_only=False)
    blobs = again.services.store.files.blobs
    deadline = time.monotonic() + 10
    while files_below(blobs) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert files_below(blobs) == []


def test_who_may(serve: Any, near: None) -> None:
    served = serve()
    reader, writer = served.key("read"), served.key("write")
    assert served.client.post("/v1/datasets", content=CSV, headers=TEXT).status_code == 401
    answer = served.client.post("/v1/datasets", content=CSV, headers=TEXT | reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "DT702")
    answer = served.client.post("/v1/datasets", content=CSV, headers=TEXT | writer)
    assert answer.status_code == 201
    address = answer.headers["location"]
    assert served.client.get(address, headers=writer).status_code == 403
    assert served.client.get(address, headers=reader).status_code == 200
    assert served.client.delete(address, headers=reader).status_code == 403
    assert served.client.delete(address, headers=writer).status_code == 204
    assert files_below(served.services.store.files.waiting) == []


def test_another_project_sees_nothing_of_it(serve: Any, near: None) -> None:
    served = serve()
    mine, theirs = served.key(project="mine"), served.key(project="theirs")
    address = served.client.post("/v1/datasets", content=CSV, headers=TEXT | mine).headers["location"]
    for method in ("GET", "DELETE"):
        missing = served.client.request(method, f"/v1/datasets/{'0' * 64}", headers=theirs).json()
        other = served.client.request(method, address, headers=theirs).json()
        assert {**other, "instance": "", "trace_id": ""} == {**missing, "instance": "", "trace_id": ""}
    assert served.client.get("/v1/datasets", headers=theirs).json() == {"items": []}
    # The same bytes are new to the other project, and what it removes is its own.
    assert served.client.post("/v1/datasets", content=CSV, headers=TEXT | theirs).status_code == 201
    assert served.client.delete(address, headers=theirs).status_code == 204
    assert served.client.get(address, headers=mine).status_code == 200


def test_once_under_an_idempotency_key(own: Any) -> None:
    headers = TEXT | {"Idempotency-Key": "one"}
    first = own.client.post("/v1/datasets", content=CSV, headers=headers)
    again = own.client.post("/v1/datasets", content=CSV, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    refused = own.client.post("/v1/datasets", content=b"", headers=TEXT | {"Idempotency-Key": "two"})
    assert refused.status_code == 422
    assert own.client.post("/v1/datasets", content=CSV, headers=TEXT | {"Idempotency-Key": "two"}).status_code == 200


def test_logs_and_metrics_name_no_cell_and_no_file(serve: Any, near: None, capfd: pytest.CaptureFixture[str]) -> None:
    served = serve(read_only=False, log_level="debug")
    served.client.post("/v1/datasets", files={"file": ("geheim.csv", CSV, "text/csv")})
    served.client.post("/v1/datasets?name=geheim", content="a,b\n广东,1,2\n".encode(), headers=TEXT)
    metrics = served.client.get("/metrics").text
    said = capfd.readouterr()
    assert '"route": "/v1/datasets"' in said.err
    assert 'dtindex_refused_uploads_total{code="DT124"} 1.0' in metrics
    for word in ("geheim", "广东", "scale_subindex"):
        assert word not in said.err + said.out + metrics


def test_a_full_disk_is_507_and_nothing_stays(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Incoming.write

    def full(self: Incoming, piece: bytes) -> None:
        keep(self, piece)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Incoming, "write", full)
        answer = own.client.post("/v1/datasets", content=CSV, headers=TEXT)
    assert (answer.status_code, answer.json()["code"]) == (507, "DT718")
    assert files_below(own.services.store.files.waiting) == []
    assert own.client.post("/v1/datasets", content=CSV, headers=TEXT).status_code == 201


def test_a_sender_that_goes_away_leaves_nothing(serve: Any, near: None, capfd: pytest.CaptureFixture[str]) -> None:
    own = serve(read_only=False, log_level="info")
    messages = iter([{"type": "http.request", "body": CSV, "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/datasets",
        "raw_path": b"/v1/datasets",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"text/csv")],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await own.app(scope, receive, send)

    own.client.portal.call(call)
    files = own.services.store.files
    assert files_below(files.waiting) + files_below(files.blobs) == []
    said = capfd.readouterr().err
    assert '"route": "/v1/datasets"' in said
    assert "bug" not in said
