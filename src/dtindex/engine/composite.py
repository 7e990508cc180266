"""A tree of means worked out for many runs at once, in each of which weights and some scores are drawn anew.

Expressions give scores ``(n,)`` where nothing below is drawn, else ``(runs, n)``. NaN is a score that is not there. A
mean over fixed scores is one matrix product; means of one form stacked upon each other are one mean with the products
of their weights, so that a tree of arithmetic means is a single product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.keys import round_half_up

__all__ = [
    "Affine",
    "Branch",
    "Called",
    "Closeness",
    "Condition",
    "Drawn",
    "Draws",
    "Expression",
    "Fixed",
    "Form",
    "Mean",
    "Nested",
    "Observed",
    "Perturbed",
    "Shares",
    "StoodIn",
    "Switch",
    "Weighting",
    "collapsed",
    "evaluate",
    "may_fail",
    "weights_of",
]

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LAST_BITS = 1e-13
_HUGE = 1e300
"""Stands for an infinity of `ln 0` or `1 / 0`, so that a weight of zero still takes it away."""
_INFINITE = 1e250
"""A mean beyond it has one of these in it, with a weight, and its inverse is a zero like any other."""
_SMALL = 0.1
"""Exponents below which `x^p - 1` keeps digits that `x^p` loses, as in the power mean itself."""


@dataclass(frozen=True, slots=True)
class Affine:
    """``offset + slope x``: from one scale to another."""

    offset: float = 0.0
    slope: float = 1.0

    def __call__(self, values: FloatArray) -> FloatArray:
        if self.is_identity:
            return values
        return self.offset + self.slope * values

    @property
    def is_identity(self) -> bool:
        return self.offset == 0.0 and self.slope == 1.0

    def after(self, inner: Affine) -> Affine:
        """This one of what the inner one gives."""
        return Affine(self.offset + self.slope * inner.offset, self.slope * inner.slope)

    def near_identity(self, scale: float) -> bool:
        """Whether it moves nothing by more than the last bits of ``scale``."""
        return abs(self.offset) <= 1e-14 * scale and abs(self.slope - 1.0) <= 1e-14


@dataclass(frozen=True, slots=True)
class Form:
    """The function whose mean is taken: ``x``, ``ln x``, ``1 / x`` or ``x^p``, near ``p = 0`` less 1.

    A negative x has no value but in the first, and a mean that gives it a weight has none (DT304).
    """

    name: Literal["arithmetic", "geometric", "harmonic", "power"] = "arithmetic"
    exponent: float = 1.0

    def forward(self, values: FloatArray) -> FloatArray:
        if self.name == "arithmetic":
            return values
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            negative = values < 0
            size = np.abs(values)
            if self.name == "geometric":
                found = np.log(size)
            elif self.name == "harmonic":
                found = 1.0 / size
            elif abs(self.exponent) < _SMALL:
                found = np.expm1(self.exponent * np.log(size))
            else:
                found = np.power(size, self.exponent)
            found = np.clip(found, -_HUGE, _HUGE)
            if negative.any():
                found[negative] = np.nan
        return found

    def outside(self, values: FloatArray) -> Mask | None:
        """Where values are known and the function has none of them; None where that is nowhere."""
        if self.name == "arithmetic":
            return None
        negative = values < 0
        return negative if negative.any() else None

    def back(self, values: FloatArray) -> FloatArray:
        if self.name == "arithmetic":
            return values
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            if self.name == "geometric":
                return np.exp(values)
            if self.name == "harmonic":
                return np.where(values > _INFINITE, 0.0, 1.0 / values)
            if abs(self.exponent) < _SMALL:
                # Weights that sum to a last bit more than one take a mean of zeros below -1.
                return np.exp(np.log1p(np.maximum(values, -1.0)) / self.exponent)
            found: FloatArray = np.power(values, 1.0 / self.exponent)
            return found if self.exponent > 0 else np.where(values > _INFINITE, 0.0, found)


@dataclass(frozen=True)
class Draws:
    """What is drawn for some runs: ``weights`` ``(runs, members)`` and ``scores`` ``(runs, n)`` by name."""

    runs: int
    weights: Mapping[str, FloatArray]
    scores: Mapping[str, FloatArray] = field(default_factory=dict)

    def take(self, rows: NDArray[np.intp]) -> Draws:
        """What was drawn for some of the runs."""
        weights, scores = ({name: own[rows] for name, own in kind.items()} for kind in (self.weights, self.scores))
        return Draws(len(rows), weights, scores)


@dataclass(frozen=True, eq=False)
class Shares:
    """Weights of a node's members: constant ``(members,)``, or columns of drawn ones by name; they sum to one.

    ``partial`` says that some of the drawn ones are left out, and that the rest fill their place.
    """

    constant: FloatArray | None = None
    name: str = ""
    columns: tuple[int, ...] = ()
    partial: bool = False


@dataclass(frozen=True, eq=False)
class Nested:
    """Weights of members of members: each outer weight times the inner ones, where there are inner ones."""

    outer: Weighting
    inner: tuple[Weighting | None, ...]


Weighting: TypeAlias = Shares | Nested


@dataclass(frozen=True, eq=False)
class Fixed:
    """Scores ``(n,)`` that no run changes."""

    values: FloatArray


@dataclass(frozen=True, eq=False)
class Drawn:
    """Scores that are drawn in each run, by name."""

    name: str


@dataclass(frozen=True, eq=False)
class Perturbed:
    """Scores with an error that is drawn in each run, by name."""

    of: Expression
    name: str


@dataclass(frozen=True, eq=False)
class Mean:
    """``back(f^-1(sum w f(maps x) / sum w))`` over the members known in a run.

    ``absent`` ``(n,)`` are units that have no score whatever the weights, ``decimals`` and ``width`` the rounding on
    the way up.
    """

    members: tuple[Expression, ...]
    weighting: Weighting
    form: Form
    maps: tuple[Affine, ...]
    back: Affine
    absent: Mask | None = None
    decimals: int | None = None
    width: float = 1.0
    low: float | None = None


@dataclass(frozen=True, eq=False)
class Closeness:
    """TOPSIS: ``low + (high - low) d- / (d+ + d-)`` with ideals ``(members,)`` of the reference, and lengths."""

    members: tuple[Expression, ...]
    weighting: Weighting
    best: FloatArray
    worst: FloatArray
    length: FloatArray
    back: Affine
    absent: Mask | None = None
    decimals: int | None = None
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Called:
    """Any function of members ``(n,)`` and weights ``(members,)``, asked once for each run."""

    members: tuple[Expression, ...]
    weighting: Weighting
    function: Callable[[list[FloatArray], list[float]], FloatArray]
    absent: Mask | None = None
    decimals: int | None = None
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Condition:
    """Bounds on another item's score, each with the half key that forgives the last bits already taken off."""

    of: Expression
    bounds: tuple[tuple[Literal["above", "at_least", "below", "at_most"], float], ...]


