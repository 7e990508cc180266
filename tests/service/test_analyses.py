"""Estimates, classes and validity: the library's own results, by parameters that are looked at first."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import dtindex as dti
from dtindex.cli import main
from dtindex_service.analyses import ANALYSES

if TYPE_CHECKING:
    from tests.service.conftest import Serve, Stocked

FEW = {"runs": 50, "profiles": 0, "resamples": 0}


def asked(stocked: Stocked, path: str, edition: str = "survey", **more: Any) -> Any:
    return stocked.client.get(f"/v1/editions/{edition}/{path}", params=more)


def without_edition(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body.pop("edition")) == {"name", "hash"}
    return body


# --- the library's own results ---


def test_estimates_are_the_librarys(stocked: Stocked) -> None:
    own = dti.estimate(stocked.editions["survey"].score(), of=["index"], by=["size"], confidence=0.9, seed=4)
    answer = asked(stocked, "estimates", of="index", by="size", confidence=0.9, seed=4)
    assert without_edition(answer) == own.to_dict()


def test_quantiles_and_suppression(stocked: Stocked) -> None:
    own = dti.estimate(
        stocked.editions["survey"].score(), of=["index"], kind="quantile", quantiles=[0.1, 0.9], suppress_below=20
    )
    told = asked(stocked, "estimates", of="index", kind="quantile", quantile=[0.1, 0.9], suppress_below=20)
    assert without_edition(told) == own.to_dict()


def test_classes_are_the_librarys(stocked: Stocked) -> None:
    own = dti.classify(stocked.editions["survey"].score(), runs=50, most_profiles=0, resamples=0, seed=3)
    assert without_edition(asked(stocked, "classes", seed=3, **FEW)) == own.to_dict()


def test_validity_is_the_librarys(stocked: Stocked) -> None:
    own = dti.validity(stocked.editions["2020"].score(), runs=50, seed=2, of="leaves")
    answer = asked(stocked, "validity", "2020", runs=50, seed=2, of="leaves")
    assert without_edition(answer) == own.to_dict()


def test_rank_bounds_are_the_librarys(stocked: Stocked) -> None:
    own = dti.rank_bounds(stocked.editions["2020"], within=0.2)
    assert without_edition(asked(stocked, "rank-bounds", "2020", within=0.2)) == own.to_dict()


def test_rank_sets_are_the_librarys(stocked: Stocked) -> None:
    own = dti.rank_sets(stocked.editions["survey"], by=["size"], draws=2_000)
    assert without_edition(asked(stocked, "rank-sets", by="size", draws=2_000)) == own.to_dict()


def test_bounds_and_sets_in_csv_are_what_the_command_line_writes(stocked: Stocked, tmp_path: Path) -> None:
    file = stocked.editions["2020"].save(tmp_path / "e.dtindex")
    assert main(["rank-bounds", str(file), "--within", "20%", "-o", str(tmp_path / "out"), "--quiet"]) in (0, 1)
    for table, name in (("bounds", "rank_bounds"), ("witnesses", "witnesses"), ("dominance", "dominance")):
        answer = asked(stocked, f"rank-bounds/{table}.csv", "2020", within=0.2)
        assert answer.content == (tmp_path / "out" / f"{name}.csv").read_bytes()
    file = stocked.editions["survey"].save(tmp_path / "s.dtindex")
    assert main(["rank-sets", str(file), "--by", "size", "-o", str(tmp_path / "sets"), "--quiet"]) in (0, 1)
    for table, name in (("sets", "rank_sets"), ("above", "above"), ("rank_law", "rank_law")):
        answer = asked(stocked, f"rank-sets/{table}.csv", by="size")
        assert answer.content == (tmp_path / "sets" / f"{name}.csv").read_bytes()


# --- tables ---


def test_estimates_in_csv_are_what_the_command_line_writes(stocked: Stocked, tmp_path: Path) -> None:
    file = stocked.editions["survey"].save(tmp_path / "e.dtindex")
    words = ["estimate", str(file), "--of", "index", "--by", "size", "-o", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0
    answer = asked(stocked, "estimates.csv", of="index", by="size")
    assert answer.content == (tmp_path / "out" / "estimates.csv").read_bytes()


def test_classes_in_csv_are_what_the_command_line_writes(stocked: Stocked, tmp_path: Path) -> None:
    file = stocked.editions["survey"].save(tmp_path / "e.dtindex")
    words = ["classify", str(file), "--runs", "50", "--profiles", "0", "--resamples", "0"]
    assert main([*words, "-o", str(tmp_path / "out"), "--quiet"]) in (0, 1)
    for table, name in (("units", "classes"), ("crosstab", "crosstab")):
        answer = asked(stocked, f"classes/{table}.csv", **FEW)
        assert answer.content == (tmp_path / "out" / f"{name}.csv").read_bytes()


def test_validity_in_csv_is_what_the_command_line_writes(stocked: Stocked, tmp_path: Path) -> None:
    file = stocked.editions["2020"].save(tmp_path / "e.dtindex")
    assert main(["validity", str(file), "--runs", "50", "-o", str(tmp_path / "out"), "--quiet"]) in (0, 1)
    for table in ANALYSES["validity"]:
        answer = asked(stocked, f"validity/{table}.csv", "2020", runs=50)
        assert answer.content == (tmp_path / "out" / f"{table}.csv").read_bytes()


@pytest.mark.parametrize("table", ANALYSES["classes"])
@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
def test_every_table_comes_in_every_representation(stocked: Stocked, table: str, form: str) -> None:
    answer = asked(stocked, f"classes/{table}.{form}", **FEW)
    assert answer.status_code == 200, answer.text
    if form == "parquet":
        own = pd.read_parquet(io.BytesIO(answer.content))
        assert len(own) == len(asked(stocked, f"classes/{table}.json", **FEW).json()["rows"])


# --- what cannot be asked ---


@pytest.mark.parametrize(
    ("path", "parameters", "parameter"),
    [
        ("estimates", {"of": "nothing"}, "query of"),
        ("estimates", {"by": "nothing"}, "query by"),
        ("estimates", {"period": "1999"}, "query period"),
        ("estimates", {"confidence": 2}, "query confidence"),
        ("estimates", {"quantile": 1.5}, "query quantile 0"),
        ("estimates", {"kind": "median"}, "query kind"),
        ("estimates", {"replicates": 10**9}, "query replicates"),
        ("estimates", {"seed": -1}, "query seed"),
        ("estimates", {"suppress_below": "nan"}, "query suppress_below"),
        ("classes", {"scheme": "nothing"}, "query scheme"),
        ("classes", {"of": "nothing"}, "query of"),
        ("classes", {"runs": 10**9}, "query runs"),
        ("classes", {"profiles": 99}, "query profiles"),
        ("classes", {"target": "inf"}, "query target"),
        ("validity", {"of": "roots"}, "query of"),
        ("validity", {"period": "1999"}, "query period"),
        ("validity", {"runs": 0}, "query runs"),
        ("rank-bounds", {"node": "nothing"}, "query node"),
        ("rank-bounds", {"within": 2}, "query within"),
        ("rank-bounds", {"effort": 10**9}, "query effort"),
        ("rank-sets", {"by": "nothing"}, "query by"),
        ("rank-sets", {"draws": 10**9}, "query draws"),
        ("rank-sets", {"confidence": 1}, "query confidence"),
    ],
)
def test_what_cannot_be_asked_is_422_with_the_parameter(
    stocked: Stocked, path: str, parameters: dict[str, object], parameter: str
) -> None:
    answer = asked(stocked, path, **parameters)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    "path", ["classes/nothing.csv", "classes/units.xml", "validity/nothing.csv", "estimates.xml", "rank-bounds/x.csv"]
)
def test_what_is_not_there_is_404(stocked: Stocked, path: str) -> None:
    answer = asked(stocked, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


def test_an_edition_without_classes_has_none(stocked: Stocked) -> None:
    answer = asked(stocked, "classes", "2020")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT360")


def test_by_hash_for_ever_and_by_name_with_its_address(stocked: Stocked) -> None:
    hash = stocked.editions["2020"].hash  # noqa: A001
    named = asked(stocked, "validity", "2020", runs=50)
    assert named.headers["content-location"] == f"/v1/editions/{hash}/validity?runs=50"
    exact = stocked.client.get(named.headers["content-location"])
    assert exact.content == named.content
    assert exact.headers["cache-control"].endswith("immutable")


def test_an_analysis_costs_more_than_a_look(serve: Serve, stocked: Stocked, tmp_path: Path) -> None:
    from dtindex_service.store import EditionRow
    from dtindex_service.store.base import Actor
    from dtindex_service.store.clock import now

    served = serve(requests_per_minute=30)
    edition = stocked.editions["2020"]
    blob = served.store.files.put_file("local", edition.save(tmp_path / "e.dtindex"))
    row = EditionRow(edition.hash, "2020", edition.methodology.hash, edition.methodology.id, blob, now())
    served.store.editions.add(Actor("local"), row)
    key = served.key("read")
    codes = [
        served.client.get(f"/v1/editions/2020/validity?runs={runs}", headers=key).status_code
        for runs in (11, 11, 12, 13)
    ]
    assert codes == [200, 200, 200, 429]


def test_an_analysis_may_not_take_for_ever(serve: Serve, stocked: Stocked, tmp_path: Path) -> None:
    from dtindex_service.store import EditionRow
    from dtindex_service.store.base import Actor
    from dtindex_service.store.clock import now

    served = serve(analysis_seconds=1)
    edition = stocked.editions["survey"]
    blob = served.store.files.put_file("local", edition.save(tmp_path / "e.dtindex"))
    row = EditionRow(edition.hash, "survey", edition.methodology.hash, edition.methodology.id, blob, now())
    served.store.editions.add(Actor("local"), row)
    asked = "classes?runs=20000&profiles=12&resamples=500"
    answer = served.client.get(f"/v1/editions/survey/{asked}")
    assert (answer.status_code, answer.json()["code"]) == (422, "DT903")
    assert not served.services.workers._busy
    assert served.client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("path", "edition", "parameters"),
    [
        ("estimates", "survey", {"of": "index", "by": "size"}),
        *((f"classes/{table}", "survey", FEW) for table in ANALYSES["classes"]),
        *((f"validity/{table}", "2020", {"runs": 50}) for table in ANALYSES["validity"]),
        *((f"compare/{table}", "2020", {"other": "2020"}) for table in ANALYSES["compare"]),
        *((f"rank-bounds/{table}", "2020", {}) for table in ("bounds", "dominance", "witnesses", "stability")),
        *((f"rank-sets/{table}", "survey", {"by": "size"}) for table in ANALYSES["rank-sets"]),
    ],
)
def test_every_column_is_told_of(stocked: Stocked, path: str, edition: str, parameters: dict[str, Any]) -> None:
    told = asked(stocked, f"{path}.metadata.json", edition, **parameters)
    assert told.status_code == 200, told.text
    body = told.json()
    rows = asked(stocked, f"{path}.json", edition, **parameters).json()
    assert body["rows"] == len(rows["rows"])
    assert [one["name"] for one in body["columns"]] == rows["columns"] or not rows["rows"]
    assert body["edition"] == {"name": edition, "hash": stocked.editions[edition].hash}
    assert all(set(one["label"]) == {"en", "zh"} for one in body["columns"])


def test_metadata_tell_what_was_asked(stocked: Stocked) -> None:
    body = asked(stocked, "estimates.metadata.json", of="index", seed=4).json()
    assert (body["asked"]["of"], body["asked"]["seed"], body["asked"]["confidence"]) == (["index"], 4, 0.95)
