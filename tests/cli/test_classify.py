"""`dtindex classify`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

INDEX = "accenture-reinvention-2023"
ASSUMED = ("--assume", "instrument-v1")
QUICK = ("--resamples", "2", "--profiles", "2")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import dtindex

    path = tmp_path_factory.mktemp("sample") / "s.csv"
    dtindex.sample(INDEX, 400, seed=1).write(path)
    return path


def test_prints_tables_that_a_person_can_read(cli, sample: Path) -> None:
    found = cli("classify", INDEX, sample, *ASSUMED, *QUICK)
    assert found.code == 0
    for head in (
        "Classes",
        "Across: class × leadership",
        "Bounds of Reinventor (assumed)",
        "How firmly, Reinventor (assumed)",
        "On the border",
        "Profiles of a Gaussian mixture",
        "What the bounds would make at other correlations",
        "ASSUMPTION instrument-v1",
        "SYNTHETIC",
    ):
        assert head in found.out
    line = next(line for line in found.out.splitlines() if line.startswith("class ") and "Reinventor" in line)
    assert line.split()[3:6] == ["7", "1.8", "%"]
    assert "nan" not in found.out.casefold().replace("dominant", "")
    assert "DT362 7 units of 388 are reinventor" in found.err


def test_speaks_chinese(cli, sample: Path) -> None:
    found = cli("classify", INDEX, sample, *ASSUMED, *QUICK, "--language", "zh")
    for head in ("类别", "交叉表", "门槛", "临界单元", "高斯混合画像", "重塑者", "领军企业", "合成数据"):
        assert head in found.out


def test_one_document_under_json(cli, sample: Path) -> None:
    document = cli("classify", INDEX, sample, *ASSUMED, *QUICK, "--json").document
    assert document["verb"] == "classify"
    assert (document["scheme"], document["of"], document["against"]) == ("class", "reinventor", "leadership")
    assert len(document["units"]) == 388
    assert set(document["units"][0]) == {
        *("unit", "name", "period", "class", "margin", "binding", "measurement", "sampling", "probability", "word")
    }
    assert document["basis"] == {"class": "measurement", "leadership": ""}
    assert [row["class"] for row in document["shares"]][:3] == ["reinventor", "transformer", "optimiser"]


def test_writes_three_files(cli, sample: Path, tmp_path: Path) -> None:
    found = cli("classify", INDEX, sample, *ASSUMED, *QUICK, "--seed", "3", "-o", tmp_path / "out")
    assert found.code == 0
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {"classes.csv", "crosstab.csv", "classify.json"}
    with (out / "classes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 388
    assert list(rows[0]) == ["unit", "name", "period"] + [
        f"{name}:{scheme}"
        for scheme in ("class", "leadership")
        for name in ("class", "margin", "binding", "probability", "word")
    ]
    assert sum(row["class:class"] == "reinventor" for row in rows) == 7
    with (out / "crosstab.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(int(row["count"]) for row in csv.DictReader(file)) == 388
    record = json.loads((out / "classify.json").read_text(encoding="utf-8"))
    assert record["seed"] == record["classify"]["seed"] == 3
    assert record["methodology"]["id"] == INDEX
    assert record["classify"]["shares"][0]["count"] == record["classes"]["class"]["reinventor"] == 7
    assert "units" not in record["classify"]
    for name in ("classes.csv", "crosstab.csv"):
        assert "nan" not in (out / name).read_text(encoding="utf-8").casefold()
    again = tmp_path / "again"
    cli("classify", INDEX, sample, *ASSUMED, *QUICK, "--seed", "3", "-o", again)
    for name in ("classes.csv", "crosstab.csv"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_the_second_scheme_and_an_edition(cli, sample: Path, tmp_path: Path) -> None:
    edition = tmp_path / "2023.dtindex"
    assert cli("freeze", INDEX, sample, *ASSUMED, "-o", edition).code == 0
    document = cli("classify", edition, sample, "--scheme", "leadership", "--profiles", "0", "--json").document
    assert (document["of"], document["against"]) == ("champion", "class")
    assert document["edition"]["name"] == "2023"
    assert document["profiles"] == []
    plain = cli("classify", INDEX, sample, *ASSUMED, "--scheme", "leadership", "--profiles", "0", "--json").document
    assert document["units"] == plain["units"]


def test_a_methodology_without_classes(cli) -> None:
    found = cli("classify", "caict-computing-power-1.0")
    assert (found.code, found.out) == (1, "")
    assert "DT360" in found.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scheme", "clas"), "nearest is 'class'"),
        (("--of", "reinventors"), "nearest is 'reinventor'"),
        (("--target", "2"), "target=2.0"),
        (("--runs", "0"), "--runs"),
        (("--period", "2023"), "the table has no periods"),
    ],
)
def test_a_line_that_cannot_be_carried_out(cli, sample: Path, words, said) -> None:
    found = cli("classify", INDEX, sample, *ASSUMED, *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
