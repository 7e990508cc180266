"""What is drawn in a run: the factors of an index, each with its law, and the points and random numbers it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.engine.points import generator
from dtindex.engine.simplex import Law, Noise
from dtindex.steps.types import FloatArray

__all__ = ["Alternatives", "Cut", "Errors", "Input", "Inputs", "Realised", "Sheet", "Weights", "level_of"]


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a node's members."""

    name: str
    factor: str
    node: str
    law: Law
    members: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        return self.law.dimensions

    @property
    def draws(self) -> bool:
        """Whether it takes random numbers beside its points."""
        return self.law.dimensions == 0


@dataclass(frozen=True, eq=False)
class Alternatives:
    """One of several settings of a step, or one of several items left out; each as likely as the others."""

    name: str
    factor: str
    labels: tuple[str, ...]

    dimensions = 1
    draws = False


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of the figures of some items: ``spread`` ``(items, n)``, NaN or 0 where there is none.

    ``normal``: the standard deviation; ``uniform``: half the width of the interval.
    """

    name: str
    factor: str
    items: tuple[str, ...]
    spread: FloatArray
    law: str

    dimensions = 0
    draws = True


@dataclass(frozen=True, eq=False)
class Cut:
    """All thresholds of the node's tiers moved by one amount, uniform on ``+-by``."""

    name: str
    factor: str
    node: str
    by: float

    dimensions = 1
    draws = False


Input: TypeAlias = Weights | Alternatives | Errors | Cut


@dataclass(frozen=True, eq=False)
class Sheet:
    """What some runs are made from: points ``(runs, dimensions)``, and by input what takes random numbers."""

    points: FloatArray
    own: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Realised:
    """What some runs have drawn.

    ``designs`` ``(runs,)`` are numbers of combinations of alternatives; ``weights`` ``(runs, members)`` by node,
    ``errors`` ``(runs, n)`` by item; ``cuts`` ``(runs,)`` by node.
    """

    designs: NDArray[np.intp]
    weights: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    cuts: Mapping[str, FloatArray]

    def take(self, rows: NDArray[np.intp] | slice) -> Realised:
        """What some of the runs have drawn."""
        return Realised(
            self.designs[rows],
            {name: drawn[rows] for name, drawn in self.weights.items()},
            {name: drawn[rows] for name, drawn in self.errors.items()},
            {name: drawn[rows] for name, drawn in self.cuts.items()},
        )


