"""Random numbers of a comparison: a stream for each purpose and block; no result depends on what else is compared."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["Purpose", "stream"]


class Purpose(IntEnum):
    """What random numbers are for; a value is never given to anything else, or old seeds would mean new figures."""

    PERMUTATION = 0
    BOOTSTRAP_FIRST = 1
    BOOTSTRAP_SECOND = 2


def stream(seed: int, purpose: Purpose, block: int) -> np.random.Generator:
    """The stream of a block."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), block))))
