"""One class of one scheme, asked of the units of one period: its rules, what they look at, and their reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.bounds import Bound, conjunction, is_relative, items_of, reference_deviation, threshold
from dtindex.analysis.classes.thresholds import Reference, Resample, joint_reference
from dtindex.engine.keys import MISSING, Keys
from dtindex.engine.sums import constant, deviation
from dtindex.scores import Scores
from dtindex.steps.classify import low_ends, schemes
from dtindex.steps.derive import period_order
from dtindex.steps.types import FloatArray

__all__ = ["Asked"]

_DIGITS = 1e12


class Asked:
    """What a class asks of ``rows``, which are units of ``period``.

    Attributes
    ----------
    rules
        Those of the scheme up to the class's own: the ones before it must not hold.
    conjunction
        The bounds that every member keeps.
    exact
        Whether the class is those bounds and nothing else.
    items, scored
        What the rules look at, and which of it has scores.
    """

    def __init__(self, scores: Scores, scheme: str, of: str, period: str, rows: NDArray[np.intp]) -> None:
        self.scores, self.of, self.period, self.rows = scores, of, period, rows
        rules = schemes(scores.methodology.classes)[scheme]
        position = next(place for place, rule in enumerate(rules) if rule.id == of)
        self.rules = rules[: position + 1]
        self.conjunction = conjunction(self.rules[-1].when)
        self.exact = position == 0 and self.conjunction.whole
        conditions = [rule.when for rule in self.rules if rule.when is not None]
        self.relative = any(is_relative(condition) for condition in conditions)
        tree = scores.methodology.tree
        self.items = tuple(dict.fromkeys(item for one in conditions for item in items_of(one, tree.tagged)))
        self.scored = tuple(item for item in self.items if item in scores.items)
        self.lows = low_ends(tree, scores.items)
        self.values = {item: self._values(item) for item in self.items}

    def reference(self, item: str) -> Keys:
        """The sorted reference keys that the units are held against: of their period, else of the latest."""
        known = self.scores.fitted_reference[item]
        if self.period in known:
            return known[self.period]
        return known[period_order(np.array(list(known), dtype=object))[-1]]

    def spread(self, item: str) -> float:
        """The standard deviation in the reference; of what is only measured, among the units that are asked about."""
        if item in self.scores.items:
            return reference_deviation(self.reference(item), self.scores.widths[item])
        known = self.values[item][~np.isnan(self.values[item])]
        return 0.0 if constant(known) else deviation(known)

    def threshold(self, bound: Bound, drawn: Resample | None = None) -> float:
        """Where a bound stands, against the reference or a sample drawn of it; NaN without a reference unit."""
        item = bound.item
        if not bound.relative:
            return bound.value
        width = self.scores.widths[item]
        if drawn is not None and bound.kind == "quantile":
            key = drawn.quantile_key(item, bound.value)
            return float("nan") if key is None else key * (width / _DIGITS)
        reference = self.reference(item) if drawn is None else drawn.best(item)
        at = threshold(bound, reference, width, self.lows.get(item, 0.0))
        return float("nan") if at is None else at

    def resampled(self, weighted: bool) -> Reference:
        """The reference of scored items, by its units where the scores are of the table that was fitted."""
        scores = self.scores
        rows = scores.sorted_rows()
        rows = rows[scores.ranked[rows]]
        if scores.periods is not None:
            rows = rows[scores.periods[rows] == self.period]
        weights = scores.table.weights
        return joint_reference(
            {item: self.reference(item) for item in self.scored},
            {item: scores.keys(item)[rows] for item in self.scored},
            weights[rows] if weighted and weights is not None else None,
        )

    def _values(self, item: str) -> FloatArray:
        """Values ``(rows,)`` as they are compared: of scores, those of their keys."""
        if item not in self.scores.items:
            return self.scores.measured_columns[item][self.rows]
        keys = self.scores.keys(item)[self.rows]
        return np.where(keys == MISSING, np.nan, keys * (self.scores.widths[item] / _DIGITS))
