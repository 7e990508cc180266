"""The page as a file: what it holds, that it holds it safely, and what is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.node import SCRIPTS, run

import dtindex as dti
from dtindex.reports.explorer import payload as payloads
from dtindex.reports.explorer.page import MODULES, embedded, plain_script
from dtindex.reports.explorer.payload import payload_of
from dtindex.reports.tiles import TILES
from dtindex.tables.read import codelist_of

CAICT = "caict-computing-power-1.0"
ASSETS = Path(str(files("dtindex.reports.explorer"))) / "assets"


@pytest.fixture(scope="module")
def index(fitted: Callable[[str], dti.CompositeIndex]) -> dti.CompositeIndex:
    return fitted(CAICT)


def payload(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="payload">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    held: dict[str, Any] = json.loads(found[1])
    return held


def test_bounds_stand_in_a_page_where_they_were_computed(index: dti.CompositeIndex) -> None:
    assert payload(dti.explorer(index, runs=0).html)["rank_bounds"] is None
    found = dti.rank_bounds(index)
    held = payload(dti.explorer(index, runs=0, bounds=found).html)["rank_bounds"]
    assert held["units"] == found.units.tolist()
    assert held["best"] == found.bounds["best"].tolist()
    assert held["worst"] == found.bounds["worst"].tolist()
    assert (held["node"], held["period"]) == ("index", None)


def unpacked(column: dict[str, str]) -> list[float | None]:
    found: list[float | None] = run(
        """
