"""Ordered weighted averages."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import Interval, Owa
from dtindex.steps.aggregate.rowwise import RowWise, shared
from dtindex.steps.types import FloatArray, State

__all__ = ["OrderedMean", "orness", "quantifier"]


def quantifier(spec: Owa, r: FloatArray) -> FloatArray:
    """``Q(r)``, how much weight the best ``r`` of the members have: ``r^a``, or the broken line through places."""
    if spec.quantifier is not None:
        return np.power(r, spec.quantifier)
    places = np.array(spec.places)
    ends = np.concatenate([[0.0], np.cumsum(places)]) / places.sum()
    found: FloatArray = np.interp(r, np.linspace(0.0, 1.0, len(ends)), ends)
    return found


def orness(spec: Owa) -> float:
    """How near to the maximum (1) or the minimum (0): ``sum (m - k) v_k / (m - 1)``, of ``r^a`` ``1 / (1 + a)``.

    One place alone is 0.5, neither near to the one nor to the other.
    """
    if spec.quantifier is not None:
        return 1 / (1 + spec.quantifier)
    m, total = len(spec.places), sum(spec.places)
    if m == 1:
        return 0.5
    return sum((m - k) * v for k, v in enumerate(spec.places, start=1)) / (m - 1) / total


class OrderedMean(RowWise[Owa]):
    """``sum_k v_k x_(k)``, the scores from the best down; ``v_k = Q(W_k) - Q(W_k-1)``, W_k the weight of the best k.

    ``Q(r) = r^a``, or the broken line through the sums of `places`; with equal weights of as many members as places,
    `places` are the ``v``. Where a member is missing, the rest have all of ``Q`` among them. Ties change nothing.
    """

    method = "owa"
    reference = "Yager (1988), doi:10.1109/21.87068; Torra (1997), Int. J. Intelligent Systems 12(2), 153-166"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        # Who has no weight stands last, whatever its score, and adds nothing.
        order = np.argsort(np.where(w > 0, -x, np.inf), axis=0, kind="stable")
        best, weights = np.take_along_axis(x, order, axis=0), np.take_along_axis(shared(w), order, axis=0)
        before, so_far, total = np.zeros(x.shape[1]), np.zeros(x.shape[1]), np.zeros(x.shape[1])
        for score, weight in zip(best, weights, strict=True):
            so_far = np.minimum(so_far + weight, 1.0)
            upto = quantifier(self.spec, so_far)
            total = total + (upto - before) * score
            before = upto
        # The last bits of a sum of weights that should be 1.
        return total / np.where(before > 0, before, 1.0)
