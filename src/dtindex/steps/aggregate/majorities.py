"""Orders of a whole table by majorities: Copeland's and Kemeny's."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, score_keys
from dtindex.engine.majority import copeland, margins
from dtindex.findings import LimitError, Place, finding
from dtindex.spec.methods import Copeland, Interval, Kemeny
from dtindex.steps.aggregate.apart import Apart, Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.aggregate.linear_order import MOST, best_order
from dtindex.steps.aggregate.rowwise import on_scale
from dtindex.steps.types import FloatArray, Frozen, State

__all__ = ["CopelandScore", "KemenyOrder"]

Spec = TypeVar("Spec")
Keys = NDArray[np.int64]


class _OfASet(Aggregator[Spec]):
    """Ranks the rows of a period among each other; members are compared as integer keys, so that equals are ties."""

    frozen = Frozen.NO
    set_relative = True
    divisible = False
    idempotent = False
    decomposition: ClassVar[str] = "none"

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        found = np.full(inputs.columns[0].shape, np.nan)
        some = np.logical_or.reduce(
            [~np.isnan(x) for x, weight in zip(inputs.columns, inputs.weights, strict=True) if weight > 0]
            or [np.zeros(found.shape, dtype=bool)]
        )
        width = 1.0 if scale is None else abs(scale[1] - scale[0])
        keys = [score_keys(column, width) for column in inputs.columns]
        for rows in _sets(inputs.periods, some):
            found[rows] = self.places([column[rows] for column in keys], inputs.weights)
        return on_scale(found, scale)

    @abstractmethod
    def places(self, columns: Sequence[Keys], weights: Sequence[float]) -> FloatArray:
        """Scores between 0 and 1 ``(rows,)`` of the rows of one set."""

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        raise NotImplementedError("what other units did is in a place, and is no member's: nothing asks for it")


def _sets(periods: NDArray[np.object_] | None, some: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    if periods is None:
        yield np.flatnonzero(some)
        return
    for period in sorted(set(periods[some].tolist())):
        yield np.flatnonzero(some & (periods == period))


class CopelandScore(_OfASet[Copeland]):
    """``(#{j: i beats j} - #{j: j beats i} + n - 1) / (2 (n - 1))``; i beats j where more weight says so than not.

    Weights are those of members that know both units; members in which the two are equal are for neither. Units of a
    period are compared with each other; a unit alone has 0.5. No order of rows matters, with gaps or without.
    """

    method = "copeland"
    reference = "Copeland (1951), University of Michigan; Fishburn (1977), doi:10.1137/0133030"

    def places(self, columns: Sequence[Keys], weights: Sequence[float]) -> FloatArray:
        n = len(columns[0])
        if n < 2:
            return np.full(n, 0.5)
        return (copeland(columns, weights, MISSING) + (n - 1)) / (2 * (n - 1))


class KemenyOrder(_OfASet[Kemeny]):
    """``(n - place) / (n - 1)``, the place in the order that maximises ``sum_{i before j} V_ij``; exact to 150 units.

    ``V_ij`` is the weight of the members that have i before j, ties half, among those that know both. Where several
    orders are best one of them is taken, the same whatever the order of rows; units that are alike in all members share
    the mean of their places. More than 150 different units are DT346.
    """

    method = "kemeny"
    reference = "Kemeny (1959), Daedalus 88(4), 577-591; Young & Levenglick (1978), doi:10.1137/0135023"

    def places(self, columns: Sequence[Keys], weights: Sequence[float]) -> FloatArray:
        n = len(columns[0])
        if n < 2:
            return np.full(n, 0.5)
        # Units in an order of their own figures, so that rows may come in any.
        matrix = np.column_stack([column for column, weight in zip(columns, weights, strict=True) if weight > 0])
        kinds, of, counts = np.unique(matrix, axis=0, return_inverse=True, return_counts=True)
        if len(kinds) > MOST:
            message = f"kemeny: {len(kinds):,} different units in one period; an exact order is made of {MOST} at most"
            raise LimitError([finding("DT346", message, Place(name=self.method))])
        used = [weight for weight in weights if weight > 0]
        by = margins(list(kinds.T), used, MISSING, slice(None)) * np.outer(counts, counts)
        order, _ = best_order(by)
        ahead = np.empty(len(kinds))
        ahead[order] = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
        place = ahead + (counts + 1) / 2
        found: FloatArray = ((n - place) / (n - 1))[of.ravel()]
        return found
