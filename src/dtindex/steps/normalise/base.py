"""What every normaliser is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Scale
from dtindex.spec.tree import Direction
from dtindex.steps.types import FloatArray, Frozen, Sample, State

__all__ = ["Normaliser"]

Spec = TypeVar("Spec")


class Normaliser(ABC, Generic[Spec]):
    """Learns from one column of the reference table, and gives each value a score; NaN stays NaN.

    Each method applies the direction in its own formula; values are never multiplied by -1, which logarithms and ratios
    would not survive.
    """

    method: ClassVar[str]
    frozen: ClassVar[Frozen] = Frozen.YES
    reference: ClassVar[str]
    needs_keys: ClassVar[bool] = False
    """Whether it looks at the units and periods of the rows."""
    stateless: ClassVar[bool] = False
    """Whether the file alone makes the score of a value: fit leaves nothing behind."""
    domain: ClassVar[tuple[str, str]] = ("DT306", "the value is too large for a number")
    """Code and message for a value that has no score."""

    def __init__(self, spec: Spec, direction: Direction = "higher", scale: Scale = (0.0, 100.0)) -> None:
        self.spec = spec
        self.direction = direction
        self.scale = scale

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the scale; 0 and 1 for an open one."""
        return (0.0, 1.0) if self.scale == "open" else self.scale

    @property
    def learns(self) -> bool:
        """Whether it needs the reference table; what is given in the file does not."""
        return True

    @property
    def clip(self) -> str:
        """Which ends of the scale cut off: none, both, worst, best."""
        return "none"

    @abstractmethod
    def fit(self, sample: Sample) -> State:
        """What is learned from the reference rows; values may be NaN.

        Raises
        ------
        NoVariation
            The values are constant and the formula divides by their spread.
        """

    def refuses(self, values: FloatArray) -> NDArray[np.bool_] | None:
        """Rows whose value the method does not know, or None where it takes any number."""
        return None

    @abstractmethod
    def normalise(self, sample: Sample, state: State) -> FloatArray:
        """Scores ``(rows,)`` before clipping."""


def observed(sample: Sample) -> FloatArray:
    """The values that are not NaN."""
    return sample.values[~np.isnan(sample.values)]
