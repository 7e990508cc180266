"""What every treatment is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from dtindex.steps.types import FloatArray, Frozen, State

__all__ = ["Treatment"]

Spec = TypeVar("Spec")


class Treatment(ABC, Generic[Spec]):
    """Learns from one column without its missing values, and moves outliers."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @abstractmethod
    def fit(self, observed: FloatArray) -> State:
        """What is learned from the reference values ``(n,)``, which hold no NaN."""

    @abstractmethod
    def treat(self, values: FloatArray, state: State) -> FloatArray:
        """Treated values ``(rows,)``; NaN stays."""
