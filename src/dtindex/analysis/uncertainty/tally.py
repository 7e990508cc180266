"""What is kept of the runs: numbers that add up, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dtindex.engine.rank_counts import RankCounts
from dtindex.steps.types import FloatArray

__all__ = ["SAMPLED_SCORES", "Tally", "sampled_runs"]

SAMPLED_SCORES = 1 << 22
"""Scores that are kept as they are, for their quantiles and for pairs; those of the first runs of each block."""


def sampled_runs(units: int, blocks: int) -> int:
    """Runs of each block whose scores are kept."""
    return -(-max(SAMPLED_SCORES // max(units, 1), 1) // max(blocks, 1))


@dataclass
class Tally:
    """Sums over the runs of a block that could be scored.

    ``total`` ``(n,)`` of scores; ``first`` ``(n,)`` runs in which a unit was first, alone or tied, and ``central``
    ``(n, members)`` the sum of the weights drawn in them; ``tiers`` ``(levels, n)`` and by scheme of classes
    ``(labels, n)`` counts. ``samples`` ``(sampled, n)`` of each block are scores of its first runs. ``failed`` are runs
    scores: by number of the combination of alternatives those whose variant cannot be computed, and under -1 those in
    which a ranked unit had no score.
    """

    ranks: RankCounts
    total: FloatArray
    first: FloatArray
    central: FloatArray
    tiers: FloatArray
    classes: dict[str, FloatArray]
    classified: int
    samples: list[FloatArray]
    failed: dict[int, int] = field(default_factory=dict)
    unscored: dict[int, int] = field(default_factory=dict)
    """By position of a unit, runs that failed for want of its score."""
    blocks: int = 0
    """Full blocks, each an independent scramble; with sums ``(n,)`` of their mean ranks and of the squares."""
    block_means: FloatArray = field(default_factory=lambda: np.zeros(1))
    block_squares: FloatArray = field(default_factory=lambda: np.zeros(1))

    @classmethod
    def of(cls, units: int, members: int, levels: int, schemes: Mapping[str, int], sampled: int) -> Tally:
        """None yet."""
        return cls(
            RankCounts.of(units),
            np.zeros(units),
            np.zeros(units),
            np.zeros((units, members)),
            np.zeros((levels, units)),
            {scheme: np.zeros((labels, units)) for scheme, labels in schemes.items()},
            0,
            [np.full((sampled, units), np.nan)] if sampled else [],
        )

    @property
    def sample(self) -> FloatArray:
        """Scores ``(sampled, n)`` of all runs whose scores are kept."""
        return np.concatenate(self.samples) if self.samples else np.empty((0, self.ranks.units))

    @property
    def runs(self) -> int:
        """Runs that could be scored."""
        return self.ranks.runs

    def merge(self, other: Tally, whole: bool) -> None:
        """Add the tally of the block that follows; ``whole`` says that it is a full one."""
        self.ranks.merge(other.ranks)
        self.total += other.total
        self.first += other.first
        self.central += other.central
        self.tiers += other.tiers
        for scheme, counts in other.classes.items():
            self.classes[scheme] += counts
        self.classified += other.classified
        self.samples += other.samples
        for mine, theirs in ((self.failed, other.failed), (self.unscored, other.unscored)):
            for key, runs in theirs.items():
                mine[key] = mine.get(key, 0) + runs
        if whole and other.ranks.runs:
            mean = other.ranks.mean()
            self.blocks += 1
            self.block_means = self.block_means + mean
            self.block_squares = self.block_squares + mean * mean

    def fail(self, design: int, runs: int) -> None:
        """Count runs without scores."""
        self.failed[design] = self.failed.get(design, 0) + runs
