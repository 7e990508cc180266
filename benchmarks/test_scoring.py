"""Scoring by itself: one respondent against an edition, and a large table, both under a tree of three levels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex

DIMENSIONS, PARTS, LEAVES = 5, 2, 5
NAMES = [f"x{number}" for number in range(DIMENSIONS * PARTS * LEAVES)]
REFERENCE_ROWS = 1_000
ROWS = 1_000_000


def methodology_text() -> str:
    """Fifty indicators under ten sub-dimensions under five dimensions."""
    lines = ["schema_version: 1", "id: bench", "title: {en: bench}", "units: {kind: respondent, key: id}", "nodes:"]
    lines.append("  - {id: index}")
    for dimension in range(DIMENSIONS):
        lines.append(f"  - {{id: d{dimension}, parent: index, weight: {dimension + 1}}}")
        lines += [f"  - {{id: p{dimension}{part}, parent: d{dimension}, weight: 1}}" for part in range(PARTS)]
    lines.append("indicators:")
    for number, name in enumerate(NAMES):
        dimension, part = divmod(number // LEAVES, PARTS)
        scaled = "normalise: {method: goalposts, worst: 0, best: 10, clip: both}"
        lines.append(f"  - {{id: {name}, parent: p{dimension}{part}, weight: 1, {scaled}}}")
    return "\n".join(lines) + "\n"


def table(rows: int) -> dtindex.Table:
    values = np.random.default_rng(1).uniform(0, 10, (rows, len(NAMES)))
    return dtindex.Table.from_arrays([str(row) for row in range(rows)], NAMES, values)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> dtindex.Edition:
    path: Path = tmp_path_factory.mktemp("bench") / "bench.yaml"
    path.write_text(methodology_text(), encoding="utf-8")
    methodology = dtindex.load_methodology(path)
    return dtindex.CompositeIndex(methodology).fit(table(REFERENCE_ROWS)).freeze("bench")


def test_one_respondent(benchmark: BenchmarkFixture, edition: dtindex.Edition, report: Callable[..., None]) -> None:
    answers = dict(zip(NAMES, np.random.default_rng(2).uniform(0, 10, len(NAMES)).tolist(), strict=True))
    scored = benchmark(edition.score_unit, answers)
    assert scored.scores["index"] is not None
    detail = f"median of {benchmark.stats.stats.rounds} rounds, with ranks and percentiles among {REFERENCE_ROWS:,}"
    report("one respondent, 50 indicators", benchmark.stats.stats.median * 1000, 1.0, "ms", detail)


def test_large_table(benchmark: BenchmarkFixture, edition: dtindex.Edition, report: Callable[..., None]) -> None:
    large = table(ROWS)
    benchmark.pedantic(edition.score, (large,), {"threads": 2}, rounds=7, warmup_rounds=2)
    seconds = benchmark.stats.stats.median
    detail = f"median; best {benchmark.stats.stats.min:.2f} s; two threads, with coverage and status"
    report(f"{ROWS:,} x {len(NAMES)} from arrays, 3 levels", seconds, 0.35, "s", detail)
