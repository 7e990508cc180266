"""Figures: drawn is what the frames say, in both languages, without a box for a character, in the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text

from dtindex import CompositeIndex, UsageError, load_methodology
from dtindex.analysis.sensitivity import sensitivity
from dtindex.analysis.simulate import simulate
from dtindex.reports.figures import rank_heatmap, rank_intervals, save, sobol_bars, tier_probabilities
from dtindex.reports.figures.fonts import SHIPPED, Font, font_for
from dtindex.reports.figures.page import whole_ticks
from dtindex.reports.figures.palette import lightness, on, ordered, sequential
from dtindex.reports.figures.results import one_line
from dtindex.reports.figures.words import vocabulary

NAMES = "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南"
PROVINCES = tuple(NAMES.split())
ENDINGS = (".svg", ".png", ".pdf")


@dataclass(frozen=True)
class Simulated:
    """Ranks and tiers drawn at random, and the frames of a simulation counted from them."""

    ranks: np.ndarray  # (runs, units)
    names: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    node: str = "index"
    period: str | None = None
    asked: int = 400
    seed: int = 1
    default_factors: bool = False
    confidence: float = 0.95

    @property
    def runs(self) -> int:
        return len(self.ranks)

    @property
    def units(self) -> list[str]:
        return [f"u{position}" for position in range(len(self.names))]

    def intervals(self, confidence: float) -> pd.DataFrame:
        ends = np.array([(1 - confidence) / 2, 0.5, (1 + confidence) / 2])
        low, median, high = np.quantile(self.ranks, ends, axis=0, method="inverted_cdf")
        nominal = pd.Series(self.ranks.mean(axis=0)).rank(method="min").to_numpy()
        frame = {"name": self.names, "rank": nominal, "low": low, "median": median, "high": high}
        frame |= {"least": self.ranks.min(axis=0), "most": self.ranks.max(axis=0)}
        return pd.DataFrame(frame, index=pd.Index(self.units, name="unit"))

    @property
    def rank_intervals(self) -> pd.DataFrame:
        return self.intervals(0.95)

    @property
    def rank_probabilities(self) -> pd.DataFrame:
        every = range(1, len(self.names) + 1)
        shares = {rank: (self.ranks == rank).mean(axis=0) for rank in every}
        return pd.DataFrame(shares, index=self.units)

    @property
    def tier_probabilities(self) -> pd.DataFrame:
        count = len(self.tiers)
        tiers = (self.ranks - 1) * count // len(self.names)
        shares = {tier: (tiers == position).mean(axis=0) for position, tier in enumerate(self.tiers)}
        return pd.DataFrame(shares, index=self.units)


def simulated(count: int, *, names: tuple[str, ...] | None = None, tiers: tuple[str, ...] = ()) -> Simulated:
    rng = np.random.default_rng(count)
    base = rng.permutation(np.linspace(0.0, 10.0, count))
    scores = base + rng.normal(0.0, 0.8, (400, count)) * (base != base.max())
    ranks = (-scores).argsort(axis=1).argsort(axis=1) + 1
    return Simulated(ranks, names or tuple(f"Region {position}" for position in range(count)), tiers)


@dataclass(frozen=True)
class Analysed:
    indices: pd.DataFrame
    node: str = "index"
    evaluations: int = 8192
    period: str | None = None
    confidence: float = 0.9
    seed: int = 1


def analysed(*, shapley: bool = True) -> Analysed:
    rows = []
    for of, unit, shift in (("mean shift in rank", "", 0.0), ("rank", "u1", 0.1), ("rank", "u2", 0.2)):
        for factor, first, total in (("reading", 0.1, 0.3), ("weights", 0.4, 0.6), ("treatment", np.nan, np.nan)):
            row = {"of": of, "unit": unit, "factor": factor}
            for kind, value in (("first", first), ("total", total), ("shapley", (first + total) / 2)):
                told = value + shift if shapley or kind != "shapley" else np.nan
                row |= {kind: told, f"{kind}_low": told - 0.12, f"{kind}_high": told + 0.08}
            rows.append(row)
    return Analysed(pd.DataFrame(rows))


SMALL = simulated(6, tiers=("first", "rest"))
LATIN = simulated(16, tiers=("first", "second", "rest"))
HAN = replace(LATIN, names=PROVINCES, tiers=("第一梯队", "第二梯队", "其余"))
FIGURES = {
    "rank_intervals": lambda simulation, language: rank_intervals(simulation, language=language),
    "rank_heatmap": lambda simulation, language: rank_heatmap(simulation, language=language),
    "tier_probabilities": lambda simulation, language: tier_probabilities(simulation, language=language),
    "sobol_bars": lambda _, language: sobol_bars(analysed(), language=language),
}


def said(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def collection(figure, label: str):
    (found,) = [one for one in figure.axes[0].collections if one.get_label() == label]
    return found


def segments(figure, label: str) -> np.ndarray:
    found = collection(figure, label)
    assert isinstance(found, LineCollection)
    return np.array([segment[:, 0] for segment in found.get_segments()])


def offsets(figure, label: str) -> np.ndarray:
    found = collection(figure, label)
    assert isinstance(found, PathCollection)
    return np.asarray(found.get_offsets())


# --- every figure ---


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_in_english_is_drawn(name, ending, tmp_path):
    drawn(FIGURES[name](LATIN, "en"), tmp_path / f"figure{ending}")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_with_chinese_names_is_drawn(name, ending, language, tmp_path):
    drawn(FIGURES[name](HAN, language), tmp_path / f"figure{ending}")


def drawn(figure, path: Path) -> None:
    """Written without a warning: matplotlib warns of each character that its font lacks, and warnings are errors."""
    save(figure, path)
    content = path.read_bytes()
    assert content.startswith({".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[path.suffix])
    assert len(content) > 5_000


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_in_a_chinese_figure_is_english(name):
    # Ids of the methodology are ASCII; `labels` and `title` put names in their place.
    ids = {"index", "reading", "weights", "treatment"}
    words = {word for line in said(FIGURES[name](HAN, "zh")) for word in line.replace("；", "：").split("：")}
    assert not {word for word in words if word.isascii() and word.isalpha()} - ids


def test_labels_and_titles_stand_where_ids_would():
    figure = rank_intervals(LATIN, language="zh", title="算力发展指数", labels={"second": "第二梯队"})
    assert {"算力发展指数", "第二梯队", "95% 区间；最可能的梯队：first"} <= set(said(figure))
    figure = sobol_bars(analysed(), language="zh", labels={"weights": "权重"})
    assert {"权重", "reading", "结果变动的来源：平均位次变动"} <= set(said(figure))


@pytest.mark.parametrize(
    "simulation",
    [
        LATIN,
        simulated(100, tiers=tuple("abcdef")),
        simulated(
            3, names=("W" * 80, "x", "Å" * 29), tiers=tuple(f"a tier of many words, number {one}" for one in "1234")
        ),
        replace(simulated(120), default_factors=True, asked=500, period="2021"),
    ],
    ids=["16", "100", "wide", "notes"],
)
def test_no_text_leaves_the_page_or_lies_on_another(simulation):
    figures = [rank_intervals(simulation), rank_heatmap(simulation), sobol_bars(analysed())]
    if simulation.tiers:
        figures.append(tier_probabilities(simulation, title="A title that is longer than the page is wide, " * 3))
    for figure in figures:
        figure.draw_without_rendering()
        page = figure.bbox
        texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        boxes = np.array([text.get_window_extent().shrunk(0.95, 0.8).extents for text in texts])
        left, down, right, up = boxes.T
        assert (left >= page.x0).all()
        assert (right <= page.x1).all()
        assert (down >= page.y0).all()
        assert (up <= page.y1).all()
        beside = (left[:, None] < right) & (right[:, None] > left)
        overlap = beside & (down[:, None] < up) & (up[:, None] > down)
        assert overlap.sum() == len(texts)  # each with itself


PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import test_figures as made
from dtindex.reports.figures import save
for name, figure in made.FIGURES.items():
    for ending in made.ENDINGS:
        save(figure(made.SMALL, "en"), name + ending)
"""


