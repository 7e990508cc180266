"""All 34 province-level units as tiles of one size: a map without borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, drawing
from dtindex.reports.figures.palette import MUTED, PAPER, WHISKER, on, sequential
from dtindex.reports.figures.results import refuse
from dtindex.reports.figures.units import item_name, subtitle_of, units_of
from dtindex.reports.figures.words import say
from dtindex.reports.tiles import TILES
from dtindex.scores import Scores
from dtindex.spec.base import Language
from dtindex.tables.read import codelist_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["tile_grid"]


def tile_grid(
    scores: Scores,
    *,
    node: str | None = None,
    period: str | None = None,
    language: Language = "en",
    title: str | None = None,
) -> Figure:
    """Provinces roughly where they lie, the darker the better the rank; a unit without a rank is hatched.

    Parameters
    ----------
    scores, node, period, language, title
        As for :func:`ranking_bars`; the units are those of the codelist ``cn-province``.

    Raises
    ------
    UsageError
        DT396, DT902 (units of another kind, no unit ranked), DT385 (no font for a character), DT904 (no matplotlib).
    """
    codelist = codelist_of(scores.methodology)
    if scores.methodology.units.codelist != "cn-province" or codelist is None:
        raise refuse("tiles are of provinces: the methodology's units are not of the codelist 'cn-province'")
    units = units_of(scores, node, period, 10**6, language)
    by_code = {unit.code: unit for unit in codelist.units}
    rows = {str(scores.units[row]): at for at, row in enumerate(units.rows.tolist())}
    values = scores.column(units.node)[units.rows]
    below = np.array([(values < value).sum() for value in values]) / max(1, len(values) - 1)
    names = {tile.code: (by_code[tile.code].name if language == "zh" else by_code[tile.code].en) for tile in TILES}
    decimals = min(1, scores.printed_decimals(units.node))
    no_data = say("no data", language)
    with drawing():
        from matplotlib.patches import Patch, Rectangle

        key: list[tuple[Artist, str]] = [
            (Patch(facecolor=sequential(0.06)), say("lower", language)),
            (Patch(facecolor=sequential(0.96)), say("higher", language)),
            (Patch(facecolor=PAPER, edgecolor=WHISKER, hatch="////"), no_data),
        ]
        columns, lines = 1 + max(tile.column for tile in TILES), 1 + max(tile.row for tile in TILES)
        page = Page(
            language,
            title or say("tile grid", language, name=item_name(scores, units.node, language)),
            subtitle_of(scores, units.period, language),
            [],
            [say("tile note", language)],
            [key],
            plot=lines * (Page.width - 0.64) / columns,
            texts=list(names.values()),
        )
        side = page.across / columns
        page.axes.set_xlim(0, columns)
        page.axes.set_ylim(lines, 0)
        page.axes.set_xticks([])
        for tile in TILES:
            at = rows.get(by_code[tile.code].name)
            colour = PAPER if at is None else sequential(0.06 + 0.9 * float(below[at]))
            tile_drawn = Rectangle((tile.column + 0.03, tile.row + 0.03), 0.94, 0.94, facecolor=colour, gid=tile.code)
            tile_drawn.set(edgecolor=WHISKER, linewidth=0.6, hatch="////" if at is None else None)
            page.axes.add_patch(tile_drawn)
            ink = MUTED if at is None else on(colour)
            room = side - 0.1
            size = 9.0 if language == "zh" else 6.5
            folded = page.folded(names[tile.code], room, size, 2)
            step = size * 1.25 / 72 / side
            ground = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0} if at is None else None
            for position, line in enumerate(folded):
                y = tile.row + 0.36 + (position - (len(folded) - 1) / 2) * step
                page.write(tile.column + 0.5, y, line, size, color=ink, bbox=ground)
            told = no_data if at is None else f"{values[at]:.{decimals}f}"
            page.write(tile.column + 0.5, tile.row + 0.78, page.cut(told, room, 7.0), 7.0, color=ink, bbox=ground)
    return page.figure
