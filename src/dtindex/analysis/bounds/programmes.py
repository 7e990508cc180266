"""The mixed-integer programmes behind best and worst attainable ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.weight_tree import Programme
from dtindex.steps.highs import solver
from dtindex.steps.types import FloatArray

__all__ = ["Rivals", "most_ahead"]

_STRICT = 1e-7
"""By what part of its largest difference a unit has to be ahead of another."""
_TOLERANCE = 1e-9
_WHOLE = 1e-5
_FEASIBLE = 2
"""HiGHS' word for a solution that keeps all rows."""


@dataclass(frozen=True, eq=False)
class Rivals:
    """Units that may be ahead of one unit, or not.

    ``differences`` ``(rivals, columns)``: what each is ahead by at every leaf, so that ``v @ differences`` is by how
    much; ``least`` and ``most`` ``(rivals,)`` of it. With ``steps`` scores are rounded before they are compared: then
    ``own`` ``(columns,)`` are the unit's own values and all are in steps of rounding.
    """

    differences: FloatArray
    least: FloatArray
    most: FloatArray
    own: FloatArray | None = None


def most_ahead(tree: Programme, rivals: Rivals, best: bool, nodes: int | None) -> tuple[int, FloatArray | None]:
    """How few rivals (``best``) or how many are ahead at once, and leaf weights and flows ``(variables,)`` for it.

    After so many ``nodes`` of the search it is ended: the number is then what can't be excluded, and the weights are
    the best that were found, None where there are none.

    ``min sum y`` with ``d_b . v <= most_b y_b``, and ``max sum y`` with ``d_b . v >= e + (least_b - e) (1 - y_b)``. The
    rivals of the answer are then held, and weights are sought at which all that has to be so is so by the widest
    margin, so that it does not hang on the last digits.
    """
    bound, found = _Problem(tree, rivals, best).solved(nodes)
    if found is None:
        return bound, None
    ahead = np.rint(found[-len(rivals.least) :]).astype(bool)
    _, inner = _Problem(tree, rivals, best, ahead).solved(nodes)
    return bound, found if inner is None else inner


