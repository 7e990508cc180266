"""Figures of what holds whatever the weights: drawn is what the library says, legibly, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import dtindex as dti
from dtindex import figures

CAICT = "caict-computing-power-1.0"


@pytest.fixture(scope="module")
def bounds() -> dti.RankBounds:
    return dti.rank_bounds(CAICT)


@pytest.fixture(scope="module")
def simulation() -> dti.Simulation:
    return dti.simulate(dti.CompositeIndex(CAICT).fit(), runs=512, seed=1)


def texts(figure: Figure) -> list[str]:
    return [own.get_text() for own in figure.findobj(Text) if own.get_text()]


def test_bars_run_from_the_best_to_the_worst_rank(bounds: dti.RankBounds, simulation: dti.Simulation) -> None:
    figure = figures.rank_bounds(bounds, simulation)
    axes = figure.axes[0]
    frame = bounds.bounds.sort_values(["rank", "best", "worst"], kind="stable")
    bars = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_height() == pytest.approx(0.62)]
    assert len(bars) == 31
    for bar, (_, row) in zip(bars, frame.iterrows(), strict=True):
        assert bar.get_x() == pytest.approx(row["best"] - 0.25)
        assert bar.get_x() + bar.get_width() == pytest.approx(row["worst"] + 0.25)
    inner = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_height() == pytest.approx(0.34)]
    for bar, unit in zip(inner, frame.index, strict=True):
        low, high = simulation.rank_intervals.loc[unit, ["low", "high"]]
        assert bar.get_x() == pytest.approx(low - 0.25)
        assert bar.get_x() + bar.get_width() == pytest.approx(high + 0.25)


def test_lines_of_the_diagram_are_its_edges(bounds: dti.RankBounds) -> None:
    figure = figures.dominance(bounds)
    axes = figure.axes[0]
    assert len(axes.lines) == len(bounds.edges)
    boxes = [one for one in axes.patches if isinstance(one, Rectangle)]
    assert len(boxes) == 31
    for line in axes.lines:  # the better one is above, on an axis that points down
        assert line.get_ydata()[0] < line.get_ydata()[1]
    edges = np.array([(box.get_x(), box.get_x() + box.get_width(), box.get_y()) for box in boxes])
    for y in np.unique(edges[:, 2]):
        row = edges[edges[:, 2] == y]
        row = row[np.argsort(row[:, 0])]
        assert (row[1:, 0] >= row[:-1, 1]).all()  # no box upon another
        assert row[0, 0] >= 0


def test_strips_show_how_far_a_weight_can_move(bounds: dti.RankBounds) -> None:
    axes = figures.stability(bounds).axes[0]
    frame = bounds.stability
    bars = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_height() == pytest.approx(0.6)]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    for row in frame.itertuples(index=False):
        assert any(np.allclose(one, (row.low, row.high)) for one in ends)
        assert any(np.allclose(one, (row.first_low, row.first_high)) for one in ends)


@pytest.mark.parametrize("name", ["rank_bounds", "dominance", "stability"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_languages_and_the_same_bytes(bounds: dti.RankBounds, name: str, language: str) -> None:
    draw = getattr(figures, name)
    figure = draw(bounds, language=language)
    own = figures.rendered(figure, "svg")
    assert own == figures.rendered(draw(bounds, language=language), "svg")
    if language == "zh":
        assert any("一" <= one[0] <= "鿿" for one in texts(figure))
        assert not any(one[0].isascii() and one[0].isalpha() for one in texts(figure))


def test_what_cannot_be_drawn(bounds: dti.RankBounds) -> None:
    with pytest.raises(dti.UsageError, match="DT902"):
        figures.rank_bounds(bounds, top=0)
    other = dti.simulate(dti.CompositeIndex("miit-telecom-regions").fit(), runs=64, seed=1)
    with pytest.raises(dti.UsageError, match="other units"):
        figures.rank_bounds(bounds, other)


def test_some_units(bounds: dti.RankBounds) -> None:
    figure = figures.rank_bounds(bounds, top=5)
    assert any("5" in one and "31" in one for one in texts(figure))
