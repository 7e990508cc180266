"""The page as a reader finds it, in Chromium: what it shows is the library's, and everybody can reach it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import DESKTOP, FORMULA, PHONE, STRANGE, Opened, Reported

import dtindex as dti
from dtindex.fitted import score as scored_with

CAICT, PANEL = "caict-computing-power-1.0", "nbs-new-drivers-2022"
PAGES = (CAICT, PANEL, "miit-telecom-regions", "survey", "strange")
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
Open = Callable[..., Opened]
Report = Callable[[str], Reported]


def shown(page: Page, name: str = "rank") -> dict[str, int]:
    """Ranks as the table shows them, by unit."""
    cells = page.locator(f"[data-{name}]").all()
    told = {str(cell.get_attribute(f"data-{name}")): cell.inner_text() for cell in cells}
    return {unit: int(rank) for unit, rank in told.items() if rank != "–"}


def expected(index: dti.CompositeIndex, weights: dict[str, tuple[float, ...]]) -> dict[str, int]:
    """The library's ranks with the weights of some nodes replaced."""
    own = index.fitted_.parameters
    moved = replace(index.fitted_, parameters=replace(own, weights={**own.weights, **weights}))
    scores = scored_with(moved, index.reference_)
    ranks = scores.rank(scores.root)
    return {str(unit): int(rank) for unit, rank in zip(scores.units, ranks, strict=True) if rank}


def tried(page: Page) -> dict[str, tuple[float, ...]]:
    """The weights that the address keeps."""
    said = parse_qs(urlsplit(page.url).fragment).get("w", [])
    return {node: tuple(map(float, rest.split("_"))) for node, _, rest in (one.partition(":") for one in said)}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_view_is_shown_without_a_complaint(opened: Open, name: str, language: str) -> None:
    one = opened(name)
    for view in one.views:
        page = one.show(view, language)
        assert page.locator("main").inner_text().strip(), view
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
        assert "undefined" not in page.locator("body").inner_text()
        assert "NaN" not in page.locator("body").inner_text()


def test_views_of_regions_and_of_a_survey(opened: Open) -> None:
    assert opened(CAICT).views == [
        "ranking", "weights", "profile", "compare", "structure", "map", "tiers", "uncertainty", "quality",
    ]  # fmt: skip
    assert "classes" in opened("survey").views
    assert "periods" in opened("nbs-new-drivers-2014").views


def test_ranks_and_scores_are_the_librarys(opened: Open, reported: Report) -> None:
    index = reported(CAICT).index
    page = opened(CAICT).show("ranking")
    assert shown(page) == expected(index, {})


def test_ranks_that_can_be_attained_stand_behind_those_that_were_drawn(opened: Open, reported: Report) -> None:
    found = dti.rank_bounds(reported(CAICT).index)
    page = opened(CAICT).show("uncertainty")
    heads = [one.inner_text() for one in page.locator("main table").first.locator("thead th").all()]
    best, worst = heads.index("Best attainable"), heads.index("Worst attainable")
    names = dict(zip(found.scores.names("en").tolist(), found.scores.units.tolist(), strict=True))
    rows = page.locator("main table").first.locator("tbody tr").all()
    assert len(rows) == 31
    for row in rows:
        cells = [cell.inner_text() for cell in row.locator("th, td").all()]
        told = found.bounds.loc[names[cells[0]], ["best", "worst"]].tolist()
        assert [int(cells[best]), int(cells[worst])] == told
    pale = page.locator("main figure svg line title")
    assert pale.count() == 31
    assert "exactly" in page.locator("main").inner_text()


@pytest.mark.parametrize("name", [CAICT, "strange"])
def test_a_weight_that_is_moved_ranks_as_the_library_does(opened: Open, reported: Report, name: str) -> None:
    index = reported(name).index
    page = opened(name).show("weights")
    published = expected(index, {})
    for value in ("80", "0", "12.5"):
        page.locator("input[data-number]").first.fill(value)
        page.locator("input[data-number]").first.press("Tab")
        weights = tried(page)
        assert weights[index.methodology_.tree.roots[0]][0] == float(value)
        assert shown(page) == expected(index, weights)
        assert shown(page, "published") == published
    page.locator("#reset").click()
    assert tried(page) == {}
    assert shown(page) == published


def test_a_slider_moves_by_the_keyboard_and_says_so(opened: Open, reported: Report) -> None:
    index = reported(CAICT).index
    page = opened(CAICT).show("weights")
    slider = page.locator("input[type=range]").first
    slider.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.weight") == slider.get_attribute("data-weight")
    assert shown(page) == expected(index, tried(page))
    assert re.search(r"\d+ of 31 change rank", page.locator("#live").inner_text())
    assert "not the published ones" in page.locator("#trial").inner_text()


