"""One statistic with what belongs to it, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from dtindex.analysis.computable import NotComputable

__all__ = ["Figure", "attempt", "figure", "half_width"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What is None was not computed, or does not belong to the statistic; ``reason`` says why where it would."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    """Standard error."""
    freedom: float | None = None
    p: float | None = None
    n: int | None = None
    """Rows that it rests on."""
    method: str = ""
    reason: str = ""


def figure(
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    error: float | None = None,
    freedom: float | None = None,
    p: float | None = None,
    n: int | None = None,
    method: str = "",
    reason: str = "",
) -> Figure:
    """A figure with plain numbers, in which nothing is NaN or infinite.

    Raises
    ------
    NotComputable
        Where the value is no finite number.
    """
    if not math.isfinite(value):
        raise NotComputable("the value is no finite number")
    return Figure(
        float(value) + 0.0, _known(low), _known(high), _known(error), _known(freedom), _known(p), n, method, reason
    )


def attempt(compute: Callable[[], Figure]) -> Figure:
    """The figure; or an empty one with the reason why it is not computable."""
    try:
        return compute()
    except NotComputable as reason:
        return Figure(reason=str(reason))


def half_width(freedom: float | None, confidence: float) -> float:
    """How many standard errors an interval reaches to each side: a quantile of t, or of the normal without freedom."""
    from scipy.special import ndtri, stdtrit

    share = 1 - (1 - confidence) / 2
    return float(ndtri(share) if freedom is None else stdtrit(freedom, share))


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value) + 0.0
