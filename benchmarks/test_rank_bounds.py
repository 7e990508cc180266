"""What no simulation can say, on tables of the sizes that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex
from dtindex.engine.admissible import Between
from dtindex.engine.halfspace import beats
from dtindex.engine.pair_probability import above_dirichlet
from dtindex.engine.rank_sets import confidence_sets
from dtindex.engine.weight_tree import Branch, WeightTree
from dtindex.spec import parse_methodology

Report = Callable[..., None]
MEMBERS = 30


def figures(units: int, related: bool) -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    own = rng.normal(size=(units, MEMBERS))
    mixed = 0.75 * rng.normal(size=(units, 1)) + 0.66 * own if related else own
    return np.clip(50 + 12 * mixed, 0, 100)


def index(values: NDArray[np.float64]) -> dtindex.CompositeIndex:
    names = [f"x{number}" for number in range(MEMBERS)]
    lines = ["schema_version: 1", "id: bench", "title: bench", "units: {kind: unit, key: unit}", "nodes: [{id: index}]"]
    scaled = "normalise: {method: goalposts, worst: 0, best: 100}"
    lines += ["indicators:", *(f"  - {{id: {name}, parent: index, {scaled}}}" for name in names)]
    methodology, findings = parse_methodology("\n".join(lines), "bench.yaml")
    assert methodology is not None, findings
    table = dtindex.Table.from_arrays([f"u{row:03d}" for row in range(len(values))], names, values)
    return dtindex.CompositeIndex(methodology).fit(table)


def test_dominance(benchmark: BenchmarkFixture, report: Report) -> None:
    values = figures(300, True)
    even = np.full(MEMBERS, 1 / MEMBERS)
    tree = WeightTree(Branch("index", Between(0.75 * even, 1.25 * even), tuple(range(MEMBERS))), MEMBERS)
    benchmark(lambda: tree.pairs(values, values))
    report("dominance, all pairs of 300 x 30", benchmark.stats.stats.median, 0.2, "s", "weights within 25 %")


def test_chances_of_pairs(benchmark: BenchmarkFixture, report: Report) -> None:
    values = figures(300, True)
    benchmark(lambda: beats(values))
    report("P(a beats b), all pairs of 300 x 30", benchmark.stats.stats.median, 0.2, "s", "uniform weights, recursion")


def test_chances_by_characteristic_functions(report: Report) -> None:
    values = figures(300, True)
    first, second = np.triu_indices(300, 1)
    began = perf_counter()
    above_dirichlet(values[first] - values[second], np.full(MEMBERS, 10 / 3))
    report("the same, Dirichlet of any concentration", perf_counter() - began, None, "s", "characteristic function")


@pytest.mark.parametrize(("units", "goal"), [(31, 1.0), (100, 20.0)])
@pytest.mark.parametrize("related", [True, False])
def test_extreme_ranks(report: Report, units: int, goal: float, related: bool) -> None:
    fitted = index(figures(units, related))
    dtindex.rank_bounds(fitted, within=0.25, effort=0, runs=0)  # what is worked out once is not measured
    began = perf_counter()
    found = dtindex.rank_bounds(fitted, within=0.25, runs=0)
    seconds = perf_counter() - began
    wide = (found.bounds["worst"] - found.bounds["best"]).mean()
    exact = found.bounds[["best_attained", "worst_attained"]].to_numpy().mean()
    told = f"{'related' if related else 'unrelated'} indicators; {wide:.1f} ranks wide, {100 * exact:.0f} % attained"
    report(f"extreme ranks, {units} x 30, within 25 %", seconds, goal, "s", told)


@pytest.mark.parametrize("spread", [0.5, 3.0])
def test_rank_sets(benchmark: BenchmarkFixture, report: Report, spread: float) -> None:
    rng = np.random.default_rng(1)
    estimates, errors = rng.normal(0, spread, 300), rng.uniform(0.5, 1, 300)
    benchmark.pedantic(lambda: confidence_sets(estimates, np.diag(errors**2)), rounds=3)
    told = "all level" if spread < 1 else "some told apart, several steps down"
    report("rank sets of 300, 20,000 draws", benchmark.stats.stats.median, 1.0, "s", told)
