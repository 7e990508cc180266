"""A survey of a million respondents from Parquet to scores, and one respondent against an edition."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex

ROWS = 1_000_000
INDEX, ASSUMED = "accenture-reinvention-2023", "instrument-v1"
MIIT = "miit-sme-digital-2024"

CODE = f"""
import json, resource, sys
from time import perf_counter
start = perf_counter()
import dtindex
methodology = dtindex.load_methodology({INDEX!r})
table = dtindex.read_table(sys.argv[1], methodology)
read = perf_counter()
scores = dtindex.CompositeIndex(methodology, assume={ASSUMED!r}, threads=2).fit(table).score()
scores.rank("index")
assert scores.class_values
scored = perf_counter()
print(json.dumps([read - start, scored - read, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
"""

PLAIN = """
import sys
from time import perf_counter
start = perf_counter()
import pandas
pandas.read_parquet(sys.argv[1])
print(perf_counter() - start)
"""


def _ran(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell how much memory a process took")
def test_a_million_respondents(benchmark: BenchmarkFixture, report: Callable[..., None], tmp_path: Path) -> None:
    file = str(tmp_path / "made.parquet")
    dtindex.sample(INDEX, ROWS, seed=1, threads=2).write(file)
    pandas = [float(_ran(PLAIN, file))]

    def run() -> list[float]:
        pandas.append(float(_ran(PLAIN, file)))
        found: list[float] = json.loads(_ran(CODE, file))
        return found

    runs = [benchmark.pedantic(run, rounds=1), run(), run()]
    read, scored, _ = min(runs, key=lambda one: one[0] + one[1])
    detail = f"{read:.1f} s read and checked, {scored:.1f} s scored, ranked, classed; two threads, best of 3"
    report(f"{ROWS:,} respondents from Parquet, scored", read + scored, 10.0, "s", detail)
    report(f"{ROWS:,} respondents, memory", max(run[2] for run in runs), 3.0, "GiB", "most that the process took")
    report("the same / pandas.read_parquet alone", (read + scored) / min(pandas), None, "x", f"{min(pandas):.2f} s")


def test_one_respondent(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    """31 answers, 13 nodes, ranks, percentiles and the level, against an edition of 2,000 firms."""
    methodology = dtindex.load_methodology(MIIT)
    sample = dtindex.sample(methodology, 2_000, seed=1)
    edition = dtindex.CompositeIndex(methodology).fit(dtindex.read_table(sample.table, methodology)).freeze("bench")
    given = sample.frame.astype(object).iloc[0].to_dict()
    asked = {question.id for question in methodology.questions}
    answers = {name: answer for name, answer in given.items() if name in asked and answer == answer}
    edition.score_unit(answers)
    benchmark.pedantic(lambda: edition.score_unit(answers), rounds=300, iterations=5, warmup_rounds=20)
    report("one MIIT respondent", benchmark.stats.stats.median * 1000, 1.0, "ms", f"{len(answers)} answers")
