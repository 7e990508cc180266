"""Units by parts: scores or ranks as figures on tints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import MUTED, PAPER, on, sequential
from dtindex.reports.figures.radar import _scale
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of, units_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["heat_table"]

_MOST = 12
"""So many columns are legible."""
_HEAD, _LINES = 7.5, 3


def heat_table(
    scores: Scores,
    *,
    node: str | None = None,
    items: Sequence[str] | None = None,
    of: Literal["scores", "ranks"] = "scores",
    period: str | None = None,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
) -> Figure:
    """Units from the best rank down by the node and its parts; a cell's tint is its place on the scale of its column.

    Parameters
    ----------
    scores, node, period, language, top, title
        As for :func:`ranking_bars`.
    items
        Columns; else the node and its parts. At most 12.
    of
        ``scores``, or ``ranks`` among all ranked units.

    Raises
    ------
    UsageError
        DT396, DT902 (``of``, no such item, more than 12, ``top``, no unit ranked), DT385 (no font for a character),
        DT904 (no matplotlib).
    """
    if of not in ("scores", "ranks"):
        raise refuse(f"of={of!r}: expected 'scores' or 'ranks'")
    units = units_of(scores, node, period, top, language)
    columns = list(items) if items is not None else [units.node, *scores.methodology.tree.children[units.node]][:_MOST]
    unknown = [item for item in columns if item not in scores.items]
    if unknown or not 1 <= len(columns) <= _MOST:
        raise refuse(
            f"items={columns!r}: expected 1 to {_MOST} nodes or indicators{f'; no {unknown}' if unknown else ''}"
        )
    shares, printed = _cells(scores, units.rows, columns, of)
    names = [item_name(scores, item, language) for item in columns]
    with drawing():
        page = Page(
            language,
            title or say("heat table", language, name=item_name(scores, units.node, language)),
            subtitle_of(scores, units.period, language),
            [Row(name, str(rank)) for name, rank in zip(units.names, units.ranks, strict=True)],
            [*units.notes, say(f"heat {of}", language)],
            above=_LINES * _HEAD * 1.3 / 72,
            texts=[*names, *(one for line in printed for one in line)],
        )
        page.axes.set_xlim(-0.5, len(columns) - 0.5)
        page.axes.set_xticks([])
        room = page.across / len(columns) - 0.06
        for at, name in enumerate(names):
            lines = page.folded(name, room, _HEAD, _LINES)
            for position, line in enumerate(reversed(lines)):
                page.write(at, -0.5 - (0.06 + position * _HEAD * 1.3 / 72) / page.row_height, line, _HEAD, va="bottom")
        from matplotlib.patches import Rectangle

        size = min(page.label_size - 0.5, _fitting(page, printed, room))
        for row, texts in enumerate(printed):
            for at, one in enumerate(texts):
                share = shares[row, at]
                colour = PAPER if np.isnan(share) else sequential(0.06 + 0.9 * share)
                page.axes.add_patch(Rectangle((at - 0.48, row - 0.46), 0.96, 0.92, facecolor=colour, linewidth=0))
                page.write(at, row, one, size, color=MUTED if np.isnan(share) else on(colour))
    return page.figure


def _cells(scores: Scores, rows: np.ndarray, columns: list[str], of: str) -> tuple[np.ndarray, list[list[str]]]:
    """Places on the scales between 0 and 1, NaN where there is none, and what is printed."""
    shares = np.full((len(rows), len(columns)), np.nan)
    printed = [[""] * len(columns) for _ in rows]
    for at, item in enumerate(columns):
        values = scores.column(item)
        if of == "ranks":
            ranks = scores.rank(item)[rows]
            last = max(1, int(ranks.max(initial=1)))
            shares[:, at] = np.where(ranks > 0, 1 - (ranks - 1) / max(1, last - 1), np.nan)
            texts = [str(rank) if rank else "–" for rank in ranks.tolist()]
        else:
            low, high = sorted(_scale(scores, item, values[scores.ranked]))
            shares[:, at] = np.clip((values[rows] - low) / (high - low), 0.0, 1.0)
            decimals = min(1, scores.printed_decimals(item))
            texts = ["–" if np.isnan(value) else f"{value:.{decimals}f}" for value in values[rows].tolist()]
        for row, one in enumerate(texts):
            printed[row][at] = one
    return shares, printed


def _fitting(page: Page, printed: list[list[str]], room: float) -> float:
    """The size at which the widest figure is no wider than its cell."""
    widest = max(page.font.width(one, 10.0) for line in printed for one in line)
    return max(4.0, 10.0 * (room - 0.04) / widest) if widest else 10.0
