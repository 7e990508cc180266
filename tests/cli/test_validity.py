"""`dtindex validity`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

CAICT = "caict-computing-power-1.0"
TABLES = ("correlations", "flags", "reliability", "items", "sampling", "eigenvalues", "importance")


def test_prints_tables_that_a_person_can_read(cli) -> None:
    found = cli("validity", CAICT)
    assert found.code == 0
    for head in (
        "Reliability",
        "Sampling adequacy",
        "Items",
        "Importance beside weight",
        "Flags",
        "Not computable (DT311)",
    ):
        assert head in found.out
    line = next(line for line in found.out.splitlines() if line.startswith("Computing power index"))
    assert line.split()[3:6] == ["3", "31", "0.849"]
    assert "nan" not in found.out.casefold()
    assert "31 units; matrices over complete rows" in found.out


def test_speaks_chinese(cli) -> None:
    found = cli("validity", CAICT, "--language", "zh")
    assert all(head in found.out for head in ("信度", "重要性与权重", "无法计算（DT311）", "算力发展指数"))


def test_one_document_under_json(cli) -> None:
    document = cli("validity", CAICT, "--json").document
    assert document["verb"] == "validity"
    assert {*TABLES, "methodology", "findings", "seed", "runs", "thresholds", "exit_code"} <= set(document)
    assert document["reliability"][0]["alpha"] == pytest.approx(0.849, abs=5e-4)
    assert document["reliability"][1]["alpha"] is None
    assert document["reliability"][1]["reason"] == "no scores of network, investment"
    assert "DT311" in {one["code"] for one in document["findings"]}


def test_writes_a_file_for_each_table(cli, tmp_path: Path) -> None:
    found = cli("validity", CAICT, "-o", tmp_path / "out")
    assert found.code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *(f"{name}.csv" for name in TABLES),
        "validity.json",
    }
    content = json.loads((tmp_path / "out" / "validity.json").read_text(encoding="utf-8"))
    for name in TABLES:
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(content[name])
        assert "nan" not in (tmp_path / "out" / f"{name}.csv").read_text(encoding="utf-8").casefold()
    again = tmp_path / "again"
    cli("validity", CAICT, "-o", again)
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_thresholds_and_seed_are_options(cli) -> None:
    flags = cli("validity", CAICT, "--high", "0.7", "--json").document["flags"]
    assert [(one["first"], one["second"], one["flag"]) for one in flags] == [
        ("computing_scale", "environment", "high"),
        ("environment", "application", "high"),
    ]
    one, other = (cli("validity", CAICT, "--seed", seed, "--runs", "20", "--json").document for seed in ("1", "2"))
    assert one["eigenvalues"][0]["random_mean"] != other["eigenvalues"][0]["random_mean"]


def test_an_edition(cli, edition: Path) -> None:
    document = cli("validity", edition, "--json").document
    assert document["edition"]["name"] == "2020"
    assert document["reliability"] == cli("validity", CAICT, "--json").document["reliability"]


def test_what_is_unpublished_is_not_invented(cli) -> None:
    found = cli("validity", "caict-computing-power-2.0")
    assert found.code in (1, 2)
    assert found.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((CAICT, "--rows", "some"), "--rows"),
        ((CAICT, "--of", "roots"), "--of"),
        ((CAICT, "--runs", "0"), "--runs"),
        ((CAICT, "--period", "2020"), "the table has no periods"),
    ],
)
def test_a_line_that_cannot_be_carried_out(cli, words, said) -> None:
    found = cli("validity", *words)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
