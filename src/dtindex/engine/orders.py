"""Units in order of their scores, run by run: exact on the integer key, at the speed of sorting short integers.

Scores are first held in steps of a 32-bit integer that carries the unit's number in its low bits, and sorted so. Where
two neighbours are closer than those steps can tell, the exact keys of the two decide: `rint(score / width * 1e12)`, as
everywhere. The order, and who ties with whom, is that of the exact keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import Keys, score_keys

__all__ = ["LinearScores", "Ordered", "Workspace", "first_alike", "order_linear", "order_scores", "order_whole"]

FloatArray = NDArray[np.float64]

_KEY = 1e12
_DENSE = 0.25
"""Share of neighbours that the steps cannot tell apart from which the whole is sorted on the exact keys."""
_PASSES = 64
_FEW = 128
"""Units up to which single precision is faster."""
_SLAB = 1 << 17
"""Scores that are worked on at a time."""
_SHORT = 256
_SMALL_PRODUCT, _SHORT_PRODUCT = 10**6, 64


@dataclass(frozen=True, slots=True)
class Ordered:
    """Units from the best to the worst in each run.

    ``units`` ``(runs, n)``: the unit at each position. A tie is a unit that shares the rank of one above it: ``tied``
    are its flat positions, ascending, and ``heads`` the positions (0 is the best) whose rank it shares. ``ranks`` is
    None, or the rank less one of each position ``(runs, n)``, where ties are many; ``tied`` is then empty.
    """

    units: NDArray[np.int32]
    tied: NDArray[np.intp]
    heads: NDArray[np.intp]
    ranks: NDArray[np.int32] | None = None

    def first(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Runs and units that are first in them; a run stands once for each of those who tie."""
        runs, count = self.units.shape
        if self.ranks is not None:
            rows, places = np.nonzero(self.ranks == 0)
            return rows, self.units[rows, places].astype(np.intp)
        rows = np.arange(runs)
        units = self.units[:, 0].astype(np.intp)
        if self.tied.size:
            also = self.tied[self.heads == 0]
            rows = np.concatenate([rows, also // count])
            units = np.concatenate([units, self.units.reshape(-1)[also].astype(np.intp)])
        return rows, units

    def rank_matrix(self) -> NDArray[np.int32]:
        """Ranks ``(runs, n)`` by unit; ties share the better rank."""
        runs, count = self.units.shape
        positions = np.broadcast_to(np.arange(1, count + 1, dtype=np.int32), (runs, count))
        if self.ranks is not None:
            positions = self.ranks + np.int32(1)
        elif self.tied.size:
            positions = positions.copy()
            positions.ravel()[self.tied] = self.heads + 1
        found = np.empty(runs * count, dtype=np.int32)
        step = max(_SLAB // 4 // count, 1)
        for start in range(0, runs, step):
            rows = slice(start, min(start + step, runs))
            places = self.units[rows] + np.arange(start * count, rows.stop * count, count)[:, None]
            found[places.ravel()] = positions[rows].ravel()
        return found.reshape(runs, count)


class Workspace:
    """Room that one thread works in, so that blocks of the same size ask for none anew.

    Runs are worked on a slab at a time, all of whose arrays a core's cache holds.
    """

    def __init__(self, count: int) -> None:
        self.bits = max(int(count - 1).bit_length(), 1)
        self.steps = 31 - self.bits
        self.mask = np.int32((1 << self.bits) - 1)
        self.numbers = np.arange(count, dtype=np.int32)
        self.slab = max(_SLAB // count, 1)
        self._rows = 0
        self._count = count
        self._products: dict[bool, NDArray[Any]] = {}

    def reserve(self, runs: int) -> None:
        """Make room for this many runs."""
        if runs > self._rows:
            self._rows = runs
            self._products.clear()
            rows = min(runs, self.slab)
            self._packed = np.empty((runs, self._count), dtype=np.int32)
            self._apart = np.empty(rows * self._count, dtype=np.int32)
            self._near = np.empty(rows * self._count, dtype=bool)
            # Short rows are numbered as one long one: it is the number of rows that takes time.
            self._tile = np.tile(self.numbers, rows) if self._count <= _SHORT else None

    def product(self, runs: int, single: bool) -> NDArray[Any]:
        """Room for a product of weights and values, of a slab."""
        if single not in self._products:
            shape = min(self._rows, self.slab), self._count
            self._products[single] = np.empty(shape, dtype=np.float32 if single else np.float64)
        return self._products[single][:runs]

    def packed(self, runs: int) -> NDArray[np.int32]:
        return self._packed[:runs]

    def sorted(self, packed: NDArray[np.int32], slack: int) -> NDArray[np.intp]:
        """Steps ``(runs, n)`` of a slab become units in their order, in place.

        Returned are flat positions of the first of each two neighbours that are within ``slack`` of one another.
        """
        flat = packed.reshape(-1)
        np.left_shift(flat, self.bits, out=flat)
        if self._tile is None:
            np.bitwise_or(packed, self.numbers, out=packed)
        else:
            np.bitwise_or(flat, self._tile[: flat.size], out=flat)
        packed.sort(axis=1)
        apart, near = self._apart[: flat.size - 1], self._near[: flat.size - 1]
        np.subtract(flat[1:], flat[:-1], out=apart)
        # What is negative goes from one run to the next, and is very far without its sign.
        np.less(apart.view(np.uint32), np.uint32(min((slack + 1) << self.bits, 1 << 31)), out=near)
        near[self._count - 1 :: self._count] = False
        np.bitwise_and(flat, self.mask, out=flat)
        return np.flatnonzero(near)


class LinearScores:
    """Scores that are weighted means of fixed values: ``s = W v``, rows of ``W`` summing to one.

    ``values`` ``(members, n)`` without NaN; ``width`` is the scale's. For few units the product is taken in single
    precision, which errs by no more than ``(members + 4) 2^-24`` of the spread of the values: that sets how close is
    too close to tell. For many units there are so many neighbours so close that double precision is faster.
    """

    def __init__(self, values: FloatArray, width: float, single: bool | None = None) -> None:
        members, self.count = values.shape
        self.by_unit = np.ascontiguousarray(values.T)
        self.width = width
        self.alike = first_alike(values)
        self.single = self.count <= _FEW if single is None else single
        self.top = float(values.max())
        spread = self.top - float(values.min())
        reach = 2.0 ** Workspace(self.count).steps - 1.0
        # Ends stay a step inside, so that a rounding does not leave the integer's range.
        self.step = _step(reach * (1.0 - 1e-4), spread)
        dtype = np.float32 if self.single else np.float64
        self.shrunk = np.ascontiguousarray((self.top - values) * self.step, dtype=dtype)
        error = (members + 4) * (2.0**-24 if self.single else 2.0**-53) * reach
        # Scores that share a key may be as far apart as a key is wide.
        self.slack = _slack(2.0 * error + self.step * (width / _KEY))

    def keys(self, weights: FloatArray, runs: NDArray[np.intp], units: NDArray[np.integer]) -> Keys:
        """Exact keys of units in runs, from weights ``(all runs, members)``."""
        return score_keys(np.einsum("ij,ij->i", weights[runs], self.by_unit[units]), self.width)

    def keys_of_product(self, product: FloatArray, places: NDArray[np.intp], units: NDArray[np.integer]) -> Keys:
        """The same from the product of weights and shrunk values, in double precision; ``places`` are flat ones."""
        if self.alike is not None:
            # A product may round equal columns differently: units that are alike have the score of one of them.
            units = self.alike[units]
        starts = places - places % self.count
        return score_keys(self.top - product.reshape(-1)[starts + units] / self.step, self.width)

    def all_keys(self, weights: FloatArray) -> Keys:
        """Exact keys ``(runs, n)`` of all units in all runs."""
        scores = weights @ self.by_unit.T
        return score_keys(scores if self.alike is None else scores[:, self.alike], self.width)


def order_linear(linear: LinearScores, weights: FloatArray, room: Workspace) -> Ordered:
    """The order of ``n`` units in each run, from weights ``(runs, members)``; good until the room is used again."""
    runs, count = len(weights), linear.count
    room.reserve(runs)
    packed = room.packed(runs)
    factors = weights.astype(np.float32) if linear.single else weights
    from_product = not linear.single and linear.step > 0
    pairs, keys, close = [], [], 0
    for start in range(0, runs, room.slab):
        rows = slice(start, min(start + room.slab, runs))
        product, slab = room.product(rows.stop - start, linear.single), packed[rows]
        _multiply(factors[rows], linear.shrunk, product)
        np.copyto(slab, product, casting="unsafe")
        first = room.sorted(slab, linear.slack)
        close += first.size
        if close > _DENSE * packed.size:
            return order_whole(linear.all_keys(weights), room)
        if first.size and from_product:
            flat = slab.reshape(-1)
            keys.append([linear.keys_of_product(product, first, flat[places]) for places in (first, first + 1)])
        pairs.append(first + start * count)
    firsts = np.concatenate(pairs)
    if not firsts.size:
        return Ordered(packed, _NONE, _NONE)
    if from_product:
        of_first, of_second = (np.concatenate(one) for one in zip(*keys, strict=True))
    else:
        own, flat = firsts // count, packed.reshape(-1)
        of_first, of_second = (linear.keys(weights, own, flat[places]) for places in (firsts, firsts + 1))
    return Ordered(packed, *_parted(packed, firsts, of_first, of_second))


def order_scores(scores: FloatArray, width: float, room: Workspace) -> Ordered:
    """The order of ``n`` units in each run, from scores ``(runs, n)`` without NaN."""
    runs, count = scores.shape
    room.reserve(runs)
    packed = room.packed(runs)
    reach = 2.0**room.steps - 1.0
    pairs, close = [], 0
    for start in range(0, runs, room.slab):
        rows = slice(start, min(start + room.slab, runs))
        product, slab, own = room.product(rows.stop - start, False), packed[rows], scores[rows]
        top = float(own.max())
        step = _step(reach, top - float(own.min()))
        slack = _slack(step * (width / _KEY))
        if slack > reach * 0.01:
            return order_whole(score_keys(scores, width), room)
        np.subtract(top, own, out=product)
        np.multiply(product, step, out=product)
        np.copyto(slab, product, casting="unsafe")
        first = room.sorted(slab, slack)
        close += first.size
        if close > _DENSE * packed.size:
            return order_whole(score_keys(scores, width), room)
        pairs.append(first + start * count)
    firsts = np.concatenate(pairs)
    if not firsts.size:
        return Ordered(packed, _NONE, _NONE)
    own_runs, flat = firsts // count, packed.reshape(-1)
    of_first, of_second = (score_keys(scores[own_runs, flat[places]], width) for places in (firsts, firsts + 1))
    return Ordered(packed, *_parted(packed, firsts, of_first, of_second))


def order_whole(keys: NDArray[np.int64], room: Workspace) -> Ordered:
    """The order of units in each run from whole keys ``(runs, n)``, of which many may be equal."""
    falling = keys.max() - keys
    bits = room.bits
    highest = int(falling.max())
    if highest < 1 << room.steps:
        packed32 = (falling.astype(np.int32) << bits) | room.numbers
        packed32.sort(axis=1)
        units, upper = packed32 & room.mask, packed32 >> bits
        return Ordered(units, _NONE, _NONE, _shared(upper))
    if highest < 1 << (62 - bits):
        packed = (falling << bits) | room.numbers
        packed.sort(axis=1)
        return Ordered((packed & int(room.mask)).astype(np.int32), _NONE, _NONE, _shared(packed >> bits))
    order = np.argsort(falling, axis=1, kind="stable")
    return Ordered(order.astype(np.int32), _NONE, _NONE, _shared(np.take_along_axis(falling, order, axis=1)))


_NONE = np.zeros(0, dtype=np.intp)


def _multiply(weights: NDArray[Any], values: NDArray[Any], product: NDArray[Any]) -> None:
    """``weights @ values`` into ``product``, some rows at a time: OpenBLAS has a quicker way for small products."""
    runs = len(weights)
    step = _SMALL_PRODUCT // values.size
    if step < _SHORT_PRODUCT:
        step = runs
    for start in range(0, runs, step):
        rows = slice(start, start + step)
        np.matmul(weights[rows], values, out=product[rows])


def _step(reach: float, spread: float) -> float:
    """Steps to a unit of score; none where all scores are equal, or too close for the quotient to be a number."""
    return reach / spread if spread > reach * np.finfo(np.float64).tiny else 0.0


def _slack(steps: float) -> int:
    """How many whole steps may lie between two that are no more than this many steps apart, and a bit: 1 or more."""
    return max(int(np.ceil(steps * 1.001)), 1)


def first_alike(values: FloatArray) -> NDArray[np.intp] | None:
    """The first unit with the same values ``(members, n)``, for each unit ``(n,)``; None where no two are alike."""
    mixed = np.zeros(values.shape[1])
    for position, member in enumerate(values):  # a sum by units, which rounds equal ones alike
        mixed += member * np.sqrt(position + 2.0)
    if len(np.unique(mixed)) == len(mixed):
        return None
    _, first, own = np.unique(values.T, axis=0, return_index=True, return_inverse=True)
    return None if len(first) == values.shape[1] else first[own.reshape(-1)]


def _shared(ordered: NDArray[np.integer]) -> NDArray[np.int32]:
    """Rank less one of each position of ascending keys ``(runs, n)``: that of the first that is equal."""
    runs, count = ordered.shape
    heads = np.zeros((runs, count), dtype=np.int32)
    np.multiply(ordered[:, 1:] != ordered[:, :-1], np.arange(1, count, dtype=np.int32), out=heads[:, 1:])
    ranks: NDArray[np.int32] = np.maximum.accumulate(heads, axis=1, out=heads)
    return ranks


def _parted(
    units: NDArray[np.int32], first: NDArray[np.intp], of_first: Keys, of_second: Keys
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Put neighbours in the order of their exact keys, in place; the flat positions of ties, and the heads they share.

    ``first`` are the flat positions of the first of each two neighbours, ascending, with the keys of the two.
    """
    count = units.shape[1]
    flat = units.reshape(-1)
    chained = np.zeros(len(first), dtype=bool)
    np.equal(first[1:], first[:-1] + 1, out=chained[1:])
    chained[:-1] |= chained[1:]
    if not chained.any():
        return _parted_pairs(flat, count, first, of_first, of_second)
    alone = ~chained
    tied, heads = _parted_pairs(flat, count, first[alone], of_first[alone], of_second[alone])
    also, of_also = _parted_chains(flat, count, first[chained], of_first[chained], of_second[chained])
    if not also.size:
        return tied, heads
    tied, heads = np.concatenate([tied, also]), np.concatenate([heads, of_also])
    order = np.argsort(tied)
    return tied[order], heads[order]


def _parted_pairs(
    flat: NDArray[np.int32], count: int, first: NDArray[np.intp], of_first: Keys, of_second: Keys
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """As :func:`_parted`, of two that have no third beside them."""
    wrong = first[of_first < of_second]
    flat[wrong], flat[wrong + 1] = flat[wrong + 1], flat[wrong]
    equal = first[of_first == of_second]
    return equal + 1, equal % count


def _parted_chains(
    flat: NDArray[np.int32], count: int, first: NDArray[np.intp], of_first: Keys, of_second: Keys
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """As :func:`_parted`, of several one after the other."""
    follows = np.zeros(len(first), dtype=bool)  # the first of the two is the second of the two before
    follows[1:] = first[1:] == first[:-1] + 1
    # Each place once: the firsts, and the seconds that are not firsts themselves.
    places = np.empty(2 * len(first) - int(follows.sum()), dtype=np.intp)
    at = np.arange(len(first)) + np.cumsum(~follows) - 1  # where the first of each two stands among the places
    places[at] = first
    places[at + 1] = first + 1
    own = flat[places]
    keys = np.empty(len(places), dtype=np.int64)
    keys[at] = of_first
    keys[at + 1] = of_second
    even, odd = at[places[at] & 1 == 0], at[places[at] & 1 == 1]
    for _ in range(_PASSES):
        moved = False
        for side in (even, odd):
            wrong = side[keys[side] < keys[side + 1]]
            if wrong.size:
                moved = True
                keys[wrong], keys[wrong + 1] = keys[wrong + 1], keys[wrong].copy()
                own[wrong], own[wrong + 1] = own[wrong + 1], own[wrong].copy()
        if not moved:
            break
    else:
        group = np.cumsum(np.isin(np.arange(len(places)), at[~follows]))
        order = np.lexsort((-keys, group))
        keys, own = keys[order], own[order]
    flat[places] = own
    equal = at[keys[at] == keys[at + 1]] + 1
    if not equal.size:
        return _NONE, _NONE
    # A chain of equals shares the place of its first.
    starts = np.ones(len(equal), dtype=bool)
    starts[1:] = equal[1:] != equal[:-1] + 1
    before = np.maximum.accumulate(np.where(starts, np.arange(len(equal)), 0))
    return places[equal], (places[equal[before] - 1]) % count
