"""Points of the unit cube for simulation, a block of runs at a time: each block has its own random numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_RUNS", "PIECE_RUNS", "Method", "block_points", "blocks_of", "generator"]

FloatArray = NDArray[np.float64]
Method = Literal["sobol", "random"]

BLOCK_RUNS = 32_768
"""Runs of a block: what one scrambled sequence is used for, what a worker does, and what is kept on interruption."""
PIECE_RUNS = 8_192
"""Runs that are drawn at once. Points do not depend on it; a law that throws draws away takes other ones."""


def blocks_of(runs: int) -> list[int]:
    """How many runs each block has; all but the last are full."""
    full, rest = divmod(runs, BLOCK_RUNS)
    return [BLOCK_RUNS] * full + ([rest] if rest else [])


def block_points(
    dimensions: int, runs: int, seed: int, block: int, method: Method = "sobol", piece: int = PIECE_RUNS
) -> Iterator[FloatArray]:
    """Uniforms ``(runs of a piece, dimensions)`` in [0, 1), piece by piece.

    ``sobol``: the first ``runs`` points of a Sobol' sequence with a scramble of its own (random linear matrix and
    digital shift), which are uniform each, and together spread more evenly than independent ones. ``random``:
    independent uniforms. The points of a block depend on the seed and the block alone, and the first of them do not
    depend on how many are drawn, nor in which pieces.

    References
    ----------
    Matousek (1998), doi:10.1006/jcom.1998.0489; Owen (2020), doi:10.1007/978-3-030-98319-2_4 (never drop or thin
    points).
    """
    rng = generator(seed, block, 0)
    sequence = None
    if method == "sobol" and dimensions:
        from scipy.stats import qmc

        sequence = qmc.Sobol(dimensions, scramble=True, seed=rng)
    for start in range(0, runs, piece):
        count = min(piece, runs - start)
        if not dimensions:
            yield np.empty((count, 0))
        elif sequence is None:
            yield rng.random((count, dimensions))
        else:
            with warnings.catch_warnings():  # of a first piece that is no power of two: its points serve as they are
                warnings.simplefilter("ignore", UserWarning)
                yield sequence.random(count)


def generator(seed: int, block: int, stream: int) -> np.random.Generator:
    """Random numbers of a block: stream 0 makes its points, the others serve what takes no points."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block, stream)))
