"""How far one weight can move, the others in proportion, before two units change places: exact crossing points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.steps.types import FloatArray

__all__ = ["Stable", "crossings", "stable_interval"]


@dataclass(frozen=True)
class Stable:
    """The interval of a weight within which no two units change places, and who does at its ends; -1 for nobody."""

    low: float
    high: float
    at_low: tuple[int, int]
    at_high: tuple[int, int]


def crossings(
    without: FloatArray, alone: FloatArray, tie: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """Pairs ``a < b`` and the weights ``t`` in 0..1 at which they change places.

    With one weight at ``t`` and the others in proportion a sum is ``s(t) = (1 - t) s(0) + t s(1)``, so that two units
    are level at ``t* = d(0) / (d(0) - d(1))`` with ``d`` the difference of their sums.

    Parameters
    ----------
    without, alone
        ``s(0)`` and ``s(1)`` ``(n,)``: without the weight, and with nothing else. Units that are NaN take no part.
    tie
        Differences up to it are none.

    Returns
    -------
    Positions ``a`` and ``b``, and ``t``, each ``(crossings,)``, by rising ``t``, ties in the order of the units.

    References
    ----------
    Mareschal (1988), doi:10.1016/0377-2217(88)90254-8.
    """
    first, second = np.triu_indices(len(without), 1)
    start, end = without[first] - without[second], alone[first] - alone[second]
    # On both sides of nothing, or from nothing: those who never differ have no crossing.
    with np.errstate(invalid="ignore"):
        crossing = (np.abs(start - end) > tie) & (np.minimum(start, end) <= tie) & (np.maximum(start, end) >= -tie)
    first, second, start, end = first[crossing], second[crossing], start[crossing], end[crossing]
    points = np.clip(start / (start - end), 0.0, 1.0)
    order = np.argsort(points, kind="stable")
    return first[order], second[order], points[order]


def stable_interval(
    without: FloatArray, alone: FloatArray, weight: float, tie: float, among: int | None = None
) -> Stable:
    """The interval around ``weight`` in which no pair crosses that is not level at it; of pairs with unit ``among``
    only, where that is given.
    """
    first, second, points = crossings(without, alone, tie)
    here = (1.0 - weight) * without + weight * alone
    apart = np.abs(here[first] - here[second]) > tie
    if among is not None:
        apart &= (first == among) | (second == among)
    first, second, points = first[apart], second[apart], points[apart]
    below, above = np.flatnonzero(points <= weight), np.flatnonzero(points > weight)
    low, high, at_low, at_high = 0.0, 1.0, (-1, -1), (-1, -1)
    if below.size:
        last = int(below[-1])
        low, at_low = float(points[last]), (int(first[last]), int(second[last]))
    if above.size:
        next_one = int(above[0])
        high, at_high = float(points[next_one]), (int(first[next_one]), int(second[next_one]))
    return Stable(low, high, at_low, at_high)
