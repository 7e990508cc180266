"""Figures of scores, validity and comparisons: drawn is what the library says, legibly, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from tests.reports.conftest import STRANGE

import dtindex as dti
from dtindex import figures
from dtindex.reports.figures import fonts
from dtindex.reports.tiles import TILES

CAICT, SURVEY = "caict-computing-power-1.0", "accenture-reinvention-2023"
Fitted = Callable[[str], dti.CompositeIndex]


@pytest.fixture(scope="module")
def region(fitted: Fitted) -> dti.Scores:
    return fitted(CAICT).score()


@pytest.fixture(scope="module")
def survey(fitted: Fitted) -> dti.Scores:
    return fitted(SURVEY).score()


@pytest.fixture(scope="module")
def simulation(fitted: Fitted) -> dti.Simulation:
    return dti.simulate(fitted(CAICT), runs=256, seed=1)


@pytest.fixture(scope="module")
def drawn(fitted: Fitted, region: dti.Scores, survey: dti.Scores, simulation: dti.Simulation) -> Callable[..., Figure]:
    """A figure by its name, of a real index."""
    validity = cache(lambda: dti.validity(fitted(SURVEY)))
    comparison = cache(lambda: dti.compare(survey, permutations=200, resamples=200))
    first = str(survey.units[survey.rank("index").argmax()])
    makers: dict[str, Callable[..., Figure]] = {
        "ranking_bars": lambda **asked: figures.ranking_bars(region, simulation=simulation, **asked),
        "ranking_bars of a survey": lambda **asked: figures.ranking_bars(survey, **asked),
        "tiers": lambda **asked: figures.tiers(region, **asked),
        "radar": lambda **asked: figures.radar(region, "广东", **asked),
        "radar of five": lambda **asked: figures.radar(survey, first, by="industry", **asked),
        "heat_table": lambda **asked: figures.heat_table(region, **asked),
        "heat_table of ranks": lambda **asked: figures.heat_table(survey, of="ranks", **asked),
        "contributions": lambda **asked: figures.contributions(region, "北京", **asked),
        "framework_tree": lambda **asked: figures.framework_tree(survey, **asked),
        "correlation": lambda **asked: figures.correlation(validity(), **asked),
        "quadrant": lambda **asked: figures.quadrant(region, *region.methodology.tree.children["index"][:2], **asked),
        "tile_grid": lambda **asked: figures.tile_grid(region, **asked),
        "group_comparison": lambda **asked: figures.group_comparison(comparison(), **asked),
    }
    return lambda name, **asked: makers[name](**asked)


NAMES = (
    "ranking_bars", "ranking_bars of a survey", "tiers", "radar", "radar of five", "heat_table", "heat_table of ranks",
    "contributions", "framework_tree", "correlation", "quadrant", "tile_grid", "group_comparison",
)  # fmt: skip


def texts(figure: Figure) -> list[Text]:
    return [one for one in figure.findobj(Text) if isinstance(one, Text) and one.get_text() and one.get_visible()]


def said(figure: Figure) -> list[str]:
    return [one.get_text() for one in texts(figure)]


def points(figure: Figure, label: str) -> np.ndarray:
    (found,) = [one for one in figure.axes[0].collections if one.get_label() == label]
    assert isinstance(found, PathCollection)
    return np.asarray(found.get_offsets())


def bars_of(figure: Figure) -> list[Rectangle]:
    return [bar for one in figure.axes[0].containers for bar in one if isinstance(bar, Rectangle)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_clipped_nor_lies_on_another(drawn: Callable[..., Figure], name: str, language: str) -> None:
    figure = drawn(name, language=language)
    figure.draw_without_rendering()
    page = figure.bbox
    boxes = np.array([one.get_window_extent().shrunk(0.95, 0.8).extents for one in texts(figure)])
    left, down, right, up = boxes.T
    assert (left >= page.x0).all()
    assert (right <= page.x1).all()
    assert (down >= page.y0).all()
    assert (up <= page.y1).all()
    beside = (left[:, None] < right) & (right[:, None] > left)
    pairs = np.argwhere(np.triu(beside & (down[:, None] < up) & (up[:, None] > down), 1))
    words = said(figure)
    assert [(words[a], words[b]) for a, b in pairs] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_written_and_twice_the_same(drawn: Callable[..., Figure], name: str, tmp_path: Path) -> None:
    for ending in (".png", ".svg", ".pdf"):
        one = figures.save(drawn(name, language="zh"), tmp_path / f"one{ending}").read_bytes()
        assert figures.save(drawn(name, language="zh"), tmp_path / f"two{ending}").read_bytes() == one
        assert len(one) > 5_000


@pytest.mark.parametrize("name", NAMES)
def test_a_title_of_ones_own(drawn: Callable[..., Figure], name: str) -> None:
    assert "算力 2021" in said(drawn(name, title="算力 2021"))


def test_nothing_of_a_chinese_figure_is_an_english_word(drawn: Callable[..., Figure]) -> None:
    names = {"E", "IT", "AI", "ESG", "5G", "TOPSIS"}
    for name in NAMES:
        words = {word for line in said(drawn(name, language="zh")) for word in line.split() if word.isalpha()}
        english = {word for word in words if word.isascii() and len(word) > 1} - names
        assert english == set(), name


# --- drawn is what the library says ---


def test_bars_are_scores_and_lines_intervals(region: dti.Scores, simulation: dti.Simulation) -> None:
    figure = figures.ranking_bars(region, simulation=simulation)
    bars = bars_of(figure)
    files = region.sorted_rows()  # ties stand in the order of files
    order = files[np.argsort(region.rank("index")[files], kind="stable")]
    assert [bar.get_width() for bar in bars] == pytest.approx(sorted(region.column("index"), reverse=True))
    (lines,) = {
        tuple(map(tuple, (segment[:, 0] for segment in one.get_segments())))  # type: ignore[attr-defined]
        for one in figure.axes[0].collections
        if one.get_label() == "interval"
    }
    frame = simulation.score_intervals.loc[region.units[order]]
    np.testing.assert_allclose(np.array(lines), frame[["low", "high"]].to_numpy(dtype=float))
    assert len({bar.get_facecolor() for bar in bars[:6]}) == 1
    assert bars[5].get_facecolor() != bars[6].get_facecolor()


def test_a_simulation_of_something_else_is_refused(region: dti.Scores, simulation: dti.Simulation) -> None:
    other = region.methodology.tree.children["index"][0]
    with pytest.raises(dti.UsageError, match="DT902"):
        figures.ranking_bars(region, node=other, simulation=simulation)


def test_dots_are_scores_and_the_line_the_bound(region: dti.Scores) -> None:
    figure = figures.tiers(region)
    assert sorted(points(figure, "score")[:, 0]) == pytest.approx(sorted(region.column("index")))
    bounds = [one.get_xdata()[0] for one in figure.axes[0].lines if one.get_label() == "bound"]
    assert bounds == [40.0]
    with pytest.raises(dti.UsageError, match="no tiers"):
        figures.tiers(region, node=region.methodology.tree.children["index"][0])


def test_the_radar_shows_the_unit_the_median_and_the_best(region: dti.Scores) -> None:
    parts = region.methodology.tree.children["index"]
    figure = figures.radar(region, "Guangdong", language="en")
    values = np.column_stack([region.column(part) for part in parts])
    row = region.units.tolist().index("广东")
    for order, expected in enumerate((values[row], np.median(values, axis=0), values.max(axis=0))):
        (line,) = [one for one in figure.axes[0].lines if one.get_label() == f"line {order}"]
        radii = np.hypot(*line.get_data())[:-1]
        np.testing.assert_allclose(radii, np.clip(expected / 100, 0, 1), atol=1e-12)
    with pytest.raises(dti.UsageError, match="DT902"):
        figures.radar(region, "广东", by="nothing")
    with pytest.raises(dti.UsageError, match="DT396"):
        figures.radar(region, "广冻")


def test_cells_print_scores_and_ranks(region: dti.Scores) -> None:
    items = [region.root, *region.methodology.tree.children["index"]]
    cells = said(figures.heat_table(region, items=items))
    assert {f"{value:.1f}" for item in items for value in region.column(item)} <= set(cells)
    cells = said(figures.heat_table(region, items=items, of="ranks"))
    assert {str(rank) for item in items for rank in region.rank(item)} <= set(cells)
    for wrong in ({"items": ["none"]}, {"items": []}, {"of": "tiers"}, {"top": 0}):
        with pytest.raises(dti.UsageError, match="DT902"):
            figures.heat_table(region, **wrong)  # type: ignore[arg-type]


def test_points_sum_to_the_score(region: dti.Scores) -> None:
    figure = figures.contributions(region, "北京")
    *parts, total = [bar.get_width() for bar in bars_of(figure)]
    score = region.column("index")[region.units.tolist().index("北京")]
    assert sum(parts) == pytest.approx(total) == pytest.approx(score)


def test_the_tree_has_every_item_once_with_its_weight(survey: dti.Scores) -> None:
    figure = figures.framework_tree(survey)
    items = [one.get_gid() for one in texts(figure) if one.get_gid()]
    below = {item for item in survey.items if item == "index" or "index" in above(survey, item)}
    assert sorted(items) == sorted(below)
    shares = [one for one in said(figure) if one.endswith("%")]
    assert shares.count("20%") >= 5


def above(scores: dti.Scores, item: str) -> set[str]:
    parent = scores.methodology.tree.items[item].parent
    return set() if parent is None else {parent, *above(scores, parent)}


def test_coefficients_are_those_of_the_analysis_and_flags_are_marked(fitted: Fitted) -> None:
    validity = dti.validity(fitted(CAICT))
    figure = figures.correlation(validity)
    frame = validity.correlations[validity.correlations["node"] == "index"]
    own = frame[(frame["relation"] == "siblings") | (frame["second"] == "index")]
    printed = {f"{value:.2f}".replace("0.", ".", 1).replace("-", "−") for value in own["pearson"].astype(float)}
    assert printed <= set(said(figure))
    flags = validity.flags[(validity.flags["node"] == "index") & (validity.flags["statistic"] == "pearson")]
    marks = [one.get_label() for one in figure.axes[0].collections if isinstance(one, PathCollection)]
    assert sorted(marks) == sorted(flags["flag"])


def test_quarters_part_at_the_medians(region: dti.Scores) -> None:
    x, y = region.methodology.tree.children["index"][:2]
    figure = figures.quadrant(region, x, y, kinds=("a", "b", "c", "d"))
    assert {"a", "b", "c", "d"} <= set(said(figure))
    units = points(figure, "units")
    assert len(units) == 31
    vertical = figure.axes[0].lines[0].get_xdata()[0]
    assert vertical == np.median(region.column(x))
    for wrong in ({"kinds": ("a",)}, {"top": 0}):
        with pytest.raises(dti.UsageError, match="DT902"):
            figures.quadrant(region, x, y, **wrong)  # type: ignore[arg-type]
    with pytest.raises(dti.UsageError, match="'none'"):
        figures.quadrant(region, x, "none")


def test_34_tiles_of_which_those_without_data_are_hatched(region: dti.Scores) -> None:
    figure = figures.tile_grid(region, language="zh")
    tiles = {one.get_gid(): one for one in figure.axes[0].patches if one.get_gid()}
    assert set(tiles) == {tile.code for tile in TILES}
    assert {code for code, one in tiles.items() if one.get_hatch()} == {"710000", "810000", "820000"}
    assert said(figure).count("无数据") == 4  # three tiles, and the key


def test_ratios_are_those_of_the_comparison(survey: dti.Scores) -> None:
    comparison = dti.compare(survey, permutations=200, resamples=200)
    figure = figures.group_comparison(comparison)
    frame = comparison.frame
    ratios = frame[frame["statistic"] == "ratio"].set_index("outcome")["value"].astype(float)
    np.testing.assert_allclose(np.exp(points(figure, "ratio")[:, 0]), ratios.loc[list(comparison.outcomes)])
    with pytest.raises(dti.UsageError, match="DT902"):
        figures.group_comparison(comparison, pair=("nobody", "others"))


# --- odd indices ---


def odd(units: dict[str, list[Any]], nodes: str = "") -> dti.Scores:
    lines = "schema_version: 1\nid: odd\ntitle: odd\nunits: {kind: firm, key: firm}\nnodes:\n  - {id: index}\n" + nodes
    lines += "indicators:\n" + "".join(
        f"  - {{id: {name}, parent: index, weight: 1, normalise: {{method: z-score}}}}\n" for name in list(units)[1:]
    )
    methodology, findings = dti.parse_methodology(lines, "odd.yaml")
    assert methodology is not None, findings
    return dti.CompositeIndex(methodology).fit(dti.read_table(pd.DataFrame(units), methodology)).score()


@pytest.fixture(scope="module")
def strange() -> dti.Scores:
    names = [STRANGE, "=1+1", "$x^2$ {a} %", "x" * 90]
    return odd({"firm": names, "a": [1.0, 2.0, None, 4.0], "b": [4.0, 3.0, 2.0, 0.0], "c": [0.0, 1.0, 5.0, -3.0]})


def every(scores: dti.Scores, unit: str) -> list[Figure]:
    return [
        figures.ranking_bars(scores),
        figures.radar(scores, unit),
        figures.heat_table(scores),
        figures.contributions(scores, unit),
        figures.framework_tree(scores),
        figures.quadrant(scores, "a", "b"),
    ]


@pytest.mark.usefixtures("full_font")
def test_a_strange_name_is_drawn_as_it_is(strange: dti.Scores, tmp_path: Path) -> None:
    for at, figure in enumerate(every(strange, STRANGE)[:4]):
        figures.save(figure, tmp_path / f"{at}.png")  # a box would be a warning, and warnings are errors
        assert any(STRANGE in one for one in said(figure))
        assert not any(one.get_parse_math() for one in texts(figure))


def test_without_a_font_for_it_the_character_is_named(strange: dti.Scores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_chinese", lambda _: iter(()))
    with pytest.raises(dti.UsageError, match=r"龘 \(U\+9F98\)") as raised:
        figures.ranking_bars(strange)
    assert raised.value.code == "DT385"


def test_one_unit_and_many(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    many = odd({"firm": [f"firm {at}" for at in range(130)], **{name: rng.normal(size=130).tolist() for name in "abc"}})
    assert "Shown: the first 60 of 130 units." in said(figures.ranking_bars(many))
    assert len(points(figures.quadrant(many, "a", "b", top=130), "units")) == 130
    two = odd({"firm": ["a", "b"], **{name: [1.0, 2.0] for name in "abc"}})
    for figure in every(two, "a"):
        figures.save(figure, tmp_path / "one.png")


def test_tiles_are_of_provinces_alone(strange: dti.Scores) -> None:
    with pytest.raises(dti.UsageError, match="cn-province"):
        figures.tile_grid(strange)
