"""Screening: units that are known too little to take part, and indicators that too few units have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dtindex.spec.screening import Enough, Screening
from dtindex.spec.tree import Tree
from dtindex.status import Status
from dtindex.steps.derive import Column
from dtindex.steps.types import FloatArray, TextArray

__all__ = ["Failure", "Screened", "Weak", "screen"]

Kind: TypeAlias = Literal["at_least", "nonzero", "drop", "careless"]
_LAST_BITS = 1e-12


@dataclass(frozen=True, slots=True)
class Failure:
    """Rows that are left out by one bound: of ``units``, of a node (its id), by name (``drop``), or as careless.

    ``rows`` are positions; ``shares`` are theirs, NaN for what is dropped by name or by a rule on careless respondents.
    """

    rule: str
    kind: Kind
    needed: float
    rows: NDArray[np.intp]
    shares: FloatArray


@dataclass(frozen=True, slots=True)
class Weak:
    """An indicator that fails a bound of `screening: indicators:`."""

    item: str
    kind: Kind
    needed: float
    share: float


@dataclass(frozen=True, slots=True)
class Screened:
    """The outcome: rows ``(rows,)`` that are left out, why, and which indicators are weak."""

    out: NDArray[np.bool_]
    failures: tuple[Failure, ...] = ()
    weak: tuple[Weak, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counts:
    """Cells ``(rows,)`` that apply, that are known, that hold a raw value, and whose raw value is not zero."""

    applicable: FloatArray
    known: FloatArray
    values: FloatArray
    nonzero: FloatArray

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(
            self.applicable + other.applicable,
            self.known + other.known,
            self.values + other.values,
            self.nonzero + other.nonzero,
        )

    def among(self, rows: NDArray[np.bool_]) -> _Counts:
        """The same of one column, summed over some of the rows."""
        found = (self.applicable, self.known, self.values, self.nonzero)
        return _Counts(*(np.array([np.count_nonzero(counts[rows])], dtype=np.float64) for counts in found))

    def share(self, kind: Kind) -> FloatArray:
        """``known / applicable`` or ``nonzero / values``; 1 where there is nothing to ask."""
        over, under = (self.known, self.applicable) if kind == "at_least" else (self.nonzero, self.values)
        return np.divide(over, under, out=np.ones(over.shape), where=under > 0)


def screen(
    screening: Screening,
    tree: Tree,
    columns: Mapping[str, Column],
    coded: Mapping[str, FloatArray],
    keys: TextArray,
    counted: NDArray[np.bool_],
) -> Screened:
    """Who is left out, on raw cells.

    A unit's share is ``known / applicable`` cells of the indicators below all roots, or below one node, each counted
    once and alike whatever its weight; ``nonzero`` is ``values that are not 0 / values``. A unit stays when it reaches
    every bound, forgiving the last bits of a division. What is not applicable is not asked for; a withheld cell is not
    known; a cell whose code gives a score is known and holds no value. An indicator's shares are taken over the units
    that stay.

    Parameters
    ----------
    screening, tree
        The bounds, and what stands below a node.
    columns
        Raw ``(rows,)`` columns of scored indicators and of nodes that the table has values of. A node's value stands
        for the indicators below it.
    coded
        Scores ``(rows,)`` that codes gave.
    keys
        Keys of the units ``(rows,)``, spelt as in ``keep`` and ``drop``.
    counted
        Rows that are units, not totals.

    References
    ----------
    OECD/JRC Handbook (2008), step 3; COINr `Screen` (``byNA``, ``byzeros``, ``byNAandzeros``, ``Force``), of which
    ``dat_thresh`` is ``at_least`` and ``nonzero_thresh`` is ``nonzero``.
    """
    counts = _counts(tree, columns, coded, len(keys))

    def below(nodes: Sequence[str]) -> _Counts:
        leaves = dict.fromkeys(leaf for node in nodes for leaf in tree.leaves(node))
        return _total([counts[leaf] for leaf in leaves], len(keys))

    free = counted & ~np.isin(keys, [*screening.keep, *screening.drop])
    failures = list(_failures(screening, tree, below, free))
    dropped = np.flatnonzero(counted & np.isin(keys, list(screening.drop)))
    if dropped.size:
        failures.append(Failure("drop", "drop", np.nan, dropped, np.full(dropped.shape, np.nan)))
    out = np.zeros(len(keys), dtype=bool)
    for failure in failures:
        out[failure.rows] = True
    weak = _weak(screening.indicators, {item: counts[item].among(counted & ~out) for item in tree.scored})
    return Screened(out, tuple(failures), tuple(weak))


def _failures(
    screening: Screening, tree: Tree, below: Callable[[Sequence[str]], _Counts], free: NDArray[np.bool_]
) -> Iterator[Failure]:
    """Rows among ``free`` that fail a bound, bound by bound."""
    rules = {} if screening.units is None else {"units": (screening.units, tree.roots)}
    bounds = [*rules.items(), *((node, (bound, (node,))) for node, bound in screening.nodes.items())]
    for rule, (bound, nodes) in bounds:
        counts = below(nodes)
        for kind, needed in _asked(bound):
            shares = counts.share(kind)
            rows = np.flatnonzero(free & (shares < needed - _LAST_BITS))
            if rows.size:
                yield Failure(rule, kind, needed, rows, shares[rows])


def _weak(bound: Enough | None, counts: Mapping[str, _Counts]) -> Iterator[Weak]:
    for item, own in counts.items() if bound is not None else ():
        for kind, needed in _asked(bound):
            share = float(own.share(kind)[0])
            if share < needed - _LAST_BITS:
                yield Weak(item, kind, needed, share)


def _asked(bound: Enough | None) -> Iterator[tuple[Kind, float]]:
    if bound is not None and bound.at_least is not None:
        yield "at_least", bound.at_least
    if bound is not None and bound.nonzero is not None:
        yield "nonzero", bound.nonzero


def _counts(
    tree: Tree, columns: Mapping[str, Column], coded: Mapping[str, FloatArray], rows: int
) -> dict[str, _Counts]:
    """Counts of each leaf; a node's own value makes everything below it known."""
    found: dict[str, _Counts] = {}

    def visit(item: str, given: NDArray[np.bool_]) -> None:
        column = columns.get(item)
        here = np.zeros(rows, dtype=bool) if column is None else ~np.isnan(column.values)
        for child in tree.children.get(item, ()):
            visit(child, given | here)
        if not tree.children.get(item):
            found[item] = _cells(column, here, given | _given(coded.get(item), rows))

    for root in tree.roots:
        visit(root, np.zeros(rows, dtype=bool))
    return found


def _cells(column: Column | None, here: NDArray[np.bool_], given: NDArray[np.bool_]) -> _Counts:
    known = here | given
    applies = nonzero = np.ones(here.shape, dtype=bool)
    if column is not None:
        applies = known | (column.flags & np.uint16(Status.NOT_APPLICABLE) == 0)
        nonzero = column.values != 0
    return _Counts(*(cells.astype(np.float64) for cells in (applies, known, here, here & nonzero)))


def _given(scores: FloatArray | None, rows: int) -> NDArray[np.bool_]:
    return np.zeros(rows, dtype=bool) if scores is None else ~np.isnan(scores)


def _total(counts: Sequence[_Counts], rows: int) -> _Counts:
    total = _Counts(*(np.zeros(rows) for _ in range(4)))
    for one in counts:
        total = total + one
    return total
