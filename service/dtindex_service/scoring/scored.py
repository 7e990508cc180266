"""Scores of units as arrays, whichever way they were worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import dtindex

if TYPE_CHECKING:
    import pandas as pd

    from dtindex import Finding, Scores, UnitScore

__all__ = ["Scored"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Arrays are ``(units, items)``, in the order of the request and of the methodology."""

    items: Sequence[str]
    units: Sequence[str]
    periods: Sequence[str | None] | None
    scores: Floats
    """In 12 significant digits, as all numbers here; NaN for none."""
    ranks: NDArray[np.int64]
    """0 for none."""
    percentiles: Floats
    coverage: Floats
    words: Sequence[str]
    """Different texts of statuses."""
    states: NDArray[np.intp]
    """Which of the words is meant."""
    tiers: Mapping[str, Sequence[str | None]]
    """By node, of each unit."""
    classes: Mapping[str, Sequence[str | None]]
    findings: Sequence[Finding]
    contributions: Floats | None = None

    def __len__(self) -> int:
        return len(self.units)

    @classmethod
    def of_unit(cls, found: UnitScore, unit: str, period: str | None) -> Scored:
        """One unit."""
        items = list(found.scores)
        words = list(dict.fromkeys(found.status.values()))
        return cls(
            items,
            [unit],
            None if period is None else [period],
            _row(found.scores[item] for item in items),
            np.array([[found.ranks[item] or 0 for item in items]]),
            _row(found.percentiles[item] for item in items),
            _row(found.coverage[item] for item in items),
            words,
            np.array([[words.index(found.status[item]) for item in items]]),
            {node: [tier] for node, tier in found.tiers.items()},
            {scheme: [own] for scheme, own in found.classes.items()},
            list(found.findings),
        )

    @classmethod
    def of_scores(
        cls,
        found: Scores,
        units: Sequence[str],
        periods: Sequence[str | None] | None,
        *,
        contributions: bool,
        known: Sequence[Finding],
    ) -> Scored:
        """Several units; ``known`` are findings that are not theirs, but the edition's."""
        flags, states = np.unique(found.flags, return_inverse=True)
        said = set(known)
        return cls(
            found.items,
            units,
            periods,
            dtindex.twelve_each(found.values),
            found.rank_values,
            dtindex.twelve_each(found.percentiles.to_numpy()),
            dtindex.twelve_each(found.coverage_values),
            [dtindex.status_text(int(one)) for one in flags],
            states.reshape(found.flags.shape),
            {node: [one or None for one in tiers] for node, tiers in found.tier_values.items()},
            {scheme: [one or None for one in classes] for scheme, classes in found.class_values.items()},
            [one for one in found.findings if one not in said],
            dtindex.twelve_each(found.contributions.to_numpy()) if contributions else None,
        )

    def frame(self) -> pd.DataFrame:
        """One row a unit and item, as ``dtindex score`` writes scores, with percentile, tier and classes."""
        import pandas as pd

        count, width = len(self), len(self.items)
        ranks = pd.Series(self.ranks.ravel(), dtype="Int64")
        tiers = np.full((count, width), None, dtype=object)
        for node, own in self.tiers.items():
            tiers[:, list(self.items).index(node)] = own
        columns: dict[str, Any] = {
            "unit": np.repeat(np.array(self.units, dtype=object), width),
            "period": np.repeat(np.array([period or "" for period in self._periods()], dtype=object), width),
            "node": np.tile(np.array(self.items, dtype=object), count),
            "score": self.scores.ravel(),
            "rank": ranks.mask(ranks == 0),
            "percentile": self.percentiles.ravel(),
            "coverage": self.coverage.ravel(),
            "status": np.array(self.words, dtype=object)[self.states.ravel()],
            "tier": tiers.ravel(),
        }
        for scheme, classes in self.classes.items():
            columns[f"class:{scheme}"] = np.repeat(np.array(classes, dtype=object), width)
        if self.contributions is not None:
            columns["contribution"] = self.contributions.ravel()
        return pd.DataFrame(columns).set_index("unit")

    def _periods(self) -> Sequence[str | None]:
        return self.periods or [None] * len(self)


def _row(values: Iterator[float | None]) -> Floats:
    return dtindex.twelve_each(np.array([list(values)], dtype=np.float64))
