"""PROMETHEE II: net flows of preference among the reference units."""

from __future__ import annotations

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import Interval, Promethee
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.rowwise import RowWise, on_scale, shared
from dtindex.steps.types import FloatArray, Frozen, NoVariation, State

__all__ = ["NetFlow", "preference"]

_BLOCK = 4_000_000
_LAST_BITS = 1e-12


def preference(spec: Promethee, d: FloatArray, width: float = 1.0) -> FloatArray:
    """How far a difference ``d`` is preferred, between 0 and 1; 0 where it is not above zero.

    ``usual`` 1 above 0; ``u-shape`` 1 above q; ``v-shape`` d / p, at most 1; ``level`` 1/2 above q, 1 above p;
    ``linear`` (d - q) / (p - q) between q and p; ``gaussian`` 1 - exp(-d² / 2 s²). Differences within 1e-12 of the
    width of the scale are none.
    """
    above = d > _LAST_BITS * width
    q, p, s = spec.q or 0.0, spec.p or 1.0, spec.s or 1.0
    if spec.preference == "usual":
        found = np.ones(d.shape)
    elif spec.preference == "u-shape":
        found = np.where(d > q, 1.0, 0.0)
    elif spec.preference == "v-shape":
        found = np.minimum(d / p, 1.0)
    elif spec.preference == "level":
        found = np.where(d > p, 1.0, np.where(d > q, 0.5, 0.0))
    elif spec.preference == "linear":
        found = np.clip((d - q) / (p - q), 0.0, 1.0) if p > q else np.where(d > q, 1.0, 0.0)
    else:
        found = 1.0 - np.exp(-d * d / (2 * s * s))
    return np.where(above, found, 0.0)


class NetFlow(RowWise[Promethee]):
    """``(1 + sum w phi) / 2``, ``phi = sum_k (P(x - y_k) - P(y_k - x)) / (n - 1)`` over the reference units y.

    P is one of six preference functions, its thresholds in points of the node's scale. Net flows are over the n
    reference units that have the member, which stay frozen: of them it is PROMETHEE II as it stands, and a unit that
    was not among them is compared with them (a flow beyond -1 or 1 counts as that). What is missing is left out.
    """

    method = "promethee"
    reference = "Brans & Vincke (1985), doi:10.1287/mnsc.31.6.647"
    frozen = Frozen.AGAINST_REFERENCE
    learns = True
    idempotent = False

    def fit(self, inputs: Inputs) -> State:
        known = [np.sort(column[~np.isnan(column)]) for column in inputs.columns]
        if all(constant(one) for one, weight in zip(known, inputs.weights, strict=True) if weight > 0):
            raise NoVariation("no member with a weight varies among the reference units")
        ends = np.cumsum([0, *(len(one) for one in known)])
        return {"values": np.concatenate(known), "ends": ends.astype(np.float64)}

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        if not state:
            return np.full(inputs.columns[0].shape, np.nan)
        return super().combine(inputs, state, scale)

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        width = 1.0 if scale is None else abs(scale[1] - scale[0])
        total = np.zeros(x.shape[1])
        for member, share in enumerate(shared(w)):
            start, end = map(int, state["ends"][member : member + 2])
            total = total + share * self._flow(x[member], state["values"][start:end], width)
        return on_scale((1.0 + np.clip(total, -1.0, 1.0)) / 2.0, scale)

    def _flow(self, x: FloatArray, reference: FloatArray, width: float) -> FloatArray:
        n = len(reference)
        if n < 2:
            return np.zeros(x.shape)
        if self.spec.preference == "usual":
            slack = _LAST_BITS * width
            below = np.searchsorted(reference, x - slack, side="left")
            above = n - np.searchsorted(reference, x + slack, side="right")
            return (below - above) / (n - 1)
        found = np.empty(x.shape)
        step = max(1, _BLOCK // n)
        for start in range(0, len(x), step):
            d = x[start : start + step, None] - reference
            found[start : start + step] = (preference(self.spec, d, width) - preference(self.spec, -d, width)).sum(
                axis=1
            )
        return found / (n - 1)