def test_an_address_brings_everything_back(opened: Open, reported: Report) -> None:
    first = opened(CAICT)
    page = first.show("weights")
    page.locator("input[data-number]").nth(1).fill("70")
    page.locator("input[data-number]").nth(1).press("Tab")
    page.locator('nav a[data-view="compare"]').click()
    page.locator("#add").select_option("四川")
    address = page.url
    text = page.locator("main").inner_text()
    again = opened(CAICT)
    again.page.goto(address)
    assert again.page.locator("main").inner_text() == text
    assert tried(again.page) == tried(page) != {}
    again.page.locator('nav a[data-view="ranking"]').click()
    assert shown(again.page) == expected(reported(CAICT).index, tried(page))


@pytest.mark.parametrize(
    "nonsense", ["view=nothing", "w=index:9_9", "w=index:a_b_c", "unit=nobody&page=-3", "node=x&sort=y", "%"]
)
def test_an_address_that_means_nothing_shows_the_beginning(opened: Open, reported: Report, nonsense: str) -> None:
    one = opened(CAICT)
    one.page.goto(f"{one.address}#{nonsense}")
    assert shown(one.page) == expected(reported(CAICT).index, {})


def test_search_finds_a_unit_in_either_language_and_an_indicator(opened: Open) -> None:
    page = opened(CAICT).show("ranking")
    for text, heading in (("Sichuan", "Sichuan"), ("广东", "Guangdong")):
        page.locator("#find").fill(text)
        page.locator("#find").press("Enter")
        assert page.locator("main h2").nth(1).inner_text() == heading
    page.locator("#find").fill("jiang")
    page.locator("#find").press("Enter")
    assert set(shown(page)) == {"江苏", "江西", "新疆", "浙江", "黑龙江"}


def test_drilling_down_ends_at_the_value_of_the_table(opened: Open, reported: Report) -> None:
    page = opened(CAICT).show("structure", unit="广东")
    text = page.locator(".tree").inner_text()
    scores = reported(CAICT).index.score()
    raw = scores.measured_columns["compute"][scores.units.tolist().index("广东")]
    assert f"Value {raw:g} EFlops" in text
    assert "White paper" in text


def test_all_34_units_are_on_the_map_and_no_border(opened: Open) -> None:
    page = opened(CAICT).show("map", "zh")
    assert page.locator("[data-tile]").count() == 34
    assert page.locator('[data-tile="710000"] text').all_text_contents() == ["台湾", "无数据"]
    assert page.locator("figure path").count() == 0


# --- everybody ---


@pytest.mark.parametrize("name", [CAICT, "survey"])
@pytest.mark.parametrize("way", ["desktop", "dark", "phone"])
def test_axe_finds_no_serious_fault(opened: Open, name: str, way: str) -> None:
    one = opened(name, size=PHONE if way == "phone" else DESKTOP, dark=way == "dark")
    axe = AXE.read_text(encoding="utf-8")
    for view in one.views:
        for language in ("en", "zh") if way == "desktop" else ("zh",):
            page = one.show(view, language)
            page.evaluate(axe)
            found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
            faults = [
                (
                    fault["id"],
                    fault["impact"],
                    fault["nodes"][0]["html"][:200],
                    fault["nodes"][0]["failureSummary"][:300],
                )
                for fault in found["violations"]
                if fault["impact"] in ("serious", "critical")
            ]
            assert faults == [], (view, language)


_FOCUSABLE = "a[href], button:not([disabled]), select, input:not([type=hidden]), summary, [tabindex='0']"


@pytest.mark.parametrize("name", [CAICT, "strange"])
def test_the_keyboard_reaches_everything(opened: Open, name: str) -> None:
    one = opened(name)
    for view in one.views:
        page = one.show(view)
        page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
        wanted = page.evaluate(
            """(css) => [...document.querySelectorAll(css)].filter((one) => one.checkVisibility()).map((one, at) => {
                one.dataset.stop = at; return at; }).length""",
            _FOCUSABLE,
        )
        page.evaluate("document.body.tabIndex = -1; document.body.focus()")
        reached = set()
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement?.dataset.stop ?? null"))
        missed = {str(at) for at in range(wanted)} - reached
        assert not missed, (
            view,
            page.evaluate("(at) => document.querySelector(`[data-stop='${at}']`).outerHTML", min(missed)),
        )


def test_a_view_is_chosen_by_enter_and_the_skip_link_leads_there(opened: Open) -> None:
    page = opened(CAICT).show("ranking")
    page.locator('nav a[data-view="tiers"]').press("Enter")
    page.locator('nav a[data-view="tiers"][aria-current="page"]').wait_for()
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_over_a_phone(opened: Open, name: str) -> None:
    one = opened(name, size=PHONE)
    for view in one.views:
        for language in ("zh", "en"):
            page = one.show(view, language)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], (view, language)


