"""The coupling coordination degree (耦合协调度)."""

from __future__ import annotations

import numpy as np

from dtindex.spec.methods import CouplingCoordination, Interval
from dtindex.steps.aggregate.rowwise import RowWise, on_scale, shared
from dtindex.steps.types import FloatArray, State

__all__ = ["CouplingDegree", "coupling", "modified_coupling"]


def coupling(u: FloatArray, known: FloatArray) -> FloatArray:
    """``C = (prod U)^(1/k) / mean U`` ``(rows,)`` over the ``k`` systems that are known; 0 where one of them is 0.

    ``u`` ``(systems, rows)`` between 0 and 1, ``known`` 1 or 0.
    """
    k = known.sum(axis=0)
    logs = np.where(known > 0, np.log(np.where(known > 0, u, 1.0)), 0.0).sum(axis=0)
    mean = np.where(known > 0, u, 0.0).sum(axis=0) / k
    found = np.exp(logs / k) / mean
    return np.where(mean > 0, np.minimum(found, 1.0), 0.0)


def modified_coupling(u: FloatArray, known: FloatArray) -> FloatArray:
    """``C = sqrt((1 - mean |U_i - U_j|) (prod U_i / max U)^(1/(k-1)))``, the mean over pairs; 1 of one system alone."""
    k = known.sum(axis=0)
    apart, pairs = np.zeros(u.shape[1]), np.zeros(u.shape[1])
    for i in range(len(u)):
        for j in range(i):
            both = known[i] * known[j]
            apart = apart + both * np.abs(u[i] - u[j])
            pairs = pairs + both
    top = np.where(known > 0, u, 0.0).max(axis=0)
    ratios = np.where(known > 0, u / np.where(top > 0, top, 1.0), 1.0)
    logs = np.log(ratios).sum(axis=0)
    level = np.where(top > 0, np.exp(logs / np.maximum(k - 1, 1)), 0.0)
    found: FloatArray = np.sqrt((1 - apart / np.maximum(pairs, 1)) * level)
    return found


class CouplingDegree(RowWise[CouplingCoordination]):
    """``D = sqrt(C T)``: ``T = sum w U``, ``C`` the coupling of the systems, ``(prod U)^(1/k) / mean U`` or modified.

    Systems are children on the node's scale, taken between 0 and 1. The modified form (Wang et al. 2021) uses the whole
    of 0 to 1 where the original crowds near 1. With equal weights the original ``D`` is the square root of the
    geometric mean, and ranks as that does. A system at the low end makes ``D`` zero; what is missing is left out.
    """

    method = "coupling-coordination"
    idempotent = False
    reference = "Wang, Kong, Ren, Zhang & Dai (2021), 自然资源学报 36(3), 793-810"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        u = x if scale is None else (x - scale[0]) / (scale[1] - scale[0])
        known = (w > 0).astype(np.float64)
        u = np.clip(np.where(known > 0, u, 0.0), 0.0, 1.0)
        total = np.zeros(x.shape[1])
        for score, share in zip(u, shared(w), strict=True):
            total = total + share * score
        degree = coupling(u, known) if self.spec.form == "original" else modified_coupling(u, known)
        return on_scale(np.sqrt(degree * total), scale)
