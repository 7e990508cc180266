"""Classes by rules: conditions are true, false or unknown, so that what is missing is never taken for no."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, Keys, open_width
from dtindex.spec.classes import ClassRule, Condition, Counted
from dtindex.spec.tree import Tree
from dtindex.steps.types import FloatArray, TextArray

__all__ = ["UNKNOWN", "Figures", "Truth", "best_key", "classify", "low_ends", "quantile_key", "schemes"]

UNKNOWN = "unknown"
"""The class of a unit of which too little is known to tell."""

_DIGITS = 1e12
_LAST_BITS = 1e-9


@dataclass(frozen=True, slots=True)
class Truth:
    """Rows where a condition is known to hold, and where it is known not to, ``(rows,)`` each; unknown elsewhere.

    Kleene, S. C. (1952), Introduction to Metamathematics, section 64.
    """

    true: NDArray[np.bool_]
    false: NDArray[np.bool_]

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.true | other.true, self.false & other.false)

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)


@dataclass
class Figures:
    """What conditions look at, for some rows.

    ``keys`` gives the integer keys of a scored item, rounded as it is ranked; ``widths`` those items' scales, ``lows``
    where those scales begin (0 unless said); ``measured`` raw values; ``reference`` a scored item's sorted reference
    keys with the rows that are held against them; ``tagged`` the items of a tag.
    """

    rows: int
    keys: Callable[[str], Keys]
    widths: Mapping[str, float]
    measured: Mapping[str, FloatArray]
    reference: Callable[[str], Sequence[tuple[NDArray[np.bool_], Keys]]]
    tagged: Mapping[str, Sequence[str]]
    lows: Mapping[str, float] = field(default_factory=dict)
    _matrices: dict[tuple[str, ...], FloatArray] = field(default_factory=dict)

    def scaled(self, items: Sequence[str], bound: float) -> tuple[FloatArray, FloatArray]:
        """Figures ``(rows, items)`` and the bound ``(items,)`` in units of twelve digits of each item's scale.

        What is only measured has no scale: the power of ten at or above the bound serves.
        """
        width = _width(bound)
        if not any(item in self.widths for item in items):
            return np.rint(self._measured(items) / width * _DIGITS), np.full(
                len(items), np.rint(bound / width * _DIGITS)
            )
        columns, bounds = [], []
        for item in items:
            own = self.widths.get(item)
            columns.append(np.rint(self.measured[item] / width * _DIGITS) if own is None else self._floats(item))
            bounds.append(np.rint(bound / (width if own is None else own) * _DIGITS))
        return np.column_stack(columns), np.array(bounds)

    def low_key(self, item: str) -> int:
        """The key of the low end of an item's scale."""
        return round(self.lows.get(item, 0.0) / self.widths[item] * _DIGITS)

    def _floats(self, item: str) -> FloatArray:
        keys = self.keys(item)
        return np.where(keys == MISSING, np.nan, keys.astype(np.float64))

    def _measured(self, items: Sequence[str]) -> FloatArray:
        known = self._matrices.get(tuple(items))
        if known is None:
            known = self._matrices[tuple(items)] = np.column_stack([self.measured[item] for item in items])
        return known


@lru_cache(maxsize=1024)
def _width(bound: float) -> float:
    """The power of ten at or above a bound; 1 for 0."""
    return open_width(np.array([bound]))


def schemes(rules: Sequence[ClassRule]) -> dict[str, list[ClassRule]]:
    """Rules by scheme, in their order."""
    found: dict[str, list[ClassRule]] = {}
    for rule in rules:
        found.setdefault(rule.scheme, []).append(rule)
    return found


def classify(rules: Sequence[ClassRule], figures: Figures) -> TextArray:
    """The class of each row ``(rows,)`` by the ordered rules of one scheme.

    The first rule that holds gives the class. Where a rule is unknown before any holds, the class is `unknown`; where
    none holds, and none is unknown, it is ''. A rule without a condition holds.
    """
    classes = np.full(figures.rows, "", dtype=object)
    waiting = np.ones(figures.rows, dtype=bool)
    for rule in rules:
        if rule.when is None:
            classes[waiting] = rule.id
            return classes
        truth = _holds(rule.when, figures)
        classes[waiting & truth.true] = rule.id
        classes[waiting & ~truth.true & ~truth.false] = UNKNOWN
        waiting &= truth.false
    return classes


