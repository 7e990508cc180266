"""Standard errors of a million respondents in fifty groups; a thousand bootstrap replicates of ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex as dti
from dtindex.spec import parse_methodology
from dtindex.tables.table import Table

NODES, GROUPS, STRATA = 20, 50, 5


def _scores(rows: int) -> dti.Scores:
    """Scores of an index with 20 nodes; 2 % of the values are missing, weights are unequal, strata are five."""
    children = range(NODES - 1)
    lines = [
        "{schema_version: 1, id: bench, title: bench, units: {kind: firm, key: firm, groups: [industry]},",
        "survey: {weight: w, design: {strata: size}}, nodes: [{id: index},",
        ", ".join(f"{{id: n{one}, parent: index}}" for one in children),
        "], indicators: [",
        ", ".join(
            f"{{id: x{one}, parent: n{one}, normalise: {{method: goalposts, worst: 0, best: 1}}}}" for one in children
        ),
        "]}",
    ]
    methodology, findings = parse_methodology("\n".join(lines), "bench.yaml")
    assert methodology is not None, findings
    rng = np.random.default_rng(1)
    values = rng.random((rows, NODES - 1))
    values[rng.random(values.shape) < 0.02] = np.nan
    texts = {
        "industry": np.array([f"i{one:02d}" for one in range(GROUPS)], dtype=object)[rng.integers(0, GROUPS, rows)],
        "size": np.array([f"s{one}" for one in range(STRATA)], dtype=object)[rng.integers(0, STRATA, rows)],
    }
    units = [f"firm{one:07d}" for one in rng.permutation(rows)]
    table = Table.from_arrays(units, [f"x{one}" for one in children], values, texts=texts)
    return dti.CompositeIndex(methodology).fit(replace(table, weights=rng.gamma(2.0, 1.0, rows))).score()


def test_a_million_respondents_in_fifty_groups(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    scores = _scores(1_000_000)
    found = benchmark.pedantic(lambda: dti.estimate(scores, by="industry"), rounds=3)
    assert found.frame["se"].notna().sum() == NODES * GROUPS
    report("1,000,000 respondents, 20 nodes, 50 groups", benchmark.stats.stats.median, 10.0, "s", "Taylor, 5 strata")


def test_a_thousand_bootstrap_replicates(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    scores = _scores(10_000)
    found = benchmark.pedantic(lambda: dti.estimate(scores, replicates=1000), rounds=5)
    assert set(found.frame["method"]) == {"Rao-Wu bootstrap, 1000 replicates"}
    report("bootstrap B = 1,000 of 10,000, 20 nodes", benchmark.stats.stats.median, 5.0, "s", "one product a block")
