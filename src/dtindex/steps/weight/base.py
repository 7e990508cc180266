"""What every weighting is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

import numpy as np

from dtindex.engine.sums import constant
from dtindex.spec.methods import Share
from dtindex.steps.types import FloatArray, Frozen, Problem
from dtindex.steps.weight.caps import CannotKeep, capped

__all__ = ["Learning", "Siblings", "Weighed", "Weighting", "limited", "shares"]

Spec = TypeVar("Spec")


def _nothing(item: str) -> FloatArray | None:
    return None


@dataclass(frozen=True, slots=True)
class Siblings:
    """What is weighed: the children of ``node``, or its leaves where it aggregates ``over: leaves``, in file order.

    ``given`` are the weights that stand in the file. ``scores`` are columns ``(rows,)`` of the reference table, each on
    its own scale, with NaN; ``widths`` the widths of those scales, 1 for an open one.
    """

    node: str
    ids: Sequence[str]
    given: Mapping[str, float]
    scores: Sequence[FloatArray]
    widths: Sequence[float]
    elsewhere: Callable[[str], FloatArray | None] = _nothing
    """Scores ``(rows,)`` of an item that is not weighed; None where it has none yet."""

    def known(self, position: int) -> FloatArray:
        """The scores of one sibling that are not NaN, as shares of the width of its scale."""
        column = self.scores[position]
        return np.ascontiguousarray(column[~np.isnan(column)]) / self.widths[position]

    def varying(self) -> list[int]:
        """Positions of the siblings that have two different scores at least."""
        return [position for position in range(len(self.ids)) if not constant(self.known(position))]

    def complete_rows(self, positions: Sequence[int]) -> list[FloatArray]:
        """Columns of some of the siblings, of the rows in which all of those have a score."""
        columns = [self.scores[position] for position in positions]
        complete = ~np.logical_or.reduce([np.isnan(column) for column in columns])
        return [np.ascontiguousarray(column[complete]) for column in columns]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Weights ``(siblings,)`` of zero or more, and what is to be said of them."""

    weights: FloatArray
    problems: list[Problem] = field(default_factory=list)


class Weighting(ABC, Generic[Spec]):
    """Gives each child of a node a weight of zero or more; only proportions matter, but for `sum`."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    learns: ClassVar[bool] = True
    """Whether weights look at scores; those that do not can be had before there are any."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @abstractmethod
    def fit(self, siblings: Siblings) -> Weighed:
        """Weights in file order; what is learned sums to 1, what is given stays as it stands."""


class Learning(Weighting[Spec]):
    """Learns importance from the reference scores, and caps it where the file says so.

    A sibling that does not vary among the reference units, or has no score there, gets no weight (DT341); where that is
    so of all, or all importances are zero, weights are equal (DT341). A single sibling has all the weight.
    """

    def fit(self, siblings: Siblings) -> Weighed:
        if len(siblings.ids) == 1:
            return Weighed(np.ones(1))
        varying = siblings.varying()
        problems = [
            Problem("DT341", item, f"does not vary among the reference units: `{self.method}` gives it no weight")
            for position, item in enumerate(siblings.ids)
            if position not in varying
        ]
        weights = np.zeros(len(siblings.ids))
        if varying:
            learned, said = self.learn(siblings, varying)
            weights[varying] = learned
            problems += said
        if not weights.any() and not any(problem.code == "DT344" for problem in problems):
            message = f"`{self.method}` finds nothing to tell its children apart by; their weights are equal"
            problems = [*problems, Problem("DT341", siblings.node, message)]
        return limited(shares(weights), siblings, getattr(self.spec, "at_most", {}), problems)

    @abstractmethod
    def learn(self, siblings: Siblings, varying: Sequence[int]) -> tuple[FloatArray, list[Problem]]:
        """Importance of zero or more ``(len(varying),)`` of the siblings at these positions."""


def shares(weights: FloatArray) -> FloatArray:
    """``w / sum w`` ``(n,)``, the sum taken in file order; equal shares where all are zero."""
    total = 0.0
    for weight in weights.tolist():
        total += weight
    return weights / total if total > 0 else np.full(weights.shape, 1 / max(weights.size, 1))


def limited(
    weights: FloatArray, siblings: Siblings, at_most: Mapping[str, Share], problems: Sequence[Problem]
) -> Weighed:
    """Weights with their caps kept, or DT344."""
    if not at_most:
        return Weighed(weights, list(problems))
    limits = np.array([at_most.get(item, 1.0) for item in siblings.ids])
    try:
        return Weighed(capped(weights, limits), list(problems))
    except CannotKeep:
        message = "the caps cannot be kept: what they take away has nobody else with a weight to go to"
        return Weighed(weights, [*problems, Problem("DT344", siblings.node, message)])
