"""The Choquet integral of a 2-additive capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dtindex.spec.methods import Choquet, Interval
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.rowwise import RowWise, shared
from dtindex.steps.types import FloatArray, State, Unfit

__all__ = ["ChoquetIntegral", "two_additive"]

_LAST_BITS = 1e-12


def two_additive(x: FloatArray, shapley: FloatArray, interactions: Mapping[tuple[int, int], float]) -> FloatArray:
    """``sum_{I > 0} I min + sum_{I < 0} |I| max + sum_i x_i (phi_i - sum_j |I_ij| / 2)`` ``(rows,)``.

    ``x`` and ``shapley`` ``(members, rows)``; interactions by pair of members.
    """
    own = np.array(np.broadcast_to(shapley, x.shape))
    total = np.zeros(x.shape[1])
    for (i, j), value in interactions.items():
        own[i] -= abs(value) / 2
        own[j] -= abs(value) / 2
        total = total + abs(value) * (np.minimum(x[i], x[j]) if value > 0 else np.maximum(x[i], x[j]))
    for weight, score in zip(own, x, strict=True):
        total = total + weight * score
    return total


class ChoquetIntegral(RowWise[Choquet]):
    """``sum_{I>0} I min(x_i, x_j) + sum_{I<0} |I| max(x_i, x_j) + sum x_i (phi_i - sum |I_ij| / 2)``, phi the weights.

    Weights are Shapley values (as shares); an interaction above zero rewards two members that are high together, one
    below zero lets one make up for the other. Needed is ``phi_i >= sum_j |I_ij| / 2`` of every member (DT345). Where a
    member is missing its interactions are left out, and the rest share its weight. Ties change nothing.
    """

    method = "choquet"
    reference = "Grabisch (1997), doi:10.1016/S0165-0114(97)00168-1"

    learns = True

    def fit(self, inputs: Inputs) -> State:
        total = sum(inputs.weights)
        wrong = unfit(inputs.ids, [weight / total if total else 0.0 for weight in inputs.weights], self.spec)
        if wrong:
            raise Unfit("DT345", wrong)
        at = {item: position for position, item in enumerate(inputs.ids)}
        # Positions as floats, which is what an edition keeps.
        return {
            "first": np.array([float(at[one.of[0]]) for one in self.spec.interactions]),
            "second": np.array([float(at[one.of[1]]) for one in self.spec.interactions]),
        }

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        total = np.zeros(x.shape[1])
        for weight, score in zip(shared(w), x, strict=True):
            total = total + weight * score
        nobody = np.zeros((len(x), 1))
        ends = (state[name].tolist() if self.spec.interactions else () for name in ("first", "second"))
        for one, i, j in zip(self.spec.interactions, *(map(int, end) for end in ends), strict=True):
            here = (w[i] > 0) & (w[j] > 0)
            total = total + np.where(here, two_additive(x, nobody, {(i, j): one.value}), 0.0)
        return total


def unfit(ids: Sequence[str], shapley: Sequence[float], spec: Choquet) -> str:
    """Why no capacity has these Shapley values and interactions; '' where one has."""
    left = dict(zip(ids, shapley, strict=True))
    for one in spec.interactions:
        for item in one.of:
            if item not in left:
                return f"interaction of {' and '.join(one.of)}: {item!r} is no member"
            left[item] -= abs(one.value) / 2
    low = {item: value for item, value in left.items() if value < -_LAST_BITS}
    if not low:
        return ""
    told = ", ".join(f"{item} by {-value:.4g}" for item, value in low.items())
    return f"weights are below half the sum of interactions: {told}; a better score could lower the index"
