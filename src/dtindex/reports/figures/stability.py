"""How far each weight can move before two units change places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import FILL, INK, PAPER, WHISKER, sequential
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.analysis.rank_bounds import RankBounds

__all__ = ["stability"]

_MARKS = 400
"""Crossing points of a weight that are told apart on a strip."""


def stability(bounds: RankBounds, *, language: Language = "en", title: str | None = None) -> Figure:
    """A strip a weight, from 0 to 1, the others in proportion: dot where it is, dark where nobody changes places, pale
    where the first stays first, and a tick at each crossing of two units (of more than 400, an even choice).

    Parameters
    ----------
    bounds
        What ``rank_bounds`` returns.
    language, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT902 (weights that are unpublished have no place to start from), DT385 (no font for a character), DT904 (no
        matplotlib).
    """
    frame = bounds.stability
    if not len(frame):
        raise refuse("the weights are unpublished: nothing is stable around a weight that is not known")
    with drawing():
        page = Page(
            language,
            title or say("stability", language, name=item_name(bounds.scores, bounds.node, language)),
            subtitle_of(bounds.scores, bounds.period, language),
            [Row(item_name(bounds.scores, member, language)) for member in frame["member"]],
            [say("stability note", language)],
            _key(language),
            say("weight among siblings", language),
        )
        axes = page.axes
        axes.set_xlim(-0.01, 1.01)
        page.ticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1"])
        for place, (node, member, low, high, first_low, first_high) in enumerate(_strips(frame)):
            axes.barh(place, first_high - first_low, left=first_low, height=0.6, color=sequential(0.22))
            axes.barh(place, high - low, left=low, height=0.6, color=FILL, edgecolor=FILL, linewidth=1.0)
            marks = bounds.crossings(member, node)["weight"].to_numpy()
            if len(marks) > _MARKS:
                marks = marks[np.linspace(0, len(marks) - 1, _MARKS).astype(int)]
            axes.vlines(marks, place - 0.22, place + 0.22, colors=WHISKER, linewidth=0.35, zorder=3)
        axes.scatter(
            frame["weight"],
            np.arange(len(frame)),
            marker="o",
            s=26,
            color=INK,
            edgecolor=PAPER,
            linewidth=0.8,
            zorder=5,
        )
    return page.figure


def _strips(frame: pd.DataFrame) -> list[tuple[str, str, float, float, float, float]]:
    """Node, member and the ends of both intervals, a weight each."""
    columns = [frame[name].tolist() for name in ("node", "member", "low", "high", "first_low", "first_high")]
    return list(zip(*columns, strict=True))


def _key(language: Language) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot = Line2D([], [], linestyle="", marker="o", markersize=5.5, color=INK, markeredgecolor=PAPER)
    tick = Line2D([], [], linestyle="", marker="|", markersize=8, color=WHISKER)
    return [
        [
            (dot, say("own weight", language)),
            (Patch(facecolor=FILL), say("nobody moves", language)),
            (Patch(facecolor=sequential(0.22)), say("first stays", language)),
            (tick, say("crossing", language)),
        ]
    ]