def test_print_shows_the_index_and_no_control(opened: Open) -> None:
    page = opened(CAICT).show("ranking")
    page.emulate_media(media="print")
    hidden = page.locator("nav, .tools, .bar, button.plain").all()
    assert not any(one.is_visible() for one in hidden)
    assert page.locator("h1").is_visible()
    assert page.locator("tbody tr").count() == 31
    assert len(page.pdf()) > 10_000


# --- what is taken along ---


def saved(page: Page, selector: str) -> bytes:
    with page.expect_download() as waited:
        page.locator(selector).first.click()
    return Path(str(waited.value.path())).read_bytes()


def test_the_csv_of_a_ranking_is_the_table(opened: Open, reported: Report) -> None:
    scores = reported(CAICT).index.score()
    page = opened(CAICT).show("ranking")
    content = saved(page, "[data-csv]")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    names = dict(zip(scores.names("en").tolist(), range(31), strict=True))
    ranks, values = scores.rank(scores.root), scores.column(scores.root)
    assert len(rows) == 31
    for row in rows:
        at = names[row["Unit"]]
        assert (int(row["Rank"]), float(row["Score"])) == (int(ranks[at]), values[at])


@pytest.mark.parametrize("name", [CAICT, "survey", "strange"])
def test_every_csv_is_rectangular_and_holds_no_formula(opened: Open, name: str) -> None:
    one = opened(name)
    for view in one.views:
        one.page.reload()  # Chromium drops the eleventh file that one document hands out at once
        page = one.show(view)
        for at in range(page.locator("[data-csv]").count()):
            with page.expect_download() as waited:
                page.locator("[data-csv]").nth(at).click()
            text = Path(str(waited.value.path())).read_text(encoding="utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline="")))
            assert len({len(row) for row in rows}) == 1
            for cell in (cell for row in rows for cell in row):
                assert not re.match(r"[=+@\t\r]|-(?!\d)", cell), (view, cell)


@pytest.mark.parametrize("name", [CAICT, "survey", "strange"])
def test_every_figure_can_be_taken_as_svg_and_png(opened: Open, name: str) -> None:
    one = opened(name)
    for view in one.views:
        one.page.reload()  # Chromium drops the eleventh file that one document hands out at once
        page = one.show(view)
        for at in range(page.locator("[data-svg]").count()):
            with page.expect_download() as waited:
                page.locator("[data-svg]").nth(at).click()
            root = ElementTree.fromstring(Path(str(waited.value.path())).read_text(encoding="utf-8"))
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            with page.expect_download() as waited:
                page.locator("[data-png]").nth(at).click()
            content = Path(str(waited.value.path())).read_bytes()
            assert content[:8] == b"\x89PNG\r\n\x1a\n"
            assert len(content) > 3_000


def test_a_strange_name_survives_page_figures_and_downloads(opened: Open) -> None:
    one = opened("strange")
    page = one.show("ranking")
    assert page.locator("tbody th", has_text=STRANGE).count() == 1
    content = saved(page, "[data-csv]").decode("utf-8-sig")
    units = [row["Unit"] for row in csv.DictReader(io.StringIO(content, newline=""))]
    assert STRANGE in units
    assert f"'{FORMULA}" in units  # a spreadsheet would compute it
    svg = ElementTree.fromstring(saved(page, "[data-svg]").decode("utf-8"))
    assert STRANGE in {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    for view in ("profile", "compare", "structure", "tiers"):
        assert (
            STRANGE
            in one.show(view, unit="A%26B%20%3C%E5%85%AC%E5%8F%B8%3E%20%3D1%2B1%20%E9%BE%98")
            .locator("main")
            .inner_text()
        )
    assert page.evaluate("document.scripts.length") == 3


def test_the_payload_is_what_the_library_made(opened: Open, reported: Report) -> None:
    page = opened("survey").page
    held = json.loads(page.locator("#payload").text_content() or "")
    scores = reported("survey").index.score()
    assert held["units"]["keys"] == [str(unit) for unit in scores.units[scores.sorted_rows()]]
    assert held["index"]["hash"] == scores.methodology.hash


@pytest.mark.parametrize("dark", [False, True])
def test_text_of_figures_is_ink_on_their_paper(opened: Open, dark: bool) -> None:
    """Figures keep white paper in the dark, so that page, file and print are alike: their text has to stay dark."""
    one = opened(dark=dark)
    for view in ("ranking", "profile", "map", "uncertainty"):
        page = one.show(view)
        page.locator("figure svg text").first.wait_for()
        fills = page.evaluate(
            "() => [...document.querySelectorAll('figure svg text')].map((text) =>"
            " [text.getAttribute('fill') ?? '', getComputedStyle(text).fill])"
        )
        assert fills
        for said, shown in fills:
            assert said.startswith("#"), view
            red, green, blue = (int(said[at : at + 2], 16) for at in (1, 3, 5))
            assert shown == f"rgb({red}, {green}, {blue})", view
