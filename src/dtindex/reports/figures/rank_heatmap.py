"""The probability of every rank: a row a unit, a column a rank, the darker the more probable."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing, whole_ticks
from dtindex.reports.figures.palette import INK, PAPER, WHISKER, sequential
from dtindex.reports.figures.results import SimulationFrames, node_name, shown_units, subtitle
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["rank_heatmap"]

_TOLD = (0.01, 0.1, 0.25, 0.5, 1.0)
"""The probabilities whose tints the key shows."""


def rank_heatmap(
    simulation: SimulationFrames, *, language: Language = "en", top: int | None = None, title: str | None = None
) -> Figure:
    """Units from the best rank down, ranks from the left; the tint is the probability, the dot the unit's rank.

    The lightness of a tint falls evenly with the square root of the probability.
    Nothing is drawn where the probability is 0. Columns end at the last rank that any unit shown takes. A column of the
    frame is named by the last of its ranks: where a simulation counts several together, cells are as wide.

    Parameters
    ----------
    simulation, language, top, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT902 (``top``, no unit ranked), DT385 (no font for a character), DT904 (no matplotlib).
    """
    shown = shown_units(simulation, top, language)
    probabilities = simulation.rank_probabilities.loc[shown.rows]
    ends = np.array([int(rank) for rank in probabilities.columns])
    starts = np.concatenate([[0], ends[:-1]])
    cells = np.nan_to_num(probabilities.to_numpy(dtype=float))
    last = max(int(ends[cells.any(axis=0)].max(initial=1)), *shown.ranks)
    with drawing():
        from matplotlib.collections import PolyCollection

        page = Page(
            language,
            title or say("rank heatmap", language, name=node_name(simulation, language)),
            subtitle(simulation, language),
            [Row(name, str(rank)) for name, rank in zip(shown.names, shown.ranks, strict=True)],
            shown.notes,
            _key(language),
            say("rank", language),
            striped=False,
        )
        rows, columns = np.nonzero(cells)
        drawn = cells[rows, columns].tolist()
        tints = {value: _tint(value) for value in set(drawn)}
        left, right = starts[columns] + 0.5, ends[columns] + 0.5
        corners = [[left, rows - 0.5], [left, rows + 0.5], [right, rows + 0.5], [right, rows - 0.5]]
        # Rectangles, not an image: an image of 31 by 31 points is blurred by what shows SVG and PDF.
        tiles = PolyCollection(
            list(np.array(corners).transpose(2, 0, 1)),
            facecolors=[tints[value] for value in drawn],
            edgecolors=PAPER,
            linewidths=0.4,
            zorder=2,
        )
        tiles.set_label("probability")
        page.axes.add_collection(tiles, autolim=False)
        page.axes.scatter(
            shown.ranks,
            np.arange(len(shown.ranks)),
            marker="o",
            s=13 * (page.label_size / 8.5) ** 2,
            color=INK,
            edgecolor=PAPER,
            linewidth=0.8,
            zorder=3,
            label="rank",
        )
        page.axes.set_xlim(0.5, last + 0.5)
        ticks = whole_ticks(last)
        page.ticks(ticks, [str(tick) for tick in ticks])
    return page.figure


def _key(language: Language) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    space = " " if language == "en" else ""
    dot = Line2D([], [], linestyle="", marker="o", markersize=5, color=INK, markeredgecolor=PAPER)
    key: list[tuple[Artist, str]] = [(dot, say("nominal cell", language))]
    for probability in _TOLD:
        said = f"{100 * probability:g}{space}%"
        word = f"{say('probability', language)} {said}" if probability == _TOLD[0] else said
        key.append((Patch(facecolor=_tint(probability), edgecolor=WHISKER, linewidth=0.5), word))
    return [key]


def _tint(probability: float) -> str:
    """By the square root: most probabilities are small, and are to be told apart; the same scale in every figure."""
    return sequential(math.sqrt(probability))
