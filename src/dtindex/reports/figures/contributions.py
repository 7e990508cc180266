"""What each part brings to a unit's score, from nothing to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.analysis.explanation.rows import node_of, period_of, row_of
from dtindex.reports.figures.page import Page, Row, drawing, round_ticks
from dtindex.reports.figures.palette import FILL, INK, WHISKER, ordered
from dtindex.reports.figures.results import one_line, refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["contributions"]


def contributions(
    scores: Scores,
    unit: str,
    *,
    node: str | None = None,
    period: str | None = None,
    language: Language = "en",
    title: str | None = None,
) -> Figure:
    """A waterfall: points of each part of a node, in the order of the file, and their sum, the unit's score.

    Points are those of ``Scores.contributions``; parts that bring none for want of a score are left out.

    Parameters
    ----------
    scores, node, period, language, title
        As for :func:`ranking_bars`.
    unit
        Key or name of the unit.

    Raises
    ------
    UsageError
        DT396 (no such unit, node or period), DT902 (the score has no parts that sum to it), DT385 (no font for a
        character), DT904 (no matplotlib).
    """
    wanted, when = node_of(scores, node), period_of(scores, period)
    row = row_of(scores, unit, when)
    told = scores.told(wanted, np.array([row])).points
    parts = [part for part in scores.methodology.tree.children[wanted] if part in told]
    values = {part: float(np.asarray(told[part])[0]) for part in parts}
    values = {part: value for part, value in values.items() if not np.isnan(value)}
    if not values:
        raise refuse(f"the score of {unit!r} on {wanted!r} has no parts that sum to it")
    points = np.array(list(values.values()))
    ends = np.cumsum(points)
    starts = ends - points
    total = float(ends[-1])
    name, label = one_line(scores.names(language)[row]), item_name(scores, wanted, language)
    printed = [f"{value:+.2f}".replace("-", "−") for value in points.tolist()] + [f"{total:.2f}".replace("-", "−")]
    dark, middle, _ = ordered(3)
    with drawing():
        page = Page(
            language,
            title or say("contributions", language, name=name),
            subtitle_of(scores, when, language),
            [*(Row(item_name(scores, part, language)) for part in values), Row(label)],
            axis=say("points", language, name=label),
            texts=printed,
        )
        rows = np.arange(len(points))
        page.axes.barh(
            rows,
            points,
            left=starts,
            height=0.62,
            color=[FILL if value >= 0 else middle for value in points],
            label="part",
        )
        page.axes.barh([len(points)], [total], height=0.62, color=dark, label="total")
        page.axes.vlines(ends, rows, rows + 1, colors=WHISKER, linewidth=0.9, linestyles=(0, (2, 2)), label="step")
        low, high = min(0.0, float(ends.min()), total), max(0.0, float(ends.max()), total)
        span = high - low or 1.0
        room = 0.1 + max(page.font.width(one, 7.5) for one in printed)
        page.axes.set_xlim(low - (0.03 * span if low < 0 else 0), high + span * room / (page.across - room))
        rights = [*np.maximum(starts, ends).tolist(), max(0.0, total)]
        for at, (right, one) in enumerate(zip(rights, printed, strict=True)):
            page.write(right + 0.06 * span / page.across, at, one, 7.5, ha="left", color=INK)
        ticks = round_ticks(low, high)
        page.ticks(ticks, [f"{tick:g}" for tick in ticks])
    return page.figure