class _Problem:
    """Variables: those of the tree, the rounded score of the unit where scores are rounded, a margin, and ``y``."""

    def __init__(self, tree: Programme, rivals: Rivals, best: bool, held: NDArray[np.bool_] | None = None) -> None:
        self.tree = tree
        self.rivals = rivals
        self.best = best
        self.held = held
        self.width = tree.rows.shape[1]
        self.rounds = rivals.own is not None
        self.count = len(rivals.least)
        self.margin = self.width + self.rounds
        self.total = self.margin + 1 + self.count

    def solved(self, nodes: int | None) -> tuple[int, FloatArray | None]:
        """How many rivals at the least (or the most) are ahead, and the variables."""
        import highspy

        rows, low, high = self._rows()
        cost = np.zeros(self.total)
        least, most = np.zeros(self.total), np.full(self.total, highspy.kHighsInf)
        whole = np.zeros(self.total, dtype=bool)
        if self.held is None:
            most[self.margin] = 0.0
            most[self.margin + 1 :] = 1.0
            cost[self.margin + 1 :] = 1.0 if self.best else -1.0
            whole[self.margin + 1 :] = True
        else:
            cost[self.margin] = -1.0
            most[self.margin] = 1.0
            least[self.margin + 1 :] = most[self.margin + 1 :] = self.held
        if self.rounds:
            least[self.width] = -highspy.kHighsInf
            whole[self.width] = True
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = self.total, len(rows)
        programme.col_cost_, programme.col_lower_, programme.col_upper_ = cost, least, most
        programme.row_lower_, programme.row_upper_ = low, high
        places = rows != 0.0
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.concatenate([[0], np.cumsum(places.sum(axis=1))]).astype(np.int32)
        programme.a_matrix_.index_ = np.nonzero(places)[1].astype(np.int32)
        programme.a_matrix_.value_ = rows[places]
        kinds = highspy.HighsVarType
        programme.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in whole]
        highs = _solver()
        if nodes is not None:
            highs.setOptionValue("mip_max_nodes", nodes)
        highs.passModel(programme)
        highs.run()
        info = highs.getInfo()
        feasible = (
            highs.getModelStatus() == highspy.HighsModelStatus.kOptimal or info.primal_solution_status == _FEASIBLE
        )
        found = np.array(highs.getSolution().col_value, dtype=np.float64) if feasible else None
        # A bound is proven to 1e-6: 2.000001 is three, 1.9999999 is two.
        limit = float(info.mip_dual_bound) if self.held is None else 0.0
        if not math.isfinite(limit):
            return (0 if self.best else self.count), found
        bound = math.ceil(limit - _WHOLE) if self.best else math.floor(-limit + _WHOLE)
        return min(max(bound, 0), self.count), found

    def _rows(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        tree, rivals, columns = self.tree, self.rivals, self.tree.columns
        above = np.zeros((len(tree.rows), self.total))
        above[:, : self.width] = tree.rows
        scale = np.maximum(np.abs(rivals.least), np.abs(rivals.most))
        if self.rounds:
            scale = scale + 1.0
        pairs = np.zeros((self.count, self.total))
        pairs[:, :columns] = rivals.differences
        infinite = np.inf
        number = np.arange(self.count)
        strict = _STRICT * scale
        extra = np.zeros((0, self.total))
        ends: list[tuple[float, float]] = []
        if self.rounds:
            assert rivals.own is not None
            # the unit's rounded score T: x - 1/2 < T <= x + 1/2
            extra = np.zeros((2, self.total))
            extra[:, self.width] = 1.0
            extra[:, :columns] = -rivals.own
            extra[0, self.margin], extra[1, self.margin] = -1.0, 1.0
            ends = [(-0.5 + _STRICT, infinite), (-infinite, 0.5)]
            pairs[:, :columns] += rivals.own
            pairs[:, self.width] = -1.0
        if self.best:
            # not ahead: d.v <= 0, or x_b < T + 1/2
            room = np.maximum(rivals.most, 0.0) + (1.0 if self.rounds else 0.0)
            bound = 0.5 - strict if self.rounds else np.zeros(self.count)
            pairs[number, self.margin + 1 + number] = -(room + strict)
            pairs[:, self.margin] = np.where(self._holds(~_held(self.held, self.count)), scale, 0.0)
            low, high = np.full(self.count, -infinite), bound
        else:
            # ahead: d.v >= e, or x_b >= T + 1/2
            bound = np.full(self.count, 0.5) if self.rounds else strict
            room = bound - np.minimum(rivals.least, 0.0) + (1.0 if self.rounds else 0.0)
            pairs[number, self.margin + 1 + number] = -room
            pairs[:, self.margin] = np.where(self._holds(_held(self.held, self.count)), -scale, 0.0)
            low, high = bound - room, np.full(self.count, infinite)
        pairs /= scale[:, None]
        low, high = low / scale, high / scale
        rows = np.concatenate([above, extra, pairs])
        lower = np.concatenate([tree.low, [end[0] for end in ends], low])
        upper = np.concatenate([tree.high, [end[1] for end in ends], high])
        return rows, lower, upper

    def _holds(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows that a margin is asked of: those of the rivals whose side is held."""
        return wanted if self.held is not None else np.zeros(self.count, dtype=bool)


def _held(held: NDArray[np.bool_] | None, count: int) -> NDArray[np.bool_]:
    return np.zeros(count, dtype=bool) if held is None else held


def _solver() -> Any:
    highs = solver()
    for option, value in (
        ("solver", "choose"),
        ("presolve", "choose"),
        ("mip_feasibility_tolerance", _TOLERANCE),
        ("primal_feasibility_tolerance", _TOLERANCE),
        ("dual_feasibility_tolerance", _TOLERANCE),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.999),  # answers are whole numbers
    ):
        highs.setOptionValue(option, value)
    return highs
