"""What the steps hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.status import StatusArray

__all__ = ["FloatArray", "Frozen", "Grouping", "NoVariation", "Problem", "Sample", "State", "TextArray", "Unfit"]

FloatArray: TypeAlias = NDArray[np.float64]
TextArray: TypeAlias = NDArray[np.object_]
State: TypeAlias = dict[str, NDArray[Any]]
"""What a method learned from the reference table: one-dimensional arrays by name, which is all that an edition stores.
"""


class Frozen(StrEnum):
    """Whether a fitted method can score a unit that it has not seen."""

    YES = "yes"
    AGAINST_REFERENCE = "against_reference"
    NO = "no"


class NoVariation(ValueError):
    """The reference values are constant, and the method divides by their spread."""


class Unfit(ValueError):
    """What was learned cannot serve: a goalpost without a logarithm, or goalposts that contradict the direction."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding without its place: the rows are positions in the table that was given."""

    code: str
    item: str
    message: str
    rows: tuple[int, ...] = ()

    def at(self, rows: Sequence[int]) -> Problem:
        """The same of other rows."""
        return replace(self, rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each row: ``labels`` in order, and each row's position among them ``(rows,)``."""

    labels: tuple[str, ...]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, texts: TextArray) -> Grouping:
        """The grouping by a text column; worked out once for all indicators that need it."""
        labels = tuple(sorted(set(texts)))
        positions = {label: position for position, label in enumerate(labels)}
        return cls(labels, np.array([positions[text] for text in texts], dtype=np.intp))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Grouping:
        """The grouping of some of the rows."""
        return Grouping(self.labels, self.codes[rows])


@dataclass(frozen=True, slots=True)
class Sample:
    """One indicator's column with what some methods need to know of its rows.

    ``values`` and ``flags`` are ``(rows,)``; ``raw`` are the values in raw units, for percentile goalposts, and
    ``carried`` takes figures from raw units to those of ``values``, None where both are the same. ``groups`` are
    groupings by the name of their column. ``units`` and ``periods`` are keys, None where no method asks for them.
    """

    values: FloatArray
    flags: StatusArray
    raw: FloatArray | None = None
    units: TextArray | None = None
    periods: TextArray | None = None
    groups: Mapping[str, Grouping] = field(default_factory=dict)
    carried: Callable[[FloatArray], FloatArray] | None = None

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Sample:
        """The sample of some of the rows."""
        return Sample(
            values=self.values[rows],
            flags=self.flags[rows],
            raw=None if self.raw is None else self.raw[rows],
            units=None if self.units is None else self.units[rows],
            periods=None if self.periods is None else self.periods[rows],
            groups={name: grouping.take(rows) for name, grouping in self.groups.items()},
        )

    def in_raw_units(self) -> FloatArray:
        """The values before they were transformed, ``(rows,)``."""
        return self.values if self.raw is None else self.raw

    def carry(self, *figures: float) -> FloatArray:
        """Figures in raw units, carried to the unit of ``values``, as an array.

        Raises
        ------
        Unfit
            DT304 for a figure outside the domain of a transformation.
        """
        given = np.array(figures)
        found = given if self.carried is None else self.carried(given)
        if np.isnan(found).any():
            outside = given[np.isnan(found)][0]
            raise Unfit("DT304", f"{outside:g} cannot be transformed; goalposts and the like stand in raw units")
        return found

    def with_values(self, values: FloatArray, flags: StatusArray | None = None) -> Sample:
        """The same rows with other values."""
        return replace(self, values=values, flags=self.flags if flags is None else flags)
