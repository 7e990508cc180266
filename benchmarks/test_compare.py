"""Two groups of 20,000 respondents compared on six outcomes, with bootstrap and permutations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex

INDEX, ASSUMED = "accenture-reinvention-2023", "instrument-v1"
SIX = [
    *("revenue_growth", "cost_improvement", "financial_value"),
    *("nonfinancial_goals", "esg_performance", "talent_experience"),
]


@pytest.mark.parametrize("group", ["reinventor", "transformer"])
def test_six_outcomes(benchmark: BenchmarkFixture, report: Callable[..., None], group: str) -> None:
    methodology = dtindex.load_methodology(INDEX)
    table = dtindex.read_table(dtindex.sample(INDEX, 20_000, seed=1).table, methodology)
    scores = dtindex.CompositeIndex(methodology, assume=ASSUMED).fit(table).score()
    assert scores.class_values

    def run() -> dtindex.GroupComparison:
        found = dtindex.compare(scores, outcomes=SIX, group=group)
        assert len(found.frame)
        return found

    found = benchmark.pedantic(run, rounds=3)
    sizes = " against ".join(f"{count:,}" for count in found.answers[0].members)
    detail = f"{sizes}; 2,000 resamples, 10,000 permutations"
    report(f"compare 6 outcomes, {group}", benchmark.stats.stats.median, 10.0, "s", detail)
