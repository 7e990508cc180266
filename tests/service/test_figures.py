"""Figures at their addresses: the library's own drawings, within small limits, kept by what they depend on."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

import dtindex as dti
from dtindex_service import figures
from dtindex_service.work.parent import Workers

if TYPE_CHECKING:
    from tests.service.conftest import Stocked

pytest.importorskip("matplotlib")

FEW = {"runs": 64}


def asked(stocked: Stocked, name: str, edition: str = "2020", **more: Any) -> Any:
    return stocked.client.get(f"/v1/editions/{edition}/figures/{name}", params=FEW | more)


@pytest.mark.parametrize("name", figures.FIGURES)
def test_an_svg_is_one(stocked: Stocked, name: str) -> None:
    answer = asked(stocked, f"{name}.svg")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_png_is_one(stocked: Stocked, name: str) -> None:
    content = asked(stocked, f"{name}.png").content
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height > 200) == (1440, True)  # 7.2 inches at 200 dots


def test_a_figure_is_the_librarys(stocked: Stocked) -> None:
    found = dti.simulate(stocked.editions["2020"], runs=64, seed=3, workers=1)
    own = dti.figures.rendered(dti.figures.rank_intervals(found, language="en", top=5), "svg")
    assert asked(stocked, "rank_intervals.svg", seed=3, top=5).content == own


def test_a_figure_depends_on_what_is_asked(stocked: Stocked) -> None:
    first = asked(stocked, "rank_intervals.svg", seed=1)
    assert asked(stocked, "rank_intervals.svg", seed=1).content == first.content
    assert asked(stocked, "rank_intervals.svg", seed=2).content != first.content


def test_a_figure_is_drawn_once(stocked: Stocked, monkeypatch: pytest.MonkeyPatch) -> None:
    first = asked(stocked, "rank_heatmap.svg", seed=9)

    async def never(*_: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(Workers, "run", never)
    assert asked(stocked, "rank_heatmap.svg", seed=9).content == first.content


def test_by_hash_for_ever_and_by_name_with_its_address(stocked: Stocked) -> None:
    hash = stocked.editions["2020"].hash  # noqa: A001
    named = asked(stocked, "rank_intervals.svg")
    assert named.headers["cache-control"] == "no-store"
    assert named.headers["content-location"] == f"/v1/editions/{hash}/figures/rank_intervals.svg?runs=64"
    exact = stocked.client.get(named.headers["content-location"])
    assert exact.content == named.content
    assert exact.headers["cache-control"].endswith("immutable")


def test_a_list_names_every_figure(stocked: Stocked) -> None:
    listed = stocked.client.get("/v1/editions/2020/figures").json()
    assert [one["name"] for one in listed] == list(figures.FIGURES)


@pytest.mark.parametrize("name", ["nothing.svg", "rank_intervals.pdf", "rank_intervals"])
def test_what_is_no_figure_is_404(stocked: Stocked, name: str) -> None:
    answer = asked(stocked, name)
    assert (answer.status_code, answer.json()["code"]) == (404, "DT703")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("runs", 20_001), ("runs", 0), ("runs", "many"), ("seed", -1), ("language", "fr"), ("top", 0)],
)
def test_what_is_over_a_limit_is_422_with_the_parameter(stocked: Stocked, parameter: str, value: object) -> None:
    answer = asked(stocked, "rank_intervals.svg", **{parameter: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "DT709")
    assert answer.json()["errors"][0]["parameter"] == f"query {parameter}"


def test_a_node_that_is_none_is_the_parameters_fault(stocked: Stocked) -> None:
    answer = asked(stocked, "rank_intervals.svg", node="nothing")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "query node"


def test_tiers_that_an_edition_does_not_have(stocked: Stocked) -> None:
    answer = asked(stocked, "tier_probabilities.svg", edition="drivers")
    assert answer.status_code == 422
    assert answer.json()["code"].startswith("DT")


def test_without_matplotlib_it_is_501(stocked: Stocked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lacks(*_: object) -> None:
        raise dti.UsageError([dti.finding("DT904", "figures need matplotlib: pip install 'dtindex[report]'")])

    monkeypatch.setattr(Workers, "run", lacks)
    answer = asked(stocked, "rank_intervals.svg", seed=77)
    assert (answer.status_code, answer.json()["code"]) == (501, "DT904")
