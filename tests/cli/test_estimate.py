"""`dtindex estimate`: what it prints in two languages, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import dtindex as dti

INDEX, ASSUMED = "accenture-reinvention-2023", ("--assume", "instrument-v1")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("estimate") / "s.csv"
    dti.sample(INDEX, 300, seed=1).write(path)
    return path


def test_prints_a_table_that_a_chapter_could_use(cli, sample: Path) -> None:
    found = cli("estimate", INDEX, sample, "--of", "index", "--by", "industry", *ASSUMED)
    assert found.code == 0
    assert all(head in found.out for head in ("95 % interval", "deff", "Retail", "method: Taylor", "SYNTHETIC"))
    assert "nan" not in found.out.casefold()
    assert "<NA>" not in found.out
    assert "ASSUMPTION instrument-v1" in found.out


def test_speaks_chinese(cli, sample: Path) -> None:
    found = cli("estimate", INDEX, sample, "--kind", "share", "--benchmark", "33%", *ASSUMED, "--language", "zh")
    assert all(word in found.out for word in ("95% 区间", "标准误", "重塑者", "参照值", "33.0 %", "泰勒线性化"))


def test_writes_its_figures_and_how_they_came_about(cli, sample: Path, tmp_path: Path) -> None:
    words = ("estimate", INDEX, sample, "--by", "size", "--of", "index", "--of", "D5", *ASSUMED, "-o", tmp_path / "out")
    assert cli(*words).code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"estimates.csv", "estimates.json"}
    record = json.loads((tmp_path / "out" / "estimates.json").read_text(encoding="utf-8"))
    assert {"dtindex", "command", "table_hash", "methodology", "sample", "seed", "estimates", "findings"} <= set(record)
    with (tmp_path / "out" / "estimates.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(record["estimates"])
    assert rows[0]["item"] == "index"
    assert float(rows[0]["estimate"]) == record["estimates"][0]["estimate"]
    text = (tmp_path / "out" / "estimates.csv").read_text(encoding="utf-8").casefold()
    assert "nan" not in text
    before = (tmp_path / "out" / "estimates.csv").read_bytes()
    assert cli(*words).code == 0
    assert (tmp_path / "out" / "estimates.csv").read_bytes() == before


def test_the_design_may_stand_on_the_line(cli, sample: Path) -> None:
    words = ("--of", "index", "--strata", "region", "--lonely", "adjust", "--replicates", "64", "--seed", "3")
    document = cli("estimate", INDEX, sample, *words, *ASSUMED, "--json").document
    assert document["sample"]["strata"] > 1
    assert document["estimates"][0]["method"] == "Rao-Wu bootstrap, 64 replicates"
    assert document["verb"] == "estimate"


def test_an_edition_and_small_cells(cli, sample: Path, tmp_path: Path) -> None:
    edition = tmp_path / "e.dtindex"
    assert cli("freeze", INDEX, sample, "-o", edition, *ASSUMED).code == 0
    words = ("--of", "index", "--by", "industry", "--by", "region", "--suppress-below", "12", "--language", "zh")
    found = cli("estimate", edition, *words)
    assert found.code == 0
    assert "少于 12 份答卷，不予公布" in found.out


def test_bad_lines(cli, sample: Path) -> None:
    for words, code in (
        (("--by", "indutsry"), 2),
        (("--benchmark", "half"), 2),
        (("--of", "nothing"), 2),
        (("--strata", "nowhere"), 1),
        (("--cluster", "industry", "--strata", "region"), 1),
    ):
        found = cli("estimate", INDEX, sample, *words, *ASSUMED)
        assert found.code == code, words
        assert "DT" in found.err
