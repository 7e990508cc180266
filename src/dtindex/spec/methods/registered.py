"""Methods of other packages, as blocks of a methodology file: `registered`, a name, and what the method takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dtindex.spec.base import Block, Number

__all__ = ["RegisteredAggregate", "RegisteredNormalise", "RegisteredWeights", "Settings"]

Settings = dict[str, Number | bool | str]


class _Registered(Block):
    method: Literal["registered"]
    name: Annotated[str, Field(min_length=1)]
    settings: Settings = {}


class RegisteredNormalise(_Registered):
    """A normalisation of another package, by its entry point in ``dtindex.normalise``."""


class RegisteredWeights(_Registered):
    """A weighting of another package, by its entry point in ``dtindex.weights``."""


class RegisteredAggregate(_Registered):
    """An aggregation of another package, by its entry point in ``dtindex.aggregate``."""

    over: Literal["children", "leaves"] = "children"
