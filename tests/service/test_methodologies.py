"""Methodologies over HTTP: those that ship, a project's own, checks of a file, and sheets to fill in."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest

from dtindex import json_schema, load_methodology, shipped_methodologies
from dtindex_service.methodologies import methodology_of
from dtindex_service.problems import Refusal

CAICT = "caict-computing-power-1.0"
YAML = {"Content-Type": "application/yaml"}
OWN = """\
schema_version: 1
id: own-index
title: {en: Own, zh: 自有}
units: {kind: firm, key: id, period: year}
nodes: [{id: index}]
indicators: [{id: a, parent: index, normalise: {method: goalposts, worst: 0, best: 1}}]
"""
WRONG = OWN.replace("parent: index", "parent: indx").replace("worst: 0", "wurst: 0")


@pytest.fixture
def own(serve: Any, near: None) -> Any:
    """A service that callers from this machine may write to."""
    return serve(read_only=False)


def test_those_that_ship_are_listed(served: Any) -> None:
    items = served.client.get("/v1/methodologies").json()["items"]
    assert [one["id"] for one in items] == shipped_methodologies()
    assert {one["origin"] for one in items} == {"shipped"}
    assert items[0]["hash"] == load_methodology(items[0]["id"]).hash


def test_pages_go_over_both_kinds(own: Any) -> None:
    for number in range(3):
        own.client.post("/v1/methodologies", content=OWN.replace("own-index", f"own-{number}"), headers=YAML)
    found, address = [], "/v1/methodologies?limit=3"
    while address:
        answer = own.client.get(address)
        assert len(answer.json()["items"]) <= 3
        found += [(one["origin"], one["id"]) for one in answer.json()["items"]]
        address = answer.headers.get("link", "").partition("<")[2].partition(">")[0]
    assert found[: len(shipped_methodologies())] == [("shipped", name) for name in shipped_methodologies()]
    assert sorted(found[len(shipped_methodologies()) :]) == [("own", f"own-{number}") for number in range(3)]


def test_one_in_both_forms(served: Any) -> None:
    known = load_methodology(CAICT)
    body = served.client.get(f"/v1/methodologies/{CAICT}").json()
    assert (body["hash"], body["scores_hash"], body["origin"]) == (known.hash, known.scores_hash, "shipped")
    assert body["methodology"]["title"]["zh"] == "中国算力发展指数 1.0"
    for answer in (
        served.client.get(f"/v1/methodologies/{CAICT}.yaml"),
        served.client.get(f"/v1/methodologies/{CAICT}", headers={"Accept": "application/yaml"}),
    ):
        assert answer.headers["content-type"] == "application/yaml"
        assert answer.text == known.source_text
    answer = served.client.get(f"/v1/methodologies/{CAICT}.json", headers={"Accept": "application/yaml"})
    assert answer.json() == body
    answer = served.client.get(f"/v1/methodologies/{CAICT}", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "DT705")


def test_by_hash_it_never_changes_and_by_id_it_says_where_it_stands(served: Any) -> None:
    own = load_methodology(CAICT).hash
    by_id = served.client.get(f"/v1/methodologies/{CAICT}.yaml")
    assert by_id.headers["cache-control"] == "no-store"
    by_hash = served.client.get(by_id.headers["content-location"])
    assert by_hash.headers["cache-control"].endswith("immutable")
    assert by_id.headers["content-location"] == f"/v1/methodologies/{own}.yaml"
    assert by_hash.content == by_id.content
    again = served.client.get(f"/v1/methodologies/{own}.yaml", headers={"If-None-Match": by_hash.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("rest", ["", ".yaml", ".json", "/template.xlsx", "/template.csv"])
@pytest.mark.parametrize("name", ["no-such", "0" * 64, "..%2f..%2fdata%2fcaict-2020"])
def test_what_is_not_there(served: Any, name: str, rest: str) -> None:
    answer = served.client.get(f"/v1/methodologies/{name}{rest}")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


def test_the_schema(served: Any) -> None:
    answer = served.client.get("/v1/methodologies/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == json_schema()


def test_a_file_is_validated_by_a_process_of_its_own(serve: Any) -> None:
    served = serve()  # who may read may ask: nothing is stored
    answer = served.client.post("/v1/methodologies:validate", content=WRONG, headers=YAML)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["valid"], body["id"], body["hash"]) == (False, None, None)
    places = {(one["code"], one["place"]["line"], one["place"]["column"]) for one in body["findings"]}
    assert places == {
        ("DT022", 6, WRONG.splitlines()[5].index("indx") + 1),
        ("DT010", 6, WRONG.splitlines()[5].index("wurst") + 1),
    }
    good = served.client.post("/v1/methodologies:validate", content=OWN, headers=YAML).json()
    assert (good["valid"], good["id"], good["title"]) == (True, "own-index", {"en": "Own", "zh": "自有"})
    assert served.store.methodologies.list("local") == []


@pytest.mark.parametrize("name", shipped_methodologies())
def test_what_ships_is_valid(own: Any, name: str) -> None:
    known = load_methodology(name)
    body = own.client.post("/v1/methodologies:validate", content=known.source_text.encode(), headers=YAML).json()
    assert (body["valid"], body["hash"], body["scores_hash"]) == (True, known.hash, known.scores_hash)
    assert [one["code"] for one in body["findings"]] == known.findings.codes


def test_stored_and_read_again(own: Any) -> None:
    answer = own.client.post("/v1/methodologies", content=OWN, headers=YAML)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/v1/methodologies/{body['hash']}"
    assert (body["id"], body["origin"], body["findings"]) == ("own-index", "own", [])
    for reference in (body["hash"], "own-index"):
        assert own.client.get(f"/v1/methodologies/{reference}.yaml").text == OWN
        assert methodology_of(own.services, "local", reference).hash == body["hash"]
    # Comments and key order make no other methodology.
    again = own.client.post("/v1/methodologies", content="# the same\n" + OWN, headers=YAML)
    assert (again.status_code, again.headers["location"]) == (200, answer.headers["location"])
    assert [one.action for one in own.store.audit.list("local")] == ["methodology.store"]


def test_the_id_of_one_that_ships_stands_for_that_one(own: Any) -> None:
    body = own.client.post("/v1/methodologies", content=OWN.replace("own-index", CAICT), headers=YAML).json()
    assert methodology_of(own.services, "local", CAICT) == load_methodology(CAICT)
    assert methodology_of(own.services, "local", body["hash"]).hash == body["hash"]
    assert own.client.get(f"/v1/methodologies/{CAICT}").json()["origin"] == "shipped"


def test_errors_are_a_problem_with_all_places(own: Any) -> None:
    answer = own.client.post("/v1/methodologies", content=WRONG, headers=YAML)
    assert answer.status_code == 422
    assert {(one["code"], one["place"]["line"]) for one in answer.json()["errors"]} == {("DT022", 6), ("DT010", 6)}
    assert own.store.methodologies.list("local") == []


def test_a_form_a_json_file_and_what_is_neither(own: Any) -> None:
    assert own.client.post("/v1/methodologies", files={"file": ("m.yaml", OWN, "text/yaml")}).status_code == 201
    content = own.client.get("/v1/methodologies/own-index").json()["methodology"]
    answer = own.client.post("/v1/methodologies", json=content)
    assert answer.status_code == 200, answer.text
    for address in ("/v1/methodologies", "/v1/methodologies:validate"):
        answer = own.client.post(address, content=OWN, headers={"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["code"]) == (415, "DT708")


def test_limits_of_small_bodies_hold(serve: Any, near: None) -> None:
    served = serve(read_only=False, max_body_bytes=1000)
    for address in ("/v1/methodologies", "/v1/methodologies:validate"):
        for content in (b"#" * 1001, iter([b"#" * 600] * 2)):
            answer = served.client.post(address, content=content, headers=YAML)
            assert (answer.status_code, answer.json()["code"]) == (413, "DT707")


def test_template(served: Any) -> None:
    answer = served.client.get(f"/v1/methodologies/{CAICT}/template.xlsx")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{CAICT}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert "广东" in book.read("xl/sharedStrings.xml").decode()
    by_hash = served.client.get(answer.headers["content-location"])
    assert by_hash.content == answer.content
    assert by_hash.headers["cache-control"].endswith("immutable")
    assert served.client.get(f"/v1/methodologies/{CAICT}/template.pdf").status_code == 422


def test_template_of_periods(own: Any, tmp_path: Any) -> None:
    own.client.post("/v1/methodologies", content=OWN, headers=YAML)
    plain = own.client.get("/v1/methodologies/own-index/template.csv")
    assert plain.content.decode("utf-8-sig").split() == ["id,year,a"]
    answer = own.client.get("/v1/methodologies/own-index/template.csv?period=2023&period=2024")
    assert answer.headers["content-location"].endswith("/template.csv?period=2023&period=2024")
    answer = own.client.get(f"/v1/methodologies/{CAICT}/template.csv?period=2023")
    assert (answer.status_code, answer.json()["code"]) == (422, "DT902")


def test_a_template_names_what_the_methodology_reads(served: Any) -> None:
    content = served.client.get(f"/v1/methodologies/{CAICT}/template.csv").content.decode("utf-8-sig")
    head, *rows = content.split()
    known = load_methodology(CAICT)
    assert head.split(",")[0] == known.units.key
    assert "scale_subindex" in head.split(",")
    assert len(rows) >= 31


def test_who_may(serve: Any, near: None) -> None:
    served = serve()
    reader, writer = served.key("read"), served.key("write")
    for address in ("", f"/{CAICT}", f"/{CAICT}.yaml", "/schema", f"/{CAICT}/template.csv"):
        assert served.client.get(f"/v1/methodologies{address}").status_code == 401
        assert served.client.get(f"/v1/methodologies{address}", headers=writer).status_code == 403
        assert served.client.get(f"/v1/methodologies{address}", headers=reader).status_code == 200
    answer = served.client.post("/v1/methodologies", content=OWN, headers=YAML | reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "DT702")
    assert served.client.post("/v1/methodologies", content=OWN, headers=YAML | writer).status_code == 201


def test_another_project_sees_nothing_of_it(serve: Any, near: None) -> None:
    served = serve()
    mine, theirs = served.key(project="mine"), served.key(project="theirs")
    address = served.client.post("/v1/methodologies", content=OWN, headers=YAML | mine).headers["location"]
    for rest in (address, "/v1/methodologies/own-index", f"{address}.yaml", f"{address}/template.csv"):
        assert served.client.get(rest, headers=mine).status_code == 200
        assert served.client.get(rest, headers=theirs).status_code == 404
    listed = served.client.get("/v1/methodologies", headers=theirs).json()["items"]
    assert {one["origin"] for one in listed} == {"shipped"}
    answer = served.client.post("/v1/methodologies", content=OWN, headers=YAML | theirs)
    assert answer.status_code == 201  # new to them
    identity = hashlib.sha256(b"x").hexdigest()
    with pytest.raises(Refusal):
        methodology_of(served.services, "theirs", identity)


def test_once_under_an_idempotency_key(own: Any) -> None:
    headers = YAML | {"Idempotency-Key": "one"}
    first = own.client.post("/v1/methodologies", content=OWN, headers=headers)
    again = own.client.post("/v1/methodologies", content=OWN, headers=headers)
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    other = own.client.post("/v1/methodologies", content=OWN + "# other\n", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "DT714")
