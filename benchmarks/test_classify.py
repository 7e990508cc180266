"""Membership of 10,000 firms in a class of five dimensions: margins, probabilities, shares, the cross table."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex

ROWS = 10_000
INDEX, ASSUMED = "accenture-reinvention-2023", "instrument-v1"


@pytest.fixture(scope="module")
def scores() -> dtindex.Scores:
    methodology = dtindex.load_methodology(INDEX)
    table = dtindex.read_table(dtindex.sample(methodology, ROWS, seed=1).table, methodology)
    found = dtindex.CompositeIndex(methodology, assume=ASSUMED).fit(table).score()
    assert found.class_values
    return found


def test_membership(benchmark: BenchmarkFixture, report: Callable[..., None], scores: dtindex.Scores) -> None:
    benchmark.pedantic(lambda: dtindex.classify(scores, most_profiles=0), rounds=3, warmup_rounds=1)
    detail = "margins, normal box, shares, cross table, calibration"
    report(f"{ROWS:,} firms, membership", benchmark.stats.stats.median, 5.0, "s", detail)


def test_relative_bounds(benchmark: BenchmarkFixture, report: Callable[..., None], scores: dtindex.Scores) -> None:
    """The same with quantiles of the reference: 2,000 draws of it, with errors and without."""
    from dataclasses import replace

    from dtindex.spec.classes import ClassRule, Condition

    dimensions = scores.methodology.tree.children["index"]
    bounds = tuple(Condition(id=one, quantile=0.8) for one in dimensions)
    rules = (ClassRule(id="top", when=Condition(all=bounds)), ClassRule(id="rest"))
    relative = replace(scores, methodology=scores.methodology.model_copy(update={"classes": rules}))
    start = perf_counter()
    benchmark.pedantic(lambda: dtindex.classify(relative, most_profiles=0), rounds=1)
    report(f"{ROWS:,} firms, thresholds by quantiles", perf_counter() - start, 15.0, "s", "2,000 draws, twice")