const { decodeF64 } = await load("decode.js");
console.log(JSON.stringify(Array.from(decodeF64(given), (x) => (Number.isNaN(x) ? null : x))));
""",
        column,
    )
    return found


def made(units: int, indicators: int, seed: int = 1) -> dti.CompositeIndex:
    """An index of two levels over made-up figures."""
    lines = "schema_version: 1\nid: made\ntitle: made\nunits: {kind: firm, key: firm}\nnodes:\n  - {id: index}\n"
    lines += "".join(f"  - {{id: d{at}, parent: index, weight: 1}}\n" for at in range(3)) + "indicators:\n"
    for at in range(indicators):
        lines += f"  - {{id: i{at}, parent: d{at % 3}, weight: 1, normalise: {{method: min-max}}}}\n"
    methodology, findings = dti.parse_methodology(lines, "made.yaml")
    assert methodology is not None, findings
    figures = np.random.default_rng(seed).normal(size=(indicators, units))
    columns = {f"i{at}": column for at, column in enumerate(figures)}
    table = dti.read_table(pd.DataFrame({"firm": [f"f{at:05d}" for at in range(units)], **columns}), methodology)
    return dti.CompositeIndex(methodology).fit(table)


def test_under_two_megabytes_for_31_by_30() -> None:
    page = dti.explorer(made(31, 30))
    assert page.simulation is not None
    assert len(page.html.encode("utf-8")) < 2_000_000


def test_the_same_index_gives_the_same_bytes(index: dti.CompositeIndex) -> None:
    assert dti.explorer(index, runs=256).html == dti.explorer(index, runs=256).html


def test_figures_in_the_page_are_those_of_the_library(index: dti.CompositeIndex) -> None:
    scores = index.score()
    held = payload(dti.explorer(index, runs=128).html)
    rows = scores.sorted_rows()
    assert held["units"]["names"]["en"] == scores.names("en")[rows].tolist()
    for item in scores.items:
        values = [None if np.isnan(value) else value for value in scores.column(item)[rows].tolist()]
        assert unpacked(held["model"]["values"][item]) == values
        assert held["ranks"][item] == scores.rank(item)[rows].tolist()
    assert held["tiers"][0]["of"] == scores.tier_values["index"][rows].tolist()
    points = scores.contributions
    assert set(held["contributions"]["points"]) <= set(points.columns.get_level_values(-1))
    found = dti.simulate(index, runs=128, seed=1)
    assert held["simulation"]["intervals"]["low"] == found.rank_intervals["low"].tolist()


def test_shares_and_comparison_of_a_survey(fitted: Callable[[str], dti.CompositeIndex]) -> None:
    index = fitted("accenture-reinvention-2023")
    held = payload(dti.explorer(index, language="en", seed=4).html)
    scores = index.score()
    shares = dti.classify(scores, most_profiles=0, resamples=0, runs=10).shares
    for row in shares[shares["scheme"] == "class"].to_dict("records"):
        told = held["survey"]["shares"]["class"][row["class"]]
        assert told["low"] == pytest.approx(row["weighted_low"], rel=1e-11)
        assert told["share"] == pytest.approx(row["weighted_share"], rel=1e-11)
    table = dti.compare(scores, seed=4).table("zh")
    assert [row["zh"] for row in held["survey"]["comparison"]["rows"]] == table.astype(str).to_numpy().tolist()


def test_scores_have_no_simulation_of_their_own(index: dti.CompositeIndex) -> None:
    scores = index.score()
    assert payload(dti.explorer(scores).html)["simulation"] is None
    found = dti.simulate(index, runs=64)
    assert payload(dti.explorer(scores, simulation=found).html)["simulation"]["runs"] == 64
    with pytest.raises(dti.UsageError, match="DT902"):
        dti.explorer(scores, runs=64)
    with pytest.raises(dti.UsageError, match="DT902"):
        dti.explorer(scores, table="caict.csv")


def test_many_units_are_not_simulated_unasked(fitted: Callable[[str], dti.CompositeIndex]) -> None:
    sample = dti.sample("miit-sme-digital-2024", n=330, seed=2)
    page = dti.explorer(dti.CompositeIndex(sample.methodology).fit(sample.table))
    assert page.simulation is None
    assert "DT523" in {one.code for one in page.findings}


def test_ranks_against_a_reference_have_no_weights_to_move(index: dti.CompositeIndex) -> None:
    held = payload(dti.explorer(index.freeze("e").score(ranked_against="reference")).html)
    assert held["model"] is None
    assert set(held["scores"]) == set(held["ranks"])


@given(
    st.recursive(
        st.text() | st.floats(allow_nan=False, allow_infinity=False) | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_what_is_embedded_comes_back_and_ends_no_script(content: object) -> None:
    try:
        said = embedded(content)
        said.encode("utf-8")
    except UnicodeEncodeError:
        return  # lone surrogates are no text, and no table has them
    assert "<" not in said
    assert not set(said) & {"\u2028", "\u2029"}
    assert json.loads(said) == content


# --- what is refused ---


@pytest.mark.parametrize("name", ["index.pdf", "index", "index.docx", ".html"])
def test_an_ending_that_is_no_report(index: dti.CompositeIndex, tmp_path: Path, name: str) -> None:
    with pytest.raises(dti.UsageError, match="DT524"):
        dti.report(index, tmp_path / name, runs=0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(index: dti.CompositeIndex, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(dti.UsageError, match="DT410"):
        dti.report(index, tmp_path / "file" / "index.html", runs=0)


def test_a_language_and_a_part_that_are_not_there(index: dti.CompositeIndex) -> None:
    with pytest.raises(dti.UsageError, match="'zh' or 'en'"):
        dti.explorer(index, language="fr", runs=0)  # type: ignore[arg-type]
    with pytest.raises(dti.UsageError, match="there are 1"):
        dti.explorer(index, part=2, runs=0)


SQUARE = [[[110.0, 20.0], [117.0, 20.0], [117.0, 25.0], [110.0, 25.0], [110.0, 20.0]]]


def geojson(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def area(kind: str = "Polygon", coordinates: object = SQUARE, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def test_a_map_of_ones_own(index: dti.CompositeIndex, tmp_path: Path) -> None:
    path = tmp_path / "map.geojson"
    path.write_text(geojson(area(name="广东省", adcode=440000), area("LineString", SQUARE[0])), encoding="utf-8")
    page = dti.explorer(index, runs=0, map_file=path, map_approval_no="GS(2024)0650号")
    held = payload(page.html)["map"]
    assert held["approval_no"] == "GS(2024)0650号"
    assert [(one["name"], one["code"], one["rings"]) for one in held["areas"]] == [("广东省", "440000", SQUARE)]
    assert "DT520" not in {one.code for one in page.findings}
    assert "DT520" in {one.code for one in dti.explorer(index, runs=0, map_file=path, map_approval_no=" ").findings}


NO_MAPS = (
    b"",
    b"{",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b"[" * 100_000,
    geojson().encode(),
    geojson(area("Point", [1, 2])).encode(),
    geojson(area(coordinates=[[["a", 1]]])).encode(),
    geojson(area(coordinates=[[[500, 1], [1, 1], [2, 2]]])).encode(),
)


@pytest.mark.parametrize("content", NO_MAPS, ids=range(len(NO_MAPS)))
def test_what_is_no_map(index: dti.CompositeIndex, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "map.geojson"
    path.write_bytes(content)
    with pytest.raises(dti.UsageError, match="DT521"):
        dti.explorer(index, runs=0, map_file=path)


def test_a_map_that_is_not_there(index: dti.CompositeIndex, tmp_path: Path) -> None:
    with pytest.raises(dti.UsageError, match="DT521"):
        dti.explorer(index, runs=0, map_file=tmp_path / "none.geojson")


# --- what it is made of ---


def test_tiles_are_the_34_units_each_at_a_place_of_its_own() -> None:
    codelist = codelist_of(dti.load_methodology(CAICT))
    assert codelist is not None
    assert {tile.code for tile in TILES} == {unit.code for unit in codelist.units}
    assert len(TILES) == len({(tile.column, tile.row) for tile in TILES}) == 34


def test_what_is_vendored_has_the_hash_that_is_written_down() -> None:
    for folder in (ASSETS / "vendor", Path(__file__).parents[1] / "browser" / "vendor"):
        told = re.findall(
            r"^\| (\S+\.js) \|.* ([0-9a-f]{64}) \|$", (folder / "SOURCE.md").read_text("utf-8"), re.MULTILINE
        )
        assert {path.name for path in folder.glob("*.js")} == {name for name, _ in told}
        for name, digest in told:
            assert sha256((folder / name).read_bytes()).hexdigest() == digest


def test_every_script_is_in_the_page_and_no_name_stands_twice() -> None:
    assert {path.name for path in SCRIPTS.glob("*.js")} == set(MODULES)
    names: Counter[str] = Counter()
    for name in MODULES:
        script = plain_script((SCRIPTS / name).read_text("utf-8"))
        assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
        names.update(re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", script, re.MULTILINE))
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_every_word_that_is_said_is_known_in_both_languages() -> None:
    said = set()
    for path in SCRIPTS.glob("*.js"):
        said |= set(re.findall(r'\bt\("([^"]+)"', path.read_text("utf-8")))
    assert said
    words = run(
        """
const { hasWord, wordOf } = await load("words.js");
const length = (key) => hasWord(key) && wordOf(key, "zh").length * wordOf(key, "en").length;
console.log(JSON.stringify(given.map((key) => [key, hasWord(key), length(key)])));
""",
        sorted(said),
    )
    assert [key for key, known, length in words if not known or not length] == []


def test_a_page_has_no_address_of_elsewhere_but_names(index: dti.CompositeIndex) -> None:
    page = dti.explorer(index, runs=0).html
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "default-src 'none'" in page


def test_rows_of_a_page_are_the_best(monkeypatch: pytest.MonkeyPatch, index: dti.CompositeIndex) -> None:
    scores = index.score()
    rows = payloads.shown_rows(scores, 1, 5)
    assert sorted(scores.rank("index")[rows].tolist()) == [1, 2, 3, 4, 5]
    every = np.concatenate([payloads.shown_rows(scores, part, 5) for part in range(1, 8)])
    assert sorted(every.tolist()) == list(range(31))


def test_5001_units_take_a_page_and_the_next() -> None:
    scores = made(5001, 3).score()
    assert [len(payload_of(scores, part=payloads.Part(at, 2))["units"]["keys"]) for at in (1, 2)] == [5000, 1]