def level_of(uniforms: FloatArray, levels: int) -> NDArray[np.intp]:
    """``floor(K u)``: the alternative of each run, by the law and never by the range of the sample."""
    return np.minimum((uniforms * levels).astype(np.intp), levels - 1)


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that is drawn, in order; each input takes the columns of the points that follow those of the one before."""

    inputs: tuple[Input, ...]
    _starts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        starts = np.cumsum([0, *(one.dimensions for one in self.inputs)]).tolist()
        object.__setattr__(self, "_starts", tuple(starts))

    @property
    def dimensions(self) -> int:
        """How many uniforms a run takes."""
        return self._starts[-1]

    @property
    def alternatives(self) -> tuple[Alternatives, ...]:
        """Inputs that choose."""
        return tuple(one for one in self.inputs if isinstance(one, Alternatives))

    @property
    def numbers(self) -> int:
        """Random numbers that a run takes beside its points, at the most."""
        return sum(one.spread.size for one in self.inputs if isinstance(one, Errors))

    @property
    def designs(self) -> int:
        """How many combinations of alternatives there are."""
        return int(np.prod([len(one.labels) for one in self.alternatives], dtype=np.int64)) if self.alternatives else 1

    def levels(self, design: int) -> tuple[int, ...]:
        """The alternative of each input that chooses, in a combination."""
        found = []
        for one in reversed(self.alternatives):
            design, level = divmod(design, len(one.labels))
            found.append(level)
        return tuple(reversed(found))

    def chosen(self, points: FloatArray) -> NDArray[np.intp]:
        """The number of the combination of alternatives ``(runs,)`` that points ``(runs, dimensions)`` choose."""
        designs = np.zeros(len(points), dtype=np.intp)
        for one, start in zip(self.inputs, self._starts, strict=False):
            if isinstance(one, Alternatives):
                designs = designs * len(one.labels) + level_of(points[:, start], len(one.labels))
        return designs

    def columns(self, name: str) -> range:
        """Columns of the points that an input takes."""
        position = next(at for at, one in enumerate(self.inputs) if one.name == name)
        return range(self._starts[position], self._starts[position + 1])

    def streams(self, seed: int, block: int, first: int = 1) -> dict[str, np.random.Generator]:
        """Random numbers of a block for the inputs that take them."""
        return {one.name: generator(seed, block, first + at) for at, one in enumerate(self.inputs) if one.draws}

    def sheet(self, points: FloatArray, streams: Mapping[str, np.random.Generator]) -> Sheet:
        """Points with the random numbers that belong to them."""
        own = {}
        for one in self.inputs:
            if isinstance(one, Weights) and one.draws:
                own[one.name] = one.law.draw(np.empty((len(points), 0)), streams[one.name])
            elif isinstance(one, Errors):
                own[one.name] = _errors(one, len(points), streams[one.name])
        return Sheet(points, own)

    def realise(self, sheet: Sheet) -> Realised:
        """What the runs of a sheet have drawn."""
        weights: dict[str, FloatArray] = {}
        errors: dict[str, FloatArray] = {}
        cuts: dict[str, FloatArray] = {}
        for one, start, end in zip(self.inputs, self._starts, self._starts[1:], strict=False):
            points = sheet.points[:, start:end]
            if isinstance(one, Weights):
                weights[one.node] = sheet.own[one.name] if one.draws else one.law.draw(points, _NO_NUMBERS)
            elif isinstance(one, Errors):
                for position, item in enumerate(one.items):
                    drawn = sheet.own[one.name][:, position]
                    errors[item] = drawn if item not in errors else errors[item] + drawn
            elif isinstance(one, Cut):
                moved = one.by * (2.0 * points[:, 0] - 1.0)
                cuts[one.node] = moved if one.node not in cuts else cuts[one.node] + moved
        return Realised(self.chosen(sheet.points), weights, errors, cuts)

    def swapped(self, a: Sheet, b: Sheet, columns: Sequence[int], own: Sequence[str]) -> Sheet:
        """``a`` with some columns of its points, and some inputs' random numbers, from ``b``."""
        points = a.points.copy()
        points[:, list(columns)] = b.points[:, list(columns)]
        return Sheet(points, {**a.own, **{name: b.own[name] for name in own}})

    def groups(self, together: Mapping[str, Sequence[str]] | None = None) -> dict[str, tuple[list[int], list[str]]]:
        """Columns and random numbers by the factor that a sensitivity is asked of.

        A factor is one group, but for independent noise, whose every weight is one; ``together`` joins factors under a
        name of its own.
        """
        found: dict[str, tuple[list[int], list[str]]] = {}
        owner = {factor: name for name, factors in (together or {}).items() for factor in factors}
        for one in self.inputs:
            columns = self.columns(one.name)
            if isinstance(one, Weights) and isinstance(one.law, Noise) and one.factor not in owner:
                for member, column in zip(one.members, columns, strict=True):
                    found[f"{one.name}.{member}"] = ([column], [])
                continue
            own = found.setdefault(owner.get(one.factor, one.factor), ([], []))
            own[0].extend(columns)
            if one.draws:
                own[1].append(one.name)
        return found


_NO_NUMBERS = np.random.default_rng(0)
"""For laws that take none."""


def _errors(one: Errors, runs: int, stream: np.random.Generator) -> FloatArray:
    """Errors ``(runs, items, n)``."""
    shape = (runs, *one.spread.shape)
    drawn = stream.standard_normal(shape) if one.law == "normal" else stream.uniform(-1.0, 1.0, shape)
    with np.errstate(over="ignore"):
        drawn *= np.nan_to_num(one.spread)
    return drawn
