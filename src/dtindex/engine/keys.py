"""The integer key by which scores are compared, and the rounding that published figures use.

``key = rint(score / width * 1e12)``: twelve digits of the scale. What differs beyond is the last bits of a computation,
which must not part two equal provinces.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["MISSING", "PROPORTION", "Keys", "open_width", "round_half_up", "score_keys"]

Keys: TypeAlias = NDArray[np.int64]

MISSING = np.iinfo(np.int64).min
PROPORTION = 1e6
"""How many times the width of its scale a score may be; beyond it is refused (DT306), and has no key."""
_DIGITS = 1e12
_LARGEST = 2.0**62


def score_keys(scores: NDArray[np.float64], width: float, decimals: int | None = None) -> Keys:
    """Keys of ``scores`` of any shape on a scale of this ``width``; ``MISSING``, below all others, for NaN.

    With ``decimals`` the score is first rounded, half up on its key, as a published table would print it.

    Raises
    ------
    OverflowError
        A score is more than a million times the width of its scale.
    """
    rounded = scores if decimals is None else round_half_up(scores, decimals, width)
    with np.errstate(over="ignore"):
        scaled = np.rint(rounded / width * _DIGITS)
    known = ~np.isnan(scaled)
    if np.any(np.abs(scaled[known]) > _LARGEST):
        raise OverflowError("a score is out of proportion to its scale")
    keys = np.full(scores.shape, MISSING, dtype=np.int64)
    keys[known] = scaled[known].astype(np.int64)
    return keys


def round_half_up(values: NDArray[np.float64], decimals: int, width: float) -> NDArray[np.float64]:
    """``floor(x * 10^d + 1/2) / 10^d``, where x within half a key of a tie counts as the tie; NaN stays.

    ``values`` of any shape. 0.285 at two decimals is 0.29, whatever the last bit of its computation. Half up is towards
    the better side: -0.5 becomes 0. Where a key is as coarse as the last decimal, values stay as they are.
    """
    factor = 10.0**decimals
    slack = 0.5 * width / _DIGITS * factor
    if slack >= 0.5:
        return values
    with np.errstate(over="ignore"):
        rounded: NDArray[np.float64] = np.floor(values * factor + (0.5 + slack)) / factor
    return rounded


def open_width(scores: NDArray[np.float64]) -> float:
    """The width of an open scale: the power of ten at or above the largest absolute score; 1 where there is none."""
    known = np.abs(scores[np.isfinite(scores)])
    largest = float(known.max()) if known.size else 0.0
    if largest == 0.0:
        return 1.0
    exponent = math.ceil(math.log10(largest))
    if exponent <= 308 and 10.0**exponent < largest:
        exponent += 1
    return float(10.0 ** min(exponent, 308))
