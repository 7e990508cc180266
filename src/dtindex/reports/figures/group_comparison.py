"""Outcomes of one group over those of another, as ratios with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import FILL, INK, PAPER, WHISKER
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language, text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.analysis.compare import GroupComparison

__all__ = ["group_comparison"]

_TENTHS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
_FEW = (0.1, 0.2, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_POWERS = tuple(10.0**power for power in range(-9, 10))


def group_comparison(
    comparison: GroupComparison,
    *,
    pair: tuple[str, str] | None = None,
    language: Language = "en",
    title: str | None = None,
) -> Figure:
    """A row an outcome: dot the ratio of the two means (or shares), bar its interval, on a scale of equal ratios.

    An outcome without a ratio (a mean that is not positive) is named in a note.

    Parameters
    ----------
    comparison
        What :func:`dtindex.compare` returns.
    pair
        Group and other group; the first pair unless said.
    language, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT902 (no such pair, no outcome with a ratio), DT385 (no font for a character), DT904 (no matplotlib).
    """
    wanted = comparison.pairs[0] if pair is None else tuple(pair)
    if wanted not in comparison.pairs:
        raise refuse(f"pair={wanted!r}: there are {list(comparison.pairs)}")
    scores = comparison.scores
    frame = comparison.frame
    frame = frame[
        (frame["group"] == wanted[0]) & (frame["against"] == wanted[1]) & (frame["statistic"] == "ratio")
    ].set_index("outcome")
    known = [one for one in comparison.outcomes if one in frame.index and _has(frame.loc[one])]
    without = [item_name(scores, one, language) for one in comparison.outcomes if one not in known]
    if not known:
        raise refuse("no outcome has a ratio to draw")
    value, low, high = (frame.loc[known, name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    printed = [f"{one:.2f}" for one in value.tolist()]
    notes = [say("no ratio", language, names=say("joined", language).join(without))] if without else []
    group, against = (_group(comparison, one, language) for one in wanted)
    with drawing():
        from matplotlib.lines import Line2D

        told = say("ratio interval", language, confidence=f"{100 * comparison.confidence:g}")
        key: list[tuple[Artist, str]] = [
            (
                Line2D(
                    [],
                    [],
                    color=FILL,
                    linewidth=6,
                    marker="o",
                    markersize=5.5,
                    markerfacecolor=INK,
                    markeredgecolor=PAPER,
                ),
                told,
            )
        ]
        page = Page(
            language,
            title or say("group comparison", language, group=group, against=against),
            subtitle_of(scores, comparison.period, language),
            [Row(item_name(scores, one, language)) for one in known],
            notes,
            [key],
            say("ratio", language),
            texts=printed,
        )
        rows = np.arange(len(known))
        start, end = np.log(min(low.min(), 1.0)), np.log(max(high.max(), 1.0))
        span = end - start or 0.1
        room = 0.12 + max(page.font.width(one, 7.5) for one in printed)
        page.axes.set_xlim(start - 0.04 * span, end + span * room / (page.across - room))
        page.axes.axvline(0.0, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1, label="equal")
        page.axes.barh(
            rows, np.log(high) - np.log(low), left=np.log(low), height=0.34, color=FILL, zorder=2, label="interval"
        )
        page.axes.scatter(np.log(value), rows, s=30, color=INK, edgecolor=PAPER, linewidth=0.8, zorder=3, label="ratio")
        for row, (right, one) in enumerate(zip(np.log(high).tolist(), printed, strict=True)):
            page.write(max(right, 0.0) + 0.07 * span / page.across, row, one, 7.5, ha="left", color=INK)
        ticks = _round_ratios(float(np.exp(start)), float(np.exp(end)))
        page.ticks(np.log(ticks).tolist(), [f"{tick:g}" for tick in ticks])
        page.axes.grid(visible=True, axis="x", color=WHISKER, linewidth=0.3)
    return page.figure


def _has(row: object) -> bool:
    cells = [row[name] for name in ("value", "low", "high")]  # type: ignore[index]
    return all(cell is not None and cell == cell and not _missing(cell) and float(cell) > 0 for cell in cells)


def _missing(cell: object) -> bool:
    import pandas as pd

    return bool(pd.isna(cell))  # type: ignore[call-overload]


def _group(comparison: GroupComparison, group: str, language: Language) -> str:
    """A class's label, the words for all others, or the group as the table has it."""
    if group == "others":
        return say("others", language)
    labels = {rule.id: rule.label for rule in comparison.methodology.classes}
    return text(labels.get(group), language, group)


def _round_ratios(low: float, high: float) -> list[float]:
    """Round ratios within the limits, few enough to be read."""
    for steps in (_TENTHS, _FEW, _POWERS):
        found = [one for one in steps if low / 1.02 <= one <= high * 1.02]
        if steps[0] <= low and high <= steps[-1] and 2 <= len(found) <= 8:
            return found
    return found or [1.0]
