"""The ranking: a row a unit, its rank, and a bar as long as its score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing, round_ticks
from dtindex.reports.figures.palette import FILL, INK, PAPER, ordered
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, level_names, subtitle_of, units_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.analysis.simulate import Simulation

__all__ = ["ranking_bars"]


def ranking_bars(
    scores: Scores,
    *,
    node: str | None = None,
    period: str | None = None,
    simulation: Simulation | None = None,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
) -> Figure:
    """Units from the best rank down, each with a bar of its score; lines are intervals of the score in a simulation.

    Where the node has tiers, a bar has the colour of its unit's tier.

    Parameters
    ----------
    scores
        What ``score`` returns.
    node, period
        Whose ranks; the index and the latest period unless said.
    simulation
        What :func:`dtindex.simulate` returned for the node and the period.
    language, top, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT396 (no such node or period), DT902 (``top``, a simulation of something else, no unit ranked), DT385 (no font
        for a character), DT904 (no matplotlib).
    """
    units = units_of(scores, node, period, top, language)
    if simulation is not None and (simulation.node, simulation.period) != (units.node, units.period):
        raise refuse(
            f"the simulation is of {simulation.node!r}, {simulation.period}; not of {units.node!r}, {units.period}"
        )
    values = scores.column(units.node)[units.rows]
    levels = level_names(scores, units.node, language)
    of = scores.tier_values[units.node][units.rows].tolist() if levels else []
    colours = dict(zip(levels, ordered(len(levels)), strict=True)) if levels else {}
    decimals = scores.printed_decimals(units.node)
    printed = [f"{value:.{decimals}f}" for value in values.tolist()]
    with drawing():
        page = Page(
            language,
            title or say("ranking bars", language, name=item_name(scores, units.node, language)),
            subtitle_of(scores, units.period, language),
            [Row(name, str(rank)) for name, rank in zip(units.names, units.ranks, strict=True)],
            units.notes,
            _key(levels, colours, simulation, language),
            say("score", language),
            texts=printed,
        )
        rows = np.arange(len(values))
        shades = [colours.get(tier, FILL) for tier in of] if levels else [FILL] * len(values)
        page.axes.barh(rows, values, height=0.62, color=shades, label="score")
        ends = values.copy()
        if simulation is not None:
            frame = simulation.score_intervals.reindex(scores.units[units.rows])
            low, high = frame["low"].to_numpy(dtype=float), frame["high"].to_numpy(dtype=float)
            for colour, width in ((PAPER, 2.6), (INK, 1.1)):
                page.axes.hlines(rows, low, high, colors=colour, linewidth=width, zorder=3, label="interval")
            ends = np.fmax(ends, high)
        lowest, highest = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(ends)))
        span = highest - lowest or 1.0
        room = 0.1 + max(page.font.width(one, page.label_size - 1) for one in printed)
        page.axes.set_xlim(lowest - (0.03 * span if lowest < 0 else 0), highest + span * room / (page.across - room))
        for row, (end, one) in enumerate(zip(np.maximum(ends, 0.0).tolist(), printed, strict=True)):
            page.write(end + 0.06 * span / page.across, row, one, page.label_size - 1, ha="left")
        ticks = round_ticks(lowest, highest)
        page.ticks(ticks, [f"{tick:g}" for tick in ticks])
    return page.figure


def _key(
    levels: dict[str, str], colours: dict[str, str], simulation: Simulation | None, language: Language
) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    key: list[list[tuple[Artist, str]]] = []
    if levels:
        key.append([(Patch(facecolor=colours[one]), name) for one, name in levels.items()])
    if simulation is not None:
        told = say("score interval", language, confidence=f"{100 * simulation.confidence:g}")
        key.append([(Line2D([], [], color=INK, linewidth=1.1), told)])
    return key