@dataclass(frozen=True, eq=False)
class Branch:
    """Take a member where the condition holds; without one, always."""

    member: Expression
    to_scale: Affine
    when: Condition | None = None


@dataclass(frozen=True, eq=False)
class Switch:
    """The member of the first branch whose condition holds; no score once a condition meets a missing one."""

    branches: tuple[Branch, ...]
    absent: Mask | None = None
    decimals: int | None = None
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Observed:
    """The table's own score where it has one, ``here`` ``(n,)``, else what is computed."""

    here: Mask
    given: Expression
    computed: Expression | None


@dataclass(frozen=True, eq=False)
class StoodIn:
    """A score, and ``low`` ``(n,)`` in its place where a run has none; NaN where nothing stands in."""

    of: Expression
    low: FloatArray


Expression: TypeAlias = Fixed | Drawn | Perturbed | Mean | Closeness | Called | Switch | Observed | StoodIn


def weights_of(weighting: Weighting, draws: Draws) -> FloatArray:
    """Weights ``(members,)`` or ``(runs, members)``, which sum to one."""
    if isinstance(weighting, Shares):
        if weighting.constant is not None:
            return weighting.constant
        drawn = draws.weights[weighting.name]
        if not weighting.partial:
            return drawn
        kept = np.ascontiguousarray(drawn[:, weighting.columns])
        with np.errstate(invalid="ignore", divide="ignore"):
            shares: FloatArray = kept / kept.sum(axis=1, keepdims=True)
        return shares
    outer = weights_of(weighting.outer, draws)
    parts = []
    for column, inner in enumerate(weighting.inner):
        own = outer[..., column : column + 1]
        parts.append(own if inner is None else own * weights_of(inner, draws))
    runs = max(len(part) if part.ndim == 2 else 0 for part in parts)
    if not runs:
        return np.concatenate(parts)
    return np.concatenate([np.broadcast_to(part, (runs, part.shape[-1])) for part in parts], axis=1)


