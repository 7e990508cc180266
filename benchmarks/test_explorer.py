"""The explorer: a page built, its first paint in a browser, and ranks anew under a slider."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_benchmark.fixture import BenchmarkFixture

import dtindex as dti

BUILD, PAINT, RERANK = 2.0, 1.0, 50.0
_ROUNDS = 7
_PAINTED = """
() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint");
  if (found.length) done(found[0].startTime);
}).observe({ type: "paint", buffered: true }))
"""
_MOVES = """
() => {
  const slider = document.querySelector("input[type=range]");
  const took = [];
  for (let move = 0; move < 30; move += 1) {
    slider.value = String(5 + ((move * 37) % 90));
    const began = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();  // what was changed is laid out before the clock stops
    took.push(performance.now() - began);
  }
  return took.slice(5);
}
"""


def _index(units: int, indicators: int) -> dti.CompositeIndex:
    """Three dimensions over made-up figures."""
    lines = "schema_version: 1\nid: made\ntitle: made\nunits: {kind: firm, key: firm}\nnodes:\n  - {id: index}\n"
    lines += "".join(f"  - {{id: d{at}, parent: index, weight: 1}}\n" for at in range(3)) + "indicators:\n"
    for at in range(indicators):
        lines += f"  - {{id: i{at}, parent: d{at % 3}, weight: {1 + at % 4}, normalise: {{method: min-max}}}}\n"
    methodology, findings = dti.parse_methodology(lines, "made.yaml")
    assert methodology is not None, findings
    figures = np.random.default_rng(1).normal(size=(indicators, units))
    columns = {f"i{at}": column for at, column in enumerate(figures)}
    table = dti.read_table(pd.DataFrame({"firm": [f"f{at:04d}" for at in range(units)], **columns}), methodology)
    return dti.CompositeIndex(methodology).fit(table)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium found")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_build(benchmark: BenchmarkFixture, report: Callable[..., None]) -> None:
    index = _index(31, 30)
    page = benchmark.pedantic(lambda: dti.explorer(index), rounds=5, warmup_rounds=1)
    size = len(page.html.encode("utf-8")) / 1e6
    took = median(benchmark.stats.stats.data)
    report("page of 31 x 30 built", took, BUILD, "s", f"with 10,000 runs; {size:.2f} MB of 2")


def test_first_paint(
    browser: Browser, benchmark: BenchmarkFixture, report: Callable[..., None], tmp_path: Path
) -> None:
    path = dti.report(_index(31, 30), tmp_path / "index.html")
    painted: list[float] = []

    def visit() -> None:
        context = browser.new_context()
        page = context.new_page()
        page.goto(path.as_uri())
        page.locator("[data-rank]").first.wait_for()
        found = page.evaluate(_PAINTED)
        painted.append(float(found))
        context.close()

    benchmark.pedantic(visit, rounds=_ROUNDS, warmup_rounds=1)
    report("first paint from disk", median(painted[1:]) / 1000, PAINT, "s", "first-contentful-paint, a fresh profile")


@pytest.mark.parametrize(("units", "goal"), [(300, RERANK), (5000, None)])
def test_rerank(
    browser: Browser,
    benchmark: BenchmarkFixture,
    report: Callable[..., None],
    tmp_path: Path,
    units: int,
    goal: float | None,
) -> None:
    path = dti.report(_index(units, 30), tmp_path / "index.html", runs=0)
    context = browser.new_context()
    page = context.new_page()
    began = perf_counter()
    page.goto(f"{path.as_uri()}#view=weights")
    page.locator("[data-rank]").first.wait_for()
    opened = perf_counter() - began
    took = benchmark.pedantic(lambda: page.evaluate(_MOVES), rounds=3)
    context.close()
    detail = (
        f"slider to laid-out page, worst {max(took):.1f} ms; {path.stat().st_size / 1e6:.2f} MB, open in {opened:.2f} s"
    )
    report(f"ranks anew, {units:,} units", median(took), goal, "ms", detail)
