"""Simulation and sensitivity: replications a second, beside a plain loop, pymcdm, scikit-criteria and SALib."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor

WEIGHTS = 30
NAMES = [f"x{number}" for number in range(WEIGHTS)]
MILLION = 1_000_000
ROOT = Path(__file__).parents[1]
MIXED = [
    {"id": "normalisation", "normalise": [{"method": one} for one in ("min-max", "percentile", "logistic")]},
    {"id": "treatment", "treat": [{"method": "skew-kurtosis"}, {"method": "none"}]},
    {"id": "aggregation", "aggregate": [{"method": "arithmetic"}, {"method": "geometric", "within": [1, 100]}]},
    {"id": "weights", "noise": 0.25},
]
# What a process took at the most counts what its parent held when it started it; Linux also tells of it alone.
MEMORY = f"""
import resource, sys, test_uncertainty
from pathlib import Path
found = test_uncertainty.simulated(300, {MILLION})
found.rank_intervals, found.score_intervals, found.rank_probabilities, found.central_weights
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
alone = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
print(*alone or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)])
"""


def values(units: int) -> np.ndarray:
    return np.random.default_rng(1).random((units, WEIGHTS))


@cache
def index(units: int) -> dtindex.CompositeIndex:
    """One node over thirty indicators that are scores as they stand."""
    lines = ["schema_version: 1", "id: bench", "title: bench", "units: {kind: unit, key: unit}", "nodes: [{id: index}]"]
    scaled = "normalise: {method: goalposts, worst: 0, best: 1}"
    lines += ["indicators:", *(f"  - {{id: {name}, parent: index, {scaled}}}" for name in NAMES)]
    methodology, findings = parse_methodology("\n".join(lines), "bench.yaml")
    assert methodology is not None, findings
    table = dtindex.Table.from_arrays([str(unit) for unit in range(units)], NAMES, values(units))
    return dtindex.CompositeIndex(methodology).fit(table)


def simulated(units: int, runs: int) -> dtindex.Simulation:
    """Weights uniform over all that sum to one, with everything that is kept of a run."""
    found = dtindex.simulate(index(units), factors=[Factor(id="weights", node="index", simplex=True)], runs=runs)
    assert found.runs == runs
    return found


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def test_weights(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    """All at once, so that the three meet the same machine."""
    jobs = [(31, 1 << 23, 1 / 5e6), (300, 1 << 21, 1 / 0.9e6), (3_000, 1 << 16, 1 / 25e3)]

    def run() -> None:
        for units, runs, goal in jobs:
            simulated(units, 1)
            setups = [seconds(lambda units=units: simulated(units, 1)) for _ in range(3)]
            processor = process_time()
            times = [seconds(lambda units=units, runs=runs: simulated(units, runs)) for _ in range(5)]
            processor = (process_time() - processor) / len(times)
            _rates(report, f"simulate {units:,} units, 30 weights", runs, goal, times, median(setups), processor)

    benchmark.pedantic(run, rounds=1)


def _rates(
    report: Callable[..., None],
    job: str,
    runs: int,
    goal: float,
    times: list[float],
    setup: float,
    processor: float,
) -> None:
    """A run's time against the goal; runs a second, without what is done once, and of the best round."""
    whole = median(times)
    detail = (
        f"{runs / whole:,.0f} runs/s (goal {1 / goal:,.0f}); {runs / (whole - setup):,.0f} without "
        f"{setup * 1000:.0f} ms of setup; best {runs / min(times):,.0f}; {runs / processor:,.0f} a processor second"
    )
    report(job, whole / runs * 1e6, goal * 1e6, "us", detail)


