"""Shapley values of a node's members: what each adds, on average over all orders in which they change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from dtindex.steps.aggregate.apart import Amount, Apart, Pair
from dtindex.steps.types import FloatArray

__all__ = ["EXACT", "Game", "apart_by_shapley", "shapley"]

EXACT = 12
"""The most players of whom every coalition is looked at."""
_ORDERS = 64
_SEED = 20131
_FLAT = 1e-10
_STEP = 1e-6
Finish = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Game:
    """A mean as ``finish(sum of terms)``; ``term`` makes a member's ``(k, rows)`` of its position, score and weight.

    ``width`` is that of the node's scale, which says what is a small change.
    """

    term: Callable[[int, FloatArray, FloatArray], FloatArray]
    finish: Finish
    width: float


def apart_by_shapley(pair: Pair, game: Game, rows: int) -> Apart:
    """A node's difference between two states by Shapley values of its members.

    Scores change first and then weights, or the other way round: both count half, and in each the members come in every
    order. Weights count as shares of the stated ones, missing members and all: where only gaps differ, what a gap takes
    is told of the member that is missing, and of no other.
    """
    scores = [[_full(x, rows) for x in side] for side in pair.scores]
    # As shares of what is stated: else one of (1, 1) beside one of (30, 70) would be next to nothing.
    weights = [
        [_full(w / whole if whole > 0 else w, rows) for w in side]
        for side, whole in zip(pair.weights, pair.whole, strict=True)
    ]
    steady = all(np.array_equal(w0, w1) for w0, w1 in zip(*weights, strict=True))
    terms = [
        [[game.term(member, scores[x][member], weights[w][member]) for member in range(pair.members)] for w in (0, 1)]
        for x in (0, 1)
    ]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        data = shapley(terms[0][0], terms[1][0], game.finish)
        moved: list[Amount] = [0.0] * pair.members
        if not steady:
            data = _halves(data, shapley(terms[0][1], terms[1][1], game.finish))
            moved = [
                *_halves(shapley(terms[0][0], terms[0][1], game.finish), shapley(terms[1][0], terms[1][1], game.finish))
            ]
        slopes = [_slope(pair, game, scores, weights, terms, data[member], member) for member in range(pair.members)]
    return Apart([*data], moved, slopes)


def _slope(
    pair: Pair,
    game: Game,
    scores: list[list[FloatArray]],
    weights: list[list[FloatArray]],
    terms: list[list[list[FloatArray]]],
    data: FloatArray,
    member: int,
) -> Amount:
    """Points of the node for a point of the member; where the member stays, the mean of the two derivatives."""
    change = scores[1][member] - scores[0][member]
    flat = np.abs(change) <= _FLAT * game.width
    found: FloatArray = data / np.where(flat, 1.0, change)
    if not flat.any():
        return found
    derivative = np.zeros(change.shape)
    step = _STEP * game.width
    for side in (0, 1):
        own = terms[side][side]
        bent = [
            *own[:member],
            game.term(member, scores[side][member] + step, weights[side][member]),
            *own[member + 1 :],
        ]
        derivative += (game.finish(_summed(bent)) - game.finish(_summed(own))) / (2 * step)
    return np.where(flat, np.where(np.isfinite(derivative), derivative, 0.0), found)


def _halves(first: Sequence[FloatArray], second: Sequence[FloatArray]) -> list[FloatArray]:
    return [(one + other) / 2 for one, other in zip(first, second, strict=True)]


def _full(amount: Amount, rows: int) -> FloatArray:
    return np.broadcast_to(np.asarray(amount, dtype=np.float64), (rows,))


def shapley(first: Sequence[FloatArray], second: Sequence[FloatArray], finish: Finish) -> list[FloatArray]:
    """What each player adds to ``v(all) - v(none)``, ``(rows,)`` each; they sum to it.

    The value of a coalition is ``finish(sum of terms)``: of those in it the ``second`` terms, of the others the
    ``first``, ``(k, rows)`` each. Where a coalition has no value, the middle between none and all stands for it. Exact
    up to 12 players; above, the mean over 64 orders, drawn once and for all, and their reverses, which sums to the
    difference as well.

    References
    ----------
    Shapley (1953), doi:10.1515/9781400881970-018; Shorrocks (2013), doi:10.1007/s10888-011-9214-z.
    """
    none, whole = finish(_summed(first)), finish(_summed(second))
    middle = (none + whole) / 2

    def value(terms: FloatArray) -> FloatArray:
        found = finish(terms)
        return np.where(np.isnan(found), middle, found)

    changing = [not np.array_equal(before, after) for before, after in zip(first, second, strict=True)]
    found = [np.zeros(none.shape) for _ in first]
    players = [player for player, changes in enumerate(changing) if changes]
    if not players:
        return found
    own = _summed(
        [np.zeros_like(first[0]), *(one for one, changes in zip(first, changing, strict=True) if not changes)]
    )
    pairs = ([first[player] for player in players], [second[player] for player in players])
    told = (_all_coalitions if len(players) <= EXACT else _some_orders)(*pairs, own, value)
    for player, part in zip(players, told, strict=True):
        found[player] = part
    return found


def _all_coalitions(
    first: Sequence[FloatArray], second: Sequence[FloatArray], own: FloatArray, value: Finish
) -> list[FloatArray]:
    players = len(first)
    inside = [factorial(size - 1) * factorial(players - size) / factorial(players) for size in range(1, players + 1)]
    found = [np.zeros(own.shape[1:]) for _ in first]
    for members, terms in _coalitions(first, second, own):
        worth, size = value(terms), sum(members)
        for player, member in enumerate(members):
            # v(S) enters as S for its members, and as S without the player for the others.
            found[player] += worth * (inside[size - 1] if member else -inside[size])
    return found


def _coalitions(
    first: Sequence[FloatArray], second: Sequence[FloatArray], own: FloatArray
) -> Iterator[tuple[tuple[bool, ...], FloatArray]]:
    """Every coalition and the sum of its terms; added up anew, since an infinite term cannot be taken away again."""
    waiting: list[tuple[tuple[bool, ...], FloatArray]] = [((), own)]
    while waiting:
        members, terms = waiting.pop()
        if len(members) == len(first):
            yield members, terms
            continue
        player = len(members)
        waiting.append(((*members, True), terms + second[player]))
        waiting.append(((*members, False), terms + first[player]))


def _some_orders(
    first: Sequence[FloatArray], second: Sequence[FloatArray], own: FloatArray, value: Finish
) -> list[FloatArray]:
    players = len(first)
    found = [np.zeros(own.shape[1:]) for _ in first]
    rng = np.random.Generator(np.random.PCG64(_SEED))
    drawn = [rng.permutation(players).tolist() for _ in range(_ORDERS)]
    orders = [order for one in drawn for order in (one, one[::-1])]
    for order in orders:
        later = [np.zeros_like(own)]  # what those who come later have, from the last one on
        for player in order[::-1]:
            later.append(later[-1] + first[player])
        so_far, before = own, value(own + later[-1])
        for position, player in enumerate(order):
            so_far = so_far + second[player]
            after = value(so_far + later[players - 1 - position])
            found[player] += (after - before) / len(orders)
            before = after
    return found


def _summed(terms: Sequence[FloatArray]) -> FloatArray:
    total = terms[0]
    for more in terms[1:]:
        total = total + more
    return total
