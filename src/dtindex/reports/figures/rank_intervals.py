"""How sure each rank is: a row a unit, its rank, the interval and the extremes of a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing, whole_ticks
from dtindex.reports.figures.palette import FILL, INK, PAPER, WHISKER, ordered
from dtindex.reports.figures.results import (
    Shown,
    SimulationFrames,
    node_name,
    refuse,
    shown_units,
    subtitle,
    tier_names,
)
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["rank_intervals"]


def rank_intervals(
    simulation: SimulationFrames,
    *,
    language: Language = "en",
    top: int | None = None,
    confidence: float | None = None,
    title: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Units from the best rank down: dot the rank, bar the interval, tick the median, line the extremes observed.

    Where the node has tiers, a bar has the colour of its unit's most probable tier (of equal ones the better).

    Parameters
    ----------
    simulation
        What ``simulate`` returns, or anything with its frames.
    language
        ``en`` or ``zh``. Names of units are those of the codelist or the table in that language, where the result knows
        its scores; else those of the frame.
    top
        So many units. Without it all are shown; of more than 100 the first 60, and the figure says so.
    confidence
        Of the interval; unless given, that of the simulation.
    title
        In place of the figure's own, which has the node's label.
    labels
        What tiers are called, by id, in place of the methodology's labels.

    Raises
    ------
    UsageError
        DT902 (``top``, ``confidence``, no unit ranked), DT385 (no font for a character), DT904 (no matplotlib).
    """
    if confidence is not None and not 0 < confidence < 1:
        raise refuse(f"confidence={confidence!r}: expected a share between 0 and 1")
    shown = shown_units(simulation, top, language)
    asked = simulation.confidence if confidence is None else confidence
    frame = simulation.intervals(asked).loc[shown.rows]
    tiers = _most_probable(simulation, shown)
    with drawing():
        page = Page(
            language,
            title or say("rank intervals", language, name=node_name(simulation, language)),
            subtitle(simulation, language),
            [Row(name, str(rank)) for name, rank in zip(shown.names, shown.ranks, strict=True)],
            shown.notes,
            _key(f"{100 * asked:g}", tiers, {**tier_names(simulation, language), **(labels or {})}, language),
            say("rank", language),
        )
        colours = [FILL] * len(frame) if tiers is None else [tiers[1][tier] for tier in tiers[0]]
        units, most = len(simulation.rank_intervals), frame["most"].max()
        last = units if len(frame) == units or np.isnan(most) else int(most)
        page.axes.set_xlim(0.3, last + 0.7)
        ticks = whole_ticks(last)
        page.ticks(ticks, [str(tick) for tick in ticks])
        _draw(page.axes, frame, colours, page.label_size / 8.5)
    return page.figure


def _most_probable(simulation: SimulationFrames, shown: Shown) -> tuple[list[str], dict[str, str]] | None:
    """Each unit's tier, and the colour of every tier; None without tiers."""
    frame = simulation.tier_probabilities
    if not frame.shape[1]:
        return None
    names = [str(name) for name in frame.columns]
    best = np.nan_to_num(frame.loc[shown.rows].to_numpy(dtype=float)).argmax(axis=1)
    return [names[position] for position in best], dict(zip(names, ordered(len(names)), strict=True))


def _draw(axes: Axes, frame: pd.DataFrame, colours: list[str], size: float) -> None:
    rows = np.arange(len(frame))
    columns = {name: frame[name].to_numpy(dtype=float) for name in ("rank", "low", "median", "high", "least", "most")}
    axes.hlines(rows, columns["least"], columns["most"], colors=WHISKER, linewidth=0.9, zorder=2, label="observed")
    for end in ("least", "most"):
        axes.scatter(columns[end], rows, marker="|", s=22 * size**2, color=WHISKER, linewidth=0.9, zorder=2, label=end)
    bars = axes.barh(
        rows, columns["high"] - columns["low"], left=columns["low"], height=0.52, color=colours, linewidth=1.6, zorder=3
    )
    for bar, colour in zip(bars, colours, strict=True):
        bar.set_edgecolor(colour)
        if not bar.get_width():  # one rank alone: the edge keeps the bar in sight on both sides of the dot
            bar.set_linewidth(10 * size)
    for colour, width, label in ((PAPER, 2.9, "halo"), (INK, 1.3, "median")):
        axes.scatter(
            columns["median"],
            rows,
            marker="|",
            s=95 * size**2,
            color=colour,
            linewidth=width * size,
            zorder=4,
            label=label,
        )
    axes.scatter(
        columns["rank"],
        rows,
        marker="o",
        s=24 * size**2,
        color=INK,
        edgecolor=PAPER,
        linewidth=0.8,
        zorder=5,
        label="rank",
    )


def _key(
    confidence: str,
    tiers: tuple[list[str], dict[str, str]] | None,
    labels: Mapping[str, str],
    language: Language,
) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot = Line2D([], [], linestyle="", marker="o", markersize=5.5, color=INK, markeredgecolor=PAPER)
    tick = Line2D([], [], linestyle="", marker="|", markersize=9, color=INK, markeredgewidth=1.3)
    line = Line2D([], [], color=WHISKER, linewidth=0.9, marker="|", markersize=4.5)
    key: list[tuple[Artist, str]] = [
        (dot, say("nominal", language)),
        (tick, say("median", language)),
        (line, say("observed", language)),
    ]
    if tiers is None:
        return [[*key, (Patch(facecolor=FILL), say("interval", language, confidence=confidence))]]
    names = [labels.get(tier, tier) for tier in tiers[1]]
    words = [say("tier interval", language, confidence=confidence, tier=names[0]), *names[1:]]
    return [key, [(Patch(facecolor=colour), word) for colour, word in zip(tiers[1].values(), words, strict=True)]]
