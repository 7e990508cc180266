"""What every aggregation is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Interval, Scale
from dtindex.steps.aggregate.apart import Amount, Apart, Pair, shares_of
from dtindex.steps.types import FloatArray, Frozen, State

__all__ = ["Aggregator", "Inputs", "weighted_mean", "weighted_total"]

Spec = TypeVar("Spec")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The children of a node for a block of rows.

    ``columns`` are scores ``(rows,)`` on the node's scale, NaN where a child has none; ``weights`` are zero or more;
    ``complete`` says of each column that it has no NaN, which spares the search for them; ``lookup`` gives every score
    that is computed already, with its own scale, for conditions.
    """

    ids: Sequence[str]
    columns: Sequence[FloatArray]
    weights: Sequence[float]
    complete: Sequence[bool]
    lookup: Callable[[str], tuple[FloatArray, Scale]]
    periods: NDArray[np.object_] | None = None
    """Of each row, where the table has periods: what is ranked as a set is ranked among the rows of its own."""


class Aggregator(ABC, Generic[Spec]):
    """Combines children into one column. What is missing is left out, and the weights of the rest fill its place."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    learns: ClassVar[bool] = False
    """Whether it has parameters that are learned from scores."""
    keeps_scale: ClassVar[bool] = True
    """Whether children are mapped to the node's scale first."""
    chooses: ClassVar[bool] = False
    """Whether it takes one child, so that the others may well be missing and coverage does not ask for them."""
    decomposition: ClassVar[str]
    """How a difference between two states of the members is told apart: ``bennet``, ``lmdi`` or ``shapley``."""
    set_relative: ClassVar[bool] = False
    """Whether a row's score depends on the rows that are scored with it: those of its period, all in one block."""
    divisible: ClassVar[bool] = True
    """Whether a difference can be told apart among the members; else it stays with the node."""
    weightless: ClassVar[bool] = False
    """Whether members have no weights but those that it finds itself."""
    idempotent: ClassVar[bool] = True
    """Whether members of one and the same score have that score for their mean."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def fit(self, inputs: Inputs) -> State:
        """Parameters learned from the reference rows; most methods have none.

        Raises
        ------
        NoVariation
            No child varies, and the formula divides by what they vary.
        """
        return {}

    @abstractmethod
    def combine(self, inputs: Inputs, state: State, scale: Interval | None) -> FloatArray:
        """The node's scores ``(rows,)``; NaN where no child with a weight is known, or the formula has no value."""

    def weights_of(self, inputs: Inputs) -> list[Amount]:
        """The weight of each member ``(rows,)`` as it enters the formula: 0 where it is missing or not taken."""
        return [
            float(weight) if whole else np.where(np.isnan(column), 0.0, weight)
            for column, weight, whole in zip(inputs.columns, inputs.weights, inputs.complete, strict=True)
        ]

    def shares(self, weights: Sequence[Amount], whole: float) -> list[Amount]:
        """What each member counts in a linear mean; ``weights`` as :meth:`weights_of` has them, ``whole`` their stated
        sum.
        """
        return shares_of(weights)

    @abstractmethod
    def apart(self, pair: Pair, ends: tuple[FloatArray, FloatArray], state: State, scale: Interval | None) -> Apart:
        """The difference between two states of the members, told apart; ``ends`` are the node's scores ``(rows,)``.

        What is returned for rows in which the node has no score in one of the states does not matter.
        """

    def zeros(self, inputs: Inputs, scale: Interval | None) -> NDArray[np.bool_] | None:
        """Rows in which one zero makes the whole node zero, where that deserves a word; else None."""
        return None

    def without_value(self) -> str:
        """Why a row has no score although a child with a weight is known."""
        return f"the {self.method} mean met a negative value"


def weighted_mean(columns: Sequence[FloatArray], weights: Sequence[float], complete: Sequence[bool]) -> FloatArray:
    """``sum w x / sum w`` over the columns known in a row, term by term in the order given; NaN where none is.

    ``columns`` ``(rows,)`` each. A row's result does not depend on what other rows lack.
    """
    total, known = weighted_total(columns, weights, complete)
    if isinstance(known, float):
        return total / known if known > 0 else total
    mean: FloatArray = np.divide(total, known, out=np.full(total.shape, np.nan), where=known > 0)
    return mean


def weighted_total(
    columns: Sequence[FloatArray], weights: Sequence[float], complete: Sequence[bool]
) -> tuple[FloatArray, FloatArray | float]:
    """``sum w x`` and ``sum w`` over the columns known in a row, in the order given; NaN and 0 where no column has a
    weight.
    """
    total: FloatArray | None = None
    spare: FloatArray | None = None
    known: FloatArray | float = 0.0
    for column, weight, whole in zip(columns, weights, complete, strict=True):
        if weight == 0:
            continue
        term = np.multiply(column, weight, out=spare)
        if not whole:
            gaps = np.isnan(column)
            term[gaps] = 0.0
            known = known + np.where(gaps, 0.0, weight)
        else:
            known = known + weight
        if total is None:
            total = term
        else:
            total += term
            spare = term  # its terms are added up: the next column may have the room
    return (np.full(columns[0].shape, np.nan) if total is None else total), known
