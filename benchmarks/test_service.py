"""The service under load, as `benchmarks/load.py` measures it from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

LOAD = Path(__file__).with_name("load.py")


@pytest.mark.skipif(sys.platform != "linux", reason="the service runs on Linux")
def test_load(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    pytest.importorskip("fastapi")
    command = [sys.executable, str(LOAD), "--json"]

    def run() -> str:
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout

    figures = [json.loads(line) for line in benchmark.pedantic(run, rounds=1).splitlines()]
    assert figures
    for one in figures:
        report(one["job"], one["measured"], one["goal"], one["unit"], one["detail"])
