"""What moves a result: the factors of a sensitivity analysis, their indices with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtindex.reports.figures.page import Page, Row, drawing
from dtindex.reports.figures.palette import INK, MUTED, ordered
from dtindex.reports.figures.results import SensitivityFrames, factor_names, node_name, one_line, refuse, unit_names
from dtindex.reports.figures.words import of_words, say
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["sobol_bars"]

_LEAST_END = 0.5
"""The axis reaches at least so far, so that small shares look small."""
_KINDS = ("first", "shapley", "total")
"""In the order of their size: an effect of Shapley lies between the two others."""


def sobol_bars(
    sensitivity: SensitivityFrames,
    *,
    of: str = "mean shift in rank",
    unit: str | None = None,
    language: Language = "en",
    title: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """A group of bars a factor, by falling total order: first order, Shapley effect (where computed) and total order.

    A line across the end of a bar is its interval; indices of a factorial are exact and have none. A factor without a
    figure says that it was not computed.

    Parameters
    ----------
    sensitivity
        What ``sensitivity`` returns, or anything with its frame ``indices``.
    of
        ``mean shift in rank``, ``all scores``, ``all ranks``; with ``unit``: ``score`` or ``rank``.
    unit
        Key of a unit.
    language
        ``en`` or ``zh``.
    title
        In place of the figure's own, which says what the indices are of.
    labels
        What factors are called, by id, in place of the methodology's labels.

    Raises
    ------
    UsageError
        DT902 (no such ``of`` or ``unit``), DT385 (no font for a character), DT904 (no matplotlib).
    """
    frame = _chosen(sensitivity.indices, of, unit)
    kinds = [kind for kind in _KINDS if frame[kind].notna().any()]
    factors = [str(factor) for factor in frame["factor"]]
    names = {**factor_names(sensitivity, language), **(labels or {})}
    about = of_words(of, language)
    if unit is not None:
        about = f"{one_line(unit_names(sensitivity, language).get(unit, unit))} – {about}"
    runs = say("evaluations", language, runs=sensitivity.evaluations, seed=sensitivity.seed)
    parts = (about if title else None, node_name(sensitivity, language), sensitivity.period, runs)
    interval = f"{100 * sensitivity.confidence:g}" if _uncertain(frame, kinds) else None
    with drawing():
        page = Page(
            language,
            title or say("sobol bars", language, name=about),
            say("joined", language).join(part for part in parts if part),
            [Row(one_line(names.get(factor, factor))) for factor in factors],
            key=_key(kinds, interval, language),
            axis=say("share of variance", language),
            bars=max(len(kinds), 1),
        )
        _draw(page, frame, kinds, language)
    return page.figure


def _chosen(indices: pd.DataFrame, of: str, unit: str | None) -> pd.DataFrame:
    """The rows asked for, the factor with the largest total first; factors without one last."""
    units = indices["unit"].astype(str)
    frame = indices[(indices["of"] == of) & (units == (unit or ""))]
    if frame.empty:
        outputs = list(dict.fromkeys(indices["of"].astype(str)))
        of_units = bool((units[indices["of"] == of] != "").any())
        if of in outputs:
            lacking = (
                f"unit={unit!r}: no such unit"
                if unit is not None and of_units
                else (f"of={of!r}: name a unit of it" if of_units else f"of={of!r} is not told by unit")
            )
            raise refuse(lacking)
        raise refuse(f"of={of!r}: expected one of {', '.join(outputs)}")
    order = np.argsort(-frame["total"].fillna(-np.inf).to_numpy(dtype=float), kind="stable")
    return frame.iloc[order]


def _uncertain(frame: pd.DataFrame, kinds: list[str]) -> bool:
    """Whether any index has an interval of some width."""
    return any(bool((frame[f"{kind}_high"] > frame[f"{kind}_low"]).any()) for kind in kinds)


def _draw(page: Page, frame: pd.DataFrame, kinds: list[str], language: Language) -> None:
    axes = page.axes
    rows = np.arange(len(frame), dtype=float)
    height = 0.78 / max(len(kinds), 1)
    lacking = frame[kinds].isna().to_numpy(dtype=bool).all(axis=1)
    ends = [0.0, _LEAST_END]
    for position, (kind, colour) in enumerate(zip(kinds, _colours(kinds), strict=True)):
        value, low, high = (frame[name].to_numpy(dtype=float) for name in (kind, f"{kind}_low", f"{kind}_high"))
        at = rows + (position - (len(kinds) - 1) / 2) * height
        known = np.isfinite(value)
        axes.barh(at[known], value[known], height=height * 0.92, color=colour, label=kind, zorder=2)
        told = known & (high > low)
        axes.hlines(at[told], low[told], high[told], colors=INK, linewidth=0.9, zorder=3, label=f"{kind} interval")
        ends += [float(end) for end in (*value[known], *low[told], *high[told])]
        for row in at[~known & ~lacking]:
            _lacks(page, row, language)
    for row in rows[lacking]:
        _lacks(page, row, language)
    start, end = min(ends), max(ends)
    room = 0.02 * (end - start)
    axes.set_xlim(start - (room if start < 0 else 0.0), end + room)
    parts = 10 if end - start <= 0.7 else 5
    ticks = [tick / parts for tick in range(int(np.ceil(start * parts)), int(np.floor(end * parts)) + 1)]
    page.ticks(ticks, [f"{tick:.1f}".replace("-", "−") for tick in ticks])
    axes.axvline(0.0, color=MUTED, linewidth=0.8, zorder=4)


def _lacks(page: Page, row: float, language: Language) -> None:
    page.axes.text(
        0.008 * page.axes.get_xlim()[1],
        row,
        say("not computed", language),
        color=MUTED,
        ha="left",
        va="center_baseline",
        fontproperties=page.font.properties(6.5),
        parse_math=False,
    )


def _colours(kinds: list[str]) -> list[str]:
    # Not the darkest, on which the line of an interval would not be seen.
    colours = dict(zip(_KINDS, ordered(len(_KINDS) + 1)[1:], strict=True))
    return [colours[kind] for kind in kinds]


def _key(kinds: list[str], interval: str | None, language: Language) -> list[list[tuple[Artist, str]]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    key: list[tuple[Artist, str]] = [
        (Patch(facecolor=colour), say(kind, language)) for kind, colour in zip(kinds, _colours(kinds), strict=True)
    ]
    if interval is not None:
        key.append((Line2D([], [], color=INK, linewidth=0.9), say("interval", language, confidence=interval)))
    return [key]
