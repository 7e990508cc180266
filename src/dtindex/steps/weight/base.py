"""What every weighting is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from dtindex.steps.types import FloatArray, Frozen

__all__ = ["Weighting"]

Spec = TypeVar("Spec")


class Weighting(ABC, Generic[Spec]):
    """Gives each child of a node a weight of zero or more; only proportions matter, but for `sum`."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @abstractmethod
    def fit(self, children: Sequence[str], given: Mapping[str, float], scores: Sequence[FloatArray]) -> FloatArray:
        """Weights ``(children,)`` in file order.

        ``given`` are the weights that stand in the file; ``scores`` the children's columns ``(rows,)`` of the reference
        table, with NaN, which data-driven methods learn from.
        """
