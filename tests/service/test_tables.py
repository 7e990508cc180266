"""Tables of an edition at their addresses: what they hold, how they are kept, and what is told beside them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dtindex as dti
from dtindex.cli import main
from dtindex_service.tables import TABLES

if TYPE_CHECKING:
    from tests.service.conftest import Serve, Stocked

FORMS = ("json", "csv", "arrow", "parquet")
NAMES = ("2020", "drivers", "survey")


def read(content: bytes, form: str) -> pd.DataFrame:
    """A representation as a frame, all values as they are."""
    if form == "json":
        body = json.loads(content)
        return pd.DataFrame(body["rows"], columns=body["columns"])
    if form == "csv":
        return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    table = pa.ipc.open_stream(content).read_all() if form == "arrow" else pq.read_table(io.BytesIO(content))
    return table.to_pandas()


def cells(frame: pd.DataFrame) -> list[list[object]]:
    """Cells that can be compared: numbers as far as a file in text holds them, nothing is None."""
    return [[_cell(value) for value in row] for row in frame.astype(object).itertuples(index=False, name=None)]


def _cell(value: Any) -> object:
    if value is None or value == "" or pd.isna(value):
        return None
    try:
        return pytest.approx(float(value), rel=1e-10, abs=1e-12)
    except (TypeError, ValueError):
        return str(value)


def plain(frame: pd.DataFrame) -> list[list[object]]:
    """The other side of :func:`cells`."""
    return [[one.expected if hasattr(one, "expected") else one for one in row] for row in cells(frame)]


# --- what they hold ---


@pytest.mark.parametrize("edition", NAMES)
@pytest.mark.parametrize("table", list(TABLES))
def test_the_four_representations_say_the_same(stocked: Stocked, edition: str, table: str) -> None:
    frames = {}
    for form in FORMS:
        answer = stocked.client.get(f"/v1/editions/{edition}/{table}.{form}")
        assert answer.status_code == 200, answer.text
        frames[form] = read(answer.content, form)
    first = frames["csv"]
    for frame in frames.values():
        assert list(frame.columns) == list(first.columns)
        if len(frame) < 10_000:
            assert plain(frame) == cells(first)


@pytest.mark.parametrize("edition", NAMES)
def test_scores_are_what_the_command_line_writes(stocked: Stocked, tmp_path: Path, edition: str) -> None:
    file = stocked.editions[edition].save(tmp_path / "e.dtindex")
    assert main(["score", str(file), "-o", str(tmp_path / "out"), "--quiet"]) in (0, 1)
    for name in ("scores", "scores_wide"):
        answer = stocked.client.get(f"/v1/editions/{edition}/{name}.csv")
        assert answer.content == (tmp_path / "out" / f"{name}.csv").read_bytes()


def test_numbers_are_the_librarys(stocked: Stocked) -> None:
    scores = stocked.editions["2020"].score()
    body = stocked.client.get("/v1/editions/2020/scores_wide.json").json()
    for row in body["rows"]:
        for item in scores.items:
            own = scores.scores.loc[row["unit"], item]
            assert row[item] == (None if pd.isna(own) else pytest.approx(own, rel=1e-11))
        assert row["rank:index"] == scores.ranks.loc[row["unit"], "index"]


def test_contributions_sum_to_the_score(stocked: Stocked) -> None:
    """Members of the index bring its score: the first level of the tree sums to it."""
    methodology = stocked.editions["2020"].methodology
    parts = methodology.tree.children["index"]
    for row in stocked.client.get("/v1/editions/2020/contributions").json()["rows"]:
        assert sum(row[part] for part in parts) == pytest.approx(row["index"], abs=1e-9)


def test_weights_are_those_that_entered_the_score(stocked: Stocked) -> None:
    scores = stocked.editions["2020"].score()
    rows = stocked.client.get("/v1/editions/2020/weights").json()["rows"]
    own = [row["weight"] for row in rows if row["node"] == "index"]
    assert own == pytest.approx(scores.weights["index"], rel=1e-11)
    assert {row["item"]: row["effective_weight"] for row in rows if row["item"] in scores.effective} == pytest.approx(
        dict(scores.effective), rel=1e-11
    )


# --- rankings ---


def test_a_ranking_goes_from_the_best_down(stocked: Stocked) -> None:
    scores = stocked.editions["2020"].score()
    rows = stocked.client.get("/v1/editions/2020/rankings").json()["rows"]
    assert [row["rank"] for row in rows] == sorted(int(rank) for rank in scores.ranks["index"])
    assert (rows[0]["unit"], rows[0]["name"]) == ("广东", "Guangdong")
    assert all(row["rank"] == scores.ranks.loc[row["unit"], "index"] for row in rows)


def test_a_ranking_may_be_of_a_node_a_group_and_a_language(stocked: Stocked) -> None:
    scores = stocked.editions["2020"].score()
    asked = {"node": "environment", "group": "region", "language": "zh"}
    rows = stocked.client.get("/v1/editions/2020/rankings", params=asked).json()["rows"]
    within = scores.ranks_within("region")["environment"]
    assert rows[0]["name"] == rows[0]["unit"]
    assert all(row["rank_in_group"] == within.loc[row["unit"]] for row in rows)
    assert {row["node"] for row in rows} == {"environment"}


def test_a_ranking_of_a_panel_is_of_the_latest_period(stocked: Stocked) -> None:
    scores = stocked.editions["drivers"].score()
    latest = scores.periods_in_order[-1]
    rows = stocked.client.get("/v1/editions/drivers/rankings").json()["rows"]
    assert {row["period"] for row in rows} == {latest}
    everything = stocked.client.get("/v1/editions/drivers/rankings?period=all").json()["rows"]
    periods = list(dict.fromkeys(row["period"] for row in everything))
    assert periods == scores.periods_in_order[::-1]


@pytest.mark.parametrize(
    ("asked", "parameter", "code"),
    [
        ({"node": "nothing"}, "query node", "DT396"),
        ({"period": "1999"}, "query period", "DT396"),
        ({"group": "nothing"}, "query group", "DT024"),
        ({"language": "fr"}, "query language", "DT709"),
        ({"limit": "0"}, "query limit", "DT709"),
    ],
)
def test_what_cannot_be_asked_is_422_with_the_parameter(
    stocked: Stocked, asked: dict[str, str], parameter: str, code: str
) -> None:
    answer = stocked.client.get("/v1/editions/2020/rankings", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("cursor", ["nonsense!", "cmFiYml0", "", "é"])
def test_a_cursor_that_nobody_gave_is_404(stocked: Stocked, cursor: str) -> None:
    answer = stocked.client.get("/v1/editions/2020/rankings", params={"after": cursor})
    assert (answer.status_code, answer.json()["code"]) == (404, "DT719")
    assert answer.json()["errors"][0]["parameter"] == "query after"


# --- addresses ---


@pytest.mark.parametrize("path", ["nothing", "nothing.csv", "scores.xml", "scores.", "nothing.metadata.json"])
def test_what_is_no_table_is_404(stocked: Stocked, path: str) -> None:
    answer = stocked.client.get(f"/v1/editions/2020/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


@pytest.mark.parametrize(("accept", "form"), [("text/csv", "csv"), ("*/*", "json"), ("application/json", "json")])
def test_accept_chooses(stocked: Stocked, accept: str, form: str) -> None:
    answer = stocked.client.get("/v1/editions/2020/rankings", headers={"Accept": accept})
    assert answer.content == stocked.client.get(f"/v1/editions/2020/rankings.{form}").content
    assert "Accept" in answer.headers["vary"]


def test_what_is_not_made_is_406(stocked: Stocked) -> None:
    answer = stocked.client.get("/v1/editions/2020/scores", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "DT705")


def test_by_hash_for_ever_and_by_name_with_its_address(stocked: Stocked) -> None:
    hash = stocked.editions["2020"].hash  # noqa: A001
    exact = stocked.client.get(f"/v1/editions/{hash}/rankings.csv?node=environment")
    named = stocked.client.get("/v1/editions/2020/rankings?node=environment", headers={"Accept": "text/csv"})
    assert exact.content == named.content
    assert exact.headers["cache-control"].endswith("immutable")
    assert named.headers["cache-control"] == "no-store"
    place = named.headers["content-location"]
    assert place == f"/v1/editions/{hash}/rankings.csv?node=environment"
    assert stocked.client.get(place).content == named.content
    again = stocked.client.get(place, headers={"If-None-Match": exact.headers["etag"]})
    assert again.status_code == 304


# --- parts ---


@pytest.mark.parametrize(("table", "form"), [("scores", "json"), ("scores", "csv"), ("rankings", "json")])
def test_parts_make_the_whole(stocked: Stocked, table: str, form: str) -> None:
    whole = read(stocked.client.get(f"/v1/editions/2020/{table}.{form}").content, form)
    path, parts = f"/v1/editions/2020/{table}.{form}?limit=13", []
    while path:
        answer = stocked.client.get(path)
        parts.append(read(answer.content, form))
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert [len(part) for part in parts[:-1]] == [13] * (len(parts) - 1)
    assert [row for part in parts for row in plain(part)] == cells(whole)


def test_a_large_table_in_json_comes_in_parts(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """600 respondents by some 30 items are more than the 10,000 rows that JSON is given at once."""
    from dtindex_service.fitting import about_of
    from dtindex_service.store import EditionRow
    from dtindex_service.store.base import Actor
    from dtindex_service.store.clock import now

    methodology = dti.load_methodology("accenture-reinvention-2023")
    made = dti.read_table(dti.sample(methodology, 600, seed=2).table, methodology)
    edition = dti.CompositeIndex(methodology, assume="instrument-v1").fit(made).freeze("large")
    served = serve()
    blob = served.store.files.put_file("local", edition.save(tmp_path / "e.dtindex"))
    row = EditionRow(edition.hash, "large", methodology.hash, methodology.id, blob, now(), about=about_of(edition))
    served.store.editions.add(Actor("local"), row)
    # Many cells are rendered in a child process; the same bytes come of it.
    here = served.client.get("/v1/editions/large/scores.csv").content
    served.services.rendered._kept.clear()
    monkeypatch.setattr("dtindex_service.answering._MANY_CELLS", 10)
    assert served.client.get("/v1/editions/large/scores.csv").content == here
    rows, path, answers = 0, "/v1/editions/large/scores", 0
    while path:
        answer = served.client.get(path)
        rows += len(answer.json()["rows"])
        answers += 1
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert rows == len(edition.score().to_long())
    assert answers == -(-rows // 10_000)


# --- metadata ---


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("edition", NAMES)
def test_every_column_is_told_of(stocked: Stocked, edition: str, table: str) -> None:
    told = stocked.client.get(f"/v1/editions/{edition}/{table}.metadata.json").json()
    answer = stocked.client.get(f"/v1/editions/{edition}/{table}.arrow")
    arrow = pa.ipc.open_stream(answer.content).read_all()
    assert [one["name"] for one in told["columns"]] == arrow.column_names
    assert told["rows"] == arrow.num_rows
    kinds = {"number": pa.types.is_floating, "integer": pa.types.is_integer, "boolean": pa.types.is_boolean}
    for one in told["columns"]:
        holds = kinds.get(one["type"], lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind))
        assert holds(arrow.schema.field(one["name"]).type), one
        assert set(one["label"]) == {"en", "zh"}
        assert all(one["label"].values())


def test_metadata_say_where_figures_come_from(stocked: Stocked) -> None:
    edition = stocked.editions["2020"]
    told = stocked.client.get("/v1/editions/2020/scores_wide.metadata.json").json()
    assert told["edition"] == {"name": "2020", "hash": edition.hash}
    assert told["methodology"]["hash"] == edition.methodology.hash
    assert told["table_hash"] == edition.table_hash
    assert told["rank_rule"]["decimals"] == edition.methodology.rank.decimals
    assert {one["id"] for one in told["sources"]} == {one.id for one in edition.methodology.sources}
    assert told["licences"] == sorted({one["licence"] for one in told["sources"] if one["licence"]})
    assert told["assumptions"] == []
    labels = {one["name"]: one["label"] for one in told["columns"]}
    assert labels["index"] == {"en": "Computing power index", "zh": "算力发展指数"}
    for form, one in told["files"].items():
        answer = stocked.client.get(one["address"])
        assert answer.status_code == 200, form
        assert answer.headers["content-type"] == one["media_type"]


def test_metadata_name_the_assumption_and_what_was_made_up(stocked: Stocked) -> None:
    told = stocked.client.get("/v1/editions/survey/scores.metadata.json").json()
    assert told["assumptions"] == ["instrument-v1"]
    assert told["synthetic"]


def test_units_of_measure_are_the_methodologys(stocked: Stocked) -> None:
    told = stocked.client.get("/v1/editions/2020/measured.metadata.json").json()
    units = {one["name"]: one["unit"] for one in told["columns"]}
    assert units["compute"] is not None
    assert units["unit"] is None
