"""`dtindex compare`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

ACCENTURE = "accenture-reinvention-2023"
FEW = ("--permutations", "50", "--resamples", "50")


@pytest.fixture
def made(cli, tmp_path: Path) -> Path:
    path = tmp_path / "made.csv"
    assert cli("sample", ACCENTURE, "-n", "1500", "--seed", "4", "-o", path, "-q").code == 0
    return path


def compare(cli, made: Path, *words: str | Path):
    return cli("compare", ACCENTURE, made, "--assume", "instrument-v1", *FEW, *words)


def test_prints_the_newsletters_table_in_both_languages(cli, made: Path) -> None:
    english, chinese = compare(cli, made), compare(cli, made, "--language", "zh")
    assert english.code == chinese.code == 0
    assert "Reinventor vs. Others" in english.out
    assert "重塑者 vs. 其他企业" in chinese.out
    for head in ("Outcome", "95 % interval", "p (Holm)", "against 30 %", "ASSUMPTION instrument-v1", "synthetic:"):
        assert head in english.out
    for head in ("指标", "95% 区间", "显著性", "倍", "（其他企业30%）"):
        assert head in chinese.out
    assert "nan" not in (english.out + chinese.out).casefold().replace("financial", "")


def test_writes_the_long_table_and_the_record(cli, made: Path, tmp_path: Path) -> None:
    words = ("--outcome", "financial_value", "--outcome", "nonfinancial_goals", "--control", "industry", "--seed", "7")
    assert compare(cli, made, *words, "-o", tmp_path / "out").code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"comparison.csv", "compare.json"}
    with (tmp_path / "out" / "comparison.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    record = json.loads((tmp_path / "out" / "compare.json").read_text(encoding="utf-8"))
    assert len(rows) == len(record["comparison"])
    assert {"adjusted", "told", "permutation", "bootstrap_ratio"} <= {row["statistic"] for row in rows}
    assert record["seed"] == 7
    assert record["command"][:2] == ["dtindex", "compare"]
    assert len(record["table_hash"]) == len(record["methodology"]["hash"]) == 64
    assert record["synthetic"].startswith("synthetic")
    assert set(record["table"]) == {"en", "zh"}
    assert compare(cli, made, *words, "-o", tmp_path / "again").code == 0
    same = (tmp_path / "again" / "comparison.csv").read_bytes()
    assert same == (tmp_path / "out" / "comparison.csv").read_bytes()


def test_one_document_under_json(cli, made: Path) -> None:
    document = compare(cli, made, "--json", "--form", "revenue_growth=difference", "--adjust", "none").document
    assert document["verb"] == "compare"
    assert document["adjust"] is None
    told = [one for one in document["comparison"] if one["statistic"] == "told" and one["outcome"] == "revenue_growth"]
    assert told[0]["of"] == "difference"
    assert {"DT374", "DT376"} & {one["code"] for one in document["findings"]}


def test_an_edition_and_another_scheme(cli, made: Path, tmp_path: Path) -> None:
    edition = tmp_path / "2023.dtindex"
    assert cli("freeze", ACCENTURE, made, "--assume", "instrument-v1", "-o", edition, "-q").code == 0
    document = cli("compare", edition, "--by", "leadership", "--outcome", "new_business_share", *FEW, "--json").document
    assert document["edition"]["name"] == "2023"
    assert document["inputs"] == {"new_business_share": ["new_business_share"]}
    assert "DT370" in {one["code"] for one in document["findings"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "nothing"), "no class scheme"),
        (("--outcome", "growth"), "no outcome"),
        (("--form", "growth"), "expected ID=FORM"),
        (("--against", "nobody"), "no group"),
        (("--adjust", "all"), "--adjust"),
    ],
)
def test_a_line_that_cannot_be_carried_out(cli, made: Path, words, said) -> None:
    found = compare(cli, made, *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
