"""Ranks of integer keys: 1 for the highest, ties share the better rank."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, Keys

__all__ = ["rank_against", "rank_keys"]


def rank_keys(keys: Keys) -> NDArray[np.int64]:
    """Competition ranks ``(n,)`` of ``keys`` ``(n,)``: one more than the number of higher keys; 0 for ``MISSING``.

    Key and position are packed into one integer and sorted, which is several times faster than sorting positions.
    """
    ranks = np.zeros(keys.shape, dtype=np.int64)
    known = np.flatnonzero(keys != MISSING)
    if not known.size:
        return ranks
    present = keys[known]
    lowest, highest = int(present.min()), int(present.max())
    bits = int(known.size - 1).bit_length()
    if (highest - lowest).bit_length() + bits < 63:
        packed = (highest - present) << bits | np.arange(known.size)
        packed.sort()
        order = packed & ((1 << bits) - 1)
        falling = packed >> bits
    else:
        order = np.argsort(-present, kind="stable")
        falling = -present[order]
    starts = np.ones(known.size, dtype=bool)
    starts[1:] = falling[1:] != falling[:-1]
    positions = np.flatnonzero(starts) + 1
    ranks[known[order]] = np.repeat(positions, np.diff(np.append(positions, known.size + 1)))
    return ranks


def rank_against(keys: Keys, reference: Keys) -> NDArray[np.int64]:
    """The rank that each of ``keys`` ``(n,)`` would take if it were put among ``reference`` (sorted, ascending); 0 for
    ``MISSING``.
    """
    higher = reference.size - np.searchsorted(reference, keys, side="right")
    return np.where(keys == MISSING, 0, higher + 1).astype(np.int64)
