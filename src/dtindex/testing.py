"""For those who write methods of their own: the properties that dtindex's own methods are held to.

A package registers a class by an entry point in the group ``dtindex.normalise``, ``dtindex.weights`` or
``dtindex.aggregate``, and tests it with :func:`check_method`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from dtindex.steps.aggregate.apart import Pair
from dtindex.steps.aggregate.base import Aggregator, Inputs
from dtindex.steps.normalise.base import Normaliser
from dtindex.steps.types import FloatArray, Frozen, NoVariation, Sample, State, Unfit
from dtindex.steps.weight.base import Siblings, Weighting

__all__ = ["Broken", "check_method"]

_SCALE = (0.0, 100.0)
_ROWS, _MEMBERS, _TABLES = 24, 4, 6
_CLOSE = 1e-9


class Broken(AssertionError):
    """A property does not hold; the message says which, and on what."""


def check_method(cls: type[Any], settings: Mapping[str, object] | None = None, *, seed: int = 1) -> tuple[str, ...]:
    """Try what has to hold for a normaliser, a weighting or an aggregation; the names of the properties tried.

    Of all: the documented attributes are there, and the same input gives the same bits whatever the order of rows. Of
    normalisers and aggregations: what is missing has no score, a row's score does not depend on other rows (unless it
    ranks a set), a better value never scores lower (unless the class says ``monotone = False``), what is learned
    survives an edition, and scores of aggregations stay on the scale and are told apart without a remainder. Of
    weightings: weights are zero or more, one for each child, and some of them count.

    Parameters
    ----------
    cls
        A subclass of ``Normaliser``, ``Weighting`` or ``Aggregator``.
    settings
        What a methodology file would say under ``settings:``.
    seed
        Of the tables on which it is tried.

    Raises
    ------
    Broken
        A property does not hold.
    """
    if not (isinstance(cls, type) and issubclass(cls, Normaliser | Weighting | Aggregator)):
        raise Broken(f"{getattr(cls, '__name__', cls)} is no Normaliser, Weighting or Aggregator")
    tried = []
    for name, check in _checks(cls):
        rng = np.random.Generator(np.random.PCG64(seed))
        for _ in range(_TABLES):
            check(_made(cls, settings), rng)
        tried.append(name)
    return tuple(tried)


def _checks(cls: type[Any]) -> Iterator[tuple[str, Callable[[Any, np.random.Generator], None]]]:
    yield "attributes", _attributes
    if issubclass(cls, Aggregator):
        yield "missing", _aggregate_missing
        yield "order of rows", _aggregate_order
        if not cls.set_relative:
            yield "rows by themselves", _aggregate_alone
        if getattr(cls, "monotone", True) and not cls.set_relative:
            yield "better never lower", _aggregate_better
        yield "on the scale", _aggregate_scale
        yield "editions", _aggregate_edition
        if cls.divisible:
            yield "told apart", _aggregate_apart
    elif issubclass(cls, Weighting):
        yield "weights", _weights
        yield "order of rows", _weights_order
    else:
        yield "missing", _normalise_missing
        yield "order of rows", _normalise_order
        yield "rows by themselves", _normalise_alone
        if getattr(cls, "monotone", True):
            yield "better never lower", _normalise_better
        yield "editions", _normalise_edition


def _made(cls: type[Any], settings: Mapping[str, object] | None) -> Any:
    model = getattr(cls, "Settings", None)
    return cls(None if model is None else model.model_validate(dict(settings or {})))


def _want(holds: bool | np.bool_, method: Any, what: str) -> None:
    if not holds:
        raise Broken(f"{type(method).__name__}: {what}")


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def _attributes(method: Any, rng: np.random.Generator) -> None:
    for name in ("method", "reference"):
        said = getattr(type(method), name, None)
        _want(isinstance(said, str) and bool(said), method, f"`{name}` is to be a text")
    _want(isinstance(method.frozen, Frozen), method, "`frozen` is to be one of Frozen")
    _want(bool((type(method).__doc__ or "").strip()), method, "the class is to say its formula")


# --- aggregations ---


def _inputs(x: FloatArray, weights: list[float]) -> Inputs:
    columns = [np.ascontiguousarray(column) for column in x.T]
    complete = [not np.isnan(column).any() for column in columns]
    ids = [f"m{at}" for at in range(len(columns))]
    return Inputs(ids, columns, weights, complete, lambda item: (columns[ids.index(item)], _SCALE))


def _drawn(rng: np.random.Generator, gaps: float = 0.15) -> tuple[FloatArray, list[float]]:
    x = np.round(rng.uniform(1, 99, size=(_ROWS, _MEMBERS)), 3)
    x[rng.random(x.shape) < gaps] = np.nan
    return x, np.round(rng.uniform(0.5, 4, size=_MEMBERS), 2).tolist()


def _scored(method: Any, x: FloatArray, weights: list[float], state: State | None = None) -> FloatArray:
    learned = method.fit(_inputs(x, weights)) if state is None else state
    return np.asarray(method.combine(_inputs(x, weights), learned, _SCALE), dtype=np.float64)


def _aggregate_missing(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng)
    x[0] = np.nan
    found = _scored(method, x, weights)
    _want(found.shape == (_ROWS,), method, f"expected {_ROWS} scores, found {found.shape}")
    _want(np.isnan(found[0]), method, "a row of which nothing is known has a score")
    _want(not np.isinf(found).any(), method, "a score is infinite")


def _aggregate_order(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng)
    order = rng.permutation(_ROWS)
    _want(
        _same(_scored(method, x[order], weights), _scored(method, x, weights)[order]), method, "rows in another order"
    )


def _aggregate_alone(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng)
    state = method.fit(_inputs(x, weights))
    whole = _scored(method, x, weights, state)
    alone = np.concatenate([_scored(method, x[row : row + 1], weights, state) for row in range(_ROWS)])
    _want(_same(alone, whole), method, "a row scored by itself has another score than among others")


def _aggregate_better(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng, gaps=0.0)
    state = method.fit(_inputs(x, weights))
    before = _scored(method, x, weights, state)
    for member in range(_MEMBERS):
        better = x.copy()
        better[:, member] = np.minimum(better[:, member] + rng.uniform(0, 30, _ROWS), 100)
        _want(
            (_scored(method, better, weights, state) >= before - _CLOSE).all(), method, "a better member, a lower score"
        )


def _aggregate_scale(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng, gaps=0.0)
    found = _scored(method, x, weights)
    found = found[~np.isnan(found)]
    _want(((found >= -_CLOSE) & (found <= 100 + _CLOSE)).all(), method, "a score is outside of the node's scale")


def _aggregate_edition(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng)
    state = method.fit(_inputs(x, weights))
    _want(_same(_scored(method, x, weights, _kept(method, state)), _scored(method, x, weights, state)), method, "lost")


def _kept(method: Any, state: State) -> State:
    """What an edition keeps: arrays of one axis, of floats or of texts."""
    for name, array in state.items():
        _want(array.ndim == 1, method, f"`{name}` has {array.ndim} axes; an edition keeps one")
        _want(array.dtype == np.float64 or array.dtype == object, method, f"`{name}` is {array.dtype}, not float64")
    return {name: np.array(array.tolist(), dtype=array.dtype) for name, array in state.items()}


def _aggregate_apart(method: Any, rng: np.random.Generator) -> None:
    x, weights = _drawn(rng, gaps=0.0)
    other, _ = _drawn(rng, gaps=0.0)
    state = method.fit(_inputs(x, weights))
    ends = _scored(method, x, weights, state), _scored(method, other, weights, state)
    if np.isnan(ends).any():
        return
    whole = float(sum(weights))
    pair = Pair((list(x.T), list(other.T)), (weights, weights), False, (whole, whole))
    told = method.apart(pair, ends, state, _SCALE)
    parts = sum((np.asarray(part) for part in (*told.data, *told.weights)), np.zeros(_ROWS))
    _want(np.allclose(parts, ends[1] - ends[0], atol=1e-7), method, "what members add does not sum to the difference")


# --- weightings ---


def _weighed(method: Any, x: FloatArray) -> FloatArray:
    ids = [f"m{at}" for at in range(x.shape[1])]
    columns = [np.ascontiguousarray(column) for column in x.T]
    given = dict.fromkeys(ids, 1.0)
    siblings = Siblings("node", ids, given, columns, [100.0] * len(ids), lambda _: columns[0])
    return np.asarray(method.fit(siblings).weights, dtype=np.float64)


def _weights(method: Any, rng: np.random.Generator) -> None:
    x, _ = _drawn(rng, gaps=0.05)
    for table in (x, x[:, :1], np.column_stack([x[:, 0], np.full(_ROWS, 5.0)])):
        found = _weighed(method, table)
        _want(found.shape == (table.shape[1],), method, f"expected a weight for each of {table.shape[1]} children")
        _want(np.isfinite(found).all() and (found >= 0).all(), method, f"weights are to be zero or more: {found}")
        _want(found.sum() > 0, method, "no child has a weight")


def _weights_order(method: Any, rng: np.random.Generator) -> None:
    x, _ = _drawn(rng, gaps=0.05)
    _want(_same(_weighed(method, x[rng.permutation(_ROWS)]), _weighed(method, x)), method, "rows in another order")


# --- normalisers ---


def _sample(values: FloatArray) -> Sample:
    return Sample(values, np.where(np.isnan(values), 1, 0).astype(np.uint16))


def _values(rng: np.random.Generator) -> FloatArray:
    values = np.round(rng.lognormal(3, 0.6, size=_ROWS), 3)
    values[rng.random(_ROWS) < 0.1] = np.nan
    return values


def _normalised(method: Any, values: FloatArray, state: State) -> FloatArray:
    return np.asarray(method.normalise(_sample(values), state), dtype=np.float64)


def _normalise_missing(method: Any, rng: np.random.Generator) -> None:
    values = _values(rng)
    values[0] = np.nan
    found = _normalised(method, values, method.fit(_sample(values)))
    _want(np.isnan(found[np.isnan(values)]).all(), method, "a value that is missing has a score")
    with suppress(NoVariation, Unfit):  # said in the way in which it is to be said
        method.fit(_sample(np.full(_ROWS, 7.0)))


def _normalise_order(method: Any, rng: np.random.Generator) -> None:
    values = _values(rng)
    order = rng.permutation(_ROWS)
    one = _normalised(method, values, method.fit(_sample(values)))
    other = _normalised(method, values[order], method.fit(_sample(values[order])))
    _want(_same(other, one[order]), method, "rows in another order")


def _normalise_alone(method: Any, rng: np.random.Generator) -> None:
    values = _values(rng)
    state = method.fit(_sample(values))
    alone = np.concatenate([_normalised(method, values[row : row + 1], state) for row in range(_ROWS)])
    _want(
        _same(alone, _normalised(method, values, state)),
        method,
        "a value by itself has another score than among others",
    )


def _normalise_better(method: Any, rng: np.random.Generator) -> None:
    values = _values(rng)
    state = method.fit(_sample(values))
    before, after = (_normalised(method, one, state) for one in (values, values * 1.2))
    known = ~np.isnan(before) & ~np.isnan(after)
    _want((after[known] >= before[known] - _CLOSE).all(), method, "a better value, a lower score")


def _normalise_edition(method: Any, rng: np.random.Generator) -> None:
    values = _values(rng)
    state = method.fit(_sample(values))
    _want(_same(_normalised(method, values, _kept(method, state)), _normalised(method, values, state)), method, "lost")
