"""Importance of each child for its parent beside the weight that it was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.importance import correlation_ratio, squared_correlation
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray

__all__ = ["Share", "shares"]


@dataclass(frozen=True)
class Share:
    """One child: its weight among its siblings, and what its parent's variance says."""

    node: str
    item: str
    rows: int
    weight: float | None
    correlation: float | None
    squared: float | None
    ratio: float | None
    reason: str = ""


def shares(scores: Scores, rows: NDArray[np.intp]) -> list[Share]:
    """Every child of every node with two children or more, over the rows in which both have scores."""
    tree = scores.methodology.tree
    found = []
    for node in tree.walk():
        children = tree.children.get(node, ())
        if len(children) > 1:
            weights = _weights(scores, node)
            above = scores.column(node)[rows]
            found += [_share(node, child, scores.column(child)[rows], above, weights.get(child)) for child in children]
    return found


def _share(node: str, item: str, child: FloatArray, above: FloatArray, weight: float | None) -> Share:
    known = ~np.isnan(child) & ~np.isnan(above)
    x, y = child[known], above[known]
    rows = int(known.sum())
    try:
        squared = squared_correlation(x, y)
    except NotComputable as reason:
        return Share(node, item, rows, weight, None, None, None, f"importance not computable: {reason}")
    correlation = float(np.corrcoef(x, y)[0, 1])
    try:
        return Share(node, item, rows, weight, correlation, squared, correlation_ratio(x, y))
    except NotComputable as reason:
        message = f"correlation ratio not computable: {reason}"
        return Share(node, item, rows, weight, correlation, squared, None, message)


def _weights(scores: Scores, node: str) -> dict[str, float]:
    """Weights of the children, to a sum of 1; of a node that aggregates leaves, the sum of those below each child."""
    tree = scores.methodology.tree
    given = scores.weights.get(node)
    if given is None or not sum(given) > 0:
        return {}
    over = getattr(tree.nodes[node].aggregate, "over", "children")
    if over != "leaves":
        return {child: weight / sum(given) for child, weight in zip(tree.children[node], given, strict=True)}
    each = {leaf: weight / sum(given) for leaf, weight in zip(tree.leaves(node), given, strict=True)}
    return {child: sum(each[leaf] for leaf in tree.leaves(child)) for child in tree.children[node]}
