"""`dtindex explain`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

CAICT = "caict-computing-power-1.0"


def test_prints_the_tree_against_another_unit_in_both_languages(cli) -> None:
    english = cli("explain", CAICT, "--unit", "广东", "--against", "北京")
    chinese = cli("explain", CAICT, "--unit", "广东", "--against", "北京", "--language", "zh")
    assert english.code == chinese.code == 0
    # (96.54 - 29.21) / 3 and (47.09 - 95.03) / 3, of figures 13 and 16 of the white paper.
    for said in (
        "Guangdong 73.87 (rank 1 of 31) against Beijing 66.27 (rank 2 of 31); difference +7.60",
        "└─ Computing application",
        "+22.44",
        "-15.98",
        "observed",
        "caict-2020.csv:2:5",
        "Strengths: Computing application +22.44",
        "Weaknesses: Computing scale -15.98",
        "Told apart by bennet",
        "source wp2021: White paper on China's computing power",
    ):
        assert said in english.out
    for said in (
        "广东 73.87",
        "对比 北京 66.27",
        "第 1 名（共 31 个）",
        "└─ 算力应用",
        "差异贡献",
        "直接取值",
        "短板: 算力规模",
    ):
        assert said in chinese.out
    assert "nan" not in (english.out + chinese.out).casefold()


def test_a_unit_by_itself_and_against_the_mean(cli) -> None:
    alone = cli("explain", CAICT, "--unit", "广东").out
    assert "Most lost: Computing scale 17.64" in alone  # (100 - 47.09) / 3
    assert "at best" in alone
    mean = cli("explain", CAICT, "--unit", "青海", "--against", "mean").out
    assert "against the mean of the ranked units" in mean


def test_bars_and_branches_are_ascii_where_the_terminal_has_no_others(program) -> None:
    done = program("explain", CAICT, "--unit", "广东", "--against", "北京", PYTHONIOENCODING="ascii:replace")
    assert done.returncode == 0
    assert "`- Computing application" in done.stdout
    assert "####" in done.stdout


def test_writes_the_table_and_the_record(cli, tmp_path: Path) -> None:
    words = ("explain", CAICT, "--unit", "广东", "--against", "best")
    assert cli(*words, "-o", tmp_path / "out").code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"explanation.csv", "explain.json"}
    with (tmp_path / "out" / "explanation.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["item"]: row for row in csv.DictReader(file)}
    record = json.loads((tmp_path / "out" / "explain.json").read_text(encoding="utf-8"))
    assert list(rows) == [item["item"] for item in record["items"]]
    assert sum(float(row["alone"]) for row in rows.values()) == pytest.approx(record["total"], abs=1e-9)
    assert float(rows["index"]["part"]) == pytest.approx(record["total"], abs=1e-9)
    assert record["against"]["unit"] == "北京"
    assert record["residual"] < 1e-9
    assert record["items"][1]["unit"]["cells"][0]["line"] == 2
    assert record["command"][:2] == ["dtindex", "explain"]
    assert len(record["table_hash"]) == len(record["methodology"]["hash"]) == 64
    assert cli(*words, "-o", tmp_path / "again").code == 0
    same = [(tmp_path / folder / "explanation.csv").read_bytes() for folder in ("out", "again")]
    assert same[0] == same[1]


def test_one_document_under_json_of_an_edition(cli, tmp_path: Path) -> None:
    edition = tmp_path / "2020.dtindex"
    assert cli("freeze", CAICT, "-o", edition, "-q").code == 0
    document = cli("explain", edition, "--unit", "Guangdong", "--node", "computing_scale", "--json").document
    assert document["verb"] == "explain"
    assert document["edition"]["name"] == "2020"
    assert document["node"] == "computing_scale"
    assert document["total"] == pytest.approx(47.09)


def test_a_respondent_says_what_it_rests_on(cli, tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    assert cli("sample", "accenture-reinvention-2023", "-n", "50", "--seed", "4", "-o", path, "-q").code == 0
    words = ("--unit", "E0000001", "--against", "best", "--assume", "instrument-v1")
    found = cli("explain", "accenture-reinvention-2023", path, *words)
    assert found.code == 0
    assert "ASSUMPTION instrument-v1" in found.out
    assert "synthetic:" in found.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--unit"),
        (("--unit", "广冬"), "DT396"),
        (("--unit", "广东", "--against", "nobody"), "DT396"),
        (("--unit", "广东", "--node", "indx"), "nearest is 'index'"),
        (("--unit", "广东", "--period", "2020"), "no periods"),
    ],
)
def test_a_line_that_cannot_be_carried_out(cli, words, said) -> None:
    found = cli("explain", CAICT, *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
