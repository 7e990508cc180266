"""Units: their profiles, and why their scores are what they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd
import pytest

import dtindex as dti
from dtindex.cli import main

if TYPE_CHECKING:
    from tests.service.conftest import Stocked

GUANGDONG = quote("广东")


def test_a_profile_is_what_the_library_says(stocked: Stocked) -> None:
    scores = stocked.editions["2020"].score()
    body = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}").json()
    assert (body["unit"], body["names"]) == ("广东", {"en": "Guangdong", "zh": "广东"})
    assert body["score"] == pytest.approx(scores.scores.loc["广东", "index"], rel=1e-11)
    assert (body["rank"], body["ranked"]) == (1, 31)
    assert body["groups"] == {"region": scores.table.texts["region"][list(scores.units).index("广东")]}
    assert body["tiers"] == {"index": scores.tiers.loc["广东", "index"]}
    for one in body["items"]:
        item = one["item"]
        if item not in scores.items:
            continue
        own = scores.scores.loc["广东", item]
        assert one["score"] == (None if pd.isna(own) else pytest.approx(own, rel=1e-11))
        assert one["status"] == scores.status.loc["广东", item]
        percentile = scores.percentiles.loc["广东", item]
        assert one["percentile"] == (None if pd.isna(percentile) else pytest.approx(percentile, rel=1e-11))


def test_contributions_of_a_profile_sum_to_its_score(stocked: Stocked) -> None:
    body = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}").json()
    top = [one["contribution"] for one in body["items"] if one["depth"] == 1]
    assert sum(top) == pytest.approx(body["score"], abs=1e-9)


def test_a_unit_may_be_spelt_as_the_codelist_knows_it(stocked: Stocked) -> None:
    for spelling in ("Guangdong", quote("广东省"), "440000"):
        answer = stocked.client.get(f"/v1/editions/2020/units/{spelling}")
        assert (answer.status_code, answer.json()["unit"]) == (200, "广东"), spelling


def test_a_unit_of_a_panel_has_periods(stocked: Stocked) -> None:
    scores = stocked.editions["drivers"].score()
    unit = str(scores.units[0])
    first = stocked.client.get(f"/v1/editions/drivers/units/{quote(unit)}").json()
    assert first["period"] == first["periods"][-1] == scores.periods_in_order[-1]
    wanted = first["periods"][0]
    earlier = stocked.client.get(f"/v1/editions/drivers/units/{quote(unit)}?period={wanted}").json()
    assert earlier["period"] == wanted
    assert earlier["score"] == pytest.approx(scores.scores.loc[(unit, wanted), scores.root], rel=1e-11)


def test_respondents_have_classes(stocked: Stocked) -> None:
    scores = stocked.editions["survey"].score()
    unit = str(scores.units[5])
    body = stocked.client.get(f"/v1/editions/survey/units/{unit}").json()
    assert body["classes"] == {scheme: scores.classes.loc[unit, scheme] for scheme in scores.classes}


def test_units_are_listed_by_pages(stocked: Stocked) -> None:
    path, found = "/v1/editions/2020/units?limit=10", []
    while path:
        answer = stocked.client.get(path)
        found += answer.json()["items"]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert sorted(one["unit"] for one in found) == sorted(stocked.editions["2020"].score().units)
    assert all(stocked.client.get(one["address"]).status_code == 200 for one in found[:3])


@pytest.mark.parametrize("against", [None, "北京", "mean", "best"])
def test_an_explanation_is_the_librarys(stocked: Stocked, against: str | None) -> None:
    own = dti.explain(stocked.editions["2020"].score(), "广东", against=against).to_dict()
    params = {} if against is None else {"against": against}
    body = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}/explanation", params=params).json()
    assert body.pop("edition")["name"] == "2020"
    for told in (own, body):
        for line in told["items"]:
            line["unit"].pop("cells")
            line.get("against", {}).pop("cells", None)
    assert body == own


def test_its_table_is_what_the_command_line_writes(stocked: Stocked, tmp_path: Path) -> None:
    file = stocked.editions["2020"].save(tmp_path / "e.dtindex")
    words = ["explain", str(file), "--unit", "广东", "--against", "北京", "-o", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0
    answer = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}/explanation.csv", params={"against": "北京"})
    own = pd.read_csv(tmp_path / "out" / "explanation.csv", encoding="utf-8-sig")
    told = pd.read_csv(io.BytesIO(answer.content), encoding="utf-8-sig")
    pd.testing.assert_frame_equal(
        told.drop(columns=["cell", "cell_against"]), own.drop(columns=["cell", "cell_against"])
    )


@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
def test_contributions_come_in_every_representation(stocked: Stocked, form: str) -> None:
    answer = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}/contributions.{form}?language=zh")
    assert answer.status_code == 200
    assert len(answer.content) > 100


@pytest.mark.parametrize(
    "path", ["nobody", "nobody/explanation", "nobody/contributions.csv", quote("广东") + "/nothing"]
)
def test_who_is_not_there_is_404(stocked: Stocked, path: str) -> None:
    answer = stocked.client.get(f"/v1/editions/2020/units/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"against": "nobody"}, "query against"),
        ({"node": "nothing"}, "query node"),
        ({"period": "1999"}, "query period"),
    ],
)
def test_what_cannot_be_asked_is_422_with_the_parameter(
    stocked: Stocked, asked: dict[str, str], parameter: str
) -> None:
    answer = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}/explanation", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "DT396")
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_by_hash_for_ever_and_by_name_with_its_address(stocked: Stocked) -> None:
    hash = stocked.editions["2020"].hash  # noqa: A001
    named = stocked.client.get(f"/v1/editions/2020/units/{GUANGDONG}")
    assert named.headers["content-location"] == f"/v1/editions/{hash}/units/{GUANGDONG}"
    exact = stocked.client.get(named.headers["content-location"])
    assert exact.content == named.content
    assert exact.headers["cache-control"].endswith("immutable")
