"""The columns that a question is asked of: each node's children, or the leaves below it, on the node's scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import LEAST_ROWS, NotComputable, require_variation
from dtindex.analysis.correlation import covariance, pearson
from dtindex.scores import Scores
from dtindex.steps.normalise.linear import linear
from dtindex.steps.types import FloatArray

__all__ = ["Block", "Members", "Moments", "RowsUsed", "moments", "node_blocks", "on_scale", "used_rows"]

Members = Literal["children", "leaves"]
RowsUsed = Literal["complete", "pairwise"]


@dataclass(frozen=True)
class Block:
    """The members of one node, at least two; ``values`` ``(rows, items)`` on the node's scale, NaN where unknown."""

    node: str
    items: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True)
class Moments:
    """Covariances and correlations ``(items, items)`` of a block, and the rows that they rest on."""

    covariances: FloatArray
    correlations: FloatArray
    rows: int


def used_rows(scores: Scores, period: str | None) -> NDArray[np.intp]:
    """Positions of the rows of a period (None for all) that may be ranked, in the order of files.

    So neither totals nor units that are set aside enter a statistic, and the order of the table changes no bit of it.
    """
    rows = scores.sorted_rows()
    rows = rows[scores.ranked[rows]]
    return rows if period is None or scores.periods is None else rows[scores.periods[rows] == period]


def node_blocks(scores: Scores, rows: NDArray[np.intp], of: Members) -> list[Block]:
    """A block of each node with two members or more, top-down."""
    tree = scores.methodology.tree
    found = []
    for node in tree.walk():
        if not tree.is_node(node):
            continue
        items = tree.children[node] if of == "children" or not tree.children[node] else tree.leaves(node)
        if len(items) > 1:
            columns = [on_scale(scores, item, node)[rows] for item in items]
            found.append(Block(node, items, np.column_stack(columns)))
    return found


def moments(block: Block, rows: RowsUsed) -> Moments:
    """Moments of a block over complete rows; or pair by pair, resting on as many rows as the poorest pair has.

    Raises
    ------
    NotComputable
        With fewer than three rows, and where an item has no score or no variation in them.
    """
    require_variation(block.values, block.items)
    if rows == "complete":
        whole = block.values[~np.isnan(block.values).any(axis=1)]
        count = len(whole)
    else:
        whole = block.values
        known = (~np.isnan(whole)).astype(np.int64)
        count = int((known.T @ known).min())
    if count < LEAST_ROWS:
        kind = "complete rows" if rows == "complete" else "rows in common"
        raise NotComputable(f"{count} {kind}; {LEAST_ROWS} are needed")
    require_variation(whole, block.items)
    correlations = pearson(whole).values
    if np.isnan(correlations).any():
        raise NotComputable("an item has no variation in the rows that it shares with another")
    return Moments(covariance(whole), correlations, count)


def on_scale(scores: Scores, item: str, node: str) -> FloatArray:
    """An item's scores ``(rows,)``, mapped to the node's scale where both have ends."""
    tree = scores.methodology.tree
    own, whole = tree.scale(item), tree.scale(node)
    values = scores.column(item)
    if own == whole or own == "open" or whole == "open":
        return values
    return linear(values, own[0], own[1], whole)
