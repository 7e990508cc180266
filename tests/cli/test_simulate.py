"""`dtindex simulate` and `dtindex sensitivity`: what they print, what they write, how they end."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CAICT = "caict-computing-power-1.0"
TABLES = {
    "rank_intervals.csv",
    "score_intervals.csv",
    "rank_probabilities.csv",
    "pairwise_winning.csv",
    "tier_probabilities.csv",
    "central_weights.csv",
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_prints_the_ranking_with_its_intervals_in_both_languages(cli) -> None:
    english = cli("simulate", CAICT, "--runs", "2000", "--seed", "1")
    chinese = cli("simulate", CAICT, "--runs", "2000", "--seed", "1", "--language", "zh")
    assert english.code == chinese.code == 0
    for said in ("2,000 runs", "Dirichlet, concentration 100", "95 % interval of the rank", "Guangdong", "observed"):
        assert said in english.out
    for said in ("每次模拟重新抽取", "95 % 排名区间", "广东", "平均排名变动"):
        assert said in chinese.out
    assert "runs in" in english.err


def test_writes_tables_that_agree_with_each_other_and_with_the_library(cli, tmp_path: Path) -> None:
    import dtindex as dti

    assert cli("simulate", CAICT, "--runs", "3000", "--seed", "7", "-o", tmp_path, "-q").code == 0
    assert {path.name for path in tmp_path.iterdir()} == TABLES | {"simulation.json"}
    record = json.loads((tmp_path / "simulation.json").read_text(encoding="utf-8"))
    assert record["runs"] == {"asked": 3000, "made": 3000, "scored": 3000, "failed": {}}
    assert record["seed"] == 7
    assert record["ranges"] == "observed"
    assert record["command"][:2] == ["dtindex", "simulate"]
    assert len(record["table_hash"]) == len(record["methodology"]["hash"]) == 64
    found = dti.simulate(dti.CompositeIndex(CAICT).fit(), runs=3000, seed=7)
    intervals = rows_of(tmp_path / "rank_intervals.csv")
    assert [int(row["high"]) for row in intervals] == found.rank_intervals["high"].tolist()
    assert [row["unit"] for row in intervals] == found.units.tolist()
    for row in rows_of(tmp_path / "rank_probabilities.csv"):
        assert sum(float(value) for key, value in row.items() if key != "unit") == pytest.approx(1, abs=1e-9)


def test_the_same_bytes_for_any_number_of_workers(cli, tmp_path: Path) -> None:
    words = ("simulate", CAICT, "--runs", "70000", "--seed", "1", "-q")
    for workers in ("1", "2"):
        assert cli(*words, "--workers", workers, "-o", tmp_path / workers).code == 0
    for name in sorted(TABLES):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_factors_and_errors_from_files(cli, tmp_path: Path) -> None:
    factors, errors = tmp_path / "factors.yaml", tmp_path / "errors.csv"
    factors.write_text(
        "factors:\n  - {id: left_out, exclude: [environment, application]}\n"
        "  - {id: mean, node: index, aggregate: [{method: arithmetic}, {method: geometric}]}\n",
        encoding="utf-8",
    )
    errors.write_text("unit,environment\n广东,5\n北京,\n", encoding="utf-8")
    words = ("simulate", CAICT, "--factors", factors, "--runs", "600", "--json")
    without, document = cli(*words).document, cli(*words, "--errors", errors).document
    assert [factor["id"] for factor in document["factors"]] == ["left_out", "mean"]
    before, after = ({row["unit"]: row["sd"] for row in one["score_intervals"]} for one in (without, document))
    assert after["广东"] > before["广东"]
    assert after["北京"] == before["北京"]
    assert document["tier_probabilities"][0].keys() >= {"unit", "t1", "rest"}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("factors:\n  - {id: a, box: 0.2, noise: 0.2}\n", "factors.yaml:2:", "exactly one of"),
        ("factors:\n  - {id: a, node: indx, box: 0.2}\n", "factors.yaml:2:19", "indx"),
        (
            (
                "factors:\n  - id: a\n    node: index\n"
                "    bounds: {computing_scale: [0.5, 0.6], environment: [0.4, 0.5], application: [0.3, 0.4]}\n"
            ),
            "factors.yaml:4:",
            "1.2",
        ),
        ("factors: []\n", "factors.yaml", "factors"),
        ("- 1\n", "factors.yaml:1:1", "expected"),
        ("factors: [\n", "factors.yaml:", ""),
    ],
)
def test_what_is_wrong_with_a_file_of_factors_is_said_at_its_place(
    cli, tmp_path: Path, text: str, place: str, said: str
) -> None:
    path = tmp_path / "factors.yaml"
    path.write_text(text, encoding="utf-8")
    found = cli("simulate", CAICT, "--factors", path)
    assert found.code in (1, 2)
    assert place in found.err
    assert said in found.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--node", "indx"), 2, "nearest is 'index'"),
        (("--period", "2020"), 2, "no periods"),
        (("--runs", "0"), 2, "DT902"),
        (("--factors", "nowhere.yaml"), 2, "DT103"),
        (("--errors", "nowhere.csv"), 2, "DT103"),
        (("--figures", "svg"), 2, "-o DIR"),
        (("--method", "halton"), 2, "DT902"),
    ],
)
def test_bad_usage_is_answered(cli, words: tuple[str, ...], code: int, said: str) -> None:
    found = cli("simulate", CAICT, *words)
    assert found.code == code
    assert said in found.err


def test_errors_that_are_none_are_named_by_cell(cli, tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    path.write_text("unit,environment\n广东,-1\n北京,much\n", encoding="utf-8")
    found = cli("simulate", CAICT, "--errors", path)
    assert found.code == 1
    assert found.err.count("DT220") == 2
    assert "'much'" in found.err


def test_figures_are_drawn_where_they_are_asked_for(cli, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    words = ("--runs", "500", "-o", tmp_path, "--figures", "svg", "-q")
    assert cli("simulate", CAICT, *words).code == 0
    drawn = {path.name for path in tmp_path.glob("*.svg")}
    assert drawn == {"rank_intervals.svg", "rank_heatmap.svg", "tier_probabilities.svg"}


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
def test_an_interruption_keeps_what_is_finished_and_goes_on_from_there(tmp_path: Path) -> None:
    checkpoint, stopped, whole = tmp_path / "run.npz", tmp_path / "stopped", tmp_path / "whole"
    words = [sys.executable, "-m", "dtindex", "simulate", CAICT, "--seed", "3", "--workers", "1"]
    runs = ["--runs", "6000000"]
    process = subprocess.Popen(
        [*words, *runs, "--checkpoint", checkpoint, "-o", stopped, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err.decode()
    document = json.loads(out)
    made = document["runs"]["made"]
    assert 0 <= made < 6_000_000
    assert any(one["code"] == "DT387" for one in document["findings"])
    assert whole.exists() is False
    assert (stopped / "rank_intervals.csv").exists()
    assert checkpoint.exists()
    refused = subprocess.run([*words, "--runs", "1000", "--checkpoint", checkpoint], capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"DT388" in refused.stderr


def test_an_interruption_before_the_first_block(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known then, and no rank is printed as if it were."""

    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dtindex.analysis.uncertainty.running.run_block", interrupted)
    outcome = cli("simulate", CAICT, "--workers", "1")
    assert outcome.code == 130
    assert "0 runs" in outcome.out
    assert "Guangdong" not in outcome.out
    assert "DT387 stopped after 0 of 10,000 runs" in outcome.err


