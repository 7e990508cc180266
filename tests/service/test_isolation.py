"""Another project's key cannot read, list, guess or infer anything of a project, whatever it asks.

Two projects, each with all scopes: ``alpha`` has a methodology, a dataset, an edition and keys; ``beta`` knows their
names and hashes. What beta gets for them must be what it gets for names and hashes that nobody has: the same status,
headers and body, by the same questions to the database. Every operation of the description is asked, so that none is
forgotten.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import event

from dtindex import load_methodology

INDEX = "caict-computing-power-1.0"
TABLE = b"province,scale_subindex,environment_subindex,application_subindex\n\xe5\xb9\xbf\xe4\xb8\x9c,47.1,78.0,96.5\n"
NOBODYS = "f" * 64
SECRET = "alpha-secret"
ELSEWHERE = "nobody-secret"
PARAMETERS = {
    "table": "scores",
    "form": "json",
    "name": "rank_intervals",
    "key": "广东",
    "ending": "csv",
}
OWN_HEADERS = {"date", "x-request-id", "content-length", "ratelimit", "ratelimit-policy"}


@dataclass
class World:
    """What alpha has, and who beta is."""

    live: Any
    alpha: httpx2.Client
    beta: httpx2.Client
    key: str
    """Id of a key of alpha's."""
    methodology: str
    """Hash of alpha's methodology; its id is :data:`SECRET`."""
    dataset: str
    edition: str
    """Hash of alpha's edition; its name is :data:`SECRET`."""
    job: str
    """Id of a job of alpha's, which anybody can work out who knows the hash of the edition."""
    etag: str

    @property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = self.live.served.app.openapi()
        return found


def own_text(id_: str) -> bytes:
    text = load_methodology(INDEX).source_text
    assert text is not None
    return text.replace(f"id: {INDEX}", f"id: {id_}", 1).encode()


