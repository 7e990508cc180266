"""Natural breaks: classes of sorted numbers that differ as little as can be within themselves, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["goodness", "natural_breaks"]

FloatArray = NDArray[np.float64]


def natural_breaks(values: FloatArray, classes: int) -> tuple[FloatArray, float]:
    """The lowest value of each class ``(classes,)``, lowest class first, and the sum of squares within the classes.

    Fisher's exact optimum (Jenks' natural breaks, and k-means of one variable), by dynamic programming over different
    values, so that equal ones are in one class; each layer by divide and conquer, since where the best last class
    begins never moves back: ``O(k n log n)``. Sums are of centred values, which keeps their digits. Of equal solutions
    the one whose classes begin earliest.

    Raises
    ------
    ValueError
        There are fewer different values than classes.

    Source: Fisher (1958), doi:10.1080/01621459.1958.10501479.
    """
    points, counts = np.unique(values, return_counts=True)
    n = len(points)
    if not 1 <= classes <= n:
        raise ValueError(f"{classes} classes of {n} different values")
    centred = points - (points * counts).sum() / counts.sum()
    sums = np.array([np.concatenate([[0.0], np.cumsum(counts * centred**power)]) for power in (0, 1, 2)])

    def within(first: NDArray[np.intp], last: NDArray[np.intp]) -> FloatArray:
        """Sum of squares about the mean of points first to last ``(m,)``."""
        weight, total, squares = sums[:, last + 1] - sums[:, first]
        found: FloatArray = np.maximum(squares - total * total / weight, 0.0)
        return found

    everything = np.arange(n)
    best = within(np.zeros(n, dtype=np.intp), everything)
    begins: list[NDArray[np.intp]] = []
    for layer in range(1, classes):
        best, begin = _layer(best, within, layer, n)
        begins.append(begin)
    starts, last = [], n - 1
    for begin in begins[::-1]:
        starts.append(int(begin[last]))
        last = starts[-1] - 1
    return points[[0, *starts[::-1]]], float(best[n - 1])


def goodness(values: FloatArray, within: float) -> float:
    """Goodness of variance fit ``1 - SSW / SST``; 1 of values that do not vary."""
    total = float(((values - values.mean()) ** 2).sum())
    return 1.0 - within / total if total > 0 else 1.0


def _layer(before: FloatArray, within: object, layer: int, n: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """The best sums with one class more for every last point, and where that class begins; level by level of halves."""
    cost = within
    assert callable(cost)
    best = np.full(n, np.inf)
    begin = np.zeros(n, dtype=np.intp)
    low, high = np.array([layer]), np.array([n - 1])
    least, most = np.array([layer]), np.array([n - 1])
    while len(low):
        middle = (low + high) // 2
        last = np.minimum(most, middle)
        sizes = last - least + 1
        ends = np.cumsum(sizes)
        of = np.repeat(np.arange(len(middle)), sizes)
        first = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes) + least[of]
        sums = before[first - 1] + cost(first, middle[of])
        found = np.minimum.reduceat(sums, ends - sizes)
        hits = np.flatnonzero(sums <= found[of])
        where = first[hits[np.searchsorted(of[hits], np.arange(len(middle)))]]
        best[middle], begin[middle] = found, where
        low, high, least, most = (
            np.concatenate(pair) for pair in ((low, middle + 1), (middle - 1, high), (least, where), (where, most))
        )
        some = low <= high
        low, high, least, most = low[some], high[some], least[some], most[some]
    return best, begin