def may_fail(weighting: Weighting) -> bool:
    """Whether weights may be NaN: of a run in which only what is left out has a weight."""
    if isinstance(weighting, Shares):
        return weighting.partial
    return may_fail(weighting.outer) or any(one is not None and may_fail(one) for one in weighting.inner)


def evaluate(expression: Expression, draws: Draws) -> FloatArray:
    """Scores ``(n,)`` or ``(runs, n)`` of an expression."""
    if isinstance(expression, Fixed):
        return expression.values
    if isinstance(expression, Drawn):
        return draws.scores[expression.name]
    if isinstance(expression, Perturbed):
        return evaluate(expression.of, draws) + draws.scores[expression.name]
    if isinstance(expression, Observed):
        given = evaluate(expression.given, draws)
        if expression.computed is None:
            return given if expression.here.all() else np.where(expression.here, given, np.nan)
        return np.where(expression.here, given, evaluate(expression.computed, draws))
    if isinstance(expression, StoodIn):
        values = evaluate(expression.of, draws)
        return np.where(np.isnan(values), expression.low, values)
    if isinstance(expression, Mean):
        values = _mean(expression, draws)
    elif isinstance(expression, Closeness):
        values = _closeness(expression, draws)
    elif isinstance(expression, Called):
        values = _called(expression, draws)
    else:
        values = _switch(expression, draws)
    if expression.decimals is not None:
        values = round_half_up(values, expression.decimals, expression.width)
    return values if expression.absent is None else np.where(expression.absent, np.nan, values)


def _called(called: Called, draws: Draws) -> FloatArray:
    weights = weights_of(called.weighting, draws)
    members = [evaluate(member, draws) for member in called.members]
    runs = max([len(one) for one in members if one.ndim == 2] + [len(weights) if weights.ndim == 2 else 0])
    if not runs:
        return called.function(members, weights.tolist())
    found = np.empty((runs, members[0].shape[-1]))
    for run in range(runs):
        own = [one[run] if one.ndim == 2 else one for one in members]
        share = weights[run] if weights.ndim == 2 else weights
        found[run] = called.function(own, share.tolist()) if not np.isnan(share).any() else np.nan
    return found


def _mean(mean: Mean, draws: Draws) -> FloatArray:
    weights = weights_of(mean.weighting, draws)
    terms = _Terms(weights)
    fixed = [index for index, member in enumerate(mean.members) if isinstance(member, Fixed)]
    if fixed:
        columns = np.stack([mean.maps[index](_values(mean.members[index])) for index in fixed])
        terms.add_fixed(fixed, mean.form.forward(columns), mean.form.outside(columns))
    for index, member in enumerate(mean.members):
        if not isinstance(member, Fixed):
            values = mean.maps[index](evaluate(member, draws))
            terms.add(index, mean.form.forward(values), mean.form.outside(values))
    values = mean.back(mean.form.back(terms.mean()))
    if mean.low is not None:
        # What the last bits took below the scale would be negative to a mean above.
        values = np.where((values < mean.low) & (values > mean.low - _LAST_BITS * mean.width), mean.low, values)
    return values


def _values(expression: Expression) -> FloatArray:
    assert isinstance(expression, Fixed)
    return expression.values


class _Terms:
    """``sum w y`` and ``sum w`` over what is known; ``weights`` ``(members,)`` or ``(runs, members)`` sum to one."""

    def __init__(self, weights: FloatArray) -> None:
        self.weights = weights
        self.total: FloatArray | float = 0.0
        self.known: FloatArray | float = 0.0
        self.outside: FloatArray | float | None = None
        self.complete = True

    def add_fixed(self, members: Sequence[int], values: FloatArray, outside: Mask | None) -> None:
        """Members with values ``(members, n)``: one product, or two where something is missing."""
        whole = len(members) == self.weights.shape[-1]
        weights = self.weights if whole else self.weights[..., list(members)]
        if outside is not None:
            self._outside(weights @ outside.astype(np.float64))
        gaps = np.isnan(values)
        if gaps.any():
            self.complete = False
            self._add(weights @ np.where(gaps, 0.0, values))
            self.known = self.known + weights @ (~gaps).astype(np.float64)
        else:
            self._add(weights @ values)
            self.known = self.known + (1.0 if whole else weights.sum(axis=-1, keepdims=weights.ndim == 2))

    def add(self, member: int, values: FloatArray, outside: Mask | None) -> None:
        """A member with values ``(n,)`` or ``(runs, n)``."""
        weight = self.weights[..., member : member + 1]
        if outside is not None:
            self._outside(weight * outside)
        gaps = np.isnan(values)
        if gaps.any():
            self.complete = False
            self._add(weight * np.where(gaps, 0.0, values))
            self.known = self.known + weight * ~gaps
        else:
            self._add(weight * values)
            self.known = self.known + weight

    def _outside(self, weight: FloatArray) -> None:
        """The weight of what is known and has no value; such a mean has none, whatever else is known."""
        self.complete = False
        self.outside = weight if self.outside is None else self.outside + weight

    def _add(self, terms: FloatArray) -> None:
        """A sum of its own: the first is not added to nothing, which would go through all of it once more."""
        self.total = terms if isinstance(self.total, float) else self.total + terms

    def mean(self) -> FloatArray:
        """The mean; NaN where nothing with a weight is known, or something that has no value has one."""
        total = np.asarray(self.total)
        if self.complete:
            return total
        known = np.broadcast_to(self.known, total.shape)
        sound = known > 0 if self.outside is None else (known > 0) & ~(np.asarray(self.outside) > 0)
        mean: FloatArray = np.divide(total, known, out=np.full(total.shape, np.nan), where=sound)
        return mean


