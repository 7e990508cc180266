"""Two editions against each other: the library's difference, of editions that both are the caller's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dtindex as dti
from dtindex.cli import main

if TYPE_CHECKING:
    from tests.service.conftest import Served, Stocked

PANEL = {"other": "drivers", "periods": ["2023", "2024"]}


def test_a_comparison_is_the_librarys(stocked: Stocked) -> None:
    scores = stocked.editions["drivers"].score()
    own = dti.diff(scores, scores, periods=("2023", "2024")).to_dict()
    assert stocked.client.get("/v1/editions/drivers/compare", params=PANEL).json() == own


@pytest.mark.parametrize(("table", "file"), [("units", "difference"), ("items", "difference_items")])
def test_its_tables_are_what_the_command_line_writes(stocked: Stocked, tmp_path: Path, table: str, file: str) -> None:
    edition = stocked.editions["drivers"].save(tmp_path / "e.dtindex")
    words = ["diff", str(edition), str(edition), "--periods", "2023,2024", "-o", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0
    answer = stocked.client.get(f"/v1/editions/drivers/compare/{table}.csv", params=PANEL)
    assert answer.content == (tmp_path / "out" / f"{file}.csv").read_bytes()


def test_nothing_changed_against_itself(stocked: Stocked) -> None:
    body = stocked.client.get("/v1/editions/2020/compare?other=2020").json()
    assert body["changed"] == []
    assert all(row["change"] == 0 for row in body["units"])


def test_for_ever_where_both_are_named_by_hash(stocked: Stocked) -> None:
    hash = stocked.editions["2020"].hash  # noqa: A001
    half = stocked.client.get(f"/v1/editions/{hash}/compare?other=2020")
    assert half.headers["cache-control"] == "no-store"
    assert half.headers["content-location"] == f"/v1/editions/{hash}/compare?other={hash}"
    whole = stocked.client.get(half.headers["content-location"])
    assert whole.content == half.content
    assert whole.headers["cache-control"].endswith("immutable")


def test_units_in_common_are_needed(stocked: Stocked) -> None:
    answer = stocked.client.get("/v1/editions/2020/compare?other=survey")
    assert (answer.status_code, answer.json()["code"]) in ((422, "DT396"), (422, "DT902"))


@pytest.mark.parametrize("asked", [{}, {"other": "drivers", "periods": ["2023"]}, {"other": "x" * 201}])
def test_what_is_not_whole_is_422(stocked: Stocked, asked: dict[str, object]) -> None:
    answer = stocked.client.get("/v1/editions/drivers/compare", params=asked)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "DT709")


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [({"node": "nothing"}, "query node"), ({"periods": ["1900", "2024"]}, "query periods")],
)
def test_what_cannot_be_asked_is_the_parameters_fault(
    stocked: Stocked, asked: dict[str, object], parameter: str
) -> None:
    answer = stocked.client.get("/v1/editions/drivers/compare", params=PANEL | asked)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    "path", ["compare?other=nothing", "compare/nothing.csv?other=2020", "compare/units.xml?other=2020"]
)
def test_what_is_not_there_is_404(stocked: Stocked, path: str) -> None:
    answer = stocked.client.get(f"/v1/editions/2020/compare{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


def test_another_projects_edition_is_not_there(served: Served, tmp_path: Path) -> None:
    from dtindex_service.store import EditionRow
    from dtindex_service.store.base import Actor
    from dtindex_service.store.clock import now

    mine, theirs = served.key("read", project="mine"), served.key("read", project="theirs")
    edition = dti.CompositeIndex("caict-computing-power-1.0").fit().freeze("2020")
    file = edition.save(tmp_path / "e.dtindex")
    hash, methodology = edition.hash, edition.methodology  # noqa: A001
    project = served.store.projects.ensure("theirs", now()).id
    row = EditionRow(hash, "2020", methodology.hash, methodology.id, served.store.files.put_file(project, file), now())
    served.store.editions.add(Actor(project), row)
    assert served.client.get(f"/v1/editions/{hash}/compare?other=2020", headers=theirs).status_code == 200
    answers = [
        served.client.get(f"/v1/editions/{hash}/compare?other={other}", headers=mine) for other in (hash, "nothing")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    own = served.store.projects.ensure("mine", now()).id
    other = EditionRow(hash, "mine", methodology.hash, methodology.id, served.store.files.put_file(own, file), now())
    served.store.editions.add(Actor(own), other)
    assert served.client.get("/v1/editions/mine/compare?other=2020", headers=mine).status_code == 404
