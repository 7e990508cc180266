"""Streams of random numbers: one for each block of rows, purpose and column, so that no result depends on threads."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from dtindex.engine.blocks import BLOCK_ROWS

__all__ = ["Purpose", "block_number", "stream"]


class Purpose(IntEnum):
    """What random numbers are for; a value is never given to anything else, or old seeds would mean new samples."""

    FACTORS = 0
    ANSWERS = 1
    MISSING = 2
    CARELESS = 3
    DURATION = 4
    OUTCOMES = 5


def stream(seed: int, block: int, purpose: Purpose, number: int = 0) -> np.random.Generator:
    """The stream of a block of rows; ``number`` tells columns of one purpose apart."""
    sequence = np.random.SeedSequence(seed, spawn_key=(block, int(purpose), number))
    return np.random.Generator(np.random.PCG64(sequence))


def block_number(rows: slice) -> int:
    """The number of a block of rows, from 0."""
    return int(rows.start) // BLOCK_ROWS
