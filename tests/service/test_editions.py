"""Editions over HTTP: frozen once, under a name for ever, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient
from tests.service.conftest import HERE, Serve, Served

import dtindex as dti
from dtindex.shipped import shipped as shipped_folder
from dtindex_service.app import create_app
from dtindex_service.settings import Settings
from dtindex_service.store.base import Actor

CAICT = "caict-computing-power-1.0"


def frozen(served: Served, name: str = "2020", methodology: str = CAICT, **more: Any) -> Any:
    return served.client.post("/v1/editions", json={"name": name, "methodology": methodology, **more})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that tests freeze in, each under names of its own."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("editions") / "data", log_level="error", read_only=False)
    with TestClient(app := create_app(settings), base_url="http://127.0.0.1", client=HERE) as client:
        yield Served(app, client)


@pytest.fixture
def writable(serve: Serve) -> Served:
    """One of a test's own."""
    return serve(read_only=False)


@pytest.fixture(scope="module")
def edition() -> dti.Edition:
    return dti.CompositeIndex(CAICT).fit().freeze("first")


# --- freezing ---


def test_an_edition_is_the_one_that_the_library_freezes(shared: Served, edition: dti.Edition) -> None:
    answer = frozen(shared, "first")
    body = answer.json()
    assert answer.status_code == 201
    assert body["hash"] == edition.hash
    assert answer.headers["location"] == f"/v1/editions/{edition.hash}"
    assert body["methodology"] == {"id": CAICT, "hash": edition.methodology.hash}
    assert (body["rows"], body["units"], body["table_hash"]) == (31, 31, edition.table_hash)
    assert body["dataset"] is None


def test_the_file_is_the_edition(shared: Served, edition: dti.Edition, tmp_path: Path) -> None:
    hash = frozen(shared, "first").json()["hash"]  # noqa: A001
    answer = shared.client.get(f"/v1/editions/{hash}.dtindex")
    file = tmp_path / "got.dtindex"
    file.write_bytes(answer.content)
    assert dti.load_edition(file) == edition
    assert dti.load_edition(file).verify().holds
    assert answer.content == edition.save(tmp_path / "own.dtindex").read_bytes()
    assert answer.headers["content-disposition"] == f'attachment; filename="{hash[:16]}.dtindex"'


def test_the_same_content_again_is_the_same_edition(shared: Served) -> None:
    first, second = frozen(shared, "twice"), frozen(shared, "twice")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert [one["name"] for one in shared.client.get("/v1/editions").json()["items"]].count("twice") == 1


def test_a_name_belongs_to_one_edition_for_ever(writable: Served) -> None:
    first = frozen(writable).json()
    other = frozen(writable, methodology="nbs-new-drivers-2022")
    assert (other.status_code, other.json()["code"]) == (409, "DT706")
    assert writable.client.get("/v1/editions/2020").json()["hash"] == first["hash"]
    # Nothing of the refused one is left behind.
    files = [one for one in writable.store.files.folder.rglob("*") if one.is_file() and "blobs" in one.parts]
    assert len(files) == 1
    assert not list(writable.store.files.waiting.iterdir())


