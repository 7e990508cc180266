"""The probability of every tier: a row a unit, a bar of the tiers' shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import PAPER, on, ordered
from dtindex.reports.figures.results import SimulationFrames, node_name, refuse, shown_units, subtitle, tier_names
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["tier_probabilities"]

_LEAST_PRINTED = 0.05
"""A share below it has no room for its figure."""


def tier_probabilities(
    simulation: SimulationFrames,
    *,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Units from the best rank down; each bar is 100 %, its parts the tiers in the methodology's order, best first.

    Parameters
    ----------
    simulation, language, top, title, labels
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT902 (no tiers, ``top``, no unit ranked), DT385 (no font for a character), DT904 (no matplotlib).
    """
    frame = simulation.tier_probabilities
    if not frame.shape[1]:
        raise refuse(f"node {simulation.node!r} has no tiers, so there are no probabilities of tiers to draw")
    shown = shown_units(simulation, top, language)
    tiers = [str(tier) for tier in frame.columns]
    names = {**tier_names(simulation, language), **(labels or {})}
    colours = ordered(len(tiers))
    shares = frame.loc[shown.rows].to_numpy(dtype=float)
    space = " " if language == "en" else ""
    with drawing():
        from matplotlib.patches import Patch

        key: list[tuple[Artist, str]] = [
            (Patch(facecolor=colour), names.get(tier, tier)) for colour, tier in zip(colours, tiers, strict=True)
        ]
        page = Page(
            language,
            title or say("tier probabilities", language, name=node_name(simulation, language)),
            subtitle(simulation, language),
            [Row(name, str(rank)) for name, rank in zip(shown.names, shown.ranks, strict=True)],
            shown.notes,
            [key],
            say("probability", language),
        )
        rows = np.arange(len(shares))
        starts = np.cumsum(shares, axis=1) - shares
        for position, colour in enumerate(colours):
            page.axes.barh(
                rows,
                shares[:, position],
                left=starts[:, position],
                height=0.72,
                color=colour,
                edgecolor=PAPER,
                linewidth=0.5,
                label=tiers[position],
            )
            _figures(page, shares[:, position], starts[:, position], on(colour))
        page.axes.set_xlim(0.0, 1.0)
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
        page.ticks(ticks, [f"{100 * tick:g}{space}%" for tick in ticks])
    return page.figure


def _figures(page: Page, shares: np.ndarray, starts: np.ndarray, colour: str) -> None:
    """Per cents inside the bars, where there is room."""
    for row, (share, start) in enumerate(zip(shares.tolist(), starts.tolist(), strict=True)):
        if share >= _LEAST_PRINTED:
            page.axes.text(
                start + share / 2,
                row,
                f"{100 * share:.0f}",
                color=colour,
                ha="center",
                va="center_baseline",
                fontproperties=page.font.properties(page.label_size - 1.5),
                parse_math=False,
            )
