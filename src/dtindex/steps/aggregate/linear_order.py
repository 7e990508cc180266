"""The linear order that agrees most with a matrix of margins, exactly: cycles are cut as they appear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from dtindex.steps.highs import solver
from dtindex.steps.types import FloatArray

__all__ = ["MOST", "best_order"]

MOST = 150
"""Units that are put in order exactly."""
_CUTS = 4000
"""Most cuts added in a round: those that are violated most."""
_SLACK = 1e-6


def best_order(margins: FloatArray) -> tuple[NDArray[np.intp], float]:
    """An order that maximises ``sum_{i before j} M_ij``, best first, and that sum; ``M = -M'`` ``(n, n)``.

    The linear-ordering polytope by its relaxation: ``x_ij`` in [0, 1] for i < j (1: i before j) with
    ``0 <= x_ij + x_jk - x_ik <= 1`` for each triple, of which only those that a solution violates are put in. Where the
    relaxation ends between 0 and 1, branch and bound decides. HiGHS solves both; the same matrix gives the same order.

    Sources: Grötschel, Jünger & Reinelt (1984), doi:10.1287/opre.32.6.1195; Young & Levenglick (1978),
    doi:10.1137/0135023.
    """
    # Who beats all of a group that follows stands before it in every best order, so that groups are put in order apart.
    order: list[int] = []
    for group in _groups(margins):
        order += group[_order(margins[np.ix_(group, group)])].tolist()
    place = np.argsort(np.array(order, dtype=np.intp))
    before = place[:, None] < place
    return np.array(order, dtype=np.intp), float(margins[before].sum())


def _groups(margins: FloatArray) -> list[NDArray[np.intp]]:
    """Cycles of majorities, the first of which beats all that follow; ties hold units together."""
    if not len(margins):
        return []
    count, of = connected_components(csr_array(margins >= 0), connection="strong")
    wins = (margins > 0).sum(axis=1)
    groups = [np.flatnonzero(of == one) for one in range(count)]
    return sorted(groups, key=lambda group: -float(wins[group].mean()))


def _order(margins: FloatArray) -> NDArray[np.intp]:
    """The same of a group that holds together."""
    n = len(margins)
    if n < 3:
        return np.argsort(-(margins > 0).sum(axis=1), kind="stable")
    first, second = np.triu_indices(n, 1)
    at = np.zeros((n, n), dtype=np.int64)
    at[first, second] = np.arange(len(first))
    gains = margins[first, second]
    x = (gains > 0).astype(np.float64)  # every pair by itself: an order, where no cycle is left
    programme = _Programme(gains)
    whole = False
    while True:
        cuts = _violated(x, n)
        if len(cuts):
            x = programme.cut(cuts, at)
        elif whole or np.abs(x - np.rint(x)).max() <= _SLACK:
            break
        else:
            whole = True
            x = programme.in_whole_numbers()
    before = np.zeros((n, n))
    before[first, second] = np.rint(x)
    before[second, first] = 1 - np.rint(x)
    return np.argsort(-before.sum(axis=1), kind="stable")


def _violated(x: FloatArray, n: int) -> NDArray[np.int64]:
    """Triples i < j < k whose cycle a solution breaks, ``(cuts, 4)``: three indices and 1 (upper) or 0 (lower)."""
    full = np.zeros((n, n))
    full[np.triu_indices(n, 1)] = x
    found = []
    for j in range(1, n - 1):
        left, right = np.arange(j), np.arange(j + 1, n)
        sums = full[left, j][:, None] + full[j, right][None, :] - full[np.ix_(left, right)]
        for kind, over in ((1, sums - 1), (0, -sums)):
            i, k = np.nonzero(over > _SLACK)
            if len(i):
                middle, kinds = np.full(len(i), j), np.full(len(i), kind)
                found.append(np.column_stack([left[i], middle, right[k], kinds, np.rint(over[i, k] * 1e9)]))
    if not found:
        return np.zeros((0, 4), dtype=np.int64)
    cuts = np.concatenate(found).astype(np.int64)
    return cuts[np.argsort(-cuts[:, 4], kind="stable")[:_CUTS], :4]


class _Programme:
    """The relaxation, solved again from where it was whenever cuts are put in."""

    def __init__(self, gains: FloatArray) -> None:
        import highspy

        self._highs = solver()
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(gains), 0
        programme.sense_ = highspy.ObjSense.kMaximize
        programme.col_cost_ = gains
        programme.col_lower_, programme.col_upper_ = np.zeros(len(gains)), np.ones(len(gains))
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.zeros(1, dtype=np.int32)
        self._highs.passModel(programme)
        self._count = len(gains)
        self._integer = highspy.HighsVarType.kInteger

    def cut(self, cuts: NDArray[np.int64], at: NDArray[np.int64]) -> FloatArray:
        """Put cuts in and solve."""
        i, j, k, kind = cuts.T
        sign = np.where(kind == 1, 1.0, -1.0)
        places = np.column_stack([at[i, j], at[j, k], at[i, k]]).astype(np.int32).ravel()
        values = np.column_stack([sign, sign, -sign]).ravel()
        starts = np.arange(0, 3 * len(cuts), 3, dtype=np.int32)
        upper = np.where(kind == 1, 1.0, 0.0)
        self._highs.addRows(len(cuts), np.full(len(cuts), -np.inf), upper, len(places), starts, places, values)
        return self._solved()

    def in_whole_numbers(self) -> FloatArray:
        """Ask for whole numbers from here on, and solve."""
        columns = np.arange(self._count, dtype=np.int32)
        self._highs.changeColsIntegrality(self._count, columns, np.array([self._integer] * self._count))
        self._highs.setOptionValue("presolve", "choose")
        self._highs.setOptionValue("solver", "choose")
        return self._solved()

    def _solved(self) -> FloatArray:
        self._highs.run()
        return np.array(self._highs.getSolution().col_value, dtype=np.float64)