def test_sensitivity_prints_and_writes_shares(cli, tmp_path: Path) -> None:
    words = ("sensitivity", CAICT, "--runs", "512", "--scrambles", "8", "--seed", "1")
    english, chinese = cli(*words, "--unit", "广东", "-o", tmp_path), cli(*words, "--language", "zh")
    assert english.code == chinese.code == 0
    for said in ("pick and freeze", "Mean shift in rank", "Ranks of all units", "total order", "广东: Rank"):
        assert said in english.out
    assert "全部单元排名" in chinese.out
    rows = rows_of(tmp_path / "sensitivity.csv")
    together = {row["factor"]: float(row["total"]) for row in rows if row["of"] == "all scores"}
    assert together["weights"] > 0.9 > 0.1 > together["reading"]
    record = json.loads((tmp_path / "sensitivity.json").read_text(encoding="utf-8"))
    assert record["evaluations"] == 512 * (2 + 2 + 4)  # A, B and each factor; all subsets of two for Shapley effects


def test_an_exact_factorial_and_its_interactions(cli, tmp_path: Path) -> None:
    factors = tmp_path / "factors.yaml"
    factors.write_text(
        "factors:\n  - {id: left_out, exclude: [environment, application]}\n"
        "  - {id: mean, node: index, aggregate: [{method: arithmetic}, {method: geometric}]}\n",
        encoding="utf-8",
    )
    found = cli("sensitivity", CAICT, "--factors", factors, "-o", tmp_path / "out")
    assert found.code == 0
    assert "full factorial, exact: 6 combinations" in found.out
    pairs = rows_of(tmp_path / "out" / "interactions.csv")
    indices = rows_of(tmp_path / "out" / "sensitivity.csv")
    first = sum(float(row["first"]) for row in indices if row["of"] == "all ranks")
    second = next(float(row["second"]) for row in pairs if row["of"] == "all ranks")
    assert first + second == pytest.approx(1, abs=1e-9)


def test_leave_one_out_and_scenarios(cli, tmp_path: Path) -> None:
    found = cli("sensitivity", CAICT, "--leave-one-out", "-o", tmp_path)
    assert found.code == 0
    assert "Computing environment" in found.out
    assert {path.name for path in tmp_path.iterdir()} == {
        "leave_one_out.csv",
        "leave_one_out_ranks.csv",
        "leave_one_out_scores.csv",
        "leave_one_out.json",
    }
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text(
        "scenarios:\n  - {id: geometric, label: {en: Geometric mean, zh: 几何平均}, nodes: [index],"
        " aggregate: {method: geometric}}\n  - {id: scale_only, exclude: [environment, application]}\n",
        encoding="utf-8",
    )
    words = ("sensitivity", CAICT, "--scenarios", "--factors", scenarios)
    document = cli(*words, "--json").document
    assert set(document["units"][0]["ranks"]) == {"nominal", "geometric", "scale_only"}
    assert "几何平均" in cli(*words, "--language", "zh").out
    both = cli("sensitivity", CAICT, "--scenarios", "--leave-one-out")
    assert both.code == 2
    assert "one at a time" in both.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--unit", "广州"), "no unit"),
        (("--group", "both"), "NAME=A,B"),
        (("--group", "both=reading,weight"), "no factor 'weight'"),
        (("--scrambles", "1"), "DT902"),
    ],
)
def test_bad_questions_are_answered(cli, words: tuple[str, ...], said: str) -> None:
    found = cli("sensitivity", CAICT, "--runs", "64", "--scrambles", "2", *words)
    assert found.code == 2
    assert said in found.err
