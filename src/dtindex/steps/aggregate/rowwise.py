"""Aggregations that are any function of a row's scores and weights; told apart by Shapley values of that function."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

import numpy as np

from dtindex.spec.methods import Interval
from dtindex.steps.aggregate.apart import Apart, Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.aggregate.shapley import Game, apart_by_shapley
from dtindex.steps.types import FloatArray, State

__all__ = ["RowWise", "on_scale", "shared"]

Spec = TypeVar("Spec")


class RowWise(Aggregator[Spec]):
    """A function of ``x`` and ``w`` ``(members, rows)``; where a member is missing both are 0.

    The function does not change where all weights of a row are multiplied by one number.
    """

    decomposition: ClassVar[str] = "shapley"

    @abstractmethod
    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        """The node's scores ``(rows,)``; what it gives for a row without any weight does not matter."""

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        x = np.stack(inputs.columns)
        known = ~np.isnan(x)
        w = np.where(known, np.asarray(inputs.weights, dtype=np.float64)[:, None], 0.0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = self.formula(np.where(known, x, 0.0), w, state, scale)
        return np.where((w > 0).any(axis=0), found, np.nan)

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        """By Shapley values: a member's term is its own score and weight, and the formula takes all of them."""
        members, rows = pair.members, len(ends[0])

        def term(member: int, x: FloatArray, weight: FloatArray) -> FloatArray:
            own = np.zeros((2 * members, rows))
            own[member], own[members + member] = np.where(weight > 0, x, 0.0), weight
            return own

        def finish(total: FloatArray) -> FloatArray:
            x, w = total[:members], total[members:]
            return np.where((w > 0).any(axis=0), self.formula(x, w, state, scale), np.nan)

        return apart_by_shapley(pair, Game(term, finish, 1.0 if scale is None else abs(scale[1] - scale[0])), rows)


def shared(w: FloatArray) -> FloatArray:
    """Weights ``(members, rows)`` as shares of each row's sum, added up member by member."""
    total = np.zeros(w.shape[1])
    for one in w:
        total = total + one
    found: FloatArray = w / np.where(total > 0, total, 1.0)
    return found


def on_scale(share: FloatArray, scale: Interval | None) -> FloatArray:
    """A result between 0 and 1 on the node's scale; as it is on an open one."""
    return share if scale is None else scale[0] + (scale[1] - scale[0]) * share
