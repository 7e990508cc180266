"""How often a unit is in a class when errors and the reference are drawn again: the rules themselves, run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.asked import Asked
from dtindex.analysis.classes.measurement_error import Errors
from dtindex.analysis.classes.thresholds import Reference, Resample, resamples
from dtindex.engine.keys import MISSING, Keys
from dtindex.steps.classify import Figures, classify
from dtindex.steps.types import FloatArray

__all__ = ["simulated"]

_RUNS_A_BLOCK = 64
_CELLS = 4_000_000
_DIGITS = 1e12


def simulated(asked: Asked, errors: Errors | None, reference: Reference | None, *, runs: int, seed: int) -> FloatArray:
    """The share of runs ``(rows,)`` in which each unit is in the class.

    A run draws one error of every item (normal, with the covariance of ``errors``) and one sample of the
    ``reference``; whichever is None stays as it is. All units meet the same draws, so that neither their order nor
    their company matters, and of two units the one that is better everywhere is never less likely. Runs are drawn in
    blocks of 64, each from its own stream of the seed.
    """
    items = () if errors is None else errors.items
    root = np.zeros((0, 0)) if errors is None else _root(errors)
    count = np.zeros(len(asked.rows), dtype=np.int64)
    for block, start in enumerate(range(0, runs, _RUNS_A_BLOCK)):
        size = min(_RUNS_A_BLOCK, runs - start)
        # Two streams, so that the reference is drawn alike with errors and without.
        of_errors, of_units = map(np.random.default_rng, np.random.SeedSequence(seed, spawn_key=(block,)).spawn(2))
        shifts = np.asarray(of_errors.standard_normal((size, len(items))) @ root.T, dtype=np.float64)
        drawn = [None] * size if reference is None else list(resamples(reference, of_units, size))
        count += (_kept if asked.exact else _ruled)(asked, items, shifts, drawn)
    return np.asarray(count / runs, dtype=np.float64)


def _root(errors: Errors) -> FloatArray:
    """A matrix whose product with its transpose is the covariance."""
    assert errors.covariance is not None
    values, vectors = np.linalg.eigh(errors.covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)), dtype=np.float64)


def _kept(
    asked: Asked, items: Sequence[str], shifts: FloatArray, drawn: Sequence[Resample | None]
) -> NDArray[np.int64]:
    """In how many runs ``(rows,)`` every bound is kept; a value with an error is a bound that has moved."""
    bounds = asked.conjunction.bounds
    limits = []
    for bound in bounds:
        at = np.array([asked.threshold(bound, one) for one in drawn])
        limits.append(at - shifts[:, items.index(bound.item)] if bound.item in items else at)
    count = np.zeros(len(asked.rows), dtype=np.int64)
    step = max(_CELLS // len(drawn), 1)
    for start in range(0, len(count), step):
        rows = slice(start, start + step)
        kept = np.ones((len(count[rows]), len(drawn)), dtype=bool)
        for bound, limit in zip(bounds, limits, strict=True):
            slack = asked.scores.widths.get(bound.item, 0.0) / _DIGITS / 2
            difference = bound.sign * (asked.values[bound.item][rows, None] - limit)
            kept &= difference > slack if bound.strict else difference >= -slack
        count[rows] = kept.sum(axis=1)
    return count


def _ruled(
    asked: Asked, items: Sequence[str], shifts: FloatArray, drawn: Sequence[Resample | None]
) -> NDArray[np.int64]:
    """In how many runs ``(rows,)`` the rules, one after another, give the class."""
    scores = asked.scores
    keys = {item: scores.keys(item)[asked.rows] for item in asked.scored}
    measured = {item: asked.values[item] for item in asked.items if item not in keys}
    count = np.zeros(len(asked.rows), dtype=np.int64)
    for run, sample in enumerate(drawn):
        shift = dict(zip(items, shifts[run].tolist(), strict=True))
        figures = Figures(
            rows=len(asked.rows),
            keys=_moved(keys, shift, scores.widths).__getitem__,
            widths=scores.widths,
            measured={item: values + shift.get(item, 0.0) for item, values in measured.items()},
            reference=_Held(asked, sample),
            tagged=scores.methodology.tree.tagged,
            lows=asked.lows,
        )
        count += np.asarray(classify(asked.rules, figures) == asked.of)
    return count


def _moved(keys: Mapping[str, Keys], shift: Mapping[str, float], widths: Mapping[str, float]) -> dict[str, Keys]:
    return {
        item: np.where(own == MISSING, MISSING, own + round(shift.get(item, 0.0) / widths[item] * _DIGITS))
        for item, own in keys.items()
    }


class _Held:
    """The reference of an item, as rules ask for it: of all rows, drawn or as it is."""

    def __init__(self, asked: Asked, sample: Resample | None) -> None:
        self.asked, self.sample = asked, sample

    def __call__(self, item: str) -> Sequence[tuple[NDArray[np.bool_], Keys]]:
        everyone = np.ones(len(self.asked.rows), dtype=bool)
        return [(everyone, self.asked.reference(item) if self.sample is None else self.sample.sorted_keys(item))]
