"""`dtindex rank-bounds` and `rank-sets`: what they print, what they write, how they end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

CAICT = "caict-computing-power-1.0"
ACCENTURE = "accenture-reinvention-2023"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_bounds_are_told_and_written(cli, tmp_path: Path) -> None:
    found = cli("rank-bounds", CAICT, "-o", tmp_path, "--figures", "svg")
    assert found.code == 0
    assert "Among the first 6 whatever the weights: Jiangsu, Zhejiang, Guangdong" in found.out
    assert "Can be among them: Beijing, Hebei, Shanghai, Fujian, Shandong, Sichuan" in found.out
    table = {row["unit"]: row for row in rows(tmp_path / "rank_bounds.csv")}
    assert (table["北京"]["best"], table["北京"]["worst"]) == ("1", "13")
    names = {path.name for path in tmp_path.iterdir()}
    tables = {"rank_bounds", "dominance", "witnesses", "stability", "pairwise", "tier_bounds"}
    assert names == {f"{name}.csv" for name in tables} | {"rank_bounds.json"} | {
        f"{name}.svg" for name in ("rank_bounds", "dominance", "stability")
    }
    record = json.loads((tmp_path / "rank_bounds.json").read_text(encoding="utf-8"))
    assert record["command"][1] == "rank-bounds"
    assert record["certain_pairs"] == 330


def test_in_chinese(cli) -> None:
    found = cli("rank-bounds", CAICT, "--language", "zh", "--first", "3")
    assert "无论权重如何均在前 3 名: 广东\n" in found.out
    assert "可能进入: " in found.out
    assert "任何合计为 1 的权重" in found.out


def test_the_same_bytes_twice(cli, tmp_path: Path) -> None:
    for name in "ab":
        assert cli("rank-bounds", CAICT, "--within", "25%", "-o", tmp_path / name).code == 0
    for path in (tmp_path / "a").glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_unpublished_weights_are_no_hindrance(cli, tmp_path: Path) -> None:
    methodology = tmp_path / "own.yaml"
    methodology.write_text(
        "schema_version: 1\nid: own\ntitle: Own\nunits: {kind: city, key: city}\nnodes:\n  - {id: index}\nindicators:\n"
        + "".join(
            f"  - {{id: {name}, parent: index, weight: unpublished, "
            "normalise: {method: goalposts, worst: 0, best: 10}}\n"
            for name in "ab"
        ),
        encoding="utf-8",
    )
    table = tmp_path / "table.csv"
    table.write_text("city,a,b\nOne,9,8\nTwo,7,2\nThree,1,6\n", encoding="utf-8")
    assert cli("score", methodology, table).code == 1
    found = cli("rank-bounds", methodology, table, "--first", "1", "-o", tmp_path / "out")
    assert found.code == 0
    assert "unpublished: any that sum to 1" in found.out
    assert "Among the first 1 whatever the weights: One" in found.out
    table_rows = {row["unit"]: row for row in rows(tmp_path / "out" / "rank_bounds.csv")}
    assert "score" not in table_rows["One"]
    assert [table_rows["Two"][end] for end in ("best", "worst")] == ["2", "3"]
    assert not (tmp_path / "out" / "stability.csv").exists()


def test_settings_that_cannot_be(cli) -> None:
    for words in (["--within", "a lot"], ["--within", "0"], ["--figures", "svg"], ["--within", "150%"]):
        found = cli("rank-bounds", CAICT, *words)
        assert found.code == 2
        assert "DT902" in found.err


def test_a_node_that_is_no_mean(cli) -> None:
    found = cli("rank-bounds", "accenture-disruption")
    assert found.code == 1
    assert "DT322" in found.err


def test_industries_of_a_made_up_sample(cli, tmp_path: Path) -> None:
    assert cli("sample", ACCENTURE, "-n", "600", "--seed", "1", "-o", tmp_path / "s.csv").code == 0
    words = (ACCENTURE, tmp_path / "s.csv", "--assume", "instrument-v1")
    found = cli("rank-sets", *words, "--by", "industry", "-o", tmp_path / "out")
    assert found.code == 0
    assert "SYNTHETIC" in found.out
    assert "ASSUMPTION instrument-v1" in found.out
    table = rows(tmp_path / "out" / "rank_sets.csv")
    assert len(table) == 8
    assert all(int(row["low"]) <= int(row["rank"]) <= int(row["high"]) for row in table)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("rank_sets.csv", "above.csv", "rank_law.csv", "rank_sets.json")
    }


def test_sets_of_units_by_their_errors(cli, tmp_path: Path) -> None:
    found = cli("rank-sets", CAICT, "--best", "3")
    assert "Cannot be excluded from the first 3: Beijing, Jiangsu, Guangdong" in found.out
    errors = tmp_path / "errors.csv"
    errors.write_text("unit,environment\n北京,30\n广东,30\n", encoding="utf-8")
    found = cli("rank-sets", CAICT, "--errors", errors)
    assert found.code == 0
    line = next(one for one in found.out.splitlines() if one.split()[1:2] == ["Guangdong"])
    assert "1 – 2" in line or "1 – 3" in line


def test_a_bootstrap_of_ranks_is_refused(cli) -> None:
    found = cli("rank-sets", CAICT, "--method", "bootstrap")
    assert found.code == 2
    assert "DT326" in found.err


def test_what_does_not_go_together(cli, tmp_path: Path) -> None:
    for words in (["--of", "index"], ["--weight", "w"], ["--by", "region", "--errors", tmp_path / "e.csv"]):
        found = cli("rank-sets", CAICT, *words)
        assert found.code == 2
        assert "DT902" in found.err
