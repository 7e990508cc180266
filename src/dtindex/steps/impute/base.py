"""What every imputer is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

import numpy as np

from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["FromOthers", "Imputer", "LaterImputer"]

Spec = TypeVar("Spec")


class Imputer(ABC, Generic[Spec]):
    """Learns from the observed values of one column, and proposes a value for each row."""

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    needs_keys: ClassVar[bool] = False
    """Whether it asks for the keys of units."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @property
    def group(self) -> str | None:
        """The text column that it needs, if any."""
        return None

    @abstractmethod
    def fit(self, sample: Sample) -> State:
        """What is learned from the reference rows."""

    @abstractmethod
    def propose(self, sample: Sample, state: State) -> FloatArray:
        """A value for each row ``(rows,)``, used only where the row is missing; NaN where there is none."""


class LaterImputer(Imputer[Spec]):
    """Looks beyond its own column or row, so it works at another stage; here it learns nothing and proposes nothing."""

    def fit(self, sample: Sample) -> State:
        return {}

    def propose(self, sample: Sample, state: State) -> FloatArray:
        return np.full(sample.values.shape, np.nan)


class FromOthers(LaterImputer[Spec]):
    """Looks at the scores of the other indicators under a node, between indicators and nodes."""

    @property
    def node(self) -> str | None:
        """The node whose indicators are looked at; None is the parent."""
        node: str | None = self.spec.of  # type: ignore[attr-defined]
        return node
