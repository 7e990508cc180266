"""`score`: the ranking as a person reads it, what stands below it, and how it ends."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

import dtindex

CAICT = "caict-computing-power-1.0"
RANKED = re.compile(r" *\d+  ")
FILES = {"findings.json", "run.json", "scores.csv", "scores_wide.csv"}


def rows_of(printed: str) -> list[list[str]]:
    return [line.split() for line in printed.splitlines() if RANKED.match(line)]


def test_the_ranking(cli) -> None:
    """Figure 12 of the white paper: six provinces of 40 and more, in this order."""
    found = cli("score", CAICT)
    rows = rows_of(found.out)
    assert len(rows) == 31
    assert [row[1] for row in rows[:6]] == ["Guangdong", "Beijing", "Jiangsu", "Shanghai", "Shandong", "Zhejiang"]
    assert [" ".join(row).count("First tier") for row in rows] == [1] * 6 + [0] * 25
    assert "tier (assumed)" in found.out
    assert rows[0][3] == "▇" * 24


def test_chinese_names_and_labels_align(cli) -> None:
    lines = cli("score", CAICT, "--language", "zh").out.splitlines()
    head = next(line for line in lines if line.startswith("排名"))
    assert "算力规模" in head
    table = [line for line in lines if RANKED.match(line)]
    assert table[0].split()[1] == "广东"
    assert {cell_len(line) for line in table} == {cell_len(head)}


def test_ties_share_the_better_rank(cli) -> None:
    """Rounded to one decimal, as the paper prints them, Chongqing and Shaanxi tie."""
    ranks = {row[1]: row[0] for row in rows_of(cli("score", CAICT).out)}
    assert ranks["Chongqing"] == ranks["Shaanxi"] == "16"
    assert "17" not in ranks.values()


def test_comparisons_are_summed_up(cli) -> None:
    out = cli("score", CAICT).out
    assert (
        "Compared with published figures, Computing power index: 31 compared, largest error 0.107, "
        "tolerance 0.15, 0 beyond it" in out
    )


def test_warnings_are_printed_and_notes_on_demand(cli, warned: tuple[Path, Path]) -> None:
    short, long = cli("score", *warned), cli("score", *warned, "--verbose")
    assert short.err.startswith("warning: ")
    assert "DT020" in short.err
    assert "note: " not in short.err
    assert "note: " in long.err
    assert short.out.splitlines()[-1].startswith("0 errors, 1 warning, ")
    assert cli("score", *warned, "--quiet").err == ""


def test_under_strict_a_warning_ends_with_1_and_files_are_written(
    cli, warned: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("score", *warned).code == 0
    assert cli("score", *warned, "--strict", "-o", tmp_path / "out").code == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


def test_without_o_nothing_is_written(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("score", CAICT).code == 0
    assert not any(tmp_path.iterdir())


def test_four_files(cli, tmp_path: Path) -> None:
    found = cli("score", CAICT, "-o", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert all(name in found.out for name in FILES)
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    methodology = dtindex.load_methodology(CAICT)
    assert record["methodology"] == {"id": CAICT, "hash": methodology.hash, "scores_hash": methodology.scores_hash}
    assert record["command"] == ["dtindex", "score", CAICT, "-o", str(tmp_path / "out")]
    assert record["seed"] is None
    assert {one["parameter"] for one in record["provenance"]["assumed"]} >= {"clip", "tiers"}


def test_nothing_is_written_when_there_is_an_error(cli, started: Path) -> None:
    (started / "bad.csv").write_text("city,broadband,power_price,online_services\n甲市,12a,0.5,3\n", encoding="utf-8")
    found = cli("score", started / "methodology.yaml", started / "bad.csv", "-o", started / "out")
    assert found.code == 1
    assert "DT220" in found.err
    assert found.out == ""
    assert not (started / "out").exists()


def test_a_folder_that_cannot_be_made(cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    found = cli("score", CAICT, "-o", tmp_path / "file" / "out")
    assert found.code == 2
    assert "DT410" in found.err


def test_json_holds_what_the_table_shows(cli) -> None:
    found = cli("score", CAICT, "--json")
    rows = {row["unit"]: row for row in found.document["rows"]}
    assert rows["广东"]["name"] == "Guangdong"
    assert rows["广东"]["ranks"]["index"] == 1
    assert rows["广东"]["tiers"] == {"index": "t1"}
    assert rows["广东"]["scores"]["network"] is None


# -- the unpublished --


def test_unpublished_weights_are_refused_with_the_two_ways_on(cli) -> None:
    found = cli("score", "caict-computing-power-2.0")
    assert found.code == 1
    assert found.out == ""
    assert "DT050" in found.err
    assert "--assume" in found.err
    assert "rank-bounds" in found.err


OPEN = """\
schema_version: 1
id: open-weights
title: Open weights
units: {kind: city, key: city}
nodes:
  - {id: index}
