"""The lowest and the highest score that each unit can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from dtindex.analysis.bounds.linear import drawn_in
from dtindex.engine.admissible import Admissible, Hull
from dtindex.engine.composite import Affine, Draws, Expression, Fixed, Form, Mean, Nested, Observed, Weighting, evaluate
from dtindex.engine.keys import round_half_up
from dtindex.steps.types import FloatArray

__all__ = ["score_range"]

Ends = tuple[FloatArray, FloatArray]


def score_range(expression: Expression, sets: Mapping[str, Admissible], nominal: Draws) -> Ends:
    """Lowest and highest scores ``(n,)``; NaN where weights are free below what is no mean.

    A mean never falls where a member rises, and weights of one node do not depend on those of another: so a mean of
    means is lowest where its members are, whatever their forms. What is missing counts for something between the least
    and the most of what is known beside it.
    """
    if isinstance(expression, Observed) and expression.computed is not None:
        given = evaluate(expression.given, nominal)
        low, high = score_range(expression.computed, sets, nominal)
        return np.where(expression.here, given, low), np.where(expression.here, given, high)
    if isinstance(expression, Mean):
        return _mean(expression, sets, nominal)
    values = expression.values if isinstance(expression, Fixed) else evaluate(expression, nominal)
    values = values[0] if values.ndim == 2 else values
    if drawn_in(expression):
        return np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    return values, values


def _mean(mean: Mean, sets: Mapping[str, Admissible], nominal: Draws) -> Ends:
    members = [
        _through(mean.form, to_scale, score_range(member, sets, nominal))
        for member, to_scale in zip(mean.members, mean.maps, strict=True)
    ]
    low, high = _weighed(mean.weighting, iter(members), sets)
    low, high = _ordered(mean.back(mean.form.back(low)), mean.back(mean.form.back(high)))
    if mean.decimals is not None:
        low, high = (round_half_up(end, mean.decimals, mean.width) for end in (low, high))
    return low, high


def _through(form: Form, to_scale: Affine, ends: Ends) -> Ends:
    return _ordered(*(form.forward(to_scale(end)) for end in ends))


def _ordered(one: FloatArray, other: FloatArray) -> Ends:
    return np.minimum(one, other), np.maximum(one, other)


def _weighed(weighting: Weighting, members: Iterator[Ends], sets: Mapping[str, Admissible]) -> Ends:
    if isinstance(weighting, Nested):
        outer = weighting.outer
        own = [next(members) if one is None else _weighed(one, members, sets) for one in weighting.inner]
    else:
        outer = weighting
        count = len(outer.columns) if outer.constant is None else len(outer.constant)
        own = [next(members) for _ in range(count)]
    assert not isinstance(outer, Nested)
    weights = Hull(outer.constant[None, :]) if outer.constant is not None else sets[outer.name]
    low, high = (np.stack(ends, axis=1) for ends in zip(*own, strict=True))
    if weights.point:  # as it is scored: over what is known
        shares = weights.largest_at(np.zeros(weights.items))
        low, high = (_over_known(ends, shares) for ends in (low, high))
        return low, high
    low = np.where(np.isnan(low), np.fmin.reduce(low, axis=1)[:, None], low)
    high = np.where(np.isnan(high), np.fmax.reduce(high, axis=1)[:, None], high)
    return -weights.largest(-low), weights.largest(high)


def _over_known(values: FloatArray, shares: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0) @ shares
    weight = known @ shares
    mean: FloatArray = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    return mean