@pytest.fixture(scope="module")
def asem() -> dtindex.CompositeIndex:
    """COINr's example from raw figures, 51 countries, 49 indicators, four levels."""
    named = os.environ.get("DTINDEX_REFERENCE_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"reference data not found: {folder}")
    spec = importlib.util.spec_from_file_location("asem", ROOT / "tests" / "analysis" / "uncertainty" / "asem_index.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dtindex.CompositeIndex = module.asem_index(folder)[0]
    return found


def test_mixed(benchmark: BenchmarkFixture, report: Callable[..., None], asem: dtindex.CompositeIndex) -> None:
    """Weights with three normalisations, two treatments and two means; what differs is worked out once."""
    factors = [Factor.model_validate_json(json.dumps(one)) for one in MIXED]
    runs = 1 << 19

    def run(runs: int) -> None:
        found = dtindex.simulate(asem, factors=factors, runs=runs)
        assert found.runs == runs, found.findings

    def rounds() -> None:
        run(1)
        setups = [seconds(lambda: run(1)) for _ in range(3)]
        processor = process_time()
        times = [seconds(lambda: run(runs)) for _ in range(5)]
        processor = (process_time() - processor) / len(times)
        job = "simulate ASEM, 12 designs x weights, 4 levels"
        _rates(report, f"{job} (COINr: 11-15 runs/s)", runs, 1 / 200e3, times, median(setups), processor)

    benchmark.pedantic(rounds, rounds=1)


def _loop(runs: int) -> None:
    from scipy.stats import rankdata

    rng, fixed = np.random.default_rng(1), values(300)
    for _ in range(runs):
        rankdata(-(fixed @ rng.dirichlet(np.ones(WEIGHTS))), method="min")


def _pymcdm(runs: int) -> None:
    from pymcdm.methods import WSM

    rng, fixed, kinds, method = np.random.default_rng(1), values(300), np.ones(WEIGHTS), WSM()
    for _ in range(runs):
        method.rank(method(fixed, rng.dirichlet(np.ones(WEIGHTS)), kinds))


def _skcriteria(runs: int) -> None:
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel

    rng, fixed, method = np.random.default_rng(1), values(300), WeightedSumModel()
    for _ in range(runs):
        weights = rng.dirichlet(np.ones(WEIGHTS))
        assert method.evaluate(skcriteria.mkdm(fixed, [max] * WEIGHTS, weights=weights)).rank_.size == 300


@pytest.mark.parametrize(
    ("name", "peer", "runs", "times"),
    [
        ("a loop", _loop, 20_000, 50),
        ("pymcdm 1.4.0", _pymcdm, 400, 1_000),
        ("scikit-criteria 0.10", _skcriteria, 200, 1_000),
    ],
)
def test_weights_beside(
    benchmark: BenchmarkFixture,
    report: Callable[..., None],
    name: str,
    peer: Callable[[int], None],
    runs: int,
    times: int,
) -> None:
    """The median of ratios of time a run, the two taking turns; the peers keep nothing of their runs."""
    own_runs = 1 << 20
    peer(2)
    pairs: list[tuple[float, float]] = []
    benchmark.pedantic(
        lambda: pairs.append((seconds(lambda: simulated(300, own_runs)), seconds(lambda: peer(runs)))),
        rounds=5,
        warmup_rounds=1,
    )
    ratios = [(own / own_runs) / (other / runs) for own, other in pairs]
    own, other = own_runs / median(one for one, _ in pairs), runs / median(one for _, one in pairs)
    detail = f"{1 / median(ratios):,.0f} times (goal {times:,}): {own:,.0f} runs/s against {other:,.0f}"
    report(f"simulate 300 x 30 beside {name}", median(ratios), 1 / times, "x", detail)


def _salib() -> None:
    """As its manual has it, the model evaluated at once: 256 base points, a hundred resamples for intervals."""
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample
    from scipy.stats import rankdata

    ends = {"num_vars": WEIGHTS, "names": NAMES, "bounds": [[0.75, 1.25]] * WEIGHTS}
    points = sample.sample(ends, 256, calc_second_order=False, seed=1)
    ranks = rankdata(-(points / points.sum(axis=1, keepdims=True)) @ values(300).T, method="min", axis=1)
    assert len(ranks) == 8_192
    for unit in range(300):
        analyze.analyze(ends, ranks[:, unit], calc_second_order=False, seed=1)


@pytest.mark.filterwarnings("ignore")  # SALib's own
def test_sensitivity(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    """First and total order with intervals of 300 units' scores and ranks, and of the whole."""
    factors = [Factor(id="weights", node="index", noise=0.25)]

    def run() -> None:
        found = dtindex.sensitivity(index(300), factors=factors, runs=256, scrambles=8)
        assert found.evaluations == 8_192
        assert len(found.indices) == (3 + 2 * 300) * WEIGHTS

    run()
    theirs = median(seconds(_salib) for _ in range(2))
    benchmark.pedantic(run, rounds=9, warmup_rounds=1)
    stats = benchmark.stats.stats
    detail = f"median, best {stats.min:.3f} s; ranks, scores and their means; SALib 1.6.0, ranks alone: {theirs:.1f} s"
    report("sensitivity of 300 units to 30 weights, 8,192 evaluations", stats.median, 0.1, "s", detail)


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is asked of resource")
def test_memory(report: Callable[..., None]) -> None:
    """In a process of its own, with everything that is read from the result."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    detail = "whole process, pandas and pytest included; intervals, probabilities and central weights read"
    report(f"{MILLION:,} runs of 300 units, memory", int(done.stdout) / 1024, 600, "MiB", detail)
