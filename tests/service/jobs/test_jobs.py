"""Jobs over HTTP: asked for, followed, given; what they give is what the library gives."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

import dtindex as dti
from dtindex_service.jobs.asking import job_id
from dtindex_service.jobs.kinds import KINDS
from dtindex_service.schemas.jobs import NewJob
from dtindex_service.store.clock import now

PATIENCE = 60.0


def ended(client: TestClient, id_: str) -> dict[str, Any]:
    """A job, when it has ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(f"/v1/jobs/{id_}").json()
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def done(client: TestClient, kind: str, edition: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/jobs", json={"kind": kind, "edition": edition, **more})
    assert answer.status_code in (200, 202), answer.text
    found = ended(client, answer.json()["id"])
    assert found["state"] == "done", found["problem"]
    return found


FACTORS = [{"id": "w", "node": "index", "dirichlet": 60}, {"id": "e", "error": 0.1, "of": ["environment"]}]
ERRORS = {"environment": {"北京": 1.5, "广东": 1.0}}
ASKED: dict[str, tuple[str, dict[str, Any], Callable[[dti.Edition], Any]]] = {
    "simulation": (
        "2020",
        {"runs": 100_000, "seed": 7},
        lambda edition: dti.simulate(edition, runs=100_000, seed=7),
    ),
    "simulation with own factors": (
        "2020",
        {"runs": 2_000, "factors": FACTORS, "errors": ERRORS, "confidence": 0.9, "method": "random"},
        lambda edition: dti.simulate(
            edition,
            factors=dti.parse_factors(FACTORS, edition.methodology),
            errors=ERRORS,
            runs=2_000,
            confidence=0.9,
            method="random",
        ),
    ),
    "simulation of a panel": (
        "drivers",
        {"runs": 1_000, "period": "2023"},
        lambda edition: dti.simulate(edition, runs=1_000, period="2023"),
    ),
    "sensitivity": (
        "2020",
        {"runs": 256, "scrambles": 4, "groups": {"both": ["reading", "weights"]}},
        lambda edition: dti.sensitivity(edition, runs=256, scrambles=4, groups={"both": ["reading", "weights"]}),
    ),
    "rank-bounds": ("2020", {"within": 0.5}, lambda edition: dti.rank_bounds(edition, within=0.5)),
    "rank-sets": ("2020", {"draws": 1_000}, lambda edition: dti.rank_sets(edition, draws=1_000)),
    "rank-sets of groups": (
        "survey",
        {"by": ["industry"], "draws": 1_000},
        lambda edition: dti.rank_sets(edition, by=["industry"], draws=1_000),
    ),
    "estimates": (
        "survey",
        {"of": ["index"], "by": ["industry"], "replicates": 200, "seed": 3},
        lambda edition: dti.estimate(edition, of=["index"], by=["industry"], replicates=200, seed=3),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_job_gives_what_the_library_gives_to_the_byte(stocked: Any, name: str) -> None:
    edition, parameters, whole = ASKED[name]
    kind = name.partition(" ")[0]
    found = done(stocked.client, kind, edition, parameters=parameters)
    expected = whole(stocked.editions[edition])
    head = {"edition": {"name": edition, "hash": stocked.editions[edition].hash}}
    result = stocked.client.get(found["results"]["result"]["href"]["file"])
    assert result.content == dti.json_text(head | expected.to_dict()).encode()
    assert found["results"].keys() == {"result", *expected.tables}
    for table, frame in expected.tables.items():
        href = found["results"][table]["href"]
        named = frame.rename(columns=str)
        assert stocked.client.get(href["csv"]).content == dti.frame_csv(named)
        read = pd.read_parquet(io.BytesIO(stocked.client.get(href["parquet"]).content))
        assert list(read.columns) == [named.index.name or "index", *named.columns]
        assert len(read) == found["results"][table]["rows"] == len(frame)
        assert stocked.client.get(href["json"]).json()["columns"] == list(read.columns)


def test_every_kind_has_a_form_and_is_worked_on() -> None:
    union = NewJob.__origin__  # type: ignore[attr-defined]
    forms = {one.model_fields["kind"].annotation.__args__[0] for one in union.__args__}
    assert forms == set(KINDS)


def test_a_report(stocked: Any, tmp_path: Path) -> None:
    found = done(stocked.client, "report", "2020", parameters={"language": "en", "runs": 64})
    answer = stocked.client.get(f"/v1/jobs/{found['id']}/result")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    edition = dti.load_edition(stocked.editions["2020"].save(tmp_path / "2020.dtindex"))
    assert answer.text == dti.explorer(edition, language="en", runs=64).html


def test_a_workbook(stocked: Any, tmp_path: Path) -> None:
    found = done(stocked.client, "report", "2020", parameters={"format": "xlsx", "language": "en", "runs": 64})
    answer = stocked.client.get(f"/v1/jobs/{found['id']}/result")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    edition = dti.load_edition(stocked.editions["2020"].save(tmp_path / "2020.dtindex"))
    assert answer.content == dti.workbook(edition, language="en", runs=64).content


def test_a_dataset_is_scored_as_the_library_scores_it(serve: Any) -> None:
    served = serve(read_only=False)
    client = served.client
    methodology = dti.load_methodology("accenture-reinvention-2023")
    frozen = {"name": "survey", "methodology": methodology.id, "assume": "instrument-v1"}
    sample = dti.sample(methodology, 400, seed=1)
    content = io.BytesIO()
    sample.frame.to_parquet(content)
    kind = {"Content-Type": "application/vnd.apache.parquet"}
    upload = client.post(f"/v1/datasets?methodology={methodology.id}", content=content.getvalue(), headers=kind)
    assert upload.status_code == 201, upload.text
    dataset = upload.json()["id"]
    made = client.post("/v1/editions", json=frozen | {"dataset": dataset})
    assert made.status_code == 201, made.text
    other = dti.sample(methodology, 300, seed=2).frame
    content = io.BytesIO()
    other.to_parquet(content)
    second = client.post(f"/v1/datasets?methodology={methodology.id}", content=content.getvalue(), headers=kind)
    dataset = second.json()["id"]
    tables = ["scores_wide", "percentiles", "scores", "findings"]
    found = done(client, "scores", "survey", dataset=dataset, parameters={"tables": tables})
    edition = dti.CompositeIndex(methodology, assume="instrument-v1").fit(dti.read_table(sample.frame, methodology))
    scores = edition.freeze("survey").score(dti.read_table(other, methodology))
    lines = client.get(f"/v1/jobs/{found['id']}/percentiles.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 301
    wide = pd.read_parquet(io.BytesIO(client.get(f"/v1/jobs/{found['id']}/scores_wide.parquet").content))
    assert wide["index"].to_numpy() == pytest.approx(scores.column("index")[scores.sorted_rows()], abs=0, nan_ok=True)
    assert client.get(f"/v1/jobs/{found['id']}/result").json()["edition"]["name"] == "survey"
    page = client.get(f"/v1/jobs/{found['id']}/scores.json?limit=7")
    assert len(page.json()["rows"]) == 7
    assert len(client.get(page.links["next"]["url"]).json()["rows"]) == 7
    # What was scored of a dataset goes with it.
    assert client.delete(f"/v1/datasets/{dataset}").status_code == 204
    assert client.get(f"/v1/jobs/{found['id']}").status_code == 404


# --- asking ---


def test_the_same_request_is_the_same_job_and_answers_at_once(stocked: Any) -> None:
    body = {"kind": "simulation", "edition": "2020", "parameters": {"runs": 500, "seed": 11}}
    first = stocked.client.post("/v1/jobs", json=body)
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert first.headers["location"] == f"/v1/jobs/{first.json()['id']}"
    found = ended(stocked.client, first.json()["id"])
    by_hash = body | {"edition": stocked.editions["2020"].hash, "parameters": {"seed": 11, "runs": 500, "node": None}}
    for same in (body, by_hash):
        again = stocked.client.post("/v1/jobs", json=same)
        assert (again.status_code, again.json()) == (200, found)
    other = stocked.client.post("/v1/jobs", json=body | {"parameters": {"runs": 501, "seed": 11}})
    assert other.json()["id"] != found["id"]


def test_the_id_is_a_hash_of_all_that_a_result_depends_on() -> None:
    base = ("simulation", "e" * 64, None, {"runs": 1})
    ids = {
        job_id(*base),
        job_id("sensitivity", *base[1:]),
        job_id(base[0], "f" * 64, None, base[3]),
        job_id(*base[:2], "d" * 64, base[3]),
        job_id(*base[:3], {"runs": 2}),
    }
    assert len(ids) == 5
    assert job_id(*base) == job_id(*base)


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ({"kind": "simulation"}, 422, "#/simulation/edition"),
        ({"kind": "nothing", "edition": "2020"}, 422, "#"),
        ({"kind": "simulation", "edition": "nobody's"}, 404, None),
        ({"kind": "simulation", "edition": "2020", "parameters": {"runs": 0}}, 422, "#/simulation/parameters/runs"),
        ({"kind": "simulation", "edition": "2020", "parameters": {"runs": "9"}}, 422, "#/simulation/parameters/runs"),
        ({"kind": "simulation", "edition": "2020", "parameters": {"x": 1}}, 422, "#/simulation/parameters/x"),
        ({"kind": "scores", "edition": "2020"}, 422, "#/scores/dataset"),
        ({"kind": "scores", "edition": "2020", "dataset": "a" * 64}, 404, "#/dataset"),
        (
            {"kind": "scores", "edition": "2020", "dataset": "a" * 64, "parameters": {"tables": ["all"]}},
            422,
            "#/scores/parameters/tables/0",
        ),
    ],
)
def test_what_cannot_be_asked(stocked: Any, body: dict[str, Any], status: int, place: str | None) -> None:
    answer = stocked.client.post("/v1/jobs", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if place is not None:
        assert [one.get("pointer") for one in answer.json()["errors"]] == [place]


@pytest.mark.parametrize(
    ("kind", "parameters", "code", "problem"),
    [
        ("simulation", {"node": "nowhere"}, "DT024", "usage"),
        ("simulation", {"period": "1999"}, "DT024", "usage"),
        ("sensitivity", {"factors": [{"id": "w", "node": "nowhere", "dirichlet": 3}]}, "DT024", "input"),
        ("estimates", {"of": ["nothing"]}, "DT024", "usage"),
    ],
)
def test_what_the_library_refuses_is_the_jobs_problem(
    stocked: Any, kind: str, parameters: dict[str, Any], code: str, problem: str
) -> None:
    body = {"kind": kind, "edition": "2020", "parameters": parameters}
    found = ended(stocked.client, stocked.client.post("/v1/jobs", json=body).json()["id"])
    assert found["state"] == "failed"
    assert (found["problem"]["code"], found["problem"]["kind"]) == (code, problem)
    assert stocked.client.post("/v1/jobs", json=body).json() == found  # it would meet the same again
    refused = stocked.client.get(f"/v1/jobs/{found['id']}/result")
    assert (refused.status_code, refused.json()["code"]) == (409, "DT722")
    assert "failed" in refused.json()["detail"]


def test_a_job_that_is_too_large_is_refused_when_it_is_planned(serve: Any, stocked: Any) -> None:
    served = serve(read_only=False, max_job_size=1_000)
    served.client.post("/v1/editions", json={"name": "e", "methodology": "caict-computing-power-1.0"})
    body = {"kind": "simulation", "edition": "e", "parameters": {"runs": 1_001}}
    found = ended(served.client, served.client.post("/v1/jobs", json=body).json()["id"])
    assert (found["problem"]["code"], found["problem"]["kind"]) == ("DT903", "limit")


def test_a_chunk_that_takes_too_long(serve: Any) -> None:
    served = serve(read_only=False, job_seconds=1)
    served.client.post("/v1/editions", json={"name": "e", "methodology": "caict-computing-power-1.0"})
    body = {"kind": "rank-sets", "edition": "e", "parameters": {"draws": 1_000_000}}
    found = ended(served.client, served.client.post("/v1/jobs", json=body).json()["id"])
    assert (found["state"], found["problem"]["code"]) == ("failed", "DT903")
    assert "1 s" in found["problem"]["detail"]


# --- following ---


def events(text: str) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if lines.get("event") == "job":
            found.append((int(lines["id"]), json.loads(lines["data"])))
    return found


def test_events_tell_each_change_until_the_end(stocked: Any) -> None:
    body = {"kind": "simulation", "edition": "2020", "parameters": {"runs": 4_000_000, "seed": 5}}
    id_ = stocked.client.post("/v1/jobs", json=body).json()["id"]
    with stocked.client.stream("GET", f"/v1/jobs/{id_}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        told = events("".join(answer.iter_text()))
    versions = [version for version, _ in told]
    assert versions == sorted(set(versions))
    shares = [one["progress"]["size_done"] for _, one in told]
    assert shares == sorted(shares)
    assert told[-1][1] == stocked.client.get(f"/v1/jobs/{id_}").json()
    assert told[-1][1]["state"] == "done"
    headers = {"Last-Event-ID": str(versions[-1])}
    assert stocked.client.get(f"/v1/jobs/{id_}/events", headers=headers).text == ""
    assert stocked.client.get(f"/v1/jobs/{'f' * 64}/events").status_code == 404


def test_a_job_that_runs_gives_nothing_yet_and_is_cancelled(stocked: Any) -> None:
    body = {"kind": "simulation", "edition": "2020", "parameters": {"runs": 500_000_000, "seed": 5}}
    id_ = stocked.client.post("/v1/jobs", json=body).json()["id"]
    refused = stocked.client.get(f"/v1/jobs/{id_}/result")
    assert (refused.status_code, refused.json()["code"]) == (409, "DT722")
    assert refused.headers["retry-after"] == "1"
    until = time.monotonic() + PATIENCE
    while not stocked.client.get(f"/v1/jobs/{id_}").json()["progress"]["parts"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    for _ in range(2):
        answer = stocked.client.post(f"/v1/jobs/{id_}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    refused = stocked.client.get(f"/v1/jobs/{id_}/result")
    assert (refused.status_code, refused.json()["detail"]) == (409, "The job was cancelled: it gives nothing.")
    store = stocked.served.store
    while store.jobs.held():  # the worker hears of it, and leaves it
        assert time.monotonic() < until
        time.sleep(0.05)
    assert not list((store.files.jobs / "local" / id_).glob("*"))
    assert stocked.client.delete(f"/v1/jobs/{id_}").status_code == 204
    assert stocked.client.get(f"/v1/jobs/{id_}").status_code == 404
    assert stocked.client.delete(f"/v1/jobs/{id_}").status_code == 404


def test_what_has_ended_is_forgotten_with_what_it_gave(stocked: Any) -> None:
    found = done(stocked.client, "rank-sets", "2020", parameters={"draws": 321})
    store = stocked.served.store
    row = store.jobs.get("local", found["id"])
    paths = {name: store.files.path("local", about["blob"]) for name, about in row.results.items()}
    assert all(path.exists() for path in paths.values())
    other = done(stocked.client, "rank-sets", "2020", parameters={"draws": 322})
    shared = {about["blob"] for about in store.jobs.get("local", other["id"]).results.values()}
    assert stocked.client.delete(f"/v1/jobs/{found['id']}").status_code == 204
    assert not paths["result"].exists()
    for path in paths.values():  # what another job gave too stays
        assert path.exists() == (path.name in shared)


def test_what_runs_may_be_forgotten_too(stocked: Any) -> None:
    body = {"kind": "simulation", "edition": "2020", "parameters": {"runs": 400_000_000, "seed": 6}}
    id_ = stocked.client.post("/v1/jobs", json=body).json()["id"]
    assert stocked.client.delete(f"/v1/jobs/{id_}").status_code == 204
    assert stocked.client.get(f"/v1/jobs/{id_}").status_code == 404


def test_results_never_change_and_say_so(stocked: Any) -> None:
    found = done(stocked.client, "rank-sets", "2020", parameters={"draws": 500})
    for path in ("result", "rank_sets.csv", "rank_sets.parquet"):
        address = f"/v1/jobs/{found['id']}/{path}"
        answer = stocked.client.get(address)
        assert "immutable" in answer.headers["cache-control"]
        again = stocked.client.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    for nothing in ("nothing.csv", "rank_sets.xlsx", "result.csv"):
        assert stocked.client.get(f"/v1/jobs/{found['id']}/{nothing}").status_code == 404


def test_jobs_are_listed_page_by_page(stocked: Any) -> None:
    for draws in (101, 102, 103):
        done(stocked.client, "rank-sets", "2020", parameters={"draws": draws})
    seen, address = [], "/v1/jobs?limit=2"
    while address:
        answer = stocked.client.get(address)
        seen += [one["id"] for one in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
    assert seen == sorted(set(seen))
    assert len(seen) >= 3


def test_scopes(serve: Any) -> None:
    served = serve()
    read, score = served.key("read"), served.key("read", "score")
    body = {"kind": "rank-sets", "edition": "nothing"}
    assert served.client.post("/v1/jobs", json=body, headers=read).status_code == 403
    assert served.client.post("/v1/jobs", json=body, headers=score).status_code == 404
    assert served.client.get("/v1/jobs", headers=read).status_code == 200
    assert served.client.delete(f"/v1/jobs/{'a' * 64}", headers=read).status_code == 403
    assert served.client.post(f"/v1/jobs/{'a' * 64}/cancel", headers=read).status_code == 403
    assert served.client.post(f"/v1/jobs/{'a' * 64}/cancel", headers=score).status_code == 404


def test_what_cannot_be_paid_for_is_not_begun(serve: Any) -> None:
    served = serve(requests_per_minute=25)
    body = {"name": "e", "methodology": "caict-computing-power-1.0"}
    key = served.key("read", "score", "write")
    assert served.client.post("/v1/editions", json=body, headers=key).status_code == 201
    other = served.key("read", "score")
    job = {"kind": "rank-sets", "edition": "e", "parameters": {"draws": 200}}
    for _ in range(10):
        assert served.client.get("/v1/jobs", headers=other).status_code == 200
    refused = served.client.post("/v1/jobs", json=job, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (429, "DT716")
    assert served.store.jobs.list("local") == []


def test_jobs_whose_time_is_over_are_swept_away(serve: Any) -> None:
    from datetime import timedelta

    from dtindex_service.retention import sweep

    served = serve(read_only=False, job_days=3)
    served.client.post("/v1/editions", json={"name": "e", "methodology": "caict-computing-power-1.0"})
    found = done(served.client, "rank-sets", "e", parameters={"draws": 200})
    stray = served.store.files.jobs / "local" / ("a" * 64)
    stray.mkdir(parents=True)
    sweep(served.store, served.services.settings, now() + timedelta(days=2))
    assert served.client.get(f"/v1/jobs/{found['id']}").status_code == 200
    assert not stray.exists()
    sweep(served.store, served.services.settings, now() + timedelta(days=4))
    assert served.client.get(f"/v1/jobs/{found['id']}").status_code == 404


def test_a_child_that_dies_is_tried_again_and_then_given_up(stocked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What kills its process each time fails; what does so once does not."""
    from dtindex_service.jobs import runner
    from dtindex_service.work.process import Child

    deaths = {"left": 1}
    own = Child.do

    def do(self: Child, task: str, arguments: Any, seconds: float) -> Any:
        if arguments.get("job", {}).get("asked", {}).get("draws") in (777, 778) and deaths["left"]:
            deaths["left"] -= 1
            self.strike()
        return own(self, task, arguments, seconds)

    monkeypatch.setattr(runner.Child, "do", do)
    done(stocked.client, "rank-sets", "2020", parameters={"draws": 777})
    assert deaths["left"] == 0
    deaths["left"] = 99
    body = {"kind": "rank-sets", "edition": "2020", "parameters": {"draws": 778}}
    found = ended(stocked.client, stocked.client.post("/v1/jobs", json=body).json()["id"])
    assert (found["state"], found["problem"]["code"]) == ("failed", "DT721")
    assert deaths["left"] == 99 - 3
    deaths["left"] = 0
    assert stocked.client.post("/v1/jobs", json=body).status_code == 202  # it may end otherwise now
    assert ended(stocked.client, found["id"])["state"] == "done"


def test_parts_that_are_gone_are_worked_out_anew(serve: Any) -> None:
    served = serve(read_only=False, job_processes=0)
    served.client.post("/v1/editions", json={"name": "e", "methodology": "caict-computing-power-1.0"})
    body = {"kind": "sensitivity", "edition": "e", "parameters": {"runs": 32, "scrambles": 2}}
    id_ = served.client.post("/v1/jobs", json=body).json()["id"]
    jobs = served.store.jobs
    plan = jobs.claim("w", now())
    jobs.planned(plan, [16, 16])
    for _ in range(2):
        lease = jobs.claim("w", now())
        jobs.part_done(lease, f"{lease.position}.{lease.fence}")  # and no file
    from dtindex_service.jobs.runner import Runner

    runner = Runner(served.store, served.services.settings, served.services.logger, 1)
    runner.start()
    try:
        assert ended(served.client, id_)["state"] == "done"
    finally:
        runner.stop(10)


def test_metrics_count_jobs_by_their_state(stocked: Any) -> None:
    done(stocked.client, "rank-sets", "2020", parameters={"draws": 405})
    lines = stocked.client.get("/metrics").text.splitlines()
    (counted,) = [line for line in lines if line.startswith('dtindex_jobs{state="done"}')]
    assert float(counted.split()[1]) >= 1


def test_who_asked_is_in_the_log_of_changes(stocked: Any) -> None:
    found = done(stocked.client, "rank-sets", "2020", parameters={"draws": 404})
    log = [(one.action, one.object) for one in stocked.served.store.audit.list("local")]
    assert ("job.submit", found["id"]) in log
    assert stocked.served.store.audit.broken_at("local") is None
