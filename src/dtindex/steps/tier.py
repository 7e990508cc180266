"""Tiers by thresholds."""

from __future__ import annotations

import numpy as np

from dtindex.engine.keys import MISSING, PROPORTION, Keys, score_keys
from dtindex.spec.methods import ThresholdTiers
from dtindex.steps.types import TextArray

__all__ = ["tier_by_thresholds"]


def tier_by_thresholds(keys: Keys, rule: ThresholdTiers, width: float) -> TextArray:
    """Tier ids ``(rows,)``: the first level whose ``at_least`` the key reaches, the last level for the rest; '' for
    ``MISSING``.

    ``keys`` are on a scale of this ``width``, rounded as ranks are, so that what prints as 40.0 counts as 40.
    """
    tiers = np.full(keys.shape, "", dtype=object)
    waiting = keys != MISSING
    for level in rule.levels:
        reached = waiting if level.at_least is None else waiting & (keys >= _bound(level.at_least, width))
        tiers[reached] = level.id
        waiting = waiting & ~reached
    return tiers


def _bound(at_least: float, width: float) -> int:
    """The key of a threshold; one out of proportion to the scale is above, or below, every key there is."""
    farthest = 2 * PROPORTION * width
    return int(score_keys(np.array([min(max(at_least, -farthest), farthest)]), width)[0])