def test_two_projects_may_have_the_same_name(writable: Served) -> None:
    one, other = writable.key("write", "read", project="one"), writable.key("write", "read", project="other")
    bodies = [{"name": "now", "methodology": CAICT}, {"name": "now", "methodology": "nbs-new-drivers-2022"}]
    made = [
        writable.client.post("/v1/editions", json=body, headers=key)
        for body, key in zip(bodies, (one, other), strict=True)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    missing = writable.client.get("/v1/editions/nowhere", headers=other)
    theirs = writable.client.get(f"/v1/editions/{made[0].json()['hash']}", headers=other)
    assert (missing.status_code, theirs.status_code) == (404, 404)
    told = [{**answer.json(), "instance": "", "trace_id": ""} for answer in (missing, theirs)]
    assert told[0] == told[1]


@pytest.mark.parametrize("parallel", [4])
def test_the_same_name_at_once_is_one_edition(shared: Served, parallel: int) -> None:
    with ThreadPoolExecutor(parallel) as pool:
        answers = list(pool.map(lambda _: frozen(shared, "at once"), range(parallel)))
    assert sorted(answer.status_code for answer in answers) == [200] * (parallel - 1) + [201]
    assert len({answer.json()["hash"] for answer in answers}) == 1


def test_an_assumption_is_named(shared: Served) -> None:
    answer = frozen(shared, "assumed", assume="equal")
    assert answer.status_code == 201
    assert answer.json()["assumptions"] == ["equal"]


def test_data_that_a_methodology_does_not_have_are_the_datasets_fault(shared: Served) -> None:
    answer = frozen(shared, "none", methodology="accenture-reinvention-2023", assume="instrument-v1")
    assert (answer.status_code, answer.json()["code"]) == (422, "DT061")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["#/dataset"]


def test_a_file_is_never_read_for_an_assumption(shared: Served, tmp_path: Path) -> None:
    secret = tmp_path / "assume.yaml"
    secret.write_text("weights: {computing_scale: 1}\n", encoding="utf-8")
    answer = frozen(shared, assume=str(secret))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "DT052")
    assert body["errors"][0]["pointer"] == "#/assume"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a", "methodology": "no-such"}, "#/methodology"),
        ({"name": "a", "methodology": "../../etc/passwd"}, "#/methodology"),
        ({"name": "a", "methodology": CAICT, "dataset": "0" * 64}, "#/dataset"),
    ],
)
def test_what_is_not_there_is_404_with_its_place(shared: Served, body: dict[str, Any], pointer: str) -> None:
    answer = shared.client.post("/v1/editions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".", "0" * 64, "x.dtindex", "a\n", "a?b", "x" * 201, None, 5])
def test_names_that_cannot_stand_in_an_address_are_refused(shared: Served, name: object) -> None:
    answer = shared.client.post("/v1/editions", json={"name": name, "methodology": CAICT})
    assert (answer.status_code, answer.json()["code"]) == (422, "DT709")
    assert answer.json()["errors"][0]["pointer"] == "#/name"


def test_a_name_may_be_chinese(shared: Served) -> None:
    assert frozen(shared, "算力 2020").status_code == 201
    answer = shared.client.get(f"/v1/editions/{quote('算力 2020')}/scores?limit=2")
    assert answer.status_code == 200
    assert answer.headers["link"].isascii()
    listed = shared.client.get(f"/v1/editions/{quote('算力 2020')}/units?limit=2")
    assert listed.headers["link"].isascii()


def test_all_findings_of_a_table_come_back(shared: Served) -> None:
    """Two provinces that the codelist does not know, and one twice."""
    table = "province,scale_subindex,environment_subindex\n广东,1,1\n广东,1,2\nAtlantis,2,2\nMordor,3,3\n"
    sent = shared.client.post("/v1/datasets", content=table.encode(), headers={"Content-Type": "text/csv"})
    assert sent.status_code == 201, sent.text
    answer = frozen(shared, "bad", dataset=sent.json()["id"])
    body = answer.json()
    assert answer.status_code == 422
    assert len([one for one in body["errors"] if one["severity"] == "error"]) >= 3
    assert {one["pointer"] for one in body["errors"]} == {"#/dataset"}
    assert shared.client.get("/v1/editions/bad").status_code == 404


def test_an_upload_may_be_frozen(shared: Served) -> None:
    source = next(shipped_folder("data").rglob("caict-2020.csv"))
    sent = shared.client.post("/v1/datasets", content=source.read_bytes(), headers={"Content-Type": "text/csv"})
    dataset = sent.json()["id"]
    answer = frozen(shared, "uploaded", dataset=dataset)
    assert answer.status_code == 201, answer.text
    own = dti.CompositeIndex(CAICT).fit().freeze("uploaded")
    assert (answer.json()["hash"], answer.json()["dataset"]) == (own.hash, dataset)
    gone = shared.client.delete(f"/v1/datasets/{dataset}")
    assert gone.status_code == 409


def test_a_row_comes_only_after_its_file(writable: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(writable.store.files), "put_file", full)
    answer = frozen(writable)
    assert (answer.status_code, answer.json()["code"]) == (507, "DT718")
    assert writable.client.get("/v1/editions").json()["items"] == []
    assert not list(writable.store.files.waiting.iterdir())


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_an_edition_cannot_be_changed(shared: Served, method: str) -> None:
    frozen(shared)
    answer = shared.client.request(method, "/v1/editions/2020", json={})
    assert (answer.status_code, answer.json()["code"]) == (405, "DT704")
    assert "GET" in answer.headers["allow"]


def test_nobody_freezes_without_the_scope(served: Served) -> None:
    assert frozen(served).status_code == 403
    key = served.key("read", "score")
    answer = served.client.post("/v1/editions", json={"name": "a", "methodology": CAICT}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "DT702")


def test_freezing_may_not_take_for_ever(serve: Serve) -> None:
    served = serve(read_only=False, analysis_seconds=1)
    served.services.workers._settings.__dict__["analysis_seconds"] = 0.01
    answer = frozen(served)
    assert (answer.status_code, answer.json()["code"]) == (422, "DT903")
    served.services.workers._settings.__dict__["analysis_seconds"] = 60
    assert frozen(served).status_code == 201


def test_freezing_may_not_take_all_memory(serve: Serve) -> None:
    """An address space in which Python starts, and a table does not fit."""
    served = serve(read_only=False, analysis_memory_bytes=2**28, raise_server_exceptions=False)
    answer = frozen(served)
    assert (answer.status_code, answer.json()["code"]) in ((422, "DT903"), (500, "DT900"))
    assert served.client.get("/livez").status_code == 200
    assert served.client.get("/v1/editions").json()["items"] == []


def test_a_process_that_dies_takes_nobody_with_it(shared: Served) -> None:
    frozen(shared)
    hash = shared.client.get("/v1/editions/2020").json()["hash"]  # noqa: A001
    child = shared.services.workers._idle[0]
    child._process.kill()
    child._process.wait()
    assert shared.client.get(f"/v1/editions/{hash}/validity?runs=10").status_code == 200


# --- reading ---


def test_by_hash_for_ever_and_by_name_for_now(shared: Served) -> None:
    hash = frozen(shared).json()["hash"]  # noqa: A001
    named, exact = shared.client.get("/v1/editions/2020"), shared.client.get(f"/v1/editions/{hash}")
    assert named.content == exact.content
    assert named.headers["cache-control"] == "no-store"
    assert named.headers["content-location"] == f"/v1/editions/{hash}"
    assert "immutable" in exact.headers["cache-control"]
    assert "content-location" not in exact.headers
    again = shared.client.get(f"/v1/editions/{hash}", headers={"If-None-Match": exact.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_address_that_an_edition_tells_leads_somewhere(shared: Served) -> None:
    body = frozen(shared).json()
    assert shared.client.get(body["file"]).status_code == 200
    for table in body["tables"]:
        for address in (table["address"], table["metadata"], *table["files"].values()):
            assert shared.client.get(address).status_code == 200, address
    figures = [set(one["files"]) for one in body["figures"]]
    assert figures == [{"svg", "png"}] * 4


def test_a_list_goes_on_by_links(writable: Served) -> None:
    for name in ("a", "b", "c"):
        frozen(writable, name)
    first = writable.client.get("/v1/editions?limit=2")
    assert [one["name"] for one in first.json()["items"]] == ["a", "b"]
    target = first.headers["link"].partition(">")[0].removeprefix("<")
    second = writable.client.get(target)
    assert [one["name"] for one in second.json()["items"]] == ["c"]
    assert "link" not in second.headers


def test_an_edition_is_found_after_a_restart(serve: Serve) -> None:
    hash = frozen(serve(read_only=False)).json()["hash"]  # noqa: A001
    assert serve().client.get(f"/v1/editions/{hash}/scores.csv").status_code == 200


def test_an_edition_without_its_table_says_so(shared: Served, tmp_path: Path) -> None:
    edition = dti.CompositeIndex(CAICT).fit().freeze("bare", include_table=False)
    file = edition.save(tmp_path / "bare.dtindex")
    from dtindex_service.fitting import about_of
    from dtindex_service.store import EditionRow
    from dtindex_service.store.clock import now

    blob = shared.store.files.put_file("local", file)
    row = EditionRow(edition.hash, "bare", edition.methodology.hash, CAICT, blob, now(), about=about_of(edition))
    shared.store.editions.add(Actor("local"), row)
    assert shared.client.get("/v1/editions/bare").json()["rows"] is None
    answer = shared.client.get("/v1/editions/bare/scores")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT061")


def test_editions_are_kept_in_bounded_memory(serve: Serve) -> None:
    served = serve(read_only=False, max_open_bytes=1)
    for name in ("a", "b"):
        frozen(served, name)
        assert served.client.get(f"/v1/editions/{name}/scores").status_code == 200
    shelf = served.services.shelf
    rows = [shelf.find_now("local", name) for name in ("a", "b")]
    assert [shelf.known("local", row) is None for row in rows] == [True, False]


def test_the_same_edition_is_read_once_for_many(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen(shared, "read once")
    read, lock, counts = dti.load_edition, threading.Lock(), [0]

    def counted(path: Path) -> dti.Edition:
        with lock:
            counts[0] += 1
        return read(path)

    monkeypatch.setattr(dti, "load_edition", counted)
    row = shared.services.shelf.find_now("local", "read once")
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: shared.services.shelf.open_now("local", row), range(8)))
    assert counts == [1]
    assert len({id(one) for one in opened}) == 1


def test_the_blob_bears_the_hash_of_its_bytes(shared: Served) -> None:
    frozen(shared)
    row = shared.services.shelf.find_now("local", "2020")
    content = shared.store.files.read("local", row.blob)
    assert hashlib.sha256(content).hexdigest() == row.blob
    assert io.BytesIO(content).read(2) == b"PK"


def test_a_key_replays_a_freeze(shared: Served) -> None:
    headers = {"Idempotency-Key": "freeze-1"}
    body = {"name": "replayed", "methodology": CAICT}
    answers = [shared.client.post("/v1/editions", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"
