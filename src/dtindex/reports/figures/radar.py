"""A unit's parts among those of its peers, on as many axes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from dtindex.analysis.explanation.rows import node_of, peers_of, period_of, row_of
from dtindex.reports.figures.page import Page, drawing
from dtindex.reports.figures.palette import GRID, INK, MUTED, PAPER, ordered
from dtindex.reports.figures.results import one_line, refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.steps.types import FloatArray

__all__ = ["radar"]

_RADIUS = 1.55
"""Inches."""
_SIZE = 8.5


def radar(
    scores: Scores,
    unit: str,
    *,
    node: str | None = None,
    period: str | None = None,
    by: str | None = None,
    language: Language = "en",
    title: str | None = None,
) -> Figure:
    """Parts of a node: the unit's scores, the median of its peers and the best of them, each on the part's own scale.

    A part on an open scale runs from the least to the greatest score of the peers. A part without a score leaves a gap
    in the line.

    Parameters
    ----------
    scores, node, period, language, title
        As for :func:`ranking_bars`; the node has three parts or more.
    unit
        Key or name of the unit.
    by
        A column: peers are the units of the same group; else all ranked units.

    Raises
    ------
    UsageError
        DT396 (no such unit, node or period), DT902 (fewer than three parts, no such column), DT385 (no font for a
        character), DT904 (no matplotlib).
    """
    wanted, when = node_of(scores, node), period_of(scores, period)
    row = row_of(scores, unit, when)
    parts = scores.methodology.tree.children[wanted]
    if len(parts) < 3:
        raise refuse(f"node {wanted!r} has {len(parts)} parts; a radar needs three")
    peers = _peers(scores, wanted, when, by, row)
    known = np.column_stack([scores.column(part) for part in parts])
    scales = [_scale(scores, part, known[peers, at]) for at, part in enumerate(parts)]
    low, high = np.array(scales).T
    with np.errstate(invalid="ignore"), _silent():
        lines = [known[row], np.nanmedian(known[peers], axis=0), np.nanmax(known[peers], axis=0)]
    shares = [np.clip((line - low) / (high - low), 0.0, 1.0) for line in lines]
    name = one_line(scores.names(language)[row])
    names = [item_name(scores, part, language) for part in parts]
    dark, middle, _ = ordered(3)
    looks: list[tuple[str, Any, str, float]] = [(dark, "-", "o", 2.0), (INK, "--", "D", 1.2), (middle, ":", "s", 1.4)]
    words = [name, say("peer median", language, count=len(peers)), say("peer best", language)]
    with drawing():
        from matplotlib.lines import Line2D

        key: list[tuple[Artist, str]] = [
            (Line2D([], [], color=colour, linestyle=style, marker=marker, markersize=4.5, linewidth=width), word)
            for (colour, style, marker, width), word in zip(looks, words, strict=True)
        ]
        page = Page(
            language,
            title or say("radar", language, name=name),
            subtitle_of(scores, when, language),
            [],
            (),
            [key],
            plot=2 * _RADIUS + 1.1,
            texts=names,
        )
        _draw(page, shares, looks, names, scales)
    return page.figure


def _draw(
    page: Page,
    shares: list[FloatArray],
    looks: list[tuple[str, Any, str, float]],
    names: list[str],
    scales: list[tuple[float, float]],
) -> None:
    axes, count = page.axes, len(names)
    wide, high = page.across / _RADIUS / 2, (2 * _RADIUS + 1.1) / _RADIUS / 2
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-high, high)
    axes.set_xticks([])
    angles = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    for level in (0.25, 0.5, 0.75, 1.0):
        ring = np.vstack([around, around[:1]]) * level
        axes.plot(*ring.T, color=GRID, linewidth=0.8, zorder=1)
    for at, (x, y) in enumerate(around):
        axes.plot([0, x], [0, y], color=GRID, linewidth=0.8, zorder=1)
        side = "center" if abs(x) < 0.15 else "left" if x > 0 else "right"
        room = (wide - abs(x) * 1.08) * _RADIUS if side != "center" else page.across * 0.45
        lines = page.folded(names[at], room, _SIZE, 2)
        lines.append(f"{scales[at][0]:g}–{scales[at][1]:g}")
        step = _SIZE * 1.35 / 72 / _RADIUS
        down = (len(lines) - 1) * step
        start = (
            y * 1.08
            + (down if y > 0.9 else 0.0 if y < -0.9 else down / 2)
            + (0.06 if y > 0.9 else -0.1 if y < -0.9 else 0)
        )
        for position, line in enumerate(lines):
            last = position == len(lines) - 1
            page.write(
                x * 1.08, start - position * step, line, _SIZE - 1.5 * last, ha=side, color=MUTED if last else INK
            )
    for order, (share, (colour, style, marker, width)) in enumerate(zip(shares, looks, strict=True)):
        closed = np.append(share, share[:1])[:, None] * np.vstack([around, around[:1]])
        if order == 0 and not np.isnan(share).any():
            axes.fill(*closed.T, color=colour, alpha=0.12, linewidth=0, zorder=2)
        axes.plot(
            *closed.T, color=colour, linestyle=style, linewidth=width, marker=marker, markersize=4.5,
            markeredgecolor=PAPER, markeredgewidth=0.6, zorder=5 - order, label=f"line {order}",
        )  # fmt: skip


def _peers(scores: Scores, node: str, period: str | None, by: str | None, row: int) -> np.ndarray:
    peers = peers_of(scores, node, period)
    if by is not None:
        if by not in scores.table.texts:
            raise refuse(f"by={by!r}: no such column of text in the table")
        column = scores.table.texts[by]
        peers = peers[column[peers] == column[row]]
    if not len(peers):
        raise refuse("no unit is ranked, so there are no peers")
    return peers


def _scale(scores: Scores, part: str, values: FloatArray) -> tuple[float, float]:
    scale = scores.plan.scales[part]
    if scale != "open":
        return float(scale[0]), float(scale[1])
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def _silent() -> warnings.catch_warnings[None]:
    """A part that no peer has a score of has no median, and that is no fault."""
    return warnings.catch_warnings(action="ignore", category=RuntimeWarning)
