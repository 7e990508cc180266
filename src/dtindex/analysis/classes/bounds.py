"""The bounds that a class asks of its members all at once, as they stand against a reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dtindex.engine.keys import Keys, open_width
from dtindex.engine.sums import deviation
from dtindex.spec.classes import Condition
from dtindex.steps.classify import best_key, quantile_key
from dtindex.steps.types import FloatArray

__all__ = [
    "Bound",
    "Conjunction",
    "conjunction",
    "is_relative",
    "items_of",
    "margin",
    "reference_deviation",
    "threshold",
]

Kind = Literal["above", "at_least", "below", "at_most", "quantile", "of_best"]
_PLAIN: tuple[Kind, ...] = ("above", "at_least", "below", "at_most")
_RELATIVE: tuple[Kind, ...] = ("quantile", "of_best")
_OPPOSITE: dict[Kind, Kind] = {"above": "at_most", "at_most": "above", "at_least": "below", "below": "at_least"}
_DIGITS = 1e12


@dataclass(frozen=True)
class Bound:
    """One bound on one item; ``sign`` is 1 where more is better for it, else -1."""

    item: str
    kind: Kind
    value: float
    sign: int = 1

    @property
    def relative(self) -> bool:
        """Whether the reference gives it."""
        return self.kind in _RELATIVE

    @property
    def strict(self) -> bool:
        """Whether a value at the bound does not keep it."""
        return self.kind in ("above", "below") or (self.relative and self.sign < 0)


@dataclass(frozen=True)
class Conjunction:
    """The bounds of which all have to be kept; ``whole`` where the condition says nothing else."""

    bounds: tuple[Bound, ...]
    whole: bool


def conjunction(condition: Condition | None) -> Conjunction:
    """The bounds in a condition that all its members keep: those under `all`, and under `not` of an `any`."""
    found = list(_flat(condition, False)) if condition is not None else [None]
    return Conjunction(tuple(one for one in found if one is not None), None not in found)


def items_of(condition: Condition, tagged: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every item that a condition looks at."""
    if condition.id is not None:
        yield condition.id
    if condition.count is not None:
        yield from condition.count.of or tagged[str(condition.count.tag)]
    for inner in (*(condition.all or ()), *(condition.any or ()), *([condition.not_] if condition.not_ else [])):
        yield from items_of(inner, tagged)


def is_relative(condition: Condition) -> bool:
    """Whether a bound in a condition is given by the reference."""
    inner = (*(condition.all or ()), *(condition.any or ()), *([condition.not_] if condition.not_ else []))
    own = condition.quantile is not None or condition.of_best is not None
    return own or any(is_relative(one) for one in inner)


def threshold(bound: Bound, reference: Keys, width: float, low: float) -> float | None:
    """Where the bound stands, in units of its item; None without a reference unit to be held against."""
    if bound.kind == "quantile":
        key = quantile_key(reference, bound.value)
    elif bound.kind == "of_best":
        key = best_key(reference, bound.value, round(low / width * _DIGITS))
    else:
        return bound.value
    return None if key is None else key * (width / _DIGITS)


def margin(values: FloatArray, bound: Bound, at: float) -> FloatArray:
    """How far values ``(rows,)`` are on the right side of a bound, in units of the item; NaN stays.

    What equals the bound but for the last bits of a computation is at it.
    """
    difference = bound.sign * (values - at)
    return np.where(np.abs(difference) <= open_width(np.array([at])) / _DIGITS / 2, 0.0, difference)


def reference_deviation(reference: Keys, width: float) -> float:
    """The standard deviation of reference scores by their keys; NaN of fewer than two."""
    return deviation(np.asarray(reference * (width / _DIGITS), dtype=np.float64))


def _flat(condition: Condition, negated: bool) -> Iterator[Bound | None]:
    """Bounds, and None for what is no bound."""
    joined, split = (condition.any, condition.all) if negated else (condition.all, condition.any)
    if condition.not_ is not None:
        yield from _flat(condition.not_, not negated)
    elif joined is not None or (split is not None and len(split) == 1):
        for inner in joined or split or ():
            yield from _flat(inner, negated)
    elif condition.id is not None:
        found = list(_bounds(condition, condition.id))
        if negated and len(found) > 1:
            yield None
        else:
            yield from (_turned(one) if negated else one for one in found)
    else:
        yield None


def _bounds(condition: Condition, item: str) -> Iterator[Bound]:
    for kind in (*_RELATIVE, *_PLAIN):
        value = getattr(condition, kind)
        if value is not None:
            yield Bound(item, kind, value, -1 if kind in ("below", "at_most") else 1)


def _turned(bound: Bound) -> Bound:
    return Bound(bound.item, _OPPOSITE.get(bound.kind, bound.kind), bound.value, -bound.sign)
