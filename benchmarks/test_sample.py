"""A synthetic sample of a million respondents, in a process of its own, from nothing to the file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

ROWS = 1_000_000
INDEX = "accenture-reinvention-2023"

CODE = f"""
import json, resource, sys
from time import perf_counter
start = perf_counter()
import dtindex
made = dtindex.sample({INDEX!r}, {ROWS}, seed=1, threads=2)
drawn = perf_counter()
made.write(sys.argv[1])
written = perf_counter()
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([drawn - start, written - drawn, most]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell how much memory a process took")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_million_respondents(
    benchmark: BenchmarkFixture, report: Callable[..., None], tmp_path: Path, ending: str
) -> None:
    def run() -> list[float]:
        command = [sys.executable, "-c", CODE, str(tmp_path / f"made.{ending}")]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found: list[float] = json.loads(done.stdout)
        return found

    drawn, written, most = benchmark.pedantic(run, rounds=1)
    detail = f"{drawn:.1f} s drawn, scored and classed; {written:.1f} s written; two threads"
    report(f"{ROWS:,} respondents to .{ending}", drawn + written, 60.0, "s", detail)
    report(f"{ROWS:,} respondents to .{ending}, memory", most, 4.0, "GiB", "most that the process took")
