"""A node's difference between two states of its members, told apart member by member, without a residual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.steps.types import FloatArray

__all__ = ["Amount", "Apart", "Pair", "bennet", "centred", "lmdi", "logarithmic_mean", "shares_of"]

Amount: TypeAlias = FloatArray | float
_SERIES = 1e-6


@dataclass(frozen=True, slots=True)
class Pair:
    """Two states of a node's members, first and second, each ``(rows,)`` or one number for all rows.

    ``scores`` are on the node's scale and have no gap: where a member is missing in one state it has the other's score
    there, and where it is missing in both any number. ``weights`` say the rest: they are 0 where a member is missing,
    and need not sum to 1. ``moved`` says whether other members are known in the first state than in the second, so that
    weights differ although nobody stated others.
    """

    scores: tuple[Sequence[Amount], Sequence[Amount]]
    weights: tuple[Sequence[Amount], Sequence[Amount]]
    moved: NDArray[np.bool_] | bool
    whole: tuple[float, float]
    """Sum of the stated weights of each state, missing members and all."""

    @property
    def members(self) -> int:
        """How many members there are."""
        return len(self.weights[0])


@dataclass(frozen=True, slots=True)
class Apart:
    """What each member's score and each member's weight add to the node's difference; all of them sum to it.

    ``slopes`` are points of the node for a point of the member: ``data = slope * (second - first)``.
    """

    data: list[Amount]
    weights: list[Amount]
    slopes: list[Amount]


def shares_of(weights: Sequence[Amount]) -> list[Amount]:
    """``w / sum w``; 0 where nothing has a weight."""
    total: Amount = 0.0
    for weight in weights:
        total = total + weight
    if isinstance(total, float):
        return [weight / total if total > 0 else 0.0 for weight in weights]
    whole = np.where(total > 0, total, 1.0)
    return [weight / whole for weight in weights]


def centred(pair: Pair, first: Amount, second: Amount) -> Amount:
    """What a member's score is held against where weights moved because something is missing: the mean of the node's.

    There a weight part is ``(mean score - centre) * dw``: what the gap is worth, not all that is missing. Where weights
    were stated it is ``mean score * dw``, as the books have it. Both sum to the same, since ``dw`` sum to 0.
    """
    if isinstance(pair.moved, bool):
        return (first + second) / 2 if pair.moved else 0.0
    return np.where(pair.moved, (first + second) / 2, 0.0)


def bennet(pair: Pair, shares: tuple[Sequence[Amount], Sequence[Amount]], centre: Amount = 0.0) -> Apart:
    """Of a sum ``sum s x``: ``mean(s) dx`` for each member's score, ``(mean(x) - centre) ds`` for its share.

    ``shares`` are those of the two states. Shares that sum to the same in both make any ``centre`` exact.

    References
    ----------
    Bennet (1920), The theory of measurement of changes in cost of living, JRSS 83(3), doi:10.2307/2340960.
    """
    data: list[Amount] = []
    weights: list[Amount] = []
    slopes: list[Amount] = []
    for x0, x1, s0, s1 in zip(*pair.scores, *shares, strict=True):
        slope, change = _mean_and_change(s0, s1)
        slopes.append(slope)
        data.append(slope * (x1 - x0))
        weights.append(0.0 if change is None else ((x0 + x1) / 2 - centre) * change)
    return Apart(data, weights, slopes)


def logarithmic_mean(first: Amount, second: Amount) -> FloatArray:
    """``(a - b) / ln(a / b)``, ``a`` where both are equal; by its series where ``|a / b - 1| < 1e-6``.

    Both above zero; any shapes that go together.
    """
    a, b = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    low = np.minimum(a, b)  # from the other end log1p would meet -1, and lose its digits
    apart = (np.maximum(a, b) - low) / low
    near = apart < _SERIES
    safe = np.where(near, 1.0, apart)
    found: FloatArray = low * np.where(near, 1 + apart / 2 - apart * apart / 12, safe / np.log1p(safe))
    return found


def lmdi(pair: Pair, shares: tuple[Sequence[Amount], Sequence[Amount]]) -> Apart:
    """Of a geometric mean ``G = exp(sum s ln x)``, all scores with a share above zero.

    ``L(G) mean(s) ln(x1 / x0)`` for each member's score and ``L(G) (mean(ln x) - c) ds`` for its share, L being the
    logarithmic mean; ``c = mean(ln G)`` in rows where members went missing (see :func:`centred`), else 0.

    References
    ----------
    Ang & Liu (2001), LMDI-I, Energy 26(6), doi:10.1016/S0360-5442(01)00022-6.
    """
    logs: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    means: list[FloatArray] = []
    for side in (0, 1):
        total: Amount = 0.0
        for x, s0, s1, share in zip(pair.scores[side], *shares, shares[side], strict=True):
            counts = (np.asarray(s0) > 0) | (np.asarray(s1) > 0)
            logs[side].append(np.log(np.where(counts, x, 1.0)))
            total = total + share * logs[side][-1]
        means.append(np.asarray(total))
    whole = logarithmic_mean(np.exp(means[1]), np.exp(means[0]))
    middle = centred(pair, means[0], means[1])
    data: list[Amount] = []
    weights: list[Amount] = []
    slopes: list[Amount] = []
    for member, (x0, x1, s0, s1) in enumerate(zip(*pair.scores, *shares, strict=True)):
        l0, l1 = logs[0][member], logs[1][member]
        mean, change = _mean_and_change(s0, s1)
        counts = np.asarray(mean) > 0
        level = logarithmic_mean(np.where(counts, x1, 1.0), np.where(counts, x0, 1.0))
        data.append(whole * mean * (l1 - l0))
        slopes.append(whole * mean / level)
        weights.append(0.0 if change is None else whole * ((l0 + l1) / 2 - middle) * change)
    return Apart(data, weights, slopes)


def _mean_and_change(first: Amount, second: Amount) -> tuple[Amount, Amount | None]:
    """The mean share, and what it changed by; None where it is one and the same number."""
    same = first is second or (isinstance(first, float) and isinstance(second, float) and first == second)
    return (first, None) if same else ((first + second) / 2, second - first)
