"""Benefit of the doubt: each unit by the weights that suit it best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.sums import constant
from dtindex.spec.methods import BenefitOfDoubt, Interval
from dtindex.steps.aggregate.apart import Apart, Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.aggregate.rowwise import on_scale
from dtindex.steps.highs import solver
from dtindex.steps.types import FloatArray, Frozen, NoVariation, State, Unfit

__all__ = ["BestOfDoubt", "Shares", "best_share", "efficient"]

_SLACK = 1e-9


class Shares:
    """Programmes over shares ``p``: ``sum p = 1``, each between its least and most, and ``p_a / x_a >= p_b / x_b``."""

    def __init__(self, low: FloatArray, high: FloatArray, order: Sequence[int]) -> None:
        import highspy

        self.low, self.high, self.order = low, high, list(order)
        self._module = highspy
        self._highs = solver()
        self._last: list[int] = []

    def least(self, x: FloatArray, peers: FloatArray) -> float:
        """``min_p max_i sum_j p_j y_ij / x_j`` of a unit ``x`` ``(m,)`` and its peers ``(n, m)``; infinity for none.

        Peers are put in as they are violated, the worst first: few of them ever bind.
        """
        members = len(x)
        ratios = peers / x
        chosen = sorted({*(int(at) for at in ratios.argmax(axis=0)), *(at for at in self._last if at < len(peers))})
        while True:
            p, t = self._solved(x, ratios[chosen])
            if p is None:
                return np.inf
            over = ratios @ p - t
            slack = _SLACK * max(t, 1.0)
            more = [at for at in np.flatnonzero(over > slack).tolist() if at not in chosen]
            if not more:
                self._last = [at for at in chosen if over[at] > -slack]
                return t
            chosen += sorted(more, key=lambda at: -over[at])[: 2 * members]

    def _solved(self, x: FloatArray, ratios: FloatArray) -> tuple[FloatArray | None, float]:
        members, infinite = len(x), self._module.kHighsInf
        chain = list(zip(self.order, self.order[1:], strict=False))
        rows = np.zeros((1 + len(ratios) + len(chain), members + 1))
        rows[0, :members] = 1.0
        rows[1 : 1 + len(ratios), :members], rows[1 : 1 + len(ratios), members] = ratios, -1.0
        lower, upper = np.full(len(rows), -infinite), np.zeros(len(rows))
        lower[0] = upper[0] = 1.0
        for at, (first, second) in enumerate(chain, start=1 + len(ratios)):
            rows[at, first], rows[at, second] = 1 / x[first], -1 / x[second]
            lower[at], upper[at] = 0.0, infinite
        programme = self._module.HighsLp()
        programme.num_col_, programme.num_row_ = members + 1, len(rows)
        programme.col_cost_ = np.append(np.zeros(members), 1.0)
        programme.col_lower_ = np.append(self.low, 0.0)
        programme.col_upper_ = np.append(self.high, infinite)
        programme.row_lower_, programme.row_upper_ = lower, upper
        programme.a_matrix_.format_ = self._module.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.arange(0, rows.size + 1, members + 1, dtype=np.int32)
        programme.a_matrix_.index_ = np.tile(np.arange(members + 1, dtype=np.int32), len(rows))
        programme.a_matrix_.value_ = rows.ravel()
        self._highs.passModel(programme)
        self._highs.run()
        if self._highs.getModelStatus() != self._module.HighsModelStatus.kOptimal:
            return None, np.inf
        found = np.array(self._highs.getSolution().col_value, dtype=np.float64)
        return found[:members], float(found[members])


def best_share(shares: Shares, x: FloatArray, peers: FloatArray) -> float:
    """``max_w sum w x`` with ``sum w y_i <= 1`` of all peers and shares ``w_j x_j / sum w x`` as they may be.

    0 where a member that must have a share is 0; members that are 0 and need none are left out.
    """
    zero = x <= 0
    if (zero & (shares.low > 0)).any() or zero.all():
        return 0.0
    if zero.any():
        kept = np.flatnonzero(~zero)
        place = {int(member): at for at, member in enumerate(kept)}
        order = [place[member] for member in shares.order if member in place]
        return best_share(Shares(shares.low[kept], shares.high[kept], order), x[kept], peers[:, kept])
    t = shares.least(x, peers)
    # Nine digits are what a programme is solved to; what is beyond them would part ties by the order of rows.
    return round(1.0 / t, 9) if 0 < t < np.inf else 0.0


def efficient(values: FloatArray) -> FloatArray:
    """Rows ``(n, m)`` that no other row is at least as good as in everything, in the order of their figures."""
    rows = np.unique(values, axis=0)
    order = np.argsort(-rows.sum(axis=1), kind="stable")
    kept: list[FloatArray] = []
    for row in rows[order]:
        if not kept or not (np.array(kept) >= row).all(axis=1).any():
            kept.append(row)
    return np.array(kept).reshape(-1, values.shape[1])


class BestOfDoubt(Aggregator[BenefitOfDoubt]):
    """``max_w sum w x`` with ``sum w y <= 1`` of every reference unit y and of x itself, and restricted pie shares.

    Shares are ``w_j x_j / sum w x``, between `at_least` and `at_most`, or member by member in `shares`; `order` asks
    for ``w_a >= w_b >= ...``. Weights of the file do not count. `robust` (order-m) is the mean over draws of `peers`
    reference units, with replacement, beside which a unit may exceed 1 (and counts as 1). A member that is 0 and must
    have a share makes the score 0 (DT305): declare `within`. What is missing is left out, with its restriction.
    """

    method = "benefit-of-doubt"
    reference = (
        "Cherchye, Moesen, Rogge & Van Puyenbroeck (2007), doi:10.1007/s11205-006-9029-7; "
        "Cazals, Florens & Simar (2002), doi:10.1016/S0304-4076(01)00080-X"
    )
    frozen = Frozen.AGAINST_REFERENCE
    learns = True
    divisible = False
    weightless = True
    idempotent = False
    decomposition: ClassVar[str] = "none"

    def fit(self, inputs: Inputs) -> State:
        if all(constant(column[~np.isnan(column)]) for column in inputs.columns):
            raise NoVariation("no member varies among the reference units")
        unknown = [item for item in (*self.spec.shares, *self.spec.order) if item not in inputs.ids]
        if unknown:
            raise Unfit("DT337", f"{', '.join(unknown)}: no member")
        low, high = self._bounds(inputs.ids)
        if low.sum() > 1 + _SLACK or high.sum() < 1 - _SLACK:
            raise Unfit(
                "DT337", f"shares sum to {low.sum():g} at least and {high.sum():g} at most, and have to sum to 1"
            )
        # A missing figure counts as nothing: it asks nothing of others' weights.
        rows = np.nan_to_num(np.column_stack(inputs.columns), nan=0.0)
        rows = rows[~np.isnan(np.column_stack(inputs.columns)).all(axis=1)]
        rows = np.unique(rows, axis=0) if self.spec.robust is None else rows[np.lexsort(rows.T)]
        return {"peers": rows.ravel()}

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        found = np.full(inputs.columns[0].shape, np.nan)
        if not state:
            return found
        members = len(inputs.columns)
        low, high = self._bounds(inputs.ids)
        at = {item: position for position, item in enumerate(inputs.ids)}
        order = [at[item] for item in self.spec.order]
        x = self._inward(np.column_stack(inputs.columns), scale)
        peers = self._inward(state["peers"].reshape(-1, members), scale)
        sets = list(self._sets(peers))
        known = ~np.isnan(x)
        for pattern in np.unique(known, axis=0):
            if not pattern.any():
                continue
            rows = np.flatnonzero((known == pattern).all(axis=1))
            kept = np.flatnonzero(pattern)
            place = {int(member): position for position, member in enumerate(kept)}
            own = _fitting(low[kept], high[kept])
            shares = Shares(*own, [place[member] for member in order if member in place])
            some = [efficient(one[:, kept]) for one in sets]
            for row in rows:
                found[row] = self._score(shares, x[row, kept], some)
        return on_scale(found, scale)

    def zeros(self, inputs: Inputs, scale: Interval | None) -> NDArray[np.bool_] | None:
        low, _ = self._bounds(inputs.ids)
        x = self._inward(np.column_stack(inputs.columns), scale)
        found: NDArray[np.bool_] = np.logical_or.reduce((x <= 0) & (low > 0), axis=1)
        return found

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        raise NotImplementedError("weights are other ones for every unit: nothing asks how a difference is made up")

    def _score(self, shares: Shares, x: FloatArray, sets: Sequence[FloatArray]) -> float:
        if self.spec.robust is None:
            return min(1.0, best_share(shares, x, np.vstack([sets[0], x])))
        each = [best_share(shares, x, peers) for peers in sets]
        return min(1.0, float(np.mean(each)))

    def _sets(self, peers: FloatArray) -> Iterator[FloatArray]:
        """Whom a unit is held against: all, or one set a draw, the same for every unit."""
        robust = self.spec.robust
        if robust is None:
            yield peers
            return
        rng = np.random.Generator(np.random.PCG64(robust.seed))
        for _ in range(robust.draws):
            yield peers[rng.integers(len(peers), size=robust.peers)]

    def _bounds(self, ids: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        pairs = [self.spec.shares.get(item, (self.spec.at_least, self.spec.at_most)) for item in ids]
        return np.array([low for low, _ in pairs]), np.array([high for _, high in pairs])

    def _inward(self, x: FloatArray, scale: Interval | None) -> FloatArray:
        if scale is None or self.spec.within is None:
            return x if scale is None else x - min(scale)
        low, high = self.spec.within
        return low + (high - low) * ((x - scale[0]) / (scale[1] - scale[0]))


def _fitting(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds that can sum to 1 when members are missing: scaled down, or up."""
    if low.sum() > 1:
        low = low / low.sum()
    if high.sum() < 1:
        high = np.minimum(high / high.sum(), 1.0)
    return low, np.maximum(low, high)
