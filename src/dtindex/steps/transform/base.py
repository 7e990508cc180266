"""What every transformation is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from dtindex.steps.types import FloatArray, Frozen, State

__all__ = ["Transformation"]

Spec = TypeVar("Spec")


class Transformation(ABC, Generic[Spec]):
    """Bends one column without changing its order; the direction is left to the normaliser."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    learns: ClassVar[bool] = False
    """Whether it needs the reference table."""
    domain: ClassVar[str] = ""
    """What a value is that the method cannot take, in words."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def fit(self, observed: FloatArray) -> State:
        """What is learned from the reference values ``(n,)``, which hold no NaN and come in any order.

        Raises
        ------
        NoVariation
            The values are constant and the formula needs their range.
        """
        return {}

    @abstractmethod
    def transform(self, values: FloatArray, state: State) -> FloatArray:
        """Transformed ``values`` of any shape; NaN stays, and becomes of what is outside the domain."""
