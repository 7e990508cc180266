"""Who is in which tier, and how far from its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing, round_ticks
from dtindex.reports.figures.palette import INK, PAPER, WHISKER, ordered
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, level_names, subtitle_of, units_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["tiers"]


def tiers(
    scores: Scores,
    *,
    node: str | None = None,
    period: str | None = None,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
) -> Figure:
    """Units from the best rank down: a dot at the score in the colour of the tier, a line at each bound.

    Parameters
    ----------
    scores, node, period, language, top, title
        As for :func:`ranking_bars`; the node has tiers.

    Raises
    ------
    UsageError
        DT396, DT902 (no tiers, ``top``, no unit ranked), DT385 (no font for a character), DT904 (no matplotlib).
    """
    units = units_of(scores, node, period, top, language)
    levels = level_names(scores, units.node, language)
    if not levels:
        raise refuse(f"node {units.node!r} has no tiers to draw")
    (rule,) = [one for one in scores.tier_rules if one.node == units.node]
    bounds = {level.id: level.at_least for level in rule.levels if level.at_least is not None}
    values = scores.column(units.node)[units.rows]
    of = scores.tier_values[units.node][units.rows].tolist()
    colours = dict(zip(levels, ordered(len(levels)), strict=True))
    said = {
        one: say("at least", language, name=name, bound=f"{bounds[one]:g}") if one in bounds else name
        for one, name in levels.items()
    }
    with drawing():
        from matplotlib.lines import Line2D

        key: list[tuple[Artist, str]] = [
            (Line2D([], [], linestyle="", marker="o", markersize=6, color=colours[one], markeredgecolor=INK), name)
            for one, name in said.items()
        ]
        page = Page(
            language,
            title or say("tiers", language, name=item_name(scores, units.node, language)),
            subtitle_of(scores, units.period, language),
            [Row(name, str(rank)) for name, rank in zip(units.names, units.ranks, strict=True)],
            units.notes,
            [key],
            say("score", language),
        )
        rows = np.arange(len(values))
        low, high = min(values.min(), *bounds.values()), max(values.max(), *bounds.values())
        pad = 0.04 * (high - low or 1.0)
        page.axes.set_xlim(low - pad, high + pad)
        for bound in bounds.values():
            page.axes.axvline(bound, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1, label="bound")
        nearest = np.array(list(bounds.values()))
        gaps = nearest[np.abs(values[:, None] - nearest).argmin(axis=1)]
        page.axes.hlines(rows, gaps, values, colors=WHISKER, linewidth=0.9, zorder=2, label="distance")
        page.axes.scatter(
            values,
            rows,
            s=30,
            color=[colours[one] for one in of],
            edgecolor=INK,
            linewidth=0.6,
            zorder=3,
            label="score",
        )
        page.axes.scatter([], [], color=PAPER)
        ticks = round_ticks(low - pad, high + pad)
        page.ticks(ticks, [f"{tick:g}" for tick in ticks])
    return page.figure