@pytest.fixture(scope="module")
def world(live) -> Iterator[World]:
    with contextlib.ExitStack() as stack:

        def caller(project: str) -> tuple[httpx2.Client, str]:
            token, row = live.served.made_key("read", "score", "write", "admin", project=project)
            headers = {"Authorization": f"Bearer {token}"}
            return stack.enter_context(httpx2.Client(base_url=live.address, headers=headers, timeout=60)), row.id

        alpha, key = caller("alpha")
        beta, _ = caller("beta")
        stored = alpha.post("/v1/methodologies", content=own_text(SECRET), headers={"Content-Type": "application/yaml"})
        uploaded = alpha.post("/v1/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
        frozen = alpha.post("/v1/editions", json={"name": SECRET, "methodology": INDEX})
        for answer in (stored, uploaded, frozen):
            assert answer.status_code == 201, answer.text
        edition = frozen.json()["hash"]
        asked = alpha.post("/v1/jobs", json={"kind": "rank-sets", "edition": edition})
        assert asked.status_code == 202, asked.text
        job = asked.json()["id"]
        while alpha.get(f"/v1/jobs/{job}").json()["state"] != "done":
            time.sleep(0.1)
        # Whatever is kept in memory for alpha is there when beta asks.
        scores = alpha.get(f"/v1/editions/{edition}/scores.json")
        alpha.get(f"/v1/editions/{SECRET}/units/广东").raise_for_status()
        alpha.get(f"/v1/methodologies/{SECRET}").raise_for_status()
        alpha.post("/v1/score", json={"edition": SECRET, "units": [{"values": {}}]}).raise_for_status()
        yield World(
            live,
            alpha,
            beta,
            key,
            stored.json()["hash"],
            uploaded.json()["id"],
            edition,
            job,
            scores.headers["etag"],
        )


def told(answer: httpx2.Response, *names: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of an answer, without what names the request itself."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN_HEADERS}
    text = answer.text
    for name in names:
        text = text.replace(name, "X")
    body = json.loads(text) if text else None
    if isinstance(body, dict):
        body.pop("trace_id", None)
    return answer.status_code, headers, body


@contextlib.contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The questions that are put to the database: what of an answer's time depends on what is there."""
    seen: list[str] = []
    engine = world.live.served.store.database.engine

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if any(f"FROM {kind}" in statement for kind in ("editions", "methodologies", "datasets", "jobs ")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def alike(world: World, method: str, theirs: str, nobodys: str, **request: Any) -> None:
    """Beta asks for what is alpha's, and for what is nobody's; the answers cannot be told apart."""
    answers = []
    for path in (theirs, nobodys):
        with statements(world) as seen:
            answer = world.beta.request(method, path, **request)
        names = (
            SECRET,
            ELSEWHERE,
            world.edition,
            world.methodology,
            world.dataset,
            world.job,
            world.key,
            NOBODYS,
            "0" * 16,
        )
        answers.append((told(answer, *names), list(seen)))
    assert answers[0] == answers[1]
    assert answers[0][0][0] in {404, 415, 422}, answers[0]
    if answers[0][0][0] != 404:  # refused for its form, before anything was looked for
        assert not answers[0][1]


def operations(world: World) -> list[tuple[str, str]]:
    return [(method, path) for path, methods in world.description["paths"].items() for method in methods]


def references(world: World, path: str) -> list[tuple[str, str]]:
    """What is alpha's, and what is nobody's, for the first part of an address that names something."""
    if path.startswith("/v1/editions/"):
        return [(SECRET, ELSEWHERE), (world.edition, NOBODYS)]
    if path.startswith("/v1/methodologies/"):
        return [(SECRET, ELSEWHERE), (world.methodology, NOBODYS)]
    if path.startswith("/v1/datasets/"):
        return [(world.dataset, NOBODYS)]
    if path.startswith("/v1/jobs/"):
        return [(world.job, NOBODYS)]
    assert path.startswith("/v1/keys/"), f"an address whose objects this test does not know: {path}"
    return [(world.key, "0" * 16)]


def test_what_is_named_in_an_address(world: World) -> None:
    asked = 0
    for method, path in operations(world):
        if "{ref}" not in path and "{id}" not in path:
            continue
        for theirs, nobodys in references(world, path):
            filled = path
            for name, value in PARAMETERS.items():
                filled = filled.replace(f"{{{name}}}", value)
            if "/classes/{table}" in path:
                filled = filled.replace("/scores", "/units")
            elif "{table}" in path and ("/compare/" in path or "/validity/" in path):
                filled = filled.replace("/scores", "/summary" if "/compare/" in path else "/items")
            elif "/jobs/{id}/{table}" in path:
                filled = filled.replace("/scores", "/rank_sets")
            elif "/rank-bounds/{table}" in path or "/rank-sets/{table}" in path:
                filled = filled.replace("/scores", "/bounds" if "/rank-bounds/" in path else "/sets")
            params = {"other": ELSEWHERE} if "/compare" in path else {}
            alike(
                world,
                method,
                filled.replace("{ref}", theirs).replace("{id}", theirs),
                filled.replace("{ref}", nobodys).replace("{id}", nobodys),
                params=params,
            )
            asked += 1
    assert asked > 40


@pytest.mark.parametrize("header", ["If-None-Match", "Accept"])
def test_conditions_do_not_tell(world: World, header: str) -> None:
    value = world.etag if header == "If-None-Match" else "text/csv"
    for suffix in ("/scores.json", "/rankings", ""):
        alike(
            world,
            "GET",
            f"/v1/editions/{world.edition}{suffix}",
            f"/v1/editions/{NOBODYS}{suffix}",
            headers={header: value},
        )


def test_what_is_named_in_a_body(world: World) -> None:
    for theirs, nobodys in ((SECRET, ELSEWHERE), (world.edition, NOBODYS)):
        _same_answer(world, "/v1/score", {"edition": theirs}, {"edition": nobodys}, units=[{"values": {}}])
        _same_answer(world, "/v1/jobs", {"edition": theirs}, {"edition": nobodys}, kind="report")
    for theirs, nobodys in ((SECRET, ELSEWHERE), (world.methodology, NOBODYS)):
        _same_answer(world, "/v1/score", {"methodology": theirs}, {"methodology": nobodys}, units=[{"values": {}}])
        _same_answer(world, "/v1/editions", {"methodology": theirs}, {"methodology": nobodys}, name="mine")
    world.beta.post("/v1/editions", json={"name": "scored", "methodology": INDEX}).raise_for_status()
    world.beta.get("/v1/editions/scored").raise_for_status()  # known from here on, and not asked for again
    subject = {"kind": "scores", "edition": "scored"}
    _same_answer(world, "/v1/jobs", {"dataset": world.dataset}, {"dataset": NOBODYS}, **subject)
    _same_answer(
        world, "/v1/editions", {"dataset": world.dataset}, {"dataset": NOBODYS}, name="mine", methodology=INDEX
    )


def _same_answer(world: World, path: str, theirs: dict[str, str], nobodys: dict[str, str], **body: Any) -> None:
    answers = []
    for subject in (theirs, nobodys):
        with statements(world) as seen:
            answer = world.beta.post(path, json=body | subject)
        answers.append((told(answer), list(seen)))
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 404


def test_what_is_named_in_a_query(world: World) -> None:
    world.beta.post("/v1/editions", json={"name": "own", "methodology": INDEX}).raise_for_status()
    for theirs, nobodys in ((SECRET, ELSEWHERE),):
        answers = [told(world.beta.get(f"/v1/editions/own/compare?other={one}")) for one in (theirs, nobodys)]
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        kind = {"Content-Type": "text/csv"}
        answers = [
            told(world.beta.post(f"/v1/datasets?methodology={one}", content=TABLE, headers=kind))
            for one in (theirs, nobodys)
        ]
        assert answers[0] == answers[1]
        assert answers[0][0] == 422


def test_lists_show_nothing_of_others(world: World) -> None:
    live = world.live
    token, row = live.served.made_key("read", "write", "admin", project="gamma")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=live.address, headers=headers) as gamma:
        assert gamma.get("/v1/editions").json() == {"items": []}
        assert gamma.get("/v1/datasets").json() == {"items": []}
        assert gamma.get("/v1/jobs").json() == {"items": []}
        assert [one["id"] for one in gamma.get("/v1/keys").json()["items"]] == [row.id]
        own = [one for one in gamma.get("/v1/methodologies?limit=1000").json()["items"] if one["origin"] != "shipped"]
        assert own == []
        # A cursor of alpha's is a place in the order, and shows gamma's own alone.
        for path in ("/v1/editions", "/v1/datasets", "/v1/methodologies"):
            answer = world.alpha.get(path, params={"limit": 1})
            after = answer.links.get("next", {}).get("url")
            if after:
                assert SECRET not in gamma.get(after).text


def test_every_operation_is_of_one_of_the_kinds_that_are_asked_here(world: World) -> None:
    """A list or a collection that is added later has to be thought of in this file."""
    known = {
        "/v1/score",
        "/v1/methodologies",
        "/v1/methodologies/schema",
        "/v1/methodologies:validate",
        "/v1/datasets",
        "/v1/editions",
        "/v1/jobs",
        "/v1/keys",
        "/livez",
        "/readyz",
        "/version",
        "/metrics",
        "/openapi.json",
        "/docs",
    }
    assert {path for _, path in operations(world) if "{ref}" not in path and "{id}" not in path} == known


def test_names_and_contents_of_others_are_free(world: World) -> None:
    """The same name, the same bytes, the same text: new for beta, and alpha's stay what they are."""
    frozen = world.beta.post("/v1/editions", json={"name": SECRET, "methodology": INDEX})
    assert (frozen.status_code, frozen.json()["hash"]) == (201, world.edition)
    token, _ = world.live.served.made_key("write", project="delta")
    other = httpx2.post(
        f"{world.live.address}/v1/editions",
        json={"name": SECRET, "methodology": "nbs-new-drivers-2014"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert other.status_code == 201
    assert other.json()["hash"] != world.edition
    uploaded = world.beta.post("/v1/datasets", content=TABLE, headers={"Content-Type": "text/csv"})
    assert (uploaded.status_code, uploaded.json()["id"]) == (201, world.dataset)
    text = own_text(SECRET)
    stored = world.beta.post("/v1/methodologies", content=text, headers={"Content-Type": "application/yaml"})
    assert (stored.status_code, stored.json()["hash"]) == (201, world.methodology)
    # What is removed for beta is there for alpha.
    assert world.beta.delete(f"/v1/datasets/{world.dataset}").status_code == 204
    assert world.alpha.get(f"/v1/datasets/{world.dataset}").status_code == 200
    assert world.alpha.get(f"/v1/editions/{SECRET}").json()["hash"] == world.edition
    assert world.alpha.get(f"/v1/editions/{SECRET}/scores.json").headers["etag"] == world.etag


def test_idempotency_keys_are_each_callers_own(world: World) -> None:
    key = {"Idempotency-Key": "chosen-by-both"}
    first = world.alpha.post("/v1/keys", json={"name": "one", "scopes": ["read"]}, headers=key)
    other = world.beta.post("/v1/keys", json={"name": "two", "scopes": ["read"]}, headers=key)
    assert (first.status_code, other.status_code) == (201, 201)
    assert "idempotency-replayed" not in other.headers
    same = world.beta.post("/v1/keys", json={"name": "two", "scopes": ["read"]}, headers=key)
    assert same.json()["id"] == other.json()["id"] != first.json()["id"]
    assert same.headers["idempotency-replayed"] == "true"


def test_nothing_changes_for_alpha_by_what_beta_tries(world: World) -> None:
    before = world.alpha.get("/v1/keys").json()
    assert world.beta.delete(f"/v1/keys/{world.key}").status_code == 404
    assert world.alpha.get(f"/v1/keys/{world.key}").json()["revoked"] is None
    assert len(world.alpha.get("/v1/keys").json()["items"]) == len(before["items"])


def test_the_log_of_changes_keeps_projects_apart(world: World) -> None:
    """Each project has a chain of its own: what alpha does moves no number and no hash of beta's."""
    store = world.live.served.store
    names = {one.name: one.id for one in store.projects.list()}
    before = store.audit.list(names["beta"])
    world.alpha.post("/v1/keys", json={"name": "more", "scopes": ["read"]}).raise_for_status()
    assert store.audit.list(names["beta"]) == before
    assert {one.project for one in before} == {names["beta"]}
    assert [one.sequence for one in before] == list(range(1, len(before) + 1))
    assert not [path for _, path in operations(world) if "audit" in path or "project" in path]


def test_metrics_and_health_name_nobody(world: World) -> None:
    texts = [world.beta.get(path).text for path in ("/metrics", "/readyz", "/version", "/openapi.json")]
    for word in (SECRET, world.edition, world.dataset, world.methodology, world.key, "alpha"):
        assert not [text for text in texts if word in text], word


def test_nobody_without_a_key_gets_an_answer(world: World) -> None:
    for method, path in operations(world):
        if not path.startswith("/v1/"):
            continue
        for token in (None, "dti_live_" + "0" * 43):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = httpx2.request(method, f"{world.live.address}{path}", headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "DT701"
