"""Correlations by level: each node's children with each other, and each item with all that stands above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import LEAST_ROWS
from dtindex.analysis.correlation import METHODS, Correlations, holm
from dtindex.engine.sums import constant
from dtindex.scores import Scores
from dtindex.spec.tree import Tree
from dtindex.steps.types import FloatArray

__all__ = ["Pair", "adjusted", "pairs"]

NAN = float("nan")


@dataclass(frozen=True)
class Pair:
    """Two items, how they are related, and their coefficients and p-values by method; a reason where there is none."""

    node: str
    """The node whose children are concerned."""
    relation: str
    """``siblings``; ``parent`` or ``ancestor``, where ``second`` stands above ``first``."""
    first: str
    second: str
    level: int
    """Depth of ``first``: 1 for the children of a root."""
    rows: int
    values: Mapping[str, float]
    p_values: Mapping[str, float]
    reason: str = ""


def pairs(scores: Scores, rows: NDArray[np.intp], methods: Sequence[str]) -> list[Pair]:
    """Every pair of siblings, and of an item with each of its ancestors; over the rows in which both have scores."""
    tree = scores.methodology.tree
    found: list[Pair] = []
    for node in tree.walk():
        children = tree.children.get(node, ())
        if children:
            found += _of_node(scores, rows, methods, [*children, *_upwards(tree, node)], len(children))
    return found


def adjusted(found: Sequence[Pair], method: str) -> FloatArray:
    """Holm's p-values ``(pairs,)``, adjusted for all pairs of the same relation."""
    p_values = np.array([pair.p_values.get(method, NAN) for pair in found], dtype=np.float64)
    for relation in dict.fromkeys(pair.relation for pair in found):
        own = np.array([pair.relation == relation for pair in found])
        p_values[own] = holm(p_values[own])
    return p_values


def _of_node(
    scores: Scores, rows: NDArray[np.intp], methods: Sequence[str], items: Sequence[str], children: int
) -> Iterator[Pair]:
    """Pairs of a node's children, which come first among ``items``, with each other and with what is above them."""
    values = np.column_stack([scores.column(item)[rows] for item in items])
    matrices = {method: METHODS[method](values) for method in methods}
    node, level = items[children], scores.methodology.tree.depth(items[0])
    for first in range(children):
        for second in range(first + 1, len(items)):
            relation = "siblings" if second < children else "parent" if second == children else "ancestor"
            reason = _reason(values[:, [first, second]], items[first], items[second])
            figures = {} if reason else {method: _figure(matrices[method], first, second) for method in methods}
            yield Pair(
                node,
                relation,
                items[first],
                items[second],
                level,
                int((~np.isnan(values[:, first]) & ~np.isnan(values[:, second])).sum()),
                {method: figure[0] for method, figure in figures.items()},
                {method: figure[1] for method, figure in figures.items()},
                reason,
            )


def _figure(found: Correlations, first: int, second: int) -> tuple[float, float]:
    return float(found.values[first, second]), float(found.p_values[first, second])


def _reason(values: FloatArray, first: str, second: str) -> str:
    """Why two columns ``(rows, 2)`` have no correlation; '' where they have one."""
    empty = [name for name, column in zip((first, second), values.T, strict=True) if np.isnan(column).all()]
    if empty:
        return f"no scores of {' and '.join(empty)}"
    both = values[~np.isnan(values).any(axis=1)]
    if len(both) < LEAST_ROWS:
        return f"{len(both)} rows in common; {LEAST_ROWS} are needed"
    flat = [name for name, column in zip((first, second), both.T, strict=True) if constant(column)]
    return f"no variation in {' and '.join(flat)}" if flat else ""


def _upwards(tree: Tree, node: str) -> list[str]:
    """The node, its parent, and so on to the root."""
    parent = tree.items[node].parent
    return [node] if parent is None else [node, *_upwards(tree, parent)]