indicators:
  - {id: a, parent: index, weight: unpublished, normalise: {method: none}}
  - {id: b, parent: index, weight: unpublished, normalise: {method: none}}
assumptions:
  mine: {note: a counts three times, weights: {a: 3, b: 1}}
"""


@pytest.fixture
def open_weights(tmp_path: Path) -> tuple[Path, Path]:
    methodology, table = tmp_path / "open.yaml", tmp_path / "open.csv"
    methodology.write_text(OPEN, encoding="utf-8")
    table.write_text("city,a,b\nX,10,50\nY,40,10\n", encoding="utf-8")
    return methodology, table


@pytest.mark.parametrize(("name", "scores"), [("equal", {"X": 30, "Y": 25}), ("mine", {"X": 20, "Y": 32.5})])
def test_an_assumption_is_named_in_every_output(
    cli, open_weights: tuple[Path, Path], tmp_path: Path, name: str, scores: dict[str, float]
) -> None:
    """X: (10 + 50) / 2 = 30, (3 * 10 + 50) / 4 = 20; Y: 25 and 32.5."""
    found = cli("score", *open_weights, "--assume", name, "-o", tmp_path / "out")
    assert f"ASSUMPTION {name}" in found.out
    document = cli("score", *open_weights, "--assume", name, "--json").document
    assert document["assumptions"] == [name]
    assert {row["unit"]: row["scores"]["index"] for row in document["rows"]} == scores
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["assumptions"] == [name]
    assert {one["item"] for one in record["provenance"]["assumed"]} == {"a", "b"}
    frozen = cli("freeze", *open_weights, "--assume", name, "-o", tmp_path / "e.dtindex")
    assert f"ASSUMPTION {name}" in frozen.out
    assert f"ASSUMPTION {name}" in cli("show", tmp_path / "e.dtindex").out
    assert f"ASSUMPTION {name}" in cli("score", tmp_path / "e.dtindex").out


def test_an_unknown_assumption(cli, open_weights: tuple[Path, Path]) -> None:
    found = cli("score", *open_weights, "--assume", "mien")
    assert found.code == 2
    assert "DT052" in found.err
    assert "mine" in found.err


# -- editions --


def test_an_edition_scores_as_its_methodology_did(cli, edition: Path, tmp_path: Path) -> None:
    assert cli("score", CAICT, "-o", tmp_path / "a").code == 0
    assert cli("score", edition, "-o", tmp_path / "b").code == 0
    for name in ("scores.csv", "scores_wide.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    record = json.loads((tmp_path / "b" / "run.json").read_text(encoding="utf-8"))
    assert record["edition"]["hash"] == dtindex.load_edition(edition).hash


def test_one_unit_is_ranked_among_the_reference(cli, edition: Path, tmp_path: Path) -> None:
    """Sub-indices of 66 each give 66, between Beijing's 66.3 and Jiangsu's 51.9: third."""
    table = tmp_path / "one.csv"
    table.write_text(
        "province,scale_subindex,environment_subindex,application_subindex,compute_eflops\n海南,66,66,66,\n",
        encoding="utf-8",
    )
    among = cli("score", edition, table, "--ranked-against", "reference", "--json").document["rows"][0]
    alone = cli("score", edition, table, "--json").document["rows"][0]
    assert among["scores"]["index"] == alone["scores"]["index"] == 66
    assert (among["ranks"]["index"], alone["ranks"]["index"]) == (3, 1)


# -- panels, several roots, units without a rank --


def test_the_latest_period_unless_another_is_asked_for(cli) -> None:
    index = "nbs-new-drivers-2014"
    heads = [line for line in cli("score", index).out.splitlines() if line.endswith("1 ranked")]
    assert len(heads) == 1
    everything = [line for line in cli("score", index, "--period", "all").out.splitlines() if line.endswith("1 ranked")]
    assert everything[0] == heads[0]
    assert len(everything) > 1
    year = everything[-1].split(":")[0].split()[-1]
    assert f" {year}: 1 ranked" in cli("score", index, "--period", year).out
    missing = cli("score", index, "--period", "1999")
    assert (missing.code, missing.out) == (2, "")


TWO = """\
schema_version: 1
id: two-roots
title: {en: Two roots, zh: 两个根}
units: {kind: city, key: city, name: title, totals: [合计]}
nodes:
  - {id: good, label: {en: Good, zh: 好}, coverage: {at_least: 0.6}}
  - {id: bad, label: {en: Bad, zh: 坏}}
