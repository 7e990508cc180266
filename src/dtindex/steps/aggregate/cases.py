"""Conditional aggregation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import open_width
from dtindex.spec.methods import Cases, Interval, Scale, When
from dtindex.steps.aggregate.apart import Amount, Apart, Pair, bennet, centred
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.types import FloatArray, State

__all__ = ["CaseAggregator", "holds"]

_HALF_KEY = 0.5e-12


def holds(values: FloatArray, when: When, scale: Scale) -> NDArray[np.bool_]:
    """Whether all bounds of the condition hold for ``values`` ``(rows,)``; False for NaN.

    A value within half a key of a bound (twelve digits of the scale; on an open one, of the bound) counts as the bound.
    """
    met = ~np.isnan(values)
    for bound, compare, side in (
        (when.above, np.greater, 1.0),
        (when.at_least, np.greater_equal, -1.0),
        (when.below, np.less, -1.0),
        (when.at_most, np.less_equal, 1.0),
    ):
        if bound is not None:
            width = open_width(np.array([bound])) if scale == "open" else scale[1] - scale[0]
            met &= compare(values, bound + side * width * _HALF_KEY)
    return met


class CaseAggregator(Aggregator[Cases]):
    """The child of the first case whose condition holds; no value once a condition meets a missing value.

    Conditions look at scores on their own scale, the child is taken on the node's.
    """

    method = "cases"
    decomposition = "bennet"
    chooses = True
    reference = "INFORM Global Risk Index 2020, dimension Human Hazard"

    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        combined = np.full(inputs.columns[0].shape, np.nan)
        for child, chosen in self._chosen(inputs):
            combined[chosen] = inputs.columns[child][chosen]
        return combined

    def weights_of(self, inputs: Inputs) -> list[Amount]:
        """1 for the child that is taken, 0 for the others."""
        weights = [np.zeros(inputs.columns[0].shape) for _ in inputs.columns]
        for child, chosen in self._chosen(inputs):
            weights[child][chosen] = 1.0
        return [*weights]

    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        """A weighted mean whose weights are 0 or 1: which child is taken is told as a part of the weights."""
        return bennet(pair, pair.weights, centred(pair, *ends))

    def _chosen(self, inputs: Inputs) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Position of the child of each case, and the rows that take it."""
        undecided = np.ones(inputs.columns[0].shape, dtype=bool)
        for case in self.spec.cases:
            chosen = undecided.copy()
            if case.when is not None:
                condition, scale_of = inputs.lookup(case.when.id)
                undecided &= ~np.isnan(condition)
                chosen = undecided & holds(condition, case.when, scale_of)
            undecided &= ~chosen
            yield list(inputs.ids).index(case.take), chosen