def _closeness(node: Closeness, draws: Draws) -> FloatArray:
    weights = weights_of(node.weighting, draws)
    to_best = to_worst = np.zeros(())
    squares = weights * weights
    for index, member in enumerate(node.members):
        high, low = node.best[index], node.worst[index]
        values = evaluate(member, draws) / node.length[index]
        known = ~np.isnan(values)
        within = np.where(known, np.minimum(np.maximum(values, low), high), 0.0)
        square = squares[..., index : index + 1]
        to_best = to_best + square * np.where(known, high - within, 0.0) ** 2
        to_worst = to_worst + square * np.where(known, within - low, 0.0) ** 2
    to_best, to_worst = np.sqrt(to_best), np.sqrt(to_worst)
    total = to_best + to_worst
    return node.back(np.divide(to_worst, total, out=np.full(total.shape, np.nan), where=total > 0))


def _switch(node: Switch, draws: Draws) -> FloatArray:
    found: FloatArray = np.array(np.nan)
    undecided: Mask = np.array(True)
    for branch in node.branches:
        chosen = undecided
        if branch.when is not None:
            condition = evaluate(branch.when.of, draws)
            undecided = undecided & ~np.isnan(condition)
            chosen = undecided & _holds(condition, branch.when)
        found = np.where(chosen, branch.to_scale(evaluate(branch.member, draws)), found)
        undecided = undecided & ~chosen
    return found


def _holds(values: FloatArray, when: Condition) -> Mask:
    met = ~np.isnan(values)
    for kind, bound in when.bounds:
        if kind == "above":
            met &= values > bound
        elif kind == "at_least":
            met &= values >= bound
        elif kind == "below":
            met &= values < bound
        else:
            met &= values <= bound
    return met


def collapsed(expression: Expression) -> Expression:
    """The same with means of one form made one, wherever nothing stands between them; ranks are those of the whole.

    A mean joins the one above it where both have the same form, nobody is missing below, nothing is rounded or
    observed between them, and (but for arithmetic means, which take any change of scale) both are on one scale.
    """
    if not isinstance(expression, Mean):
        return expression
    members: list[Expression] = []
    maps: list[Affine] = []
    inner: list[Weighting | None] = []
    for member, to_scale in zip(map(collapsed, expression.members), expression.maps, strict=True):
        if isinstance(member, Mean) and _joins(expression.form, member, to_scale):
            outward = to_scale.after(member.back)
            members += member.members
            arithmetic = expression.form.name == "arithmetic"
            maps += [outward.after(one) if arithmetic else one for one in member.maps]
            inner.append(member.weighting)
        else:
            members.append(member)
            maps.append(to_scale)
            inner.append(None)
    if all(one is None for one in inner):
        weighting = expression.weighting
    else:
        weighting = Nested(expression.weighting, tuple(inner))
    return Mean(
        tuple(members),
        weighting,
        expression.form,
        tuple(maps),
        expression.back,
        expression.absent,
        expression.decimals,
        expression.width,
        expression.low,
    )


def _joins(form: Form, member: Mean, to_scale: Affine) -> bool:
    if member.form != form or member.absent is not None or member.decimals is not None:
        return False
    if any(not isinstance(one, Fixed) or np.isnan(one.values).any() for one in member.members):
        return False
    return form.name == "arithmetic" or to_scale.after(member.back).near_identity(1.0)
