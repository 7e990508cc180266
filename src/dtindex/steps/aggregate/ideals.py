"""Closeness to what is best among the reference units: grey relations, VIKOR, and Hellwig's measure."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from dtindex.engine.sums import constant, deviation, mean
from dtindex.spec.methods import GreyRelational, Interval, Vikor, Wroclaw
from dtindex.steps.aggregate.base import Inputs
from dtindex.steps.aggregate.rowwise import RowWise, on_scale, shared
from dtindex.steps.types import FloatArray, Frozen, NoVariation, State

__all__ = ["GreyGrade", "TaxonomicMeasure", "VikorCloseness"]

Spec = TypeVar("Spec")


class _Ideal(RowWise[Spec]):
    """Learns the best and the worst of each member among the reference units; beyond them counts as they do."""

    frozen = Frozen.AGAINST_REFERENCE
    learns = True
    idempotent = False

    def fit(self, inputs: Inputs) -> State:
        known = [column[~np.isnan(column)] for column in inputs.columns]
        if all(constant(one) for one, weight in zip(known, inputs.weights, strict=True) if weight > 0):
            raise NoVariation("no member with a weight varies among the reference units")
        best = np.array([one.max() if one.size else 0.0 for one in known])
        worst = np.array([one.min() if one.size else 0.0 for one in known])
        x = np.stack(inputs.columns)
        w = np.where(np.isnan(x), 0.0, np.asarray(inputs.weights, dtype=np.float64)[:, None])
        x = np.where(np.isnan(x), best[:, None], x)
        return {"best": best, "worst": worst} | self.more(x, w, best, worst)

    def more(self, x: FloatArray, w: FloatArray, best: FloatArray, worst: FloatArray) -> State:
        """What else is learned of the reference; a missing score has the best in its place, and no weight."""
        return {}

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        if not state:
            return np.full(inputs.columns[0].shape, np.nan)
        return super().combine(inputs, state, scale)

    @staticmethod
    def below(x: FloatArray, state: State) -> FloatArray:
        """How far each score is from the best, between 0 and the range ``(members, rows)``."""
        best, worst = state["best"][:, None], state["worst"][:, None]
        found: FloatArray = best - np.clip(x, worst, best)
        return found


class GreyGrade(_Ideal[GreyRelational]):
    """``sum w xi``, ``xi = (d_min + rho d_max) / (d + rho d_max)``; ``d = best - x``, d_max over the whole reference.

    The best of each member, and the least and the greatest distance over all members and units, are those of the
    reference and stay frozen. What is missing is left out. Between 0 and 1, put on the node's scale.
    """

    method = "grey-relational"
    reference = (
        "Deng (1982), doi:10.1016/S0167-6911(82)80025-X; Kuo, Yang & Huang (2008), doi:10.1016/j.cie.2007.12.002"
    )

    def more(self, x: FloatArray, w: FloatArray, best: FloatArray, worst: FloatArray) -> State:
        gaps = (best[:, None] - x)[w > 0]
        return {"least": np.array([gaps.min()]), "most": np.array([gaps.max()])}

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        least, most = float(state["least"][0]), float(state["most"][0])
        xi = (least + self.spec.rho * most) / (self.below(x, state) + self.spec.rho * most)
        total = np.zeros(x.shape[1])
        for share, one in zip(shared(w), xi, strict=True):
            total = total + share * one
        return on_scale(total, scale)


class VikorCloseness(_Ideal[Vikor]):
    """``1 - Q``, ``Q = v (S - S*) / (S- - S*) + (1 - v) (R - R*) / (R- - R*)``; 0/0 is 0.

    ``S = sum w (best - x) / (best - worst)`` is the mean regret and ``R = max w (best - x) / (best - worst)`` the
    largest; starred and minus are the least and the greatest of the reference units, which stay frozen as the ideals
    do. What is better than all of them counts as the best of them. A member that does not vary has no regret.
    """

    method = "vikor"
    reference = "Opricovic & Tzeng (2004), doi:10.1016/S0377-2217(03)00020-1"

    def more(self, x: FloatArray, w: FloatArray, best: FloatArray, worst: FloatArray) -> State:
        some = (w > 0).any(axis=0)
        s, r = self._regrets(x[:, some], w[:, some], {"best": best, "worst": worst})
        return {"S": np.array([s.min(), s.max()]), "R": np.array([r.min(), r.max()])}

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        s, r = self._regrets(x, w, state)
        q = self.spec.v * _between(s, state["S"]) + (1 - self.spec.v) * _between(r, state["R"])
        return on_scale(1.0 - q, scale)

    def _regrets(self, x: FloatArray, w: FloatArray, state: State) -> tuple[FloatArray, FloatArray]:
        spread = (state["best"] - state["worst"])[:, None]
        regret = shared(w) * (self.below(x, state) / np.where(spread > 0, spread, 1.0))
        total = np.zeros(x.shape[1])
        for one in regret:
            total = total + one
        return total, regret.max(axis=0)


class TaxonomicMeasure(_Ideal[Wroclaw]):
    """``1 - d / (mean d + 2 sd d)``, ``d = sqrt(sum w (best - x)^2)`` the distance from the best; moments are frozen.

    Best, mean and deviation are those of the reference units. ``sd`` is the population's, or n - 1 with `ddof: 1`.
    Where it is below zero, as of a unit that lies far behind, it is 0. What is missing is left out, and the weights of
    the rest fill its place.
    """

    method = "wroclaw"
    reference = "Hellwig (1968), Przegląd Statystyczny 15(4), 307-327"

    def more(self, x: FloatArray, w: FloatArray, best: FloatArray, worst: FloatArray) -> State:
        some = (w > 0).any(axis=0)
        d = self._distance(x[:, some], w[:, some], {"best": best, "worst": worst})
        spread = deviation(d, self.spec.ddof) if d.size > self.spec.ddof else 0.0
        return {"far": np.array([mean(d) + 2.0 * spread])}

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        far = float(state["far"][0])
        return on_scale(np.clip(1.0 - self._distance(x, w, state) / far, 0.0, 1.0), scale)

    def _distance(self, x: FloatArray, w: FloatArray, state: State) -> FloatArray:
        gaps = self.below(x, state)
        total = np.zeros(x.shape[1])
        for share, gap in zip(shared(w), gaps, strict=True):
            total = total + share * gap * gap
        return np.sqrt(total)


def _between(values: FloatArray, ends: FloatArray) -> FloatArray:
    """Places between the least and the greatest; 0 where these are the same but for their last bits."""
    low, high = float(ends[0]), float(ends[1])
    if high - low <= 1e-12 * max(abs(high), 1.0):
        return np.zeros(values.shape)
    found: FloatArray = np.clip((values - low) / (high - low), 0.0, 1.0)
    return found
