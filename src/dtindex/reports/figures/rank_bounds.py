"""What ranks can be attained: a row a unit, the exact bounds, and inside them what a simulation saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing, whole_ticks
from dtindex.reports.figures.palette import FILL, INK, PAPER, WHISKER, sequential
from dtindex.reports.figures.results import FIRST, MOST, one_line, refuse, unit_names
from dtindex.reports.figures.units import item_name, subtitle_of
from dtindex.reports.figures.words import say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from dtindex.analysis.rank_bounds import RankBounds
    from dtindex.analysis.simulate import Simulation

__all__ = ["rank_bounds"]


def rank_bounds(
    bounds: RankBounds,
    simulation: Simulation | None = None,
    *,
    language: Language = "en",
    top: int | None = None,
    title: str | None = None,
) -> Figure:
    """Units from the best rank down: pale the ranks that can be attained, inside it the interval of a simulation, dot
    the rank. An end that no known weights attain is open.

    Parameters
    ----------
    bounds
        What ``rank_bounds`` returns.
    simulation
        What ``simulate`` returns of the same units; unless given, that of the bounds, where there is one.
    language, title
        As for :func:`rank_intervals`.
    top
        So many units; without it all, of more than 100 the first 60.

    Raises
    ------
    UsageError
        DT902 (``top``, or a simulation of other units), DT385 (no font for a character), DT904 (no matplotlib).
    """
    if top is not None and top < 1:
        raise refuse(f"top={top!r}: expected a number of units, 1 or more")
    frame = bounds.bounds
    inside = simulation or bounds.simulation
    if inside is not None:
        if set(inside.units) != set(bounds.units):
            raise refuse("the simulation ranks other units than the bounds")
        frame = frame.join(inside.rank_intervals[["low", "high"]].rename(columns={"low": "from", "high": "to"}))
    order = ["rank", "best", "worst"] if bounds.known else ["best", "worst"]
    frame = frame.sort_values(order, kind="stable")
    count = len(frame)
    shown = (FIRST if count > MOST else count) if top is None else min(top, count)
    rows = frame.iloc[:shown]
    names = unit_names(bounds, language)  # type: ignore[arg-type]
    notes = [] if shown == count else [say("shown", language, shown=shown, count=count)]
    open_ends = ~(rows["best_attained"] & rows["worst_attained"])
    if open_ends.any():
        notes.append(say("open ends", language))
    with drawing():
        page = Page(
            language,
            title or say("rank bounds", language, name=item_name(bounds.scores, bounds.node, language)),
            subtitle_of(bounds.scores, bounds.period, language),
            [
                Row(one_line(names.get(str(key), name)), str(rank) if bounds.known else "")
                for key, name, rank in zip(rows.index, rows["name"], rows.get("rank", rows["best"]), strict=True)
            ],
            notes,
            _key(bounds.known, inside, language),
            say("rank", language),
        )
        axes, size = page.axes, page.label_size / 8.5
        last = count if shown == count else int(rows["worst"].max())
        axes.set_xlim(0.3, last + 0.7)
        ticks = whole_ticks(last)
        page.ticks(ticks, [str(tick) for tick in ticks])
        places = np.arange(shown)
        best, worst = (rows[end].to_numpy(dtype=float) for end in ("best", "worst"))
        axes.barh(places, worst - best + 0.5, left=best - 0.25, height=0.62, color=sequential(0.22), zorder=2)
        for end, values, side in (("best", best, -0.25), ("worst", worst, 0.25)):
            sure = rows[f"{end}_attained"].to_numpy(dtype=bool)
            axes.scatter(
                values[sure] + side, places[sure], marker="|", s=60 * size**2, color=WHISKER, linewidth=1.1, zorder=3
            )
        if inside is not None:
            low, high = (rows[end].to_numpy(dtype=float) for end in ("from", "to"))
            axes.barh(places, high - low + 0.5, left=low - 0.25, height=0.34, color=FILL, zorder=4)
        if bounds.known:
            axes.scatter(
                rows["rank"],
                places,
                marker="o",
                s=24 * size**2,
                color=INK,
                edgecolor=PAPER,
                linewidth=0.8,
                zorder=5,
                label="rank",
            )
    return page.figure


def _key(known: bool, inside: Simulation | None, language: Language) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    key: list[tuple[Artist, str]] = []
    if known:
        dot = Line2D([], [], linestyle="", marker="o", markersize=5.5, color=INK, markeredgecolor=PAPER)
        key.append((dot, say("nominal", language)))
    key.append((Patch(facecolor=sequential(0.22)), say("attainable", language)))
    if inside is not None:
        told = say("interval", language, confidence=f"{100 * inside.confidence:g}")
        key.append((Patch(facecolor=FILL), told))
    return [key]
