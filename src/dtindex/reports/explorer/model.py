"""What a page needs to score again with other weights: the nodes' formulas, and the scores that they begin with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.reports.explorer.packed import packed
from dtindex.scores import Scores
from dtindex.spec.methods import Aggregate, Cases, Scale

__all__ = ["model_of"]

_KNOWN = frozenset({"arithmetic", "geometric", "harmonic", "power", "sum", "cases", "topsis"})
"""Aggregations that assets/js/arithmetic.js computes; the nodes of others keep their scores."""


def model_of(scores: Scores, rows: NDArray[np.intp]) -> dict[str, Any] | None:
    """The `Model` of assets/js/arithmetic.js for some rows of a table; None where ranks are against a reference.

    Scores of leaves and of nodes that are not computed again are packed bit by bit. Weights are those that entered the
    scores, learned ones too: a page changes them, and never learns.
    """
    if scores.reference is not None:
        return None
    plan, tree = scores.plan, scores.methodology.tree
    nodes = {node: _node(scores, node) for node in plan.order}
    leaves = [item for item in scores.items if not tree.is_node(item)]
    periods = None
    if scores.periods is not None:
        positions = {period: at for at, period in enumerate(scores.periods_in_order)}
        periods = [positions[period] for period in scores.periods[rows].tolist()]
    column = {item: at for at, item in enumerate(scores.items)}
    return {
        "rows": len(rows),
        "order": list(plan.order),
        "nodes": nodes,
        "leaves": leaves,
        "scales": {item: _scale(plan.scales[item]) for item in scores.items},
        "widths": {item: scores.widths[item] for item in scores.items},
        "decimals": {item: scores.rank_decimals(item) for item in scores.items},
        "values": {item: packed(scores.values[rows, at]) for item, at in column.items()},
        "flags": {item: scores.flags[rows, at].tolist() for item, at in column.items()},
        "ranked": scores.ranked[rows].astype(int).tolist(),
        "periods": periods,
    }


def _node(scores: Scores, node: str) -> dict[str, Any]:
    plan, tree = scores.plan, scores.methodology.tree
    settings = tree.nodes[node]
    members = plan.members.get(node, ())
    weights = list(scores.parameters.weights.get(node, ()))
    computed = bool(members) and bool(weights) and settings.aggregate.method in _KNOWN
    reason = _why_not(scores, node, computed=computed)
    return {
        "members": list(members),
        "weights": weights or [0.0] * len(members),
        "aggregate": _aggregate(settings.aggregate, scores, node)
        if computed
        else {"method": settings.aggregate.method},
        "scale": _scale(settings.scale),
        "round": settings.round,
        "leaves": len(tree.leaves(node)),
        "coverage": {
            "at_least": settings.coverage.at_least,
            "of": settings.coverage.of,
            "by": settings.coverage.by,
            "missing": settings.coverage.missing,
        },
        "observed": settings.spec.column is not None,
        "computed": computed,
        "adjustable": reason is None,
        "why_not": reason,
    }


def _why_not(scores: Scores, node: str, *, computed: bool) -> str | None:
    """Why nobody may move the weights of a node in a page, as a word of assets/js/words.js; None where one may."""
    plan, tree = scores.plan, scores.methodology.tree
    members = plan.members.get(node, ())
    if len(members) < 2:
        return "single"
    if not computed or any(tree.nodes[above].aggregate.method not in _KNOWN for above in _above(scores, node)):
        return "method"
    if tree.nodes[node].aggregate.method == "cases":
        return "cases"
    if tree.weighed_by(node) is not None or any(tree.weighed_by(other) == node for other in tree.nodes):
        return "shared"
    values = scores.column(node)
    rest = ~np.isnan(values) & (scores.flags[:, scores.items.index(node)] & 1 == 0)
    return None if rest.any() else "observed"


def _above(scores: Scores, node: str) -> list[str]:
    parent = scores.methodology.tree.items[node].parent
    return [] if parent is None else [parent, *_above(scores, parent)]


def _aggregate(spec: Aggregate, scores: Scores, node: str) -> dict[str, Any]:
    found: dict[str, Any] = {"method": spec.method}
    if isinstance(spec, Cases):
        cases = []
        for case in spec.cases:
            when = None if case.when is None else case.when.model_dump(exclude_none=True)
            cases.append({"take": case.take, "when": when})
        return found | {"cases": cases}
    for name in ("within", "p"):
        if getattr(spec, name, None) is not None:
            found[name] = getattr(spec, name)
    return found | {name: array.tolist() for name, array in scores.parameters.nodes.get(node, {}).items()}


def _scale(scale: Scale) -> list[float] | None:
    return None if scale == "open" else [float(scale[0]), float(scale[1])]
