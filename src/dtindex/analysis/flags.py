"""What a reader should look at: items that say the same, items that say the opposite, items that say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dtindex.analysis.pairs import Pair
from dtindex.steps.types import FloatArray

__all__ = ["Flag", "Thresholds", "flagged"]


@dataclass(frozen=True)
class Thresholds:
    """Where a figure is flagged; the bounds themselves are not."""

    high: float = 0.92
    """Siblings that correlate above it are redundant; below its negative they cancel each other out."""
    low: float = 0.3
    """An item that correlates less with its own parent hardly takes part in it."""
    negative: float = 0.0
    """Correlations below it are negative."""
    inflation: float = 10.0
    """An item whose variance inflation factor is above it is determined by its siblings together."""

    def of_siblings(self, correlation: float) -> str | None:
        """The flag of two children of one node."""
        if correlation > self.high:
            return "high"
        if correlation < -self.high:
            return "strongly negative"
        return "negative" if correlation < self.negative else None

    def of_parent(self, correlation: float) -> str | None:
        """The flag of an item and its own parent, or a node further up."""
        if correlation < -self.high:
            return "strongly negative"
        if correlation < self.negative:
            return "negative"
        return "low" if correlation < self.low else None


@dataclass(frozen=True)
class Flag:
    """One flag: of two items, or of one (``second`` is '') among its siblings."""

    node: str
    first: str
    second: str
    relation: str
    statistic: str
    value: float
    p_holm: float
    flag: str


def flagged(found: Sequence[Pair], p_values: FloatArray, method: str, thresholds: Thresholds) -> Iterator[Flag]:
    """Flags of correlated pairs, both ways: what is too high and what is too low, negative ones always.

    A node further up is no reason to flag a low correlation, only a negative one: an item need not carry the index.
    """
    for pair, p_value in zip(found, p_values.tolist(), strict=True):
        if pair.reason:
            continue
        value = pair.values[method]
        flag = thresholds.of_siblings(value) if pair.relation == "siblings" else thresholds.of_parent(value)
        if flag is not None and not (flag == "low" and pair.relation == "ancestor"):
            yield Flag(pair.node, pair.first, pair.second, pair.relation, method, value, p_value, flag)
