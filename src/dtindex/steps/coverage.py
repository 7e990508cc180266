"""How much of a node is known, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.methods import Coverage

__all__ = ["Extent", "extent_of", "measured"]

Amount: TypeAlias = NDArray[np.floating[Any]] | float
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Extent:
    """What is known below an item, each ``(rows,)`` or one number for all rows.

    ``share`` is the share of the leaves, by effective weight, that are known and used; ``used`` and ``total`` count
    leaves
    that are used and that are applicable. An item without a value uses none.
    """

    share: Amount = 1.0
    used: Amount = 1.0
    total: Amount = 1.0


def extent_of(
    extents: Sequence[Extent],
    weights: Sequence[float],
    present: Sequence[NDArray[np.bool_] | bool],
    applicable: Sequence[NDArray[np.bool_] | bool],
) -> Extent:
    """The extent of a node from its children's; ``present`` and ``applicable`` are ``(rows,)`` or one truth for all
    rows.
    """
    share: Amount = 0.0
    weight_of_all: Amount = 0.0
    used: Amount = 0.0
    total: Amount = 0.0
    for extent, weight, here, asked in zip(extents, weights, present, applicable, strict=True):
        share = share + weight * (extent.share * here)
        weight_of_all = weight_of_all + weight * asked
        used = used + extent.used * here
        total = total + extent.total * asked
    return Extent(_quotient(share, weight_of_all), used, total)


def measured(
    rule: Coverage,
    extent: Extent,
    weights: Sequence[float],
    present: Sequence[NDArray[np.bool_] | bool],
    applicable: Sequence[NDArray[np.bool_] | bool],
) -> Amount:
    """The coverage that the rule asks for: of leaves or children, by weight or count; what is not applicable is not
    asked.

    0 where nothing is applicable.
    """
    if rule.of == "leaves":
        return extent.share if rule.by == "weight" else _quotient(extent.used, extent.total)
    known: Amount = 0.0
    asked_for: Amount = 0.0
    for weight, here, asked in zip(weights, present, applicable, strict=True):
        unit = weight if rule.by == "weight" else 1.0
        known = known + unit * here
        asked_for = asked_for + unit * asked
    return _quotient(known, asked_for)


def enough(rule: Coverage, coverage: Amount) -> NDArray[np.bool_]:
    """Whether coverage reaches ``at_least``, forgiving the last bits of a division."""
    return np.asarray(coverage) >= rule.at_least - _TOLERANCE


def _quotient(over: Amount, under: Amount) -> Amount:
    if isinstance(over, float) and isinstance(under, float):
        return over / under if under else 0.0
    bottom = np.asarray(under, dtype=np.float64)
    top = np.broadcast_to(np.asarray(over, dtype=np.float64), np.broadcast_shapes(np.shape(over), bottom.shape))
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)
