"""`dtindex sample`: what it prints, what it writes, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

INDEX = "accenture-reinvention-2023"


def test_prints_targets_and_what_was_achieved(cli, tmp_path: Path) -> None:
    found = cli("sample", INDEX, "-n", "500", "--seed", "1", "-o", tmp_path / "s.csv")
    assert found.code == 0
    assert found.out.startswith("SYNTHETIC: dtindex sample accenture-reinvention-2023 seed 1\n")
    for head in ("Target", "Achieved", "Study", "Optimise operations", "ASSUMPTION instrument-v1", "500 respondents"):
        assert head in found.out
    assert "global1516: Total Enterprise Reinvention" in found.out
    assert (tmp_path / "s.csv").read_text(encoding="utf-8-sig").count("\n") == 501


def test_speaks_chinese(cli, tmp_path: Path) -> None:
    found = cli("sample", INDEX, "-n", "50", "--seed", "1", "-o", tmp_path / "s.csv", "--language", "zh")
    assert all(head in found.out for head in ("目标", "来源研究", "优化运营", "重塑者 / 其他"))


def test_one_document_under_json(cli, tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    document = cli("sample", INDEX, "-n", "500", "--seed", "1", "-o", path, "--json").document
    assert document["synthetic"] == "synthetic: dtindex sample accenture-reinvention-2023 seed 1"
    assert (document["respondents"], document["seed"], document["files"]) == (500, 1, [str(path)])
    operations = next(one for one in document["headlines"] if one["figure"] == "Optimise operations")
    assert (operations["target"], operations["study"], operations["provenance"]) == (58, "china2023", "published")
    assert sum(document["careless"].values()) == 15


def test_what_it_makes_can_be_scored(cli, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    cli("sample", INDEX, "-n", "300", "--seed", "1", "-o", path)
    found = cli("score", INDEX, path, "--assume", "instrument-v1", "-o", tmp_path / "out")
    assert found.code == 0
    assert (tmp_path / "out" / "scores.csv").exists()


def test_options_change_the_plan(cli, tmp_path: Path) -> None:
    words = ("sample", INDEX, "-n", "200", "--seed", "1", "-o", tmp_path / "s.csv", "--json")
    document = cli(*words, "--correlation", "0.2", "--loading", "0.6", "--missing", "0", "--careless", "0").document
    assert document["plan"] == {
        "correlation": 0.2, "loading": 0.6, "missing": 0.0, "careless": 0.0, "assume": "instrument-v1",
    }  # fmt: skip
    assert not any(document["careless"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((INDEX, "-n", "0", "--seed", "1", "-o", "s.csv"), "-n"),
        ((INDEX, "-n", "5", "--seed", "-1", "-o", "s.csv"), "--seed"),
        ((INDEX, "-n", "5", "-o", "s.csv"), "--seed"),
        ((INDEX, "-n", "5", "--seed", "1"), "--output"),
        ((INDEX, "-n", "5", "--seed", "1", "-o", "s.sav"), ".csv or .parquet or .xlsx"),
        ((INDEX, "-n", "5", "--seed", "1", "-o", "s.csv", "--correlation", "1.5"), "--correlation"),
        (("nbs-new-drivers-2022", "-n", "5", "--seed", "1", "-o", "s.csv"), "DT261"),
    ],
)
def test_bad_lines(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    found = cli("sample", *words)
    assert found.code == 2
    assert said in found.err
    assert not list(tmp_path.iterdir())


def test_an_unknown_assumption(cli, tmp_path: Path) -> None:
    found = cli("sample", INDEX, "-n", "5", "--seed", "1", "-o", tmp_path / "s.csv", "--assume", "nobody")
    assert found.code in (1, 2)
    assert "nobody" in found.err
