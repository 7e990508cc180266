"""A browser, and pages of real indices as `dtindex report` writes them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.conftest import BROWSER_LACKS

import dtindex as dti

STRANGE = "A&B <公司> =1+1 龘"
FORMULA = "=1+1"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_LOCAL = ("file:", "data:", "blob:")

_STRANGE_INDEX = """
schema_version: 1
id: strange
title: {en: "Strange <names> & figures", zh: "奇怪的“名称”<b>"}
units: {kind: company, key: company, groups: [sector]}
tiers:
  - node: index
    method: thresholds
    provenance: published
    levels:
      - {id: first, label: {en: "First </script>", zh: "第一<梯队>"}, at_least: 50}
      - {id: rest, label: {en: Rest, zh: 其余}}
nodes:
  - {id: index, label: {en: "Index & more", zh: 指数}}
  - {id: left, parent: index, weight: 60, label: {en: "Left </script><script>alert(1)</script>", zh: 左}}
  - {id: right, parent: index, weight: 40, label: {en: Right, zh: 右}, aggregate: {method: geometric, within: [1, 100]}}
indicators:
  - {id: a, parent: left, weight: 1, normalise: {method: min-max}}
  - {id: b, parent: left, weight: 2, direction: lower, normalise: {method: min-max}}
  - {id: c, parent: right, weight: 1, normalise: {method: min-max}}
  - {id: d, parent: right, weight: 1, normalise: {method: percentile}}
"""


def chromium() -> str | None:
    """The path of a Chromium that is installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Open for one module: as long as it is, an event loop runs in this thread, which other tests have to start."""
    path = chromium()
    if path is None:
        if os.environ.get("DTINDEX_REQUIRE_BROWSER"):
            pytest.fail(f"{BROWSER_LACKS}, and DTINDEX_REQUIRE_BROWSER asks for it")
        pytest.skip(BROWSER_LACKS)
    with sync_playwright() as playwright:
        # Root has no sandbox; the pages are our own.
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Opened:
    """A page, and what it said and asked for beside what it shows."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def show(self, view: str, language: str = "en", **more: str) -> Page:
        """Go to a view by its address."""
        rest = "".join(f"&{name}={value}" for name, value in more.items())
        self.page.goto(f"{self.address}#view={view}&language={language}{rest}")
        self.page.locator(f'nav a[data-view="{view}"][aria-current="page"]').wait_for()
        # Charts are drawn in the next frame.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self.page

    @property
    def views(self) -> list[str]:
        return [str(link.get_attribute("data-view")) for link in self.page.locator("nav a").all()]

    def asked_elsewhere(self, request: Request) -> None:
        if not request.url.startswith(_LOCAL):
            self.requests.append(request.url)


@dataclass(frozen=True)
class Reported:
    """An index, and the file of its page."""

    index: dti.CompositeIndex
    path: Path


def _strange(folder: Path) -> dti.CompositeIndex:
    path = folder / "strange.yaml"
    path.write_text(_STRANGE_INDEX, encoding="utf-8")
    methodology = dti.load_methodology(str(path))
    names = [STRANGE, FORMULA, "普通公司", 'Quote "and" comma, Ltd', "\u2028line\u2029ends"]
    frame = pd.DataFrame(
        {
            "company": names,
            "sector": ["<i>甲</i>", "=2+2", "=2+2", "<i>甲</i>", "乙"],
            "a": [5.0, 3.0, None, 4.0, 1.0],
            "b": [1.0, 2.0, 3.0, 4.0, 5.0],
            "c": [2.0, 5.0, 4.0, 1.0, 3.0],
            "d": [9.0, 7.0, 8.0, 8.0, 1.0],
        }
    )
    return dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology))


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reported]:
    """The page of an index by its name, written once."""

    @cache
    def write(name: str) -> Reported:
        folder = tmp_path_factory.mktemp(name)
        if name == "strange":
            index = _strange(folder)
        elif name == "survey":
            sample = dti.sample("accenture-reinvention-2023", n=400, seed=3)
            index = dti.CompositeIndex(sample.methodology, assume="instrument-v1").fit(sample.table)
        else:
            index = dti.CompositeIndex(dti.load_methodology(name)).fit()
        bounds = dti.rank_bounds(index) if name == "caict-computing-power-1.0" else None
        return Reported(index, dti.report(index, folder / "index.html", language="zh", bounds=bounds))

    return write


@pytest.fixture
def opened(browser: Browser, reported: Callable[[str], Reported]) -> Iterator[Callable[..., Opened]]:
    """A page of an index in a fresh profile; no complaint of it, and no request, is forgiven."""
    contexts = []
    every: list[Opened] = []

    def open_(
        name: str = "caict-computing-power-1.0", *, size: dict[str, int] | None = None, dark: bool = False
    ) -> Opened:
        context = browser.new_context(
            viewport=size or DESKTOP,
            color_scheme="dark" if dark else "light",
            accept_downloads=True,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        found = Opened(page, reported(name).path.as_uri())
        every.append(found)
        page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("request", found.asked_elsewhere)
        page.goto(found.address)
        return found

    yield open_
    for context in contexts:
        context.close()
    assert [said for one in every for said in one.complaints] == []
    assert [asked for one in every for asked in one.requests] == []
