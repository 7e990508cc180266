"""Which rows a question is about: a unit by any of its spellings, a period, a node."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.findings import Place, UsageError, finding, nearest
from dtindex.scores import Scores
from dtindex.steps.derive import period_order
from dtindex.tables.read import codelist_of
from dtindex.tables.units import canonical_key

__all__ = ["node_of", "peers_of", "period_of", "row_of"]


def node_of(scores: Scores, wanted: str | None) -> str:
    """The node that is asked about; the index, where none is.

    Raises
    ------
    UsageError
        DT396 where there is no such node.
    """
    nodes = scores.methodology.tree.children
    if wanted is None:
        return scores.root
    if wanted in nodes:
        return wanted
    near = nearest(wanted, nodes)
    hint = f"nearest is {near!r}" if near else f"there are {', '.join(list(nodes)[:10])}"
    raise UsageError([finding("DT396", f"no node {wanted!r}; {hint}", Place(name=wanted))])


def period_of(scores: Scores, wanted: str | None) -> str | None:
    """The period that is asked about; the latest, where none is; None of a table without periods.

    Raises
    ------
    UsageError
        DT396 where there is no such period.
    """
    if scores.periods is None:
        if wanted is not None:
            raise UsageError([finding("DT396", f"period {wanted!r}: the table has no periods")])
        return None
    known = period_order(scores.periods)
    if wanted is None:
        return known[-1]
    if wanted in known:
        return wanted
    raise UsageError([finding("DT396", f"no period {wanted!r}; there are {', '.join(known[:20])}")])


def rows_in(scores: Scores, period: str | None) -> NDArray[np.bool_]:
    """Rows ``(rows,)`` of units in a period: neither totals nor what is screened out."""
    rows = scores.classified
    return rows if period is None or scores.periods is None else rows & (scores.periods == period)


def row_of(scores: Scores, unit: str, period: str | None) -> int:
    """The row of a unit, which may be spelt as in the table, or in any way that the codelist knows.

    Raises
    ------
    UsageError
        DT396 where the table has no such unit in the period.
    """
    rows = rows_in(scores, period)
    for spelling in dict.fromkeys((unit, canonical_key(codelist_of(scores.methodology))(unit))):
        found = np.flatnonzero(rows & (scores.units == spelling))
        if found.size:
            return int(found[0])
    named = np.flatnonzero(rows & ((scores.names("en") == unit) | (scores.names("zh") == unit)))
    if named.size == 1:
        return int(named[0])
    known = [str(one) for one in scores.units[rows]]
    near = nearest(unit, known)
    where = f" in period {period}" if period is not None else ""
    hint = f"nearest is {near!r}" if near else f"there are {len(known):,}, such as {', '.join(known[:5])}"
    raise UsageError([finding("DT396", f"no unit {unit!r}{where}; {hint}", Place(unit=unit, period=period))])


def peers_of(scores: Scores, node: str, period: str | None) -> NDArray[np.intp]:
    """Rows of the ranked units of a period that have a score of the node, in the order of files."""
    rows = scores.sorted_rows()
    known = rows_in(scores, period) & scores.ranked & ~np.isnan(scores.column(node))
    return rows[known[rows]]
