"""Where bounds that a reference gives would have stood with another sample of it: the bootstrap."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import MISSING, Keys
from dtindex.steps.types import FloatArray

__all__ = ["Reference", "Resample", "joint_reference", "resamples"]


@dataclass(frozen=True)
class Reference:
    """Sorted reference keys by item, and by which unit each is (``units``), where that is known.

    Without it an edition holds each item's keys by themselves, and what two items of a unit have in common is lost.
    ``count`` is the number of units, ``weights`` ``(count,)`` are theirs.
    """

    keys: Mapping[str, Keys]
    units: Mapping[str, NDArray[np.intp]] | None = None
    count: int = 0
    weights: FloatArray | None = None


@dataclass(frozen=True)
class Resample:
    """One bootstrap sample: how often each sorted key was drawn, by item."""

    keys: Mapping[str, Keys]
    drawn: Mapping[str, NDArray[np.intp]]

    def sorted_keys(self, item: str) -> Keys:
        """The drawn keys, sorted."""
        return np.repeat(self.keys[item], self.drawn[item])

    def quantile_key(self, item: str, share: float) -> int | None:
        """As :func:`dtindex.steps.classify.quantile_key` of the drawn keys."""
        upto = np.cumsum(self.drawn[item])
        if not upto.size or upto[-1] == 0:
            return None
        position = max(math.ceil(share * int(upto[-1]) - 1e-9), 1)
        return int(self.keys[item][np.searchsorted(upto, position)])

    def best(self, item: str) -> Keys:
        """The highest of the drawn keys, as an array of one; empty where none was drawn."""
        some = np.flatnonzero(self.drawn[item])
        return self.keys[item][some[-1:]]


def joint_reference(
    reference: Mapping[str, Keys], own: Mapping[str, Keys], weights: FloatArray | None = None
) -> Reference:
    """The reference with its units, where ``own`` keys ``(units,)`` by item are those of the reference; else without.

    The order of ``own`` is the order in which units are drawn.
    """
    units: dict[str, NDArray[np.intp]] = {}
    count = len(next(iter(own.values()))) if own else 0
    for item, keys in own.items():
        order = np.argsort(keys, kind="stable")
        order = order[keys[order] != MISSING]
        if not np.array_equal(keys[order], reference[item]):
            return Reference(reference)
        units[item] = order
    return Reference(reference, units, count, weights)


def resamples(reference: Reference, rng: np.random.Generator, runs: int) -> Iterator[Resample]:
    """Bootstrap samples, as many units as there are, drawn with replacement (Efron 1979).

    Each unit is as likely as any other, as the rule counts them; or, where the reference has weights, in proportion.
    """
    for _ in range(runs):
        if reference.units is None:
            drawn = {item: _counts(rng, len(keys), None) for item, keys in reference.keys.items()}
        else:
            counts = _counts(rng, reference.count, reference.weights)
            drawn = {item: counts[order] for item, order in reference.units.items()}
        yield Resample(reference.keys, drawn)


def _counts(rng: np.random.Generator, count: int, weights: FloatArray | None) -> NDArray[np.intp]:
    if not count:
        return np.zeros(0, dtype=np.intp)
    if weights is None:
        positions = rng.integers(0, count, count)
    else:
        upto: Sequence[float] | FloatArray = np.cumsum(weights)
        positions = np.minimum(np.searchsorted(upto, rng.random(count) * upto[-1], side="right"), count - 1)
    return np.bincount(positions, minlength=count)