def quantile_key(reference: Keys, quantile: float) -> int | None:
    """The smallest of the sorted ``reference`` keys that at least this share of them do not exceed; None without any.

    ``x_(k)`` with ``k = ceil(q n)``, the inverse of the empirical distribution (Hyndman and Fan 1996, definition 1).
    """
    if not len(reference):
        return None
    position = max(math.ceil(quantile * len(reference) - _LAST_BITS), 1)
    return int(reference[position - 1])


def best_key(reference: Keys, share: float, low: int) -> int | None:
    """``low + share (best - low)``, best the last of the sorted ``reference`` keys; None without any.

    ``low`` is the key of the low end of the scale; the result is rounded to a key, as every bound is.
    """
    if not len(reference):
        return None
    best = int(reference[-1])
    return low + round(share * (best - low))


def low_ends(tree: Tree, items: Sequence[str]) -> dict[str, float]:
    """Where the scales of items begin, open ones left out."""
    scales = {item: tree.scale(item) for item in items}
    return {item: float(scale[0]) for item, scale in scales.items() if scale != "open"}


def _holds(condition: Condition, figures: Figures) -> Truth:
    if condition.all is not None:
        return _joined([_holds(one, figures) for one in condition.all], Truth.__and__)
    if condition.any is not None:
        return _joined([_holds(one, figures) for one in condition.any], Truth.__or__)
    if condition.not_ is not None:
        return ~_holds(condition.not_, figures)
    if condition.count is not None:
        return _count(condition, condition.count, figures)
    assert condition.id is not None
    if condition.quantile is not None:
        quantile = condition.quantile
        return _reaches(condition.id, lambda reference: quantile_key(reference, quantile), figures)
    if condition.of_best is not None:
        share, low = condition.of_best, figures.low_key(condition.id)
        return _reaches(condition.id, lambda reference: best_key(reference, share, low), figures)
    return _joined([_bound(condition.id, kind, bound, figures) for kind, bound in _bounds(condition)], Truth.__and__)


def _joined(truths: Sequence[Truth], join: Callable[[Truth, Truth], Truth]) -> Truth:
    whole = truths[0]
    for truth in truths[1:]:
        whole = join(whole, truth)
    return whole


def _bounds(condition: Condition) -> list[tuple[str, float]]:
    kinds = ("above", "at_least", "below", "at_most")
    return [(kind, bound) for kind in kinds if (bound := getattr(condition, kind)) is not None]


def _bound(item: str, kind: str, bound: float, figures: Figures) -> Truth:
    scaled, bounds = figures.scaled((item,), bound)
    own = scaled[:, 0]
    return _within(kind, float(bounds[0]), own, own)


def _reaches(item: str, least_of: Callable[[Keys], int | None], figures: Figures) -> Truth:
    """Where the key is at least the one that the reference of its row gives; unknown without one."""
    keys = figures.keys(item)
    true, false = np.zeros(figures.rows, dtype=bool), np.zeros(figures.rows, dtype=bool)
    for rows, reference in figures.reference(item):
        least = least_of(reference)
        if least is not None:
            known = rows & (keys != MISSING)
            true |= known & (keys >= least)
            false |= known & (keys < least)
    return Truth(true, false)


def _count(condition: Condition, counted: Counted, figures: Figures) -> Truth:
    """Between those that are known to reach the bound, and those that may."""
    items = counted.of if counted.of is not None else tuple(figures.tagged[str(counted.tag)])
    scaled, bounds = figures.scaled(items, counted.at_least)
    with np.errstate(invalid="ignore"):
        least = (scaled >= bounds).sum(axis=1)
    most = least + np.isnan(scaled).sum(axis=1)
    found = [
        _within(kind, bound, least.astype(np.float64), most.astype(np.float64)) for kind, bound in _bounds(condition)
    ]
    return _joined(found, Truth.__and__)


def _within(kind: str, bound: float, least: FloatArray, most: FloatArray) -> Truth:
    """A bound on what lies between ``least`` and ``most`` ``(rows,)``: known where both agree; NaN is unknown."""
    with np.errstate(invalid="ignore"):
        if kind == "at_least":
            return Truth(least >= bound, most < bound)
        if kind == "above":
            return Truth(least > bound, most <= bound)
        if kind == "at_most":
            return Truth(most <= bound, least > bound)
        return Truth(most < bound, least >= bound)