indicators:
  - {id: a, parent: good, normalise: {method: none}}
  - {id: b, parent: good, normalise: {method: none}}
  - {id: c, parent: bad, normalise: {method: none}}
"""
TWO_DATA = "city,title,a,b,c\nx,城甲,1,2,3\ny,=1+1,4,,6\nz,城丙,7,8,\n合计,,5,5,5\n"


@pytest.fixture
def two_roots(tmp_path: Path) -> tuple[Path, Path]:
    methodology, table = tmp_path / "two.yaml", tmp_path / "two.csv"
    methodology.write_text(TWO, encoding="utf-8")
    table.write_text(TWO_DATA, encoding="utf-8")
    return methodology, table


def test_a_table_for_each_root_and_a_list_of_the_unranked(cli, two_roots: tuple[Path, Path]) -> None:
    out = cli("score", *two_roots).out
    good, bad = out.split("Bad: ")
    assert [row[:2] for row in rows_of(good)] == [["1", "城丙"], ["2", "城甲"]]
    assert "Not ranked for want of data: =1+1 (coverage 50 %)" in good
    assert "Not ranked by declaration: " in good
    assert [row[:2] for row in rows_of(bad)] == [["1", "=1+1"], ["2", "城甲"]]
    assert "城丙 (coverage 0 %)" in bad


def test_text_cells_are_no_formulas_in_csv_and_untouched_in_json(
    cli, two_roots: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("score", *two_roots, "-o", tmp_path / "out").code == 0
    with (tmp_path / "out" / "scores_wide.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["unit"]: row for row in csv.DictReader(stream)}
    assert rows["y"]["name"] == "'=1+1"
    assert rows["y"]["rank:good"] == ""
    names = {row["unit"]: row["name"] for row in cli("score", *two_roots, "--json").document["rows"]}
    assert names["y"] == "=1+1"


def test_a_long_ranking_is_cut_and_top_cuts_it_further(cli, two_roots: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "long.csv"
    rows = "".join(f"u{number},,{number / 10},{number / 20},1\n" for number in range(400))
    table.write_text("city,title,a,b,c\n" + rows, encoding="utf-8")
    assert "... 300 more" in cli("score", two_roots[0], table).out
    found = cli("score", two_roots[0], table, "--top", "5").out
    assert "... 395 more" in found
    assert [row[1] for row in rows_of(found)][:2] == ["u399", "u398"]


def test_negative_scores_have_bars_from_the_lowest(cli, two_roots: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "negative.csv"
    table.write_text("city,title,a,b,c\nx,,-10,-10,1\ny,,10,10,1\nz,,0,0,1\n", encoding="utf-8")
    out = cli("score", two_roots[0], table).out.split("Bad: ")[0]
    assert [row[-3:].count("▇" * 24) for row in rows_of(out)] == [1, 0, 0]
    assert "▇" * 12 in out
