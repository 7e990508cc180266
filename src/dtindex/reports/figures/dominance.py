"""Who is before whom whatever the weights: a Hasse diagram, the better above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, drawing
from dtindex.reports.figures.palette import INK, WHISKER, sequential
from dtindex.reports.figures.results import one_line, refuse, unit_names
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dtindex.analysis.rank_bounds import RankBounds

__all__ = ["dominance"]

_MOST = 80
"""Units that a page may hold."""
_SIZE = 7.0
_HIGH, _BETWEEN, _PAD = 0.2, 0.34, 0.05
"""Inches: of a box, between levels, and around a name."""
_SWEEPS = 24


def dominance(bounds: RankBounds, *, language: Language = "en", title: str | None = None) -> Figure:
    """Lines from each unit down to those that it is before with all admissible weights; what follows is left out.

    A unit stands one level below the lowest of those that are before it.

    Parameters
    ----------
    bounds
        What ``rank_bounds`` returns, of up to 80 units.
    language, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT902 (more than 80 units), DT385 (no font for a character), DT904 (no matplotlib).
    """
    count = len(bounds.units)
    if count > _MOST:
        raise refuse(f"{count} units: a diagram is drawn of up to {_MOST}")
    names = unit_names(bounds, language)  # type: ignore[arg-type]
    texts = [one_line(names.get(key, name)) for key, name in zip(bounds.units, bounds.names, strict=True)]
    levels = _levels(count, bounds.edges)
    with drawing():
        rows = _rows(bounds, levels, texts)
        page = Page(
            language,
            title or say("dominance", language, name=item_name(bounds.scores, bounds.node, language)),
            subtitle_of(bounds.scores, bounds.period, language),
            [],
            [say("dominance note", language)],
            plot=len(rows) * (_HIGH + _BETWEEN),
            texts=texts,
        )
        rows = [part for row in rows for part in _folded(page, row, texts)]
        page = Page(
            language,
            page.title,
            page.subtitle,
            [],
            page.notes,
            plot=len(rows) * (_HIGH + _BETWEEN),
            texts=texts,
        )
        page.axes.set_xlim(0, page.across)
        page.axes.set_ylim(len(rows) * (_HIGH + _BETWEEN), 0)
        page.axes.set_xticks([])
        _draw(page, rows, texts, bounds.edges)
    return page.figure


def _levels(count: int, edges: list[tuple[int, int]]) -> list[int]:
    found = [0] * count
    for _ in range(count):
        moved = False
        for above, below in edges:
            if found[below] <= found[above]:
                found[below], moved = found[above] + 1, True
        if not moved:
            break
    return found


def _rows(bounds: RankBounds, levels: list[int], texts: list[str]) -> list[list[int]]:
    """Units of each level, ordered so that lines are short: each under the middle of those above (Sugiyama)."""
    rows: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    first = bounds.bounds["best"].to_numpy()
    for unit in np.lexsort((np.arange(len(texts)), first)).tolist():
        rows[levels[unit]].append(unit)
    above: dict[int, list[int]] = {unit: [] for unit in range(len(texts))}
    below: dict[int, list[int]] = {unit: [] for unit in range(len(texts))}
    for one, other in bounds.edges:
        above[other].append(one)
        below[one].append(other)
    for sweep in range(_SWEEPS):
        places = {unit: (at + 0.5) / len(row) for row in rows for at, unit in enumerate(row)}
        linked = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = {unit: float(np.mean([places[one] for one in linked[unit]] or [places[unit]])) for unit in row}
            row.sort(key=lambda unit: wanted[unit])
            places |= {unit: (at + 0.5) / len(row) for at, unit in enumerate(row)}
    return rows


def _folded(page: Page, row: list[int], texts: list[str]) -> list[list[int]]:
    """A level on as many lines as its names need."""
    wide = [page.font.width(texts[unit], _SIZE) + 4 * _PAD for unit in row]
    parts = max(1, int(np.ceil(sum(wide) / page.across)))
    return [row[start::parts] for start in range(parts)]


def _draw(page: Page, rows: list[list[int]], texts: list[str], edges: list[tuple[int, int]]) -> None:
    from matplotlib.patches import Rectangle

    middle: dict[int, tuple[float, float]] = {}
    wide: dict[int, float] = {}
    for at, row in enumerate(rows):
        widths = [page.font.width(texts[unit], _SIZE) + 2 * _PAD for unit in row]
        spare = (page.across - sum(widths)) / (len(row) + 1)
        left = spare
        for unit, width in zip(row, widths, strict=True):
            middle[unit] = (left + width / 2, at * (_HIGH + _BETWEEN) + _HIGH / 2 + 0.02)
            wide[unit] = width
            left += width + spare
    for one, other in edges:
        (x, y), (to, down) = middle[one], middle[other]
        page.axes.plot([x, to], [y + _HIGH / 2, down - _HIGH / 2], color=WHISKER, linewidth=0.7, zorder=1)
    for unit, (x, y) in middle.items():
        box = Rectangle(
            (x - wide[unit] / 2, y - _HIGH / 2),
            wide[unit],
            _HIGH,
            facecolor=sequential(0.12),
            edgecolor=INK,
            linewidth=0.5,
            zorder=2,
        )
        page.axes.add_patch(box)
        page.write(x, y, texts[unit], _SIZE, zorder=3, va="center")
