"""Correlations of a node's parts, with what a reader should look at marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.analysis.explanation.rows import node_of
from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import INK, MUTED, PAPER, on, sequential
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.analysis.validity import Validity

__all__ = ["correlation"]

_MOST = 40
"""Parts whose coefficients are legible."""
_MARKS = {
    "high": ("s", "flag high"),
    "strongly negative": ("v", "flag negative"),
    "negative": ("v", "flag negative"),
    "low": ("o", "flag low"),
}
"""By flag: the mark, and what it says."""


def correlation(
    validity: Validity, *, node: str | None = None, language: Language = "en", title: str | None = None
) -> Figure:
    """Pearson's coefficients of the parts of a node, each pair once, and of each part with the node itself.

    The darker a cell, the stronger; a negative coefficient has a minus and a hatched cell. What the analysis flags
    bears a mark: too high (the two say the same), negative (they say the opposite), low (with the node).

    Parameters
    ----------
    validity
        What :func:`dtindex.validity` returns.
    node
        Whose parts, of which there are 2 to 40; the index unless said.
    language, title
        As for :func:`rank_intervals`.

    Raises
    ------
    UsageError
        DT396 (no such node), DT902 (fewer than two parts, or more than 40), DT385 (no font for a character), DT904 (no
        matplotlib).
    """
    scores = validity.scores
    wanted = node_of(scores, node)
    frame = validity.correlations[validity.correlations["node"] == wanted]
    siblings, parents = (frame[frame["relation"] == kind] for kind in ("siblings", "parent"))
    parts = [
        one for one in scores.methodology.tree.children[wanted] if one in {*siblings["first"], *siblings["second"]}
    ]
    if not 2 <= len(parts) <= _MOST:
        raise refuse(f"node {wanted!r} has {len(parts)} parts that are compared; 2 to {_MOST} can be drawn")
    place = {part: at for at, part in enumerate(parts)}
    cells: dict[tuple[int, int], float] = {}
    for first, second, value in siblings[["first", "second", "pearson"]].itertuples(index=False):
        low, high = sorted((place[first], place[second]))
        cells[high, low] = value
    for first, second, value in parents[["first", "second", "pearson"]].itertuples(index=False):
        if second == wanted and first in place:
            cells[place[first], len(parts)] = value
    marks = _marks(validity, wanted, place)
    bounds = validity.thresholds
    values = {"flag high": bounds.high, "flag low": bounds.low, "flag negative": 0.0}
    with drawing():
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        kinds = list(dict.fromkeys(_MARKS[flag] for flag in marks.values()))
        key: list[tuple[Artist, str]] = [
            (
                Line2D([], [], linestyle="", marker=mark, markersize=6, color=PAPER, markeredgecolor=INK),
                say(word, language, bound=values[word]),
            )
            for mark, word in kinds
        ]
        page = Page(
            language,
            title or say("correlation", language, name=item_name(scores, wanted, language)),
            subtitle_of(scores, validity.period, language),
            [Row(item_name(scores, part, language), str(at + 1)) for at, part in enumerate(parts)],
            [say("correlation note", language, count=validity.units)],
            [key] if key else [],
            above=0.2,
        )
        columns = len(parts) + 1
        page.axes.set_xlim(-0.5, columns - 0.5)
        page.axes.set_xticks([])
        wide = page.across / columns
        size = min(page.label_size - 1, 72 * wide / 2.6)
        heads = [str(at + 1) for at in range(len(parts))] + [page.cut(say("with parent", language), wide, 7.5)]
        for at, head in enumerate(heads):
            page.write(at, -0.62, head, min(7.5, 72 * wide / 1.4), va="bottom", color=MUTED)
        for (row, at), value in cells.items():
            if value is None or np.isnan(float(value)):
                continue
            colour = sequential(0.03 + 0.9 * abs(float(value)))
            page.axes.add_patch(
                Rectangle(
                    (at - 0.48, row - 0.46), 0.96, 0.92, facecolor=colour, linewidth=0,
                    hatch="////" if value < 0 else None, edgecolor=MUTED,
                )
            )  # fmt: skip
            told = f"{float(value):.2f}".replace("0.", ".", 1).replace("-", "−")
            page.write(at - (0.1 if (row, at) in marks else 0), row, told, size, color=on(colour))
            if (row, at) in marks:
                mark, _ = _MARKS[marks[row, at]]
                page.axes.scatter(
                    [at + 0.36],
                    [row],
                    marker=mark,
                    s=16,
                    color=PAPER,
                    edgecolor=INK,
                    linewidth=0.9,
                    zorder=4,
                    label=marks[row, at],
                )
    return page.figure


def _marks(validity: Validity, node: str, place: dict[str, int]) -> dict[tuple[int, int], str]:
    """By cell, the flag of Pearson's coefficient."""
    found = {}
    flags = validity.flags
    flags = flags[(flags["node"] == node) & (flags["statistic"] == "pearson")]
    for relation, first, second, flag in flags[["relation", "first", "second", "flag"]].itertuples(index=False):
        if relation == "siblings" and first in place and second in place:
            low, high = sorted((place[first], place[second]))
            found[high, low] = flag
        elif relation == "parent" and second == node and first in place:
            found[place[first], len(place)] = flag
    return found
