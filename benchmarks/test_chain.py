"""The whole chain of a large national index, and flat scoring beside pymcdm and scikit-criteria in the same run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex
from dtindex.spec import parse_methodology

ROWS, COLUMNS = 30_000, 50
NAMES = [f"x{number}" for number in range(COLUMNS)]


def chain_text() -> str:
    """Group mean, skewness and kurtosis rule, min-max, fifty indicators under twelve parts under four dimensions."""
    lines = ["schema_version: 1", "id: chain", "title: chain", "units: {kind: unit, key: unit, groups: [region]}"]
    lines += ["defaults: {impute: {method: group-mean, by: region}, treat: {method: skew-kurtosis}}"]
    lines += ["nodes:", "  - {id: index}"]
    lines += [f"  - {{id: d{number}, parent: index}}" for number in range(4)]
    lines += [f"  - {{id: p{number}, parent: d{number // 3}}}" for number in range(12)]
    lines += ["indicators:", *(f"  - {{id: {name}, parent: p{number % 12}}}" for number, name in enumerate(NAMES))]
    return "\n".join(lines) + "\n"


def figures(gaps: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    values = rng.lognormal(0, 1, (ROWS, COLUMNS))
    values[rng.random(values.shape) < gaps] = np.nan
    return values


def ranked() -> Callable[[], dtindex.Scores]:
    """Fit, score, rank on a table that is made beforehand."""
    methodology, _ = parse_methodology(chain_text(), "chain.yaml")
    regions = [f"r{row % 10}" for row in range(ROWS)]
    units = [str(row) for row in range(ROWS)]
    table = dtindex.Table.from_arrays(units, NAMES, figures(0.05), texts={"region": regions})
    return lambda: _scored(methodology, table)


def _scored(methodology: dtindex.Methodology, table: dtindex.Table) -> dtindex.Scores:
    scores = dtindex.CompositeIndex(methodology).fit(table).score(table)
    scores.rank("index")
    return scores


def test_chain(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    benchmark.pedantic(ranked(), rounds=7, warmup_rounds=2)
    seconds = benchmark.stats.stats.median
    report("chain of 30,000 x 50: impute, treat, 3 levels, rank", seconds, 0.6, "s", "COINr: 11-14 s on such a machine")


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked of resource")
def test_memory_of_the_chain(report: Callable[..., None]) -> None:
    """In a process of its own: input and result included."""
    code = (
        "import resource, test_chain; test_chain.ranked()(); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    folder = __file__.rsplit("/", 1)[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    report(
        "peak memory of that chain", int(done.stdout) / 1024, 400, "MiB", "whole process, pandas and pytest included"
    )


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    return figures(0.0)


def flat(matrix: np.ndarray) -> Callable[[], object]:
    """Min-max, weighted sum, ranks with dtindex, from arrays."""
    lines = ["schema_version: 1", "id: flat", "title: flat", "units: {kind: unit, key: unit}", "nodes: [{id: index}]"]
    text = "\n".join([*lines, "indicators:", *(f"  - {{id: {name}, parent: index}}" for name in NAMES)])
    methodology, _ = parse_methodology(text, "flat.yaml")
    table = dtindex.Table.from_arrays([str(row) for row in range(ROWS)], NAMES, matrix)
    return lambda: _scored(methodology, table)


def test_flat_beside_pymcdm(benchmark: BenchmarkFixture, report: Callable[..., None], matrix: np.ndarray) -> None:
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    def peer() -> object:
        method = WSM(minmax_normalization)
        return method.rank(method(matrix, np.full(COLUMNS, 1 / COLUMNS), np.ones(COLUMNS)))

    _beside("pymcdm 1.4.0", peer, benchmark, report, matrix)


def test_flat_beside_scikit_criteria(
    benchmark: BenchmarkFixture, report: Callable[..., None], matrix: np.ndarray
) -> None:
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.preprocessing.scalers import MinMaxScaler

    def peer() -> object:
        made = skcriteria.mkdm(matrix, [max] * COLUMNS, weights=np.full(COLUMNS, 1 / COLUMNS))
        return WeightedSumModel().evaluate(MinMaxScaler(target="matrix").transform(made)).rank_

    _beside("scikit-criteria 0.10", peer, benchmark, report, matrix)


def _beside(
    name: str,
    peer: Callable[[], object],
    benchmark: BenchmarkFixture,
    report: Callable[..., None],
    matrix: np.ndarray,
) -> None:
    """The median of ratios, the two taking turns, so that both meet the same machine."""
    from statistics import median
    from time import perf_counter

    ours = flat(matrix)

    def seconds(work: Callable[[], object]) -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    pairs: list[tuple[float, float]] = []
    benchmark.pedantic(lambda: pairs.append((seconds(ours), seconds(peer))), rounds=7, warmup_rounds=1)
    ratio = median(own / other for own, other in pairs)
    own, other = (median(times) for times in zip(*pairs, strict=True))
    detail = f"ours {own:.3f} s with statuses and coverage, theirs {other:.3f} s"
    report(f"flat 30,000 x 50 against {name}", ratio, None, "x", detail)
