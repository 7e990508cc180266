"""The unit whose indicators are all at the mean of its peers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.scores import Scores
from dtindex.status import Status, StatusArray
from dtindex.steps.decompose import Walked
from dtindex.steps.node import leaf_part
from dtindex.steps.plan import Rows, magnitudes_reported
from dtindex.steps.types import FloatArray, Sample

__all__ = ["mean_unit"]

_MISSING = np.full(1, np.uint16(Status.MISSING))
_GIVEN = np.full(1, np.uint16(0))


def mean_unit(scores: Scores, peers: NDArray[np.intp]) -> Walked:
    """One row: every leaf at the mean score of the ``peers`` that have one, the nodes computed from these.

    A node whose value the table gives to any of the peers is at their mean as well. So a linear index has the mean of
    its scores, and another index has the score of who is average in everything.
    """
    plan, observed = scores.plan, np.uint16(Status.OBSERVED)
    leaves = {item: leaf_part(*_mean(scores, item, peers), []) for item in plan.chains}
    given = {}
    for node in plan.tree.children:
        flags = scores.flags[peers, scores.items.index(node)]
        if (flags & observed).any():
            given[node] = _mean(scores, node, peers)
    samples = {item: Sample(np.full(1, np.nan), _MISSING) for item in plan.chains}
    with magnitudes_reported():
        parts = plan.climb(leaves, Rows(1, samples, {}, given), scores.parameters)
    return Walked(plan, scores.parameters.weights, scores.parameters.nodes, parts)


def _mean(scores: Scores, item: str, peers: NDArray[np.intp]) -> tuple[FloatArray, StatusArray]:
    values = scores.column(item)[peers]
    known = values[~np.isnan(values)]
    return (np.full(1, known.mean()), _GIVEN) if known.size else (np.full(1, np.nan), _MISSING)
