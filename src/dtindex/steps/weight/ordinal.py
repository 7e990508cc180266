"""Weights of an order alone."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import OrdinalWeights
from dtindex.steps.types import FloatArray
from dtindex.steps.weight.base import Siblings, Weighed, Weighting, shares

__all__ = ["Ordinal", "of_places"]


def of_places(count: int, by: str) -> FloatArray:
    """Weights ``(count,)`` of places, the first the most important.

    ``rank-order-centroid`` ``sum_{i >= k} 1 / i / n``, ``rank-sum`` ``n + 1 - k``, ``reciprocal`` ``1 / k``, as shares.
    """
    places = np.arange(1, count + 1, dtype=np.float64)
    if by == "rank-sum":
        return shares(count + 1 - places)
    if by == "reciprocal":
        return shares(1 / places)
    return shares(np.cumsum(1 / places[::-1])[::-1] / count)


class Ordinal(Weighting[OrdinalWeights]):
    """``w_k = sum_{i >= k} 1 / i / n`` of the k-th in order (rank-order centroid), or ``n + 1 - k``, or ``1 / k``.

    The centroid is the mean of all weights that keep the order.
    """

    method = "ordinal"
    reference = "Barron & Barrett (1996), doi:10.1287/mnsc.42.11.1515"
    learns = False

    def fit(self, siblings: Siblings) -> Weighed:
        by_id = dict(zip(self.spec.order, of_places(len(self.spec.order), self.spec.by).tolist(), strict=True))
        return Weighed(np.array([by_id[item] for item in siblings.ids]))
