"""The units of a figure of scores, from the best rank down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.explanation.rows import node_of, peers_of, period_of
from dtindex.reports.figures.results import FIRST, MOST, one_line, refuse
from dtindex.reports.figures.words import say
from dtindex.scores import Scores
from dtindex.spec.base import Language

__all__ = ["Units", "item_name", "level_names", "subtitle_of", "units_of"]


@dataclass(frozen=True)
class Units:
    """Rows of the ranked units of a period, their names and ranks, and what the figure has to say of them."""

    node: str
    period: str | None
    rows: NDArray[np.intp]
    names: tuple[str, ...]
    ranks: tuple[int, ...]
    notes: tuple[str, ...]


def units_of(scores: Scores, node: str | None, period: str | None, top: int | None, language: Language) -> Units:
    """All ranked units up to 100 of them, of more the first 60, or ``top``; ties in the order of files.

    Raises
    ------
    UsageError
        DT396 where there is no such node or period; DT902 where ``top`` is not 1 or more, or no unit is ranked.
    """
    if top is not None and (isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1):
        raise refuse(f"top={top!r}: expected a number of units, 1 or more")
    wanted, when = node_of(scores, node), period_of(scores, period)
    peers = peers_of(scores, wanted, when)
    if not len(peers):
        raise refuse("no unit is ranked, so there is nothing to draw")
    ranks = scores.rank(wanted)[peers]
    order = peers[np.argsort(ranks, kind="stable")]
    shown = (FIRST if len(order) > MOST else len(order)) if top is None else min(int(top), len(order))
    notes = () if shown == len(order) else (say("shown", language, shown=shown, count=len(order)),)
    rows = order[:shown]
    names = scores.names(language)[rows]
    return Units(
        wanted,
        when,
        rows,
        tuple(one_line(name) or one_line(key) for name, key in zip(names, scores.units[rows], strict=True)),
        tuple(int(rank) for rank in scores.rank(wanted)[rows]),
        notes,
    )


def item_name(scores: Scores, item: str, language: Language) -> str:
    """The label of a node or an indicator, on one line."""
    return one_line(scores.methodology.tree.items[item].name(language)) or item


def subtitle_of(scores: Scores, period: str | None, language: Language) -> str:
    """The methodology, and the period of a panel."""
    title = scores.methodology.title
    told = title if isinstance(title, str) else getattr(title, language, None) or scores.methodology.id
    return str(told) if period is None else f"{told}{say('joined', language)}{period}"


def level_names(scores: Scores, node: str, language: Language) -> dict[str, str]:
    """Labels of a node's tiers by id, best first; none where it has no tiers."""
    from dtindex.spec.base import text

    return {
        level.id: text(level.label, language, level.id)
        for rule in scores.tier_rules
        if rule.node == node
        for level in rule.levels
    }
