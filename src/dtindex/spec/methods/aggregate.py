"""Aggregation, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number
from dtindex.spec.methods.common import Interval

__all__ = [
    "Aggregate",
    "Arithmetic",
    "Case",
    "Cases",
    "Geometric",
    "Harmonic",
    "Over",
    "Power",
    "SumAggregate",
    "Topsis",
    "When",
    "Zeros",
]


Over = Literal["children", "leaves"]
Zeros = Literal["warn", "allow"]


class Arithmetic(Block):
    """``sum w x / sum w``."""

    method: Literal["arithmetic"]
    over: Over = "children"


class Geometric(Block):
    """``exp(sum w ln x / sum w)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["geometric"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Harmonic(Block):
    """``sum w / sum (w / x)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["harmonic"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Power(Block):
    """``(sum w x^p / sum w)^(1/p)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["power"]
    p: Number
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class SumAggregate(Block):
    """``sum w x`` with the weights as they stand, 1 where none is given."""

    method: Literal["sum"]
    over: Over = "children"


class When(Block):
    """A condition on the value of a node or an indicator."""

    id: Id
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> When:
        if all(bound is None for bound in (self.above, self.at_least, self.below, self.at_most)):
            raise ValueError("expected one of `above`, `at_least`, `below`, `at_most`")
        return self


class Case(Block):
    """``take`` this child where the condition holds; without a condition, always."""

    take: Id
    when: When | None = None


class Cases(Block):
    """The first case whose condition holds; missing where a condition is met on a missing value."""

    method: Literal["cases"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class Topsis(Block):
    """Closeness to the ideal against the worst."""

    method: Literal["topsis"]
    over: Over = "children"
    normalise: Literal["none", "vector"] = "none"


Aggregate = Annotated[
    Arithmetic | Geometric | Harmonic | Power | SumAggregate | Cases | Topsis, Field(discriminator="method")
]
