"""Two items against each other: four quarters, cut at the medians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, drawing, round_ticks
from dtindex.reports.figures.palette import INK, MUTED, PAPER, WHISKER, ordered
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of, units_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from numpy.typing import NDArray

    from dtindex.steps.types import FloatArray

__all__ = ["quadrant"]

_PLOT, _SIZE = 5.0, 7.0


def quadrant(
    scores: Scores,
    x: str,
    y: str,
    *,
    node: str | None = None,
    period: str | None = None,
    kinds: Sequence[str] | None = None,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
) -> Figure:
    """Ranked units by two of their scores; lines at the medians part them into four kinds.

    Names stand beside their dots where no other name or dot is in the way; the figure says how many have none.

    Parameters
    ----------
    scores, node, period, language, top, title
        As for :func:`ranking_bars`.
    x, y
        Two nodes or indicators.
    kinds
        Names of the quarters: both high, x alone, y alone, both low.

    Raises
    ------
    UsageError
        DT396, DT902 (no such item, not four ``kinds``, no unit with both scores), DT385 (no font for a character),
        DT904 (no matplotlib).
    """
    for item in (x, y):
        if item not in scores.items:
            raise refuse(f"no node or indicator {item!r}")
    units = units_of(scores, node, period, top, language)
    points = np.column_stack([scores.column(x)[units.rows], scores.column(y)[units.rows]])
    known: NDArray[np.bool_] = np.logical_not(np.isnan(points).any(axis=1))
    if not known.any():
        raise refuse(f"no unit has a score of both {x!r} and {y!r}")
    names = [name for name, has in zip(units.names, known.tolist(), strict=True) if has]
    points = points[known]
    medians = np.median(points, axis=0)
    labels = [item_name(scores, item, language) for item in (x, y)]
    told = kinds or [
        say(word, language, x=labels[0], y=labels[1]) for word in ("both high", "only x", "only y", "both low")
    ]
    if len(told) != 4:
        raise refuse(f"kinds={list(told)!r}: expected four names")
    with drawing():
        # The number of names that find no room is known once they are placed, and stands in a note below.
        page = _page(scores, units.period, labels, title, told, names, points, units.notes, language)
        unnamed = _drawn(page, points, medians, told, names, labels)
        if unnamed:
            notes = [*units.notes, say("unnamed", language, count=unnamed)]
            page = _page(scores, units.period, labels, title, told, names, points, notes, language)
            _drawn(page, points, medians, told, names, labels)
    return page.figure


def _page(
    scores: Scores,
    period: str | None,
    labels: list[str],
    title: str | None,
    kinds: Sequence[str],
    names: list[str],
    points: FloatArray,
    notes: Sequence[str],
    language: Language,
) -> Page:
    return Page(
        language,
        title or say("quadrant", language, x=labels[0], y=labels[1]),
        subtitle_of(scores, period, language),
        [],
        [*notes, say("medians", language, count=len(points))],
        axis=labels[0],
        plot=_PLOT,
        above=0.2,
        texts=[*labels, *kinds, *names],
    )


def _drawn(
    page: Page, points: FloatArray, medians: FloatArray, kinds: Sequence[str], names: list[str], labels: list[str]
) -> int:
    """Draw the points; how many found no room for their name."""
    axes = page.axes
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.08 * np.where(high > low, high - low, 1.0)
    low, high = low - pad, high + pad
    box = axes.get_position()
    indent = 0.35
    axes.set_position((box.x0 + indent / page.width, box.y0, box.width - indent / page.width, box.height))
    across = page.across - indent
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.axvline(medians[0], color=WHISKER, linewidth=0.9, zorder=1)
    axes.axhline(medians[1], color=WHISKER, linewidth=0.9, zorder=1)
    inches = np.array([across, _PLOT]) / (high - low)
    placed = (points - low) * inches
    corners = {
        0: (across - 0.05, _PLOT - 0.12, "right"),
        1: (across - 0.05, 0.08, "right"),
        2: (0.05, _PLOT - 0.12, "left"),
        3: (0.05, 0.08, "left"),
    }
    taken: list[tuple[float, float, float, float]] = [(px - 0.05, py - 0.05, px + 0.05, py + 0.05) for px, py in placed]
    for at, (px, py, side) in corners.items():
        text = page.cut(kinds[at], across / 2 - 0.1, 8.0)
        wide = page.font.width(text, 8.0)
        left = px - wide if side == "right" else px
        taken.append((left, py - 0.08, left + wide, py + 0.08))
        x, y = (np.array([px, py]) / inches + low).tolist()
        page.write(x, y, text, 8.0, ha=side, color=MUTED, zorder=2)
    dark, middle, light = ordered(3)
    upper = points >= medians
    colours = [dark if a and b else middle if a or b else light for a, b in upper.tolist()]
    axes.scatter(points[:, 0], points[:, 1], s=26, color=colours, edgecolor=INK, linewidth=0.6, zorder=3, label="units")
    unnamed = 0
    for (px, py), name in zip(placed.tolist(), names, strict=True):
        spot = _spot(page, px, py, name, taken, across)
        if spot is None:
            unnamed += 1
            continue
        x, y = (np.array(spot[:2]) / inches + low).tolist()
        page.write(x, y, name, _SIZE, ha=spot[2], va="center", zorder=4)
    page.write(
        low[0] - 0.3 / inches[0],
        high[1] + 0.1 / inches[1],
        page.cut(labels[1], across, 8.5),
        8.5,
        ha="left",
        va="bottom",
    )
    ticks = round_ticks(low[0], high[0])
    page.ticks(ticks, [f"{tick:g}" for tick in ticks])
    ups = round_ticks(low[1], high[1])
    font = page.font.properties(7.5)
    axes.set_yticks(ups, [f"{tick:g}" for tick in ups], fontproperties=font, color=MUTED, parse_math=False)
    axes.tick_params(axis="y", length=0, pad=3)
    axes.add_patch(_frame(low, high))
    return unnamed


def _frame(low: FloatArray, high: FloatArray) -> Rectangle:
    from matplotlib.patches import Rectangle

    wide, tall = high - low
    return Rectangle(
        tuple(low), wide, tall, fill=False, edgecolor=WHISKER, linewidth=0.9, clip_on=False, facecolor=PAPER
    )


def _spot(
    page: Page, px: float, py: float, name: str, taken: list[tuple[float, float, float, float]], across: float
) -> tuple[float, float, str] | None:
    """Where a name stands free: right, left, above or below its dot; the place is then taken."""
    wide, tall = page.font.width(name, _SIZE), _SIZE * 1.25 / 72
    for x, y, side in (
        (px + 0.08, py, "left"),
        (px - 0.08, py, "right"),
        (px, py + 0.13, "center"),
        (px, py - 0.13, "center"),
    ):
        left = x if side == "left" else x - wide if side == "right" else x - wide / 2
        box = (left, y - tall / 2, left + wide, y + tall / 2)
        inside = box[0] >= 0 and box[2] <= across and box[1] >= 0 and box[3] <= _PLOT
        own = (px - 0.05, py - 0.05, px + 0.05, py + 0.05)
        if inside and not any(_meet(box, one) for one in taken if one != own):
            taken.append(box)
            return x, y, side
    return None


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]
