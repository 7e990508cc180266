"""What every treatment is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

import numpy as np

from dtindex.steps.types import FloatArray, Frozen, State

__all__ = ["Treatment", "limited"]

Spec = TypeVar("Spec")


class Treatment(ABC, Generic[Spec]):
    """Learns from one column without its missing values, and moves outliers.

    Two things can happen to a column: values beyond limits are moved to them, in raw units (:meth:`treat`); or, where a
    method falls back on a transformation, all of them change their unit (:meth:`carry`).
    """

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    domain: ClassVar[str] = ""
    """What a value is that :meth:`carry` cannot take, in words."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @abstractmethod
    def fit(self, observed: FloatArray) -> State:
        """What is learned from the reference values ``(n,)``, which hold no NaN and come in any order."""

    @abstractmethod
    def treat(self, values: FloatArray, state: State) -> FloatArray:
        """Treated values ``(rows,)`` in raw units; NaN stays."""

    def carry(self, figures: FloatArray, state: State) -> FloatArray:
        """``figures`` of any shape in raw units, carried to the unit of the treated values; most treatments keep it."""
        return figures

    def done(self, state: State) -> str:
        """What was done to the cells that were moved, in words."""
        return self.method


def limited(values: FloatArray, limits: FloatArray) -> FloatArray:
    """``min(max(x, lower), upper)`` of ``values`` ``(rows,)`` with ``limits`` ``(2,)``; NaN stays."""
    lower, upper = limits
    moved: FloatArray = np.minimum(np.maximum(values, lower), upper)
    return moved
