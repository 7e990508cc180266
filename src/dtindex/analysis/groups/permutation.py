"""How often chance alone would part the members into two groups that differ as much."""

from __future__ import annotations

import math
from functools import partial
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.computable import NotComputable
from dtindex.analysis.groups.figure import Figure, attempt, figure
from dtindex.analysis.groups.streams import Purpose, stream
from dtindex.engine.sums import constant, mean
from dtindex.steps.types import FloatArray

__all__ = ["EXACT_SPLITS", "permutation_tests"]

EXACT_SPLITS = 200_000
"""As many splits are enumerated: ten against ten, three of a hundred."""
_BLOCK = 500
_FEW = 1_000
"""Up to so many rows it is faster to shuffle them all, a block at a time."""
_SLACK = 1e-10


def permutation_tests(
    first: FloatArray, second: FloatArray, *, permutations: int = 10_000, seed: int = 0
) -> list[Figure]:
    """Differences of means of the columns of ``(n_1, k)`` and ``(n_2, k)``, with p by permutation of the members.

    ``p`` is the share of all splits into groups of these sizes whose means differ by as much or more, in either
    direction. Columns of 0 and 1: exact, by the hypergeometric distribution. Up to 200,000 splits: exact, each is
    looked at. Beyond, ``(1 + as far apart) / (1 + permutations)`` of random splits, which are the same for all columns.
    The hypothesis is that both groups have one distribution; weights are not used.

    References
    ----------
    Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. doi:10.2202/1544-6115.1585

    Examples
    --------
    >>> import numpy as np
    >>> found, = permutation_tests(np.array([[5.0], [6.0]]), np.array([[1.0], [2.0], [3.0]]))
    >>> found.p, found.method
    (0.1, 'exact, 10 splits')
    """
    size, other = len(first), len(second)
    if not min(size, other):
        return [Figure(reason="no value in the group")] * first.shape[1]
    small, large = (first, second) if size <= other else (second, first)
    pooled = np.concatenate([small, large])
    columns = [pooled[:, column] for column in range(pooled.shape[1])]
    plain = [column for column, values in enumerate(columns) if not _binary(values) and not constant(values)]
    splits = math.comb(size + other, len(small))
    found = {}
    if plain:
        p_values = _p_values([columns[column] for column in plain], len(small), splits, permutations, seed)
        method = f"exact, {splits:,} splits" if splits <= EXACT_SPLITS else f"{permutations:,} random splits"
        found = {column: (p_value, method) for column, p_value in zip(plain, p_values, strict=True)}

    def of_column(column: int) -> Figure:
        values = columns[column]
        if constant(values):
            raise NotComputable("all values are the same")
        p_value, method = found.get(column) or (_hypergeometric(values, len(small)), "exact, hypergeometric")
        difference = mean(first[:, column]) - mean(second[:, column])
        return figure(difference, p=p_value, n=size + other, method=method)

    return [attempt(partial(of_column, column)) for column in range(len(columns))]


def _p_values(columns: list[FloatArray], size: int, splits: int, permutations: int, seed: int) -> list[float]:
    apart = [values - mean(values) for values in columns]
    slack = [_SLACK * size * float(np.abs(values).max()) for values in apart]
    least = [abs(float(values[:size].sum())) - own for values, own in zip(apart, slack, strict=True)]
    if splits <= EXACT_SPLITS:
        members = _all_splits(len(columns[0]), size, splits)
        return [float((np.abs(_sums(own, members)) >= bound).mean()) for own, bound in zip(apart, least, strict=True)]
    reached = [0] * len(columns)
    for block, start in enumerate(range(0, permutations, _BLOCK)):
        members = _random_splits(len(columns[0]), size, stream(seed, Purpose.PERMUTATION, block))
        members = members[: permutations - start]
        for position, (own, bound) in enumerate(zip(apart, least, strict=True)):
            reached[position] += int((np.abs(_sums(own, members)) >= bound).sum())
    return [(1 + count) / (1 + permutations) for count in reached]


def _sums(values: FloatArray, members: NDArray[np.intp]) -> FloatArray:
    """Sums of the members of each split ``(splits,)``."""
    sums: FloatArray = values[members].sum(axis=1)
    return sums


def _all_splits(count: int, size: int, splits: int) -> NDArray[np.intp]:
    """Every choice of ``size`` of ``count`` rows ``(splits, size)``."""
    flat = chain.from_iterable(combinations(range(count), size))
    return np.fromiter(flat, dtype=np.intp, count=splits * size).reshape(splits, size)


def _random_splits(count: int, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """A block of random choices of ``size`` of ``count`` rows ``(500, size)``."""
    if count <= _FEW:
        return rng.permuted(np.tile(np.arange(count), (_BLOCK, 1)), axis=1)[:, :size]
    return np.stack([rng.choice(count, size, replace=False, shuffle=False) for _ in range(_BLOCK)])


def _binary(values: FloatArray) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _hypergeometric(values: FloatArray, size: int) -> float:
    """The chance that as many of ``size`` drawn rows are 1 as in the first rows, or a number as far from expected."""
    from scipy.stats import hypergeom

    count, ones = len(values), int(values.sum())
    possible = np.arange(max(0, size + ones - count), min(size, ones) + 1)
    expected = size * ones / count
    reached = np.abs(possible - expected) >= abs(values[:size].sum() - expected) - _SLACK * count
    return min(float(hypergeom.pmf(possible[reached], count, ones, size).sum()), 1.0)
