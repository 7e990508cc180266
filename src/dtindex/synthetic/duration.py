"""Seconds that a questionnaire takes."""

from __future__ import annotations

import numpy as np

from dtindex.engine.blocks import map_blocks
from dtindex.synthetic.latents import FloatArray
from dtindex.synthetic.streams import Purpose, block_number, stream

__all__ = ["durations"]

_A_COLUMN = 9.0
_SPREAD = 0.4
_ABOVE = 1.5


def durations(rows: int, columns: int, shortest: float, seed: int, threads: int) -> FloatArray:
    """Whole seconds ``(rows,)``, lognormal around nine a column, and never less than ``shortest``.

    ``m exp(0.4 z)`` with ``m = max(9 columns, 1.5 shortest)``; who would be too fast takes up to a half longer than the
    least.
    """
    middle = max(_A_COLUMN * columns, _ABOVE * shortest)
    taken = np.empty(rows)

    def work(block: slice) -> None:
        rng = stream(seed, block_number(block), Purpose.DURATION)
        count = block.stop - block.start
        seconds = middle * np.exp(_SPREAD * rng.standard_normal(count))
        at_least = shortest * (1 + 0.5 * rng.random(count))
        taken[block] = np.ceil(np.where(seconds < shortest, at_least, seconds))

    map_blocks(work, rows, threads)
    return taken
