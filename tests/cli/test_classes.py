"""Classes, careless respondents and made-up answers in what `score` and `show` print and write."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

INDEX = "accenture-reinvention-2023"
MIIT = "miit-sme-digital-2024"
ASSUMED = ("--assume", "instrument-v1")
COUNT = 2000


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from dtindex.cli import main

    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    assert main(["sample", INDEX, "-n", str(COUNT), "--seed", "1", "-o", str(path), "--quiet"]) == 0
    return path


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("class (assumed): Reinventor ", "class leadership: Champion ", "answers were made up")),
        ("zh", ("类别 (假定): 重塑者 ", "类别 leadership: 领军企业 ", "转型者 1,", "答卷为虚构")),
    ],
)  # fmt: skip
def test_score_counts_classes_and_says_what_they_rest_on(cli, answers: Path, language: str, words) -> None:
    outcome = cli("score", INDEX, answers, *ASSUMED, "--top", 3, "--language", language)
    assert outcome.code == 0
    assert all(word in outcome.out for word in words)
    for mark in ("ASSUMPTION instrument-v1", "SYNTHETIC", "seed 1"):
        assert mark in outcome.out
    if language == "zh":
        assert not any(word in outcome.out for word in (" more", "Screened", "Parameters", "made up"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_was_left_out_is_counted_by_rule_and_listed_in_a_line(cli, answers: Path, language: str) -> None:
    outcome = cli("score", INDEX, answers, *ASSUMED, "--top", 3, "--language", language)
    head = "Screened out (60; " if language == "en" else "经筛选剔除 (60; "
    line = next(line for line in outcome.out.splitlines() if line.startswith(head))
    assert len(line) < 600
    rules = line[len(head) : line.index("): ")].split("; ")
    counts = [int(rule.rpartition(": ")[2]) for rule in rules]
    assert len(counts) == 5
    assert sum(counts) == 60  # each of the sample's careless respondents fails one rule


def test_files_and_json_have_the_classes(cli, answers: Path, tmp_path: Path) -> None:
    outcome = cli("score", INDEX, answers, *ASSUMED, "-o", tmp_path, "--json")
    assert outcome.code == 0
    rows = {row["unit"]: row["classes"] for row in outcome.document["rows"]}
    with (tmp_path / "scores_wide.csv").open(encoding="utf-8-sig", newline="") as stream:
        wide = {row["unit"]: row for row in csv.DictReader(stream)}
    assert {unit: row["class:class"] or None for unit, row in wide.items()} == {
        unit: classes["class"] for unit, classes in rows.items()
    }
    assert {unit: row["class:leadership"] or None for unit, row in wide.items()} == {
        unit: classes["leadership"] for unit, classes in rows.items()
    }
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    for scheme, counts in run["classes"].items():
        given = [classes[scheme] for classes in rows.values()]
        assert counts == {name: given.count(name) for name in counts}
        assert sum(counts.values()) == COUNT - sum(run["left_out"].values())
    assert set(run["left_out"]) == {
        f"{rule}:careless" for rule in ("too-fast", "straight-lining", "duplicates", "test-rows", "incomplete")
    }
    assert run["synthetic"].endswith("seed 1")
    assert run["assumptions"] == ["instrument-v1"]
    assumed = {(one["item"], one["parameter"]) for one in run["provenance"]["assumed"]}
    assert {("reinventor", "class"), ("too-fast", "careless")} <= assumed


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Questions (31)", "0 … 4: None; 1, tools", "Careless", "Level 4, collaborative: (index ≥ 80",
                "Below level 1: the rest", "ingle secondary source", "bands at 10, 20, 40, 60, right edge in")),
        ("zh", ("问卷题目 (31)", "0 … 4: 无; 一级（工具）", "无效答卷规则", "其余", "分段点 10, 20, 40, 60", "仅报告")),
    ],
)  # fmt: skip
def test_show_prints_questions_careless_rules_and_classes_with_their_origin(cli, language: str, words) -> None:
    outcome = cli("show", MIIT, "--language", language)
    assert outcome.code == 0
    printed = " ".join(outcome.out.split())
    assert [word for word in words if word not in printed] == []


def test_show_says_why_classes_are_assumed(cli) -> None:
    printed = " ".join(cli("show", INDEX).out.split())
    assert "Reinventor (assumed): (frontier ≥ 65 and" in printed
    assert "assumed (Reinventor): A profile over all five dimensions" in printed
    assert "[skip: S1 = none]" in printed
    assert "不问: S1 = none" in cli("show", INDEX, "--language", "zh").out
