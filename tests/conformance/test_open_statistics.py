"""A region's own way: template, open statistics of 31 provinces, check, score under a named assumption."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path

import pytest

from dtindex.cli import main

FIGURES = "cn_provinces_nbs/cn_provinces_nbs.csv"


@pytest.fixture(scope="module")
def sheet(reference_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("region") / "figures.xlsx"
    assert main(["template", "caict-computing-power-2.0", "-o", str(path), "--quiet"]) == 0
    fill = runpy.run_path(str(Path(__file__).parent / "fill_open_statistics.py"))["fill"]
    assert fill(path, reference_data / FIGURES) == 31 * 6 - 1  # no software series for Tibet
    return path


def test_check_lists_what_open_statistics_lack(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "caict-computing-power-2.0", str(sheet), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    empty = [one["place"]["name"] for one in found if one["code"] == "DT302"]
    assert {"server_compute", "ai_compute", "rd_spending", "patents", "five_g_coverage"} <= set(empty)
    assert not [one for one in found if one["severity"] == "error"]


def test_score_needs_the_assumption_and_names_it(sheet: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["score", "caict-computing-power-2.0", str(sheet), "-o", str(out)]) == 1
    assert not out.exists()
    assert main(["score", "caict-computing-power-2.0", str(sheet), "--assume", "equal", "-o", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "ASSUMPTION equal" in printed
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["assumptions"] == ["equal"]
    with (out / "scores.csv").open(encoding="utf-8-sig", newline="") as stream:
        index = {row["unit"]: row for row in csv.DictReader(stream) if row["node"] == "index"}
    assert len(index) == 31
    assert [unit for unit, row in index.items() if row["rank"] == ""] == ["西藏"]
    assert float(index["西藏"]["coverage"]) == 0.4
    assert {float(row["coverage"]) for unit, row in index.items() if unit != "西藏"} == {0.6}


def test_the_ranking_by_hand(sheet: Path, reference_data: Path, tmp_path: Path) -> None:
    """Min-max of each series, means within three dimensions, and the mean of those: a few lines of arithmetic."""
    out = tmp_path / "out"
    assert main(["score", "caict-computing-power-2.0", str(sheet), "--assume", "equal", "-o", str(out), "--quiet"]) == 0
    with (out / "scores_wide.csv").open(encoding="utf-8-sig", newline="") as stream:
        scores = {row["unit"]: row["index"] for row in csv.DictReader(stream)}
    with (reference_data / FIGURES).open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["year"] == "2023"]
    series = runpy.run_path(str(Path(__file__).parent / "fill_open_statistics.py"))["SERIES"]

    def min_max(name: str) -> dict[str, float]:
        known = {row["province"]: float(row[series[name]]) for row in rows if row[series[name]]}
        low, high = min(known.values()), max(known.values())
        return {province: 100 * (value - low) / (high - low) for province, value in known.items()}

    software, ports, fibre = min_max("software_revenue"), min_max("broadband_ports"), min_max("long_distance_fibre")
    traffic, sales = min_max("mobile_traffic"), min_max("ecommerce_sales")
    for province in software:
        dimensions = (
            software[province],
            (ports[province] + fibre[province]) / 2,
            (traffic[province] + sales[province]) / 2,
        )
        unit = next(name for name in scores if province.startswith(name))
        assert float(scores[unit]) == pytest.approx(sum(dimensions) / 3, abs=1e-9), province
