"""Methods of the catalogue that are more than a sum, on tables of the sizes they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex
from dtindex.engine.breaks import natural_breaks
from dtindex.engine.majority import copeland

Report = Callable[..., None]
Fitted = Callable[..., dtindex.CompositeIndex]


@pytest.fixture
def fitted(tmp_path: Path) -> Fitted:
    """An index of figures ``(rows, members)`` between 1 and 100, put together or imputed in some way, and fitted."""

    def make(values: NDArray[np.float64], aggregate: str, impute: str = "method: none") -> dtindex.CompositeIndex:
        names = [f"x{number}" for number in range(values.shape[1])]
        leaves = "\n".join(f"  - {{id: {name}, parent: index}}" for name in names)
        path = tmp_path / "index.yaml"
        path.write_text(
            f"schema_version: 1\nid: bench\ntitle: {{en: Bench}}\nunits: {{kind: unit, key: unit}}\nscale: [0, 100]\n"
            f"defaults: {{normalise: {{method: none}}, impute: {{{impute}}}}}\n"
            f"nodes:\n  - {{id: index, aggregate: {{{aggregate}}}}}\nindicators:\n{leaves}\n",
            encoding="utf-8",
        )
        table = dtindex.Table.from_arrays([f"u{row}" for row in range(len(values))], names, values)
        return dtindex.CompositeIndex(dtindex.load_methodology(str(path))).fit(table)

    return make


def correlated(rows: int, members: int, seed: int = 1) -> NDArray[np.float64]:
    """Figures that share a factor, as indicators of one thing do."""
    rng = np.random.default_rng(seed)
    return np.clip(50 + 15 * (rng.normal(size=(rows, 1)) + 0.7 * rng.normal(size=(rows, members))), 1, 100)


def test_copeland(benchmark: BenchmarkFixture, report: Report) -> None:
    values = np.random.default_rng(1).uniform(1, 100, (1_000, 10))
    keys = [np.rint(column * 1e9).astype(np.int64) for column in values.T]
    benchmark(lambda: copeland(keys, [1.0] * 10, np.iinfo(np.int64).min))
    report("Copeland, 1,000 x 10", 1e3 * benchmark.stats.stats.median, 50, "ms", "COINr 1.1.14: 149 s")


@pytest.mark.parametrize("kind", ["correlated", "unrelated"])
def test_kemeny(benchmark: BenchmarkFixture, report: Report, fitted: Fitted, kind: str) -> None:
    values = correlated(60, 10) if kind == "correlated" else np.random.default_rng(2).uniform(1, 100, (60, 10))
    index = fitted(values, "method: kemeny")
    benchmark.pedantic(index.score, rounds=5)
    report(f"Kemeny, 60 x 10 {kind}", benchmark.stats.stats.median, 0.1, "s", "exact; score() of a fitted index")


@pytest.mark.parametrize("more", ["", ", at_least: 0.05, at_most: 0.4"])
def test_benefit_of_the_doubt(benchmark: BenchmarkFixture, report: Report, fitted: Fitted, more: str) -> None:
    index = fitted(correlated(1_000, 10), f"method: benefit-of-doubt{more}")
    benchmark.pedantic(index.score, rounds=3)
    what = "pie shares" if more else "no restriction"
    report(f"benefit of the doubt, 1,000 x 10, {what}", benchmark.stats.stats.median, 1.0, "s", "score()")


def test_natural_breaks(benchmark: BenchmarkFixture, report: Report) -> None:
    values = np.random.default_rng(3).normal(size=10_000)
    benchmark(lambda: natural_breaks(values, 7))
    report("natural breaks, 10,000 in 7", benchmark.stats.stats.median, 1.0, "s", "exact")


def test_chained_equations(benchmark: BenchmarkFixture, report: Report, fitted: Fitted) -> None:
    values = correlated(300, 10)
    values[np.random.default_rng(4).random(values.shape) < 0.1] = np.nan
    benchmark.pedantic(lambda: fitted(values, "method: arithmetic", "method: mice"), rounds=3)
    report("mice, 300 x 10, 10 % missing", benchmark.stats.stats.median, None, "s", "20 tables, 10 cycles; fit()")
