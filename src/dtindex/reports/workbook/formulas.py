"""Formulas of a spreadsheet for what the library computes, each with the figures that it gives.

A formula stands only where what it gives is what the library gives, to 1e-9: that is worked out here beside it, in the
same words. Elsewhere the figure stands, and is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Live", "agrees", "number", "rounded"]

Floats: TypeAlias = NDArray[np.float64]

CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Live:
    """A formula for each row, and what it gives there ``(rows,)``; NaN for an empty cell."""

    formula: Callable[[int], str]
    gives: Floats


def agrees(live: Live | None, known: Floats, width: float) -> NDArray[np.bool_]:
    """Rows ``(rows,)`` in which a formula gives what is known, relative to the width of the scale."""
    if live is None:
        return np.zeros(len(known), dtype=bool)
    both_empty = np.isnan(live.gives) & np.isnan(known)
    with np.errstate(invalid="ignore"):
        close: NDArray[np.bool_] = np.abs(live.gives - known) <= CLOSE * max(width, 1e-300)
    return close | both_empty


def number(value: float) -> str:
    """A number as a formula has it, to the last bit that a spreadsheet keeps."""
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


def rounded(values: Floats, decimals: int) -> Floats:
    """What ``ROUND`` gives, of ``values`` of any shape: half away from zero. NaN stays.

    The library rounds half up, so that the two differ where half a step is negative: there :func:`agrees` lets no
    formula stand. Products that are a tie but for their last bits are ties, as to a spreadsheet's fifteen digits.
    """
    steps = np.round(np.abs(values) * 10.0**decimals, 9)
    found: Floats = np.sign(values) * np.floor(steps + 0.5) / 10.0**decimals
    return found