def test_the_same_input_gives_the_same_bytes(tmp_path):
    program = PROGRAM.format(folder=str(Path(__file__).parent))
    environment = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    there = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(there) == len(FIGURES) * len(ENDINGS)
    for name, figure in FIGURES.items():
        for ending in ENDINGS:
            path = save(figure(SMALL, "en"), tmp_path / "again" / f"{name}{ending}")
            assert path.read_bytes() == there[path.name]


def test_settings_of_the_user_neither_matter_nor_change(tmp_path):
    plain = save(rank_intervals(LATIN), tmp_path / "plain.svg").read_bytes()
    odd = {"font.size": 23.0, "axes.grid": True, "svg.fonttype": "none", "lines.linewidth": 9.0, "text.color": "red"}
    with matplotlib.rc_context(odd):
        before = dict(matplotlib.rcParams)
        assert save(rank_intervals(LATIN), tmp_path / "odd.svg").read_bytes() == plain
        assert dict(matplotlib.rcParams) == before


def test_matplotlib_comes_with_the_first_figure_and_pyplot_never():
    program = f"""
import io, json, sys
import dtindex.reports.figures
early = sorted(name for name in sys.modules if name.startswith("matplotlib"))
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_figures as made
for figure in made.FIGURES.values():
    figure(made.SMALL, "en").savefig(io.BytesIO())
print(json.dumps([early, "matplotlib.pyplot" in sys.modules, "matplotlib" in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], False, True]


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"dtindex\[report\]") as raised:
        rank_intervals(LATIN)
    assert raised.value.code == "DT904"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x" * 36, "x" * 36),
        ("x" * 37, "x" * 35 + "…"),
        ("省" * 18, "省" * 18),
        ("省" * 19, "省" * 17 + "…"),
        (None, ""),
    ],
)
def test_a_name_is_cut_by_its_width(name, told):
    assert one_line(name) == told


def test_a_name_is_no_formula_and_no_two_lines(tmp_path):
    figure = rank_intervals(simulated(3, names=("cost in $ and $", "two\nlines", "x" * 200)))
    assert {"cost in $ and $", "two lines", "x" * 35 + "…"} <= set(said(figure))
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text())
    save(figure, tmp_path / "figure.png")


# --- what units are shown ---


def test_units_come_by_rank_and_ties_in_the_order_of_the_frame():
    ranks = np.array([[2, 4, 1, 2], [2, 4, 1, 2]])
    figure = rank_intervals(Simulated(ranks, ("second", "last", "first", "tied")))
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels == ["1", "first", "2", "second", "2", "tied", "4", "last"]
    assert offsets(figure, "rank")[:, 0].tolist() == [1, 2, 2, 4]


@pytest.mark.parametrize(
    ("count", "top", "rows", "note"),
    [
        (100, None, 100, None),
        (101, None, 60, "Shown: the first 60 of 101 units."),
        (120, 90, 90, "Shown: the first 90 of 120 units."),
        (120, 500, 120, None),
        (16, 5, 5, "Shown: the first 5 of 16 units."),
    ],
)
def test_so_many_units_are_shown_and_the_figure_says_so(count, top, rows, note):
    for draw in (rank_intervals, rank_heatmap):
        figure = draw(simulated(count), top=top)
        assert len(offsets(figure, "rank")) == rows
        assert [line for line in said(figure) if line.startswith("Shown")] == ([note] if note else [])


def test_what_a_reader_has_to_know_stands_on_the_figure():
    lines = said(rank_intervals(replace(LATIN, asked=500, default_factors=True, period="2021")))
    assert "2021; 400 runs of 500 asked for, seed 1" in lines
    assert "The methodology names no factors: these are the default ones." in lines
    assert "400 runs, seed 1" in said(rank_intervals(LATIN))


class Partly(Simulated):
    """The first unit has no rank."""

    def intervals(self, confidence: float) -> pd.DataFrame:
        frame = super().intervals(confidence)
        frame.iloc[0, 1:] = np.nan
        return frame


def test_units_without_rank_are_counted_and_not_drawn():
    figure = rank_intervals(Partly(LATIN.ranks, LATIN.names))
    assert len(offsets(figure, "rank")) == 15
    assert "Not ranked, and not shown: 1." in said(figure)


@pytest.mark.parametrize("top", [0, -1, 2.5, True, "3"])
def test_top_is_a_number_of_units(top):
    with pytest.raises(UsageError, match="top=") as raised:
        rank_intervals(LATIN, top=top)
    assert raised.value.code == "DT902"


def test_nothing_ranked_is_refused():
    nobody = Partly(np.ones((2, 1), dtype=int), ("alone",))
    for draw in (rank_intervals, rank_heatmap):
        with pytest.raises(UsageError, match="no unit is ranked"):
            draw(nobody)


# --- rank_intervals ---


@pytest.mark.parametrize("confidence", [None, 0.95, 0.5])
def test_intervals_stand_where_the_frame_says(confidence):
    figure = rank_intervals(LATIN, confidence=confidence)
    frame = LATIN.intervals(confidence or 0.95).sort_values("rank", kind="stable")
    bars = figure.axes[0].containers[0]
    assert [bar.get_x() for bar in bars] == frame["low"].tolist()
    assert [bar.get_x() + bar.get_width() for bar in bars] == frame["high"].tolist()
    assert [bar.get_y() + bar.get_height() / 2 for bar in bars] == pytest.approx(range(16))
    assert segments(figure, "observed").tolist() == frame[["least", "most"]].to_numpy().tolist()
    for label in ("rank", "median"):
        assert offsets(figure, label).tolist() == [[rank, row] for row, rank in enumerate(frame[label])]
    assert any(line.startswith(f"{100 * (confidence or 0.95):g} % interval") for line in said(figure))


def test_an_interval_of_one_rank_stays_in_sight():
    simulation = simulated(5)
    best = simulation.rank_intervals.sort_values("rank").iloc[0]
    assert best["low"] == best["high"]
    bar = rank_intervals(simulation).axes[0].containers[0][0]
    assert bar.get_width() == 0
    assert bar.get_linewidth() > 5


def test_a_bar_has_the_colour_of_the_most_probable_tier():
    figure = rank_intervals(LATIN)
    order = LATIN.rank_intervals.sort_values("rank", kind="stable").index
    expected = [ordered(3)[best] for best in LATIN.tier_probabilities.loc[order].to_numpy().argmax(axis=1)]
    assert [to_hex(bar.get_facecolor()) for bar in figure.axes[0].containers[0]] == expected
    assert len(set(expected)) == 3
    assert {"95 % interval; most probable tier: first", "second", "rest"} <= set(said(figure))


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1])
def test_confidence_is_a_share(confidence):
    with pytest.raises(UsageError, match="confidence="):
        rank_intervals(LATIN, confidence=confidence)


# --- rank_heatmap ---


def test_every_probability_has_its_cell_and_zero_has_none():
    figure = rank_heatmap(LATIN)
    order = LATIN.rank_intervals.sort_values("rank", kind="stable").index
    cells = LATIN.rank_probabilities.loc[order].to_numpy()
    tiles = collection(figure, "probability")
    assert isinstance(tiles, PolyCollection)
    drawn_cells = {}
    for path, colour in zip(tiles.get_paths(), tiles.get_facecolor(), strict=True):
        (left, down), (right, up) = path.vertices.min(axis=0), path.vertices.max(axis=0)
        assert (right - left, up - down) == (1, 1)
        drawn_cells[(down + up) / 2, (left + right) / 2 - 1] = to_hex(colour)
    rows, columns = np.nonzero(cells)
    assert drawn_cells == {
        (row, column): sequential(float(np.sqrt(cells[row, column]))) for row, column in zip(rows, columns, strict=True)
    }
    nominal = LATIN.rank_intervals.loc[order, "rank"]
    assert offsets(figure, "rank").tolist() == [[rank, row] for row, rank in enumerate(nominal)]


class Coarse(Simulated):
    """Ranks counted by fours, as a simulation of thousands of units counts them: columns have the last of each four."""

    @property
    def rank_probabilities(self) -> pd.DataFrame:
        single = super().rank_probabilities
        return pd.DataFrame({last: single.loc[:, last - 3 : last].sum(axis=1) for last in (4, 8, 12, 16)})


def test_ranks_that_are_counted_together_have_one_wide_cell():
    tiles = collection(rank_heatmap(Coarse(LATIN.ranks, LATIN.names)), "probability")
    edges = {(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in tiles.get_paths()}
    assert edges == {(0.5, 4.5), (4.5, 8.5), (8.5, 12.5), (12.5, 16.5)}


# --- tier_probabilities ---


def test_parts_of_a_bar_are_the_probabilities_of_the_tiers():
    figure = tier_probabilities(LATIN)
    order = LATIN.rank_intervals.sort_values("rank", kind="stable").index
    shares = LATIN.tier_probabilities.loc[order]
    ends = np.zeros(16)
    for bars, tier, colour in zip(figure.axes[0].containers, LATIN.tiers, ordered(3), strict=True):
        assert bars.get_label() == tier
        assert [bar.get_width() for bar in bars] == pytest.approx(shares[tier].to_numpy(), abs=1e-12)
        assert [bar.get_x() for bar in bars] == pytest.approx(ends)
        assert {to_hex(bar.get_facecolor()) for bar in bars} == {colour}
        ends += shares[tier].to_numpy()
    assert ends == pytest.approx(np.ones(16))
    printed = [text for text in figure.axes[0].texts if text.get_ha() == "center"]
    assert sorted(int(text.get_text()) for text in printed) == sorted(
        round(100 * share) for share in shares.to_numpy().ravel() if share >= 0.05
    )


def test_without_tiers_there_is_nothing_to_draw():
    with pytest.raises(UsageError, match="no tiers") as raised:
        tier_probabilities(simulated(5))
    assert raised.value.code == "DT902"


# --- sobol_bars ---


@pytest.mark.parametrize(("of", "unit"), [("mean shift in rank", None), ("rank", "u2")])
def test_bars_and_lines_are_the_indices_and_their_intervals(of, unit):
    analysis = analysed()
    figure = sobol_bars(analysis, of=of, unit=unit)
    frame = analysis.indices
    frame = frame[(frame["of"] == of) & (frame["unit"] == (unit or ""))].set_index("factor").loc[["weights", "reading"]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["weights", "reading", "treatment", "not computed"]
    for bars, kind in zip(figure.axes[0].containers, ("first", "shapley", "total"), strict=True):
        assert bars.get_label() == kind
        assert [bar.get_width() for bar in bars] == frame[kind].tolist()
        assert (
            segments(figure, f"{kind} interval").tolist() == frame[[f"{kind}_low", f"{kind}_high"]].to_numpy().tolist()
        )
    low, high = figure.axes[0].get_xlim()
    assert low <= frame["first_low"].min()
    assert high >= frame["total_high"].max()


def test_effects_that_were_not_computed_have_no_bars():
    figure = sobol_bars(analysed(shapley=False))
    assert [bars.get_label() for bars in figure.axes[0].containers] == ["first", "total"]
    assert "Shapley effect" not in said(figure)


@pytest.mark.parametrize(
    ("of", "unit", "message"),
    [
        ("score", None, "of='score': expected one of mean shift in rank, rank"),
        ("rank", None, "name a unit"),
        ("rank", "u9", "unit='u9': no such unit"),
        ("mean shift in rank", "u1", "not told by unit"),
    ],
)
def test_what_was_not_analysed_is_refused(of, unit, message):
    with pytest.raises(UsageError, match=message) as raised:
        sobol_bars(analysed(), of=of, unit=unit)
    assert raised.value.code == "DT902"


def test_an_exact_index_has_no_interval():
    exact = analysed()
    for kind in ("first", "total", "shapley"):
        exact.indices[[f"{kind}_low", f"{kind}_high"]] = exact.indices[[kind, kind]].to_numpy()
    figure = sobol_bars(exact)
    assert not any("interval" in line for line in said(figure))
    assert not segments(figure, "total interval").size
    assert "90 % interval" in said(sobol_bars(analysed()))


# --- results of the real analyses ---


@pytest.fixture(scope="module")
def provinces() -> CompositeIndex:
    methodology = load_methodology("caict-computing-power-1.0")
    return CompositeIndex(methodology).fit(methodology.data())


def test_a_simulation_is_told_in_the_words_of_its_methodology(provinces):
    simulation = simulate(provinces, runs=200, seed=1)
    lines = said(rank_intervals(simulation, language="zh"))
    assert {"排名的不确定性：算力发展指数", "广东", "95% 区间；最可能的梯队：第一梯队", "其他"} <= set(lines)
    assert {"Probability of each tier: Computing power index", "Guangdong"} <= set(said(tier_probabilities(simulation)))
    assert len(rank_heatmap(simulation).axes[0].texts) == 2 * 31


def test_a_sensitivity_is_told_in_the_words_of_its_methodology(provinces):
    analysis = sensitivity(provinces, runs=64, seed=1)
    lines = said(sobol_bars(analysis, of="rank", unit="广东", language="zh"))
    assert {"结果变动的来源：广东 – 排名", "reading", "weights"} <= set(lines)
    assert {"What moves the result: Guangdong – rank"} <= set(said(sobol_bars(analysis, of="rank", unit="广东")))


# --- fonts ---


def test_a_character_that_no_font_has_is_named():
    simulation = simulated(3, names=("Here", "There\U0010fffd", "\U0010fffe\U0010fffd"))
    with pytest.raises(UsageError) as raised:
        rank_intervals(simulation)
    assert raised.value.code == "DT385"
    assert "U+10FFFD" in str(raised.value)
    assert "U+10FFFE" in str(raised.value)
    assert "apt-get install fonts-noto-cjk" in str(raised.value)


def test_chinese_needs_no_font_of_the_system():
    found = font_for([vocabulary("zh"), *PROVINCES], paths=[])
    assert (found.path, found.family) == (str(SHIPPED), "Dtindex Sans SC")
    assert font_for(["Zürich, Łódź, Αθήνα, Москва"], paths=[]).family == "DejaVu Sans"


def test_the_font_that_ships_has_gb_2312_and_is_the_one_that_is_written_down():
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    chinese = [pair.decode("gb2312", "ignore") for pair in pairs]
    assert sum(map(bool, chinese)) == 7445
    assert Font(str(SHIPPED)).lacks(chinese) == []
    content = SHIPPED.read_bytes()
    assert sha256(content).hexdigest() in (SHIPPED.parent / "SOURCE.md").read_text("utf-8")
    assert len(content) < 2_000_000
    assert "SIL OPEN FONT LICENSE" in (SHIPPED.parent / "OFL.txt").read_text("utf-8")


def test_characters_that_no_font_has_are_named():
    with pytest.raises(UsageError, match=r"龘 \(U\+9F98\)") as raised:
        font_for(["北京 Beijing 龘"], paths=[])
    assert raised.value.code == "DT385"


@pytest.mark.usefixtures("full_font")
def test_a_rare_character_is_set_in_a_font_of_the_system():
    from matplotlib.font_manager import findSystemFonts

    found = font_for(["龘", *PROVINCES])
    assert found.lacks(["龘", *PROVINCES]) == []
    # Whatever the order in which the system names its fonts.
    again = font_for(["龘", *PROVINCES], paths=sorted(findSystemFonts(), reverse=True))
    assert (found.path, found.face) == (again.path, again.face)
    if "NotoSansCJK-Regular" in found.path and hasattr(matplotlib.font_manager, "FontPath"):
        assert (found.family, found.style) == ("Noto Sans CJK SC", "Regular")


def test_width_is_what_matplotlib_draws():
    from matplotlib.textpath import TextPath

    font: Font = font_for(["Rank intervals"])
    box = TextPath((0, 0), "Rank intervals", size=8.5, prop=font.properties(8.5)).get_extents()
    assert font.width("Rank intervals", 8.5) == pytest.approx(box.width / 72, rel=0.05)


# --- files ---


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.svg, \.png, \.pdf") as raised:
        save(rank_intervals(LATIN), tmp_path / "figure.gif")
    assert raised.value.code == "DT902"
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError) as raised:
        save(rank_intervals(LATIN), tmp_path / "file" / "figure.png")
    assert raised.value.code == "DT410"


def test_ticks_of_ranks_begin_with_one_and_are_round():
    assert whole_ticks(5) == [1, 2, 3, 4, 5]
    assert whole_ticks(31) == [1, 5, 10, 15, 20, 25, 30]
    assert whole_ticks(100) == [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


# --- colours ---


def test_lightness_is_cies():
    # L* of black, white, and of sRGB grey 119, whose relative luminance is .184475: 116 * .184475 ** (1 / 3) - 16.
    assert lightness("#000000") == 0
    assert lightness("#ffffff") == pytest.approx(100)
    assert lightness("#777777") == pytest.approx(50.034, abs=1e-3)


@pytest.mark.parametrize("count", range(2, 9))
def test_ordered_colours_are_told_apart_in_grey(count):
    steps = np.diff([lightness(colour) for colour in ordered(count)])
    assert steps == pytest.approx(np.full(count - 1, 58 / (count - 1)), abs=1.0)
    assert steps.min() > 7


# What a colour looks like without one kind of cone: Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
# doi:10.1109/TVCG.2009.113
MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("blindness", MACHADO)
@pytest.mark.parametrize("count", range(2, 7))
def test_ordered_colours_are_told_apart_by_colour_blind_readers(count, blindness):
    seen = []
    for colour in ordered(count):
        encoded = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
        linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        linear = np.clip(np.array(MACHADO[blindness]) @ linear, 0, 1)
        encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
        seen.append(lightness("#" + "".join(f"{round(value * 255):02x}" for value in encoded)))
    assert np.diff(seen).min() > 8


def test_tints_fall_evenly_from_paper():
    shares = np.linspace(0, 1, 11)
    levels = np.array([lightness(sequential(share)) for share in shares])
    assert sequential(0.0) == "#ffffff"
    assert np.diff(levels) == pytest.approx(np.full(10, (levels[-1] - 100) / 10), abs=1.0)
    assert sequential(2.0) == sequential(1.0)


@pytest.mark.parametrize("count", range(1, 9))
def test_text_on_a_colour_is_legible(count):
    # WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 for small text, 3 to 1 for large; figures on bars repeat the axis.
    for colour in ordered(count):
        luminance = [((lightness(one) + 16) / 116) ** 3 if lightness(one) > 8 else 0.0 for one in (colour, on(colour))]
        assert (max(luminance) + 0.05) / (min(luminance) + 0.05) > 4
